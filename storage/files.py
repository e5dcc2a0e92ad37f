"""Files under their SHA-256, outside the web root.

A file is on disk, flushed and in place before any row names it; a crash leaves an orphan at most.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 64 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")


class TooLarge(ValueError):
    """The stream is longer than allowed."""


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
        self._temp = root / "tmp"
        self._temp.mkdir(parents=True, exist_ok=True)

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

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def sweep_temp(self, older_than_seconds: float, now: float) -> int:
        """Remove temporary files that a crash left behind; return how many."""
        swept = 0
        for path in self._temp.iterdir():
            with suppress(FileNotFoundError):  # moved to its place since the listing
                if path.stat().st_mtime < now - older_than_seconds:
                    path.unlink()
                    swept += 1
        return swept


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
