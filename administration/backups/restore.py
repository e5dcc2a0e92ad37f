"""Bring a backup back into an empty place: all of it, or nothing that would be served.

A mark lies in DATA_DIR from the first file to the last row; while it is there nothing starts, and
the same command goes on where it was cut off. Rows come in one transaction.
"""

import gzip
import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from administration.backups.keys import Keys, unseal, write_out
from administration.backups.make import (
    DATABASE,
    FILE_LIST,
    FORMAT,
    KEYS,
    Progress,
    Room,
    digest_of,
    schema,
)
from administration.backups.places import (
    MANIFEST,
    BackupError,
    DamagedBackup,
    FileMade,
    FolderMade,
    find,
    open_part,
    read_part,
)
from administration.backups.rows import BadRows, count_rows, differences, read_rows
from administration.file_store import open_store
from config.settings import RESTORE_MARK, Settings
from models import TABLES, Event, Message, User
from rules.events import RESTORED
from storage.database import database, is_sqlite, migrate
from storage.files import Damaged, LocalStorage, Store

# What SQLite needs for rows and indexes, of the length of their lines.
UNPACKED = 4
KEY_FILES = ("secret_key", "password_salt")
HISTORY = "schema_migration"


@dataclass(frozen=True)
class Opened:
    """A backup whose manifest was found to be the one that was sealed."""

    made: FolderMade | FileMade
    manifest: dict
    keys: Keys


@dataclass(frozen=True)
class Restored:
    manifest: dict
    files: int
    # Digests of files that the backup holds damaged or not at all.
    lost: list[str]
    # How many messages leave as soon as a worker starts.
    waiting: int
    # Where the keys were written that differ from those of this process; None when none do.
    keys: Path | None


def open_backup(place: Path, passphrase: str) -> Opened:
    """Raises BackupError."""
    made = find(place)
    try:
        manifest = json.load(made.open(MANIFEST))
        found, tables = manifest["format"], manifest["tables"]
    except FileNotFoundError:
        raise DamagedBackup(
            f"{made.path} has no manifest: it is no backup, or was cut off"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise DamagedBackup(f"the manifest of the backup {made.path} was altered") from None
    if found != FORMAT or not tables:
        raise BackupError(f"{made.path} has format {found}, and this program reads {FORMAT}")
    keys = unseal(read_part(made, KEYS, manifest["parts"].get(KEYS, {})), passphrase)
    if keys.manifest != digest_of(manifest):
        raise DamagedBackup(f"the manifest of the backup {made.path} was altered")
    return Opened(made, manifest, keys)


def restore_backup(
    opened: Opened,
    settings: Settings,
    *,
    despite_damage: bool,
    now: datetime,
    progress: Progress,
) -> Restored:
    """Raises BackupError, OSError. `open_database` was called for the place it goes to."""
    refuse_another_schema(opened.manifest)
    # Read once before anything is written.
    open_rows(opened).close()
    mark = settings.data_dir / RESTORE_MARK
    storage = open_store(settings)
    token = _token(mark)
    is_there = _is_restored(token) if token else False
    if not is_there:
        _refuse_what_is_there(storage, is_continued=bool(token))
    _refuse_without_room(opened.manifest, settings, is_local=isinstance(storage, LocalStorage))
    token = token or secrets.token_hex(8)
    mark.write_text(token + "\n")
    files, lost = _bring_files(opened, storage, despite_damage, progress)
    if not is_there:
        progress("rows", 0, 0)
        _bring_rows(opened, token, now)
    storage.mark(opened.manifest["store_id"])
    keys = _bring_keys(opened.keys, settings)
    waiting = Message.select().where(Message.state.in_(["queued", "sending"])).count()
    mark.unlink()
    return Restored(opened.manifest, files, lost, waiting, keys)


# -- before ---------------------------------------------------------------------------------------


def refuse_another_schema(manifest: dict) -> None:
    """Rows fit the tables of the program that wrote them; `db upgrade` is the way to others.

    Raises BackupError.
    """
    here, there = set(schema()), set(manifest["schema"])
    if here != there:
        newest = sorted(there - here) or sorted(here - there)
        which = "a newer" if there - here else "an older"
        raise BackupError(
            f"the backup was made by {which} MELASTI ({manifest['melasti']}; {newest[-1]} differs):"
            " restore it with that version, then upgrade"
        )


def _token(mark: Path) -> str:
    try:
        return mark.read_text().strip()
    except FileNotFoundError:
        return ""


def _is_restored(token: str) -> bool:
    """Whether the rows of this very restore are there already: it was cut off after them."""
    if not Event.table_exists():
        return False
    events = Event.select().where(Event.kind == RESTORED)
    return any(event.data.get("token") == token for event in events)


def refuse_rows() -> None:
    """Take a database without tables, or one that nobody has worked with. Raises BackupError."""
    ours = {HISTORY, *(model._meta.table_name for model in TABLES)}
    there = set(database.get_tables())
    if there and not ours & there:
        raise BackupError("the database holds tables of something else: name an empty one")
    if "user" in there and (User.select().exists() or Event.select().exists()):
        raise BackupError("the database isn't empty: people or their history are in it already")


def _refuse_what_is_there(storage: Store, *, is_continued: bool) -> None:
    refuse_rows()
    if not is_continued and any(storage.digests()):
        raise BackupError(f"{storage.name} isn't empty: name an empty one")


def _refuse_without_room(manifest: dict, settings: Settings, *, is_local: bool) -> None:
    needed = manifest["files"]["bytes"] - _size_of(settings.files_dir) if is_local else 0
    if is_sqlite():
        needed += UNPACKED * manifest["parts"][DATABASE]["unpacked"]
    Room(settings.data_dir, settings.free_disk_mb << 20).refuse_without(needed)


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("??/??/*"))


# -- bringing -------------------------------------------------------------------------------------


def _bring_files(
    opened: Opened, storage: Store, despite_damage: bool, progress: Progress
) -> tuple[int, list[str]]:
    """(how many are in their place, which are lost)"""
    made, manifest = opened.made, opened.manifest
    lines = read_part(made, FILE_LIST, manifest["parts"][FILE_LIST]).decode().splitlines()
    lost: list[str] = []
    for number, line in enumerate(lines, start=1):
        progress("files", number, len(lines))
        sha256, size = line.split()
        if not _bring_file(made, storage, sha256, int(size)):
            if not despite_damage:
                raise BackupError(
                    f"the file {sha256} of the backup {made.path} is missing or was altered: take "
                    "another backup, or say --despite-damage to go on without such files"
                )
            lost.append(sha256)
    # Left by another backup that was begun here before.
    named = {line.split()[0] for line in lines}
    for sha256, _ in list(storage.digests()):
        if sha256 not in named:
            storage.drop(sha256)
    return len(lines) - len(lost), lost


def _bring_file(made: FolderMade | FileMade, storage: Store, sha256: str, size: int) -> bool:
    """Whether it is in its place with the digest that it is called by."""
    with suppress(Damaged):
        storage.check(sha256)
        return True
    try:
        with made.open_file(sha256) as stream:
            staged = storage.stage(stream, max_bytes=size)
    except (FileNotFoundError, ValueError):
        return False
    if staged.sha256 != sha256:
        storage.discard(staged)
        return False
    storage.keep(staged)
    return True


def _bring_rows(opened: Opened, token: str, now: datetime) -> None:
    told = opened.manifest["tables"]
    migrate()
    with database.atomic():
        with open_rows(opened) as packed:
            try:
                read_rows(unpacked(packed))
            except BadRows as error:
                raise BackupError(str(error)) from None
        if found := differences(told, count_rows()):
            raise BackupError(f"what arrived isn't what was backed up: {', '.join(found)}")
        said = {"made_at": opened.manifest["made_at"], "token": token}
        Event.record(RESTORED, at=now, actor=None, data=said)


def open_rows(opened: Opened) -> BinaryIO:
    """Raises DamagedBackup."""
    return open_part(opened.made, DATABASE, opened.manifest["parts"][DATABASE])


def unpacked(packed: BinaryIO) -> Iterator[bytes]:
    """The lines of a part that was compressed."""
    with gzip.GzipFile(fileobj=packed) as lines:
        yield from lines


def _bring_keys(keys: Keys, settings: Settings) -> Path | None:
    """Put the keys where this machine reads them, or beside the data for the administrator."""
    wanted = {name: keys.settings.get(name.upper(), "") for name in KEY_FILES}
    if wanted == {"secret_key": settings.secret_key, "password_salt": settings.password_salt}:
        return None
    if settings.is_demo and not any(name.upper() in settings.environ for name in KEY_FILES):
        for name, key in wanted.items():
            (settings.data_dir / name).write_text(key)
        return None
    folder = settings.data_dir / "restored-settings"
    write_out(keys, folder)
    return folder
