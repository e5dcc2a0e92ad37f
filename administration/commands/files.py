"""`run.py verify` and `store`: the kept files and whose they are."""

import sys
from argparse import Namespace

from administration.commands import Command, CommandError, verbs
from administration.file_store import (
    FOREIGN,
    adopt,
    is_own,
    open_store,
    sweep_files,
    verify_files,
)
from administration.store_copy import copy_store
from config.clock import utc_now
from config.settings import Settings
from storage.database import database, open_database
from storage.files import Store


def verify(settings: Settings, _: Namespace) -> int:
    """Read every file that a row names; exit 1 when one is missing or altered."""
    open_database(settings.database_url)
    with database.connection_context():
        whole, faults = verify_files(open_store(settings))
    print(f"{whole} files whole, {len(faults)} missing or altered")
    for fault in faults:
        what = "missing" if fault.is_missing else "altered"
        print(f"{what}: {fault.kind} {fault.public_id} {fault.sha256}")
    return 1 if faults else 0


def store(settings: Settings, arguments: Namespace) -> int:
    """The store of kept files: whose it is, what nobody needs there, and the way to another."""
    open_database(settings.database_url)
    with database.connection_context():
        storage = open_store(settings)
        if arguments.verb == "adopt":
            adopt(storage)
            print(f"{storage.name} belongs to this database")
        elif not is_own(storage):
            raise CommandError(FOREIGN.format(folder=storage.name))
        elif arguments.verb == "copy":
            return _copy(settings, storage)
        else:
            moved = sweep_files(storage, released=(), now=utc_now(), without_brake=True)
            print(f"{moved} files moved to the trash, where they stay for 30 days")
    return 0


def _copy(settings: Settings, source: Store) -> int:
    other = "s3" if settings.store == "folder" else "folder"
    target = open_store(settings, other)
    try:
        done = copy_store(source, target, _tell)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(f"{done.copied} files copied to {target.name}, {done.known} were there already")
    print(f"{done.whole} files whole there, {len(done.faults)} missing or altered")
    for sha256 in done.altered:
        print(f"altered or gone in {source.name}: {sha256}")
    for fault in done.faults:
        print(f"not whole in {target.name}: {fault.kind} {fault.public_id} {fault.sha256}")
    if not done.is_whole:
        return 1
    print(f"Set STORE={other} and start MELASTI again; {source.name} stays as it is.")
    return 0


def _tell(number: int) -> None:
    if number % 1000 == 0:
        print(f"{number} files …", file=sys.stderr, flush=True)


COMMANDS = {
    "verify": Command(verify, verbs(files="all that documents, uploads, drafts and exports name")),
    "store": Command(
        store,
        verbs(
            adopt="say that the store is this database's, after a restore or a move",
            copy="bring all files to the other store (the bucket of S3_BUCKET, or the folder), and "
            "read them there; the old ones stay",
            sweep="move what no row names to the trash, however much it is",
        ),
    ),
}
