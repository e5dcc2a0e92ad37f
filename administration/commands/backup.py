"""`run.py backup`, `verify-backup`, `restore`, `restore-settings` and `move-database`: all data."""

import getpass
import os
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from peewee import PeeweeException

from administration.backups import keys, make, move, restore, verify
from administration.backups.places import BackupError, DamagedBackup, is_file
from administration.commands import Command, CommandError
from config.clock import utc_now
from config.settings import Settings
from storage.database import database, open_database
from storage.files import StoreUnavailable

# What any process is given. Everything else is kept: one too many does no harm where it is sealed.
OF_SYSTEM = re.compile(
    r"""PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|TERM|COLORTERM|LANG|LANGUAGE|MAIL|HOSTNAME|
    EDITOR|VISUAL|PAGER|DISPLAY|TMPDIR|PS1|VIRTUAL_ENV|INVOCATION_ID|JOURNAL_STREAM|NOTIFY_SOCKET|
    MAINPID|MANAGERPID|MFLAGS|\w+_DIRECTORY|BACKUP_PASSPHRASE|BACKUP_PASSPHRASE_FILE|
    (LC|XDG|SSH|SUDO|DBUS|TERM|LS|LESS|PYTHON|PIP|PYTEST|MAKE|SYSTEMD|LISTEN|WATCHDOG)\w*|
    .*[^A-Z0-9_].*|_.*""",
    re.VERBOSE | re.DOTALL,
)


def backup(settings: Settings, arguments: Namespace) -> int:
    """Write database, files and keys to FILE, or add a backup to a folder of them; nobody has to
    stop working. Exit 1 when kept files were missing or altered: the rest is in the backup."""
    began_at, place = utc_now(), arguments.place
    open_database(settings.database_url)
    with database.connection_context():
        try:
            with _one_line():
                made = _make(settings, place)
        except CommandError as error:
            _note(began_at, place, made=None, error=str(error))
            raise
        said = f"{made.faults} kept files are missing or altered" if made.faults else ""
        _note(began_at, place, made=made, error=said)
    held = f"{_rows(made.manifest['tables'])}, {made.manifest['files']['count']} files"
    print(f"{made.place}: {held}, {make.megabytes(made.size)}")
    if arguments.keep and not is_file(place):
        gone = make.prune(
            Path(place).absolute(), keep=timedelta(days=arguments.keep), now=utc_now()
        )
        print(f"{gone} backups older than {arguments.keep} days deleted")
    if said:
        print(f"melasti: {said}: see `run.py verify files`", file=sys.stderr)
    return 1 if said else 0


def _make(settings: Settings, place: str) -> make.Made:
    return make.make_backup(
        place,
        settings,
        keys=keys.collect(_settings_to_keep(settings)),
        passphrase=_passphrase(is_new=True),
        now=utc_now(),
        progress=_progress(),
    )


def _settings_to_keep(settings: Settings) -> dict[str, str]:
    """All that was set for this process, and the keys, wherever they come from."""
    kept = {
        name: value for name, value in settings.environ.items() if not OF_SYSTEM.fullmatch(name)
    }
    return kept | {"SECRET_KEY": settings.secret_key, "PASSWORD_SALT": settings.password_salt}


def _note(began_at: datetime, place: str, *, made: make.Made | None, error: str) -> None:
    try:
        make.record(began_at, place, now=utc_now(), made=made, error=error)
    except PeeweeException as trouble:
        print(f"melasti: how it went couldn't be written down: {trouble}", file=sys.stderr)


def bring_back(settings: Settings, arguments: Namespace) -> int:
    """Bring a backup back, into an empty database and an empty DATA_DIR; the newest of a folder."""
    with _one_line():
        opened = restore.open_backup(Path(arguments.place).absolute(), _passphrase(is_new=False))
        open_database(settings.database_url)
        with database.connection_context():
            done = restore.restore_backup(
                opened,
                settings,
                despite_damage=arguments.despite_damage,
                now=utc_now(),
                progress=_progress(),
            )
    tables = done.manifest["tables"]
    print(f"restored the backup of {done.manifest['made_at']}: {_rows(tables)}, {done.files} files")
    for name in ("user", "request", "event", "document", "message"):
        print(f"  {name:<10} {tables[name]['rows']:>10}")
    if done.waiting:
        print(
            f"{done.waiting} messages waited when it was made: a worker sends them when it starts"
        )
    if done.keys:
        print(
            f"melasti: SECRET_KEY and PASSWORD_SALT aren't those of the backup, so nobody can log "
            f"in: take the settings in {done.keys}, then delete that folder",
            file=sys.stderr,
        )
    if lost := len(done.lost) + sum(map(len, done.manifest["faults"].values())):
        print(
            f"melasti: {lost} files aren't in the backup: see `run.py verify files`",
            file=sys.stderr,
        )
    return 1 if lost else 0


def verify_backup(_: Settings | None, arguments: Namespace) -> int:
    """Read a backup to its end, the newest of a folder, and say whether `restore` would bring back
    all of it; nothing is written, and no database is needed. Exit 1 when something is damaged."""
    with _one_line():
        try:
            place = Path(arguments.place).absolute()
            opened = restore.open_backup(place, _passphrase(is_new=False))
        except DamagedBackup as error:
            print(f"damaged: {error}")
            return 1
        done = verify.verify_backup(opened, _progress())
    manifest = opened.manifest
    said = f"{len(done.faults)} faults" if done.faults else "whole"
    held = f"{_rows(manifest['tables'])}, {done.files} files"
    print(f"{opened.made.path} of {manifest['made_at']}: {said}; {held}, keys readable")
    for fault in done.faults:
        print(f"fault: {fault}")
    return 1 if done.faults else 0


def restore_settings(_: Settings | None, arguments: Namespace) -> int:
    """Write the settings and keys of a backup into FOLDER: the first step on a new machine."""
    os.umask(0o077)
    with _one_line():
        opened = restore.open_backup(Path(arguments.place).absolute(), _passphrase(is_new=False))
        for path in keys.write_out(opened.keys, Path(arguments.folder).absolute()):
            print(path)
    return 0


def move_database(settings: Settings, arguments: Namespace) -> int:
    """Copy all rows into the empty database URL, of either engine; serve and worker stand still."""
    url = arguments.url
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise CommandError("URL must begin with sqlite:/// or postgresql://")
    with _one_line():
        tables = move.move_database(
            settings.database_url,
            url,
            scratch=settings.data_dir,
            now=utc_now(),
            progress=_progress(),
        )
    print(f"{_rows(tables)} moved, all the same on both sides")
    print("Set DATABASE_URL to the new database, then start; the old one stays as it is.")
    return 0


def _rows(tables: dict) -> str:
    return f"{sum(told['rows'] for told in tables.values())} rows of {len(tables)} tables"


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except (BackupError, OSError, PeeweeException, StoreUnavailable) as error:
        if sys.stderr.isatty():
            print(file=sys.stderr)
        raise CommandError(str(error)) from error


def _passphrase(*, is_new: bool) -> str:
    """From BACKUP_PASSPHRASE, the file that BACKUP_PASSPHRASE_FILE names, or the terminal."""
    given = os.environ.get("BACKUP_PASSPHRASE", "")
    if path := os.environ.get("BACKUP_PASSPHRASE_FILE"):
        given = Path(path).read_text().strip()
    if not given and sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the backup: ")
        if is_new and getpass.getpass("Once more: ") != given:
            raise BackupError("the two passphrases differ")
    if not given:
        raise BackupError(
            "the keys are sealed with a passphrase: set BACKUP_PASSPHRASE, or "
            "BACKUP_PASSPHRASE_FILE to the path of a file that holds it"
        )
    if is_new and len(given) < keys.SHORTEST:
        raise BackupError(f"the passphrase needs at least {keys.SHORTEST} characters")
    return given


def _progress() -> make.Progress:
    """On a terminal a line that is written over ten times a second at most."""
    last = 0.0

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        if total and done < total and time.monotonic() - last < 0.1:
            return
        last = time.monotonic()
        print(f"\r{what} … {f'{done} of {total}' if total else ''}\033[K", end="", file=sys.stderr)
        if total and done == total:
            print(file=sys.stderr)

    return show if sys.stderr.isatty() else lambda what, done, total: None


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a number of days from 1")
    return int(text)


def _add_backup_words(parser: ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE|DIR", help="a new file, such as melasti.tar, or a "
        "folder that holds many backups and each kept file once")  # fmt: skip
    parser.add_argument("--keep", type=_days, metavar="DAYS", help="of a folder: delete afterwards "
        "the backups that are older, never the last one")  # fmt: skip


def _add_place(parser: ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE|DIR", help="what `backup` wrote")


def _add_restore_words(parser: ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--despite-damage", action="store_true", help="leave out kept files that "
        "the backup holds altered or not at all")  # fmt: skip


def _add_settings_words(parser: ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("folder", metavar="FOLDER", help="where to write them")


def _add_url(parser: ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="sqlite:///file or postgresql://user@host/name")


COMMANDS = {
    "backup": Command(backup, _add_backup_words),
    "verify-backup": Command(verify_backup, _add_place, needs_settings=False),
    "restore": Command(bring_back, _add_restore_words, needs_schema=False, needs_whole_data=False),
    "restore-settings": Command(restore_settings, _add_settings_words, needs_settings=False),
    "move-database": Command(move_database, _add_url),
}
