"""Make a backup while everybody goes on working.

The rows come from one snapshot of the database. Kept files are copied after it: none of those that
it names is changed, and what is thrown away meanwhile lies in the trash for a month. The queue is
no part of it, as it is an alarm clock: what is due is found in the rows.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from administration.backups.keys import Keys, seal
from administration.backups.places import (
    FILES,
    MANIFEST,
    BackupError,
    FileBeingMade,
    FolderBeingMade,
    backups_in,
    is_file,
)
from administration.backups.rows import snapshot, write_rows
from administration.file_store import named_digests, open_store
from config.settings import Settings
from config.version import version
from models import Backup, Event, Installation
from rules.events import BACKED_UP
from storage.database import MIGRATIONS, canonical_json, database, is_sqlite
from storage.files import LocalStorage, Store

FORMAT = 1
DATABASE, FILE_LIST, KEYS = "database.jsonl.gz", "files.txt", "keys"
# What the rows take as compressed lines, of the size of the database.
COMPRESSED = 0.5
SPARE = 16 << 20
ROWS_KEPT = timedelta(days=400)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """A backup in its place, as its manifest tells."""

    place: Path
    manifest: dict
    size: int

    @property
    def faults(self) -> int:
        return sum(map(len, self.manifest["faults"].values()))


def schema() -> list[str]:
    """The migrations of this program."""
    return sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def make_backup(
    place: str,
    settings: Settings,
    *,
    keys: Keys,
    passphrase: str,
    now: datetime,
    progress: Progress,
) -> Made:
    """Raises BackupError, OSError, StoreUnavailable; no half backup is left behind then."""
    target, storage = _target(place, settings, now), open_store(settings)
    try:
        with snapshot():
            room = Room(target.path.parent, _spare(target.path.parent, settings))
            room.refuse_without(_database_size() * COMPRESSED)
            progress("rows", 0, 0)
            with target.part(DATABASE) as raw:
                database_part, tables = _write_database(raw)
            digests = sorted(named_digests())
            known = Installation.get_or_none()
        listed, faults = _copy_files(target, room, storage, digests, progress)
        parts = {DATABASE: database_part}
        parts[FILE_LIST] = _write(target, FILE_LIST, "".join(listed).encode())
        size = sum(int(line.split()[1]) for line in listed)
        manifest = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "melasti": version(),
            "schema": schema(),
            "engine": "sqlite" if is_sqlite() else "postgres",
            "store_id": known.store_id if known else "",
            "tables": tables,
            "files": {"count": len(listed), "bytes": size},
            "faults": faults,
            "parts": parts,
        }
        # Whoever changes the manifest afterwards lacks the passphrase.
        sealed = seal(replace(keys, manifest=digest_of(manifest)), passphrase)
        parts[KEYS] = _write(target, KEYS, sealed)
        _write(target, MANIFEST, json.dumps(manifest, indent=1).encode())
        target.finish()
    finally:
        target.abandon()
    return Made(target.path, manifest, size + sum(part["size"] for part in parts.values()))


def digest_of(manifest: dict) -> str:
    """Of all that it says but the digest of the keys, which hold this one."""
    parts = {name: told for name, told in manifest["parts"].items() if name != KEYS}
    return hashlib.sha256(canonical_json({**manifest, "parts": parts}).encode()).hexdigest()


def _target(place: str, settings: Settings, now: datetime) -> FolderBeingMade | FileBeingMade:
    if not place.strip():
        raise BackupError("say where the backup is to lie: a folder, or a file such as melasti.tar")
    path = Path(place).absolute()
    if path.resolve().is_relative_to(settings.files_dir):
        raise BackupError(f"{path} lies among the files that are to be backed up")
    if is_file(place):
        return FileBeingMade(path)
    return FolderBeingMade(path, f"{now:%Y-%m-%dT%H%M%S.%f}"[:-3] + "Z")


@dataclass(frozen=True)
class Room:
    """The disk of a folder, of which `spare` bytes must stay free."""

    folder: Path
    spare: int

    def refuse_without(self, needed: float) -> None:
        """Raises BackupError."""
        free = shutil.disk_usage(self.folder).free
        if free < needed + self.spare:
            raise BackupError(
                f"{self.folder} has {megabytes(free)} left, and about {megabytes(needed)} are "
                f"needed, with {megabytes(self.spare)} to stay free: make room there"
            )


def _spare(folder: Path, settings: Settings) -> int:
    """On the disk of DATA_DIR uploads need what FREE_DISK_MB says."""
    is_same = folder.stat().st_dev == settings.data_dir.stat().st_dev
    return settings.free_disk_mb << 20 if is_same else SPARE


def megabytes(size: float) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def _database_size() -> int:
    if is_sqlite():
        [(pages,)], [(size,)] = (
            database.execute_sql(f"PRAGMA {name}").fetchall()
            for name in ("page_count", "page_size")
        )
        return pages * size
    return database.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0]


def _write_database(raw: BinaryIO) -> tuple[dict, dict]:
    """(what the manifest says of the part, of each table)"""
    hashing = _Hashing(raw)
    lines = 0

    def write(line: bytes) -> None:
        nonlocal lines
        lines += len(line)
        packed.write(line)

    with gzip.GzipFile(fileobj=hashing, mode="wb", compresslevel=1, mtime=0, filename="") as packed:
        tables = write_rows(write)
    return {**hashing.told, "unpacked": lines}, tables


class _Hashing:
    """Writes on, and knows the digest of all that was written."""

    def __init__(self, file: BinaryIO):
        self._file, self._digest, self._size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    @property
    def told(self) -> dict:
        return {"size": self._size, "sha256": self._digest.hexdigest()}


def _write(target: FolderBeingMade | FileBeingMade, name: str, data: bytes) -> dict:
    with target.part(name) as file:
        file.write(data)
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _copy_files(
    target: FolderBeingMade | FileBeingMade,
    room: Room,
    storage: Store,
    digests: list[str],
    progress: Progress,
) -> tuple[list[str], dict[str, list[str]]]:
    """(lines of the list of files, what couldn't be copied: {"missing": […], "altered": […]})"""
    listed: list[str] = []
    faults: dict[str, list[str]] = {"missing": [], "altered": []}
    needed = 0
    for sha256 in digests:
        with suppress(FileNotFoundError):
            size = storage.size_even_thrown(sha256)
            needed += 0 if target.has(sha256, size) else size
    room.refuse_without(needed)
    for number, sha256 in enumerate(digests, start=1):
        progress("files", number, len(digests))
        with _opened(storage, sha256) as found:
            if not found:
                faults["missing"].append(sha256)
            elif target.has(sha256, found[1]) or target.add_file(sha256, *found):
                listed.append(f"{sha256} {found[1]}\n")
            else:
                faults["altered"].append(sha256)
    return listed, faults


@contextmanager
def _opened(storage: Store, sha256: str) -> Iterator[tuple[BinaryIO, int] | None]:
    """(stream, its length), or None for a file that isn't anywhere."""
    try:
        stream = storage.open_even_thrown(sha256)
    except FileNotFoundError:
        yield None
        return
    with stream:
        yield stream, stream.seek(0, 2) - stream.seek(0)


# -- afterwards -----------------------------------------------------------------------------------


def record(began_at: datetime, place: str, *, now: datetime, made: Made | None, error: str) -> None:
    """Write down how it went; Keadaan Sistem shows it."""
    with database.atomic():
        Backup.create(
            began_at=began_at,
            finished_at=now,
            target=place[:300],
            size=made.size if made else 0,
            files=made.manifest["files"]["count"] if made else 0,
            error=error[:300],
        )
        Backup.delete().where(Backup.finished_at < now - ROWS_KEPT).execute()
        if made:
            said = {
                "bytes": made.size,
                "files": made.manifest["files"]["count"],
                "faults": made.faults,
            }
            Event.record(BACKED_UP, at=now, actor=None, data=said)


def prune(folder: Path, *, keep: timedelta, now: datetime) -> int:
    """Delete backups older than that, never the last one, and the files that only they name.

    Returns how many backups went. Files stay when any list of a backup that stays can't be read.
    """
    *older, _ = backups_in(folder)
    gone = [path for path in older if (at := _made_at(path)) and at < now - keep]
    for path in gone:
        shutil.rmtree(path)
    if gone:
        named = {
            line.split()[0]
            for path in backups_in(folder)
            for line in (path / FILE_LIST).read_text().splitlines()
        }
        store = LocalStorage(folder / FILES)
        for sha256, _ in list(store.digests()):
            if sha256 not in named:
                store.path(sha256).unlink(missing_ok=True)
    return len(gone)


def _made_at(path: Path) -> datetime | None:
    """None where it can't be read: such a one is for a person to look at."""
    try:
        return datetime.fromisoformat(json.loads((path / MANIFEST).read_text())["made_at"])
    except (ValueError, KeyError, TypeError):
        return None
