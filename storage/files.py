"""Files under their SHA-256, outside the web root.

A file is on disk, flushed and in place before any row names it; a crash leaves an orphan at most.
"""

import hashlib
import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 64 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")
# Above this a file isn't read as a whole for each part that is asked of it.
LARGE, MOST_KNOWN = 4 << 20, 256


class TooLarge(ValueError):
    """The stream is longer than allowed."""


class Damaged(Exception):
    """A kept file that isn't what its digest says, or isn't there at all."""

    def __init__(self, sha256: str, *, is_missing: bool):
        super().__init__(sha256)
        self.sha256, self.is_missing = sha256, is_missing


@dataclass(frozen=True)
class Staged:
    """A file written and flushed, not yet in its place."""

    path: Path
    sha256: str
    size: int


class LocalStorage:
    """A folder of content-named files."""

    def __init__(self, root: Path):
        self.root = root
        self._temp, self._trash = root / "tmp", root / "trash"
        self._temp.mkdir(parents=True, exist_ok=True)
        self._mark = root / "store-id"
        # Path -> (length, time of change) of large files that were found whole.
        self._whole: OrderedDict[Path, tuple[int, int]] = OrderedDict()

    @property
    def store_id(self) -> str:
        """Which database these files belong to; empty while they belong to none."""
        try:
            return self._mark.read_text().strip()
        except FileNotFoundError:
            return ""

    def mark(self, store_id: str) -> None:
        """Write into the folder which database its files belong to."""
        written = self._temp / "store-id"
        written.write_text(store_id + "\n")
        os.replace(written, self._mark)
        _flush_folder(self.root)

    def stage(self, stream: BinaryIO, *, max_bytes: int) -> Staged:
        """Write the stream to a temporary file and flush it to disk. Raises TooLarge."""
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._temp)
        try:
            with os.fdopen(handle, "wb") as file:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            os.unlink(name)
            raise
        return Staged(Path(name), digest.hexdigest(), size)

    def keep(self, staged: Staged) -> None:
        """Move a staged file to its place and flush the folders. The same content twice is one.

        May run twice for one file; raises FileNotFoundError when it is nowhere.
        """
        target = self.path(staged.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(staged.path, target)
        except FileNotFoundError:
            target.stat()
        for folder in (target.parent, target.parent.parent, self.root):
            _flush_folder(folder)

    def discard(self, staged: Staged) -> None:
        """Drop a staged file that isn't wanted after all."""
        staged.path.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        """Raises ValueError for anything that isn't a digest."""
        if not DIGEST.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def digests(self) -> Iterator[tuple[str, float]]:
        """Every kept file with the time it was kept, in seconds since the epoch."""
        for path in self.root.glob("??/??/*"):
            with suppress(FileNotFoundError):  # removed since the listing
                yield path.name, path.stat().st_mtime

    def whole(self, sha256: str) -> Path:
        """Where a file is that still has its digest. Raises Damaged, ValueError as `path`.

        Every byte is read; a large file that hasn't changed since isn't read again by this process,
        as a browser fetches it in many parts.
        """
        path = self.path(sha256)
        try:
            facts = path.stat()
            seen = (facts.st_size, facts.st_mtime_ns)
            if self._whole.get(path) == seen:
                return path
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise Damaged(sha256, is_missing=True) from None
        if found != sha256:
            raise Damaged(sha256, is_missing=False)
        if facts.st_size > LARGE:
            self._whole[path] = seen
            while len(self._whole) > MOST_KNOWN:
                with suppress(KeyError):  # another thread was faster
                    self._whole.popitem(last=False)
        return path

    def throw_away(self, sha256: str, now: float) -> None:
        """Move a file to the trash, where it stays for a while; no harm when it is gone."""
        self._trash.mkdir(exist_ok=True)
        thrown = self._trash / sha256
        with suppress(FileNotFoundError):
            os.replace(self.path(sha256), thrown)
            os.utime(thrown, (now, now))

    def empty_trash(self, older_than_seconds: float, now: float) -> int:
        """Delete what was thrown away so long ago; return how many."""
        return _sweep(self._trash, now - older_than_seconds)

    def sweep_temp(self, older_than_seconds: float, now: float) -> int:
        """Remove temporary files that a crash left behind; return how many."""
        return _sweep(self._temp, now - older_than_seconds)


def _sweep(folder: Path, before: float) -> int:
    swept = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # moved to its place since the listing
            if path.stat().st_mtime < before:
                path.unlink()
                swept += 1
    return swept


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
