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
from typing import BinaryIO, Protocol

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


class StoreUnavailable(Exception):
    """The store doesn't answer, or refuses; in one line for who looks after it."""


@dataclass(frozen=True)
class Staged:
    """A file written and flushed, not yet in its place."""

    path: Path
    sha256: str
    size: int


class Store(Protocol):
    """Where files are kept: `LocalStorage`, or `storage.s3.S3Storage` for several hosts.

    What is staged lies on this host, in `root`; what is kept is there for all. Each may raise
    StoreUnavailable. `name` is how people call it.
    """

    name: str
    root: Path

    @property
    def store_id(self) -> str:
        """Which database these files belong to; empty while they belong to none."""

    def mark(self, store_id: str) -> None:
        """Write down which database the files belong to."""

    def stage(self, stream: BinaryIO, *, max_bytes: int) -> Staged:
        """Write the stream to a temporary file and flush it to disk. Raises TooLarge."""

    def keep(self, staged: Staged) -> None:
        """Put a staged file to its place, for good. The same content twice is one.

        May run twice for one file; raises FileNotFoundError when it is nowhere.
        """

    def discard(self, staged: Staged) -> None:
        """Drop a staged file that isn't wanted after all."""

    def has(self, sha256: str) -> bool:
        """Whether a file is there, in whatever state."""

    def open(self, sha256: str) -> BinaryIO:
        """Raises FileNotFoundError."""

    def open_even_thrown(self, sha256: str) -> BinaryIO:
        """For who saw it named a while ago: from the trash too. Raises FileNotFoundError."""

    def size_even_thrown(self, sha256: str) -> int:
        """How long what `open_even_thrown` opens is. Raises FileNotFoundError."""

    def digests(self) -> Iterator[tuple[str, float]]:
        """Every kept file with the time it was kept, in seconds since the epoch."""

    def kept_at(self, sha256: str) -> float:
        """When a file was kept last, as `digests` tells it. Raises FileNotFoundError."""

    def whole(self, sha256: str) -> Path:
        """Where on this host a file is that has its digest. Raises Damaged, ValueError.

        To be opened at once: it may be a copy that goes when room is needed.
        """

    def check(self, sha256: str) -> None:
        """Read a file where it is kept, every byte. Raises Damaged."""

    def throw_away(self, sha256: str, now: float, *, kept_at: float) -> bool:
        """Move a file to the trash, where it stays for a while; return whether it was.

        Not one that was kept again since `kept_at`, as `digests` told it.
        """

    def drop(self, sha256: str) -> None:
        """Delete a file at once: there is another somewhere, or nobody was to keep it."""

    def empty_trash(self, older_than_seconds: float, now: float) -> int:
        """Delete what was thrown away so long ago; return how many."""

    def sweep_temp(self, older_than_seconds: float, now: float) -> int:
        """Remove what was on its way and nobody brought to its end; return how many files."""


class LocalStorage:
    """A folder of content-named files; see `Store`."""

    def __init__(self, root: Path):
        self.root, self.name = root, str(root)
        self._temp, self._trash = root / "tmp", root / "trash"
        self._temp.mkdir(parents=True, exist_ok=True)
        self._mark = root / "store-id"
        # Path -> (length, time of change) of large files that were found whole.
        self._whole: OrderedDict[Path, tuple[int, int]] = OrderedDict()

    @property
    def store_id(self) -> str:
        try:
            return self._mark.read_text().strip()
        except FileNotFoundError:
            return ""

    def mark(self, store_id: str) -> None:
        written = self._temp / "store-id"
        written.write_text(store_id + "\n")
        os.replace(written, self._mark)
        flush_folder(self.root)

    def stage(self, stream: BinaryIO, *, max_bytes: int) -> Staged:
        digest, size = hashlib.sha256(), 0
        path, file = fresh_file(self._temp)
        try:
            with file:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise
        return Staged(path, digest.hexdigest(), size)

    def keep(self, staged: Staged) -> None:
        """Move a staged file to its place and flush the folders."""
        target = self.path(staged.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(staged.path, target)
        except FileNotFoundError:
            target.stat()
        for folder in (target.parent, target.parent.parent, self.root):
            flush_folder(folder)

    def discard(self, staged: Staged) -> None:
        staged.path.unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def open_even_thrown(self, sha256: str) -> BinaryIO:
        try:
            return self.open(sha256)
        except FileNotFoundError:
            return (self._trash / sha256).open("rb")

    def size_even_thrown(self, sha256: str) -> int:
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return (self._trash / sha256).stat().st_size

    def path(self, sha256: str) -> Path:
        """Raises ValueError for anything that isn't a digest."""
        if not DIGEST.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def digests(self) -> Iterator[tuple[str, float]]:
        for path in self.root.glob("??/??/*"):
            with suppress(FileNotFoundError):  # removed since the listing
                yield path.name, path.stat().st_mtime

    def kept_at(self, sha256: str) -> float:
        return self.path(sha256).stat().st_mtime

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

    def check(self, sha256: str) -> None:
        self._whole.pop(self.path(sha256), None)
        self.whole(sha256)

    def throw_away(self, sha256: str, now: float, *, kept_at: float) -> bool:
        self._trash.mkdir(exist_ok=True)
        path, thrown = self.path(sha256), self._trash / sha256
        try:
            if path.stat().st_mtime != kept_at:
                return False
            os.replace(path, thrown)
        except FileNotFoundError:
            return False
        os.utime(thrown, (now, now))
        return True

    def drop(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def trim(self, most_bytes: int) -> None:
        """Delete files, the oldest first, until all together have no more than `most_bytes`.

        For a folder of copies.
        """
        found = []
        for path in self.root.glob("??/??/*"):
            with suppress(FileNotFoundError):
                facts = path.stat()
                found.append((facts.st_mtime, facts.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= most_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size

    def empty_trash(self, older_than_seconds: float, now: float) -> int:
        return _sweep(self._trash, now - older_than_seconds)

    def sweep_temp(self, older_than_seconds: float, now: float) -> int:
        before = now - older_than_seconds
        return _sweep(self._temp, before) + _sweep(self.root / "partial", before)


def fresh_file(folder: Path) -> tuple[Path, BinaryIO]:
    """A new file of this host's own, for what is on its way."""
    handle, name = tempfile.mkstemp(dir=folder)
    return Path(name), os.fdopen(handle, "w+b")


def _sweep(folder: Path, before: float) -> int:
    swept = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # moved to its place since the listing
            if path.stat().st_mtime < before:
                path.unlink()
                swept += 1
    return swept


def flush_folder(folder: Path) -> None:
    """Let the names in it survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
