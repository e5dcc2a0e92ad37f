"""Where a backup lies: a folder that holds many and each kept file once, or one file of its own.

A folder: `files/` by digest for all backups, and beside it a folder for each by its moment. A file:
a tar archive with the same parts, in which the manifest comes last. Both have their name only once
they are whole and on the disk.
"""

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from storage.files import CHUNK, LocalStorage, flush_folder

MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
FILES = "files"


class BackupError(Exception):
    """What can't be backed up or brought back; one line that says why, and what would help."""


class DamagedBackup(BackupError):
    """A backup that was cut off or altered since it was made."""


def is_file(text: str) -> bool:
    """Whether the name means one file: it is one, or has an extension."""
    place = Path(text)
    return place.is_file() or not (place.is_dir() or text.endswith("/") or place.suffix == "")


# -- making ---------------------------------------------------------------------------------------


class FolderBeingMade:
    """A further backup in a folder of them; files that the folder has aren't copied again."""

    def __init__(self, folder: Path, name: str):
        _refuse_strange_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.path = folder, folder / name
        if self.path.exists():
            raise BackupError(f"{self.path} exists already")
        self._lock = _locked(folder / ".lock")
        for left in folder.glob(f"*.{UNFINISHED}"):
            shutil.rmtree(left)
        self._store = LocalStorage(folder / FILES)
        self._store.sweep_temp(0, float("inf"))
        self._parts = folder / f"{name}.{UNFINISHED}"
        self._parts.mkdir()

    def has(self, sha256: str, size: int) -> bool:
        """By its size: one that the disk lost a part of is copied again."""
        try:
            return self._store.path(sha256).stat().st_size == size
        except FileNotFoundError:
            return False

    def add_file(self, sha256: str, stream: BinaryIO, size: int) -> bool:
        """Return whether its contents are those of its name."""
        staged = self._store.stage(stream, max_bytes=max(size, 1))
        if staged.sha256 != sha256:
            self._store.discard(staged)
            return False
        # Its contents are on the disk. That its name is comes at the end, for all of them at once.
        place = self._store.path(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged.path, place)
        return True

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        with (self._parts / name).open("wb") as file:
            yield file
            _flush(file)

    def finish(self) -> None:
        os.sync()
        os.replace(self._parts, self.path)
        flush_folder(self._folder)

    def abandon(self) -> None:
        shutil.rmtree(self._parts, ignore_errors=True)
        self._lock.close()

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.path.iterdir())


class FileBeingMade:
    """One archive, under another name until it is whole."""

    def __init__(self, path: Path):
        if path.exists():
            raise BackupError(f"{path} exists already: name another file, or a folder for many")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._unfinished = path, path.with_name(f"{path.name}.{UNFINISHED}")
        self._file = _locked(self._unfinished)
        self._file.truncate(0)
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115

    def has(self, sha256: str, size: int) -> bool:
        return False

    def add_file(self, sha256: str, stream: BinaryIO, size: int) -> bool:
        """Return whether its contents are those of its name; what isn't is in the archive all the
        same, and the manifest says so."""
        reader = _Hashing(stream)
        self._add(f"{FILES}/{sha256}", reader, size)
        return reader.digest.hexdigest() == sha256 and not stream.read(1)

    def _add(self, name: str, stream: object, size: int) -> None:
        told = tarfile.TarInfo(name)
        told.size, told.mode = size, 0o600
        self._tar.addfile(told, stream)
        # Else it keeps a note of every file there is.
        self._tar.members.clear()

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        with self._unfinished.with_name(f"{self._unfinished.name}.part").open("w+b") as file:
            # It goes with its last reader, however that ends.
            os.unlink(file.name)
            yield file
            size = file.tell()
            file.seek(0)
            self._add(name, file, size)

    def finish(self) -> None:
        self._tar.close()
        _flush(self._file)
        os.replace(self._unfinished, self.path)
        flush_folder(self.path.parent)

    def abandon(self) -> None:
        self._unfinished.unlink(missing_ok=True)
        self._file.close()

    @property
    def size(self) -> int:
        return self.path.stat().st_size


class _Hashing(io.RawIOBase):
    """A stream that knows the digest of what was read from it."""

    def __init__(self, stream: BinaryIO):
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        return chunk


def _refuse_strange_folder(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    is_ours = (folder / FILES).is_dir() and (folder / ".lock").exists()
    if not is_ours:
        raise BackupError(f"{folder} holds other things than backups: name an empty or new folder")


def _locked(path: Path) -> BinaryIO:
    """Raises BackupError while another process makes a backup there."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise BackupError(f"another backup is being made in {path.parent}") from None
    return file


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


# -- reading --------------------------------------------------------------------------------------


class FolderMade:
    def __init__(self, path: Path):
        self.path, self._store = path, path.parent / FILES

    def open(self, name: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        return (self.path / name).open("rb")

    def open_file(self, sha256: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        return (self._store / sha256[:2] / sha256[2:4] / sha256).open("rb")


class FileMade:
    """A tar archive, of which only the places of its parts are kept in memory."""

    def __init__(self, path: Path):
        self.path = path
        self._places: dict[str, tuple[int, int]] = {}
        try:
            self._tar = tarfile.open(path, mode="r:")  # noqa: SIM115
            while member := self._tar.next():
                self._places[member.name] = (member.offset_data, member.size)
                self._tar.members.clear()
        except tarfile.TarError:
            raise DamagedBackup(f"{path} is no backup, or was cut off or altered") from None

    def open(self, name: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        if name not in self._places:
            raise FileNotFoundError(name)
        member = tarfile.TarInfo(name)
        member.offset_data, member.size = self._places[name]
        return self._tar.extractfile(member)

    def open_file(self, sha256: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        return self.open(f"{FILES}/{sha256}")


def backups_in(folder: Path) -> list[Path]:
    """The whole ones, the oldest first."""
    return sorted(
        path.parent for path in folder.glob(f"*/{MANIFEST}") if UNFINISHED not in path.parent.name
    )


def find(place: Path) -> FolderMade | FileMade:
    """The backup of a file, of a folder of one, or the newest of a folder of many.

    Raises BackupError.
    """
    if place.is_file():
        return FileMade(place)
    if (place / MANIFEST).is_file():
        return FolderMade(place)
    if not place.exists():
        raise BackupError(f"{place} doesn't exist")
    if made := backups_in(place):
        return FolderMade(made[-1])
    raise BackupError(f"{place} holds no backup that is whole")


def read_part(made: FolderMade | FileMade, name: str, told: dict) -> bytes:
    """A small part with the digest that the manifest tells. Raises DamagedBackup."""
    with open_part(made, name, told) as file:
        return file.read()


def open_part(made: FolderMade | FileMade, name: str, told: dict) -> BinaryIO:
    """A part whose digest was found to be the one that the manifest tells. Raises DamagedBackup."""
    try:
        file = made.open(name)
    except FileNotFoundError:
        raise DamagedBackup(f"{name} is missing from the backup {made.path}") from None
    if _digest(file) != told.get("sha256"):
        file.close()
        raise DamagedBackup(f"{name} of the backup {made.path} was cut off or altered")
    file.seek(0)
    return file


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    with suppress(tarfile.ReadError):  # shorter than it says: another digest
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
