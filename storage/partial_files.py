"""Files that arrive in pieces: written on from where they stopped, digested while they are written.

How much is there is the length of the file, so that a kill in the middle of a piece loses at most
that piece. The digest runs along in memory; where it is lost, or another process took the last
piece, it is counted anew from the file.
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from storage.files import CHUNK, Staged, TooLarge

NAME = re.compile(r"[0-9A-Za-z]{26}")
MOST_RUNNING = 64


class NotThere(ValueError):
    """A piece that doesn't begin where the file ends, which is at `there`."""

    def __init__(self, there: int):
        super().__init__(f"the file ends at {there}")
        self.there = there


class PartialFiles:
    """A folder of files on their way, each under the name of its upload."""

    def __init__(self, root: Path):
        self._folder, self._temp = root / "partial", root / "tmp"
        self._folder.mkdir(parents=True, exist_ok=True)
        # Name -> (how much was digested, the digest so far); the oldest are forgotten.
        self._running: OrderedDict[str, tuple[int, object]] = OrderedDict()

    def length(self, name: str) -> int:
        """How much of a file is there; 0 for one that never began."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, name: str, stream: BinaryIO, *, at: int, most: int) -> int:
        """Write a piece that begins at byte `at`; return how much is there then.

        Raises NotThere, also while another connection still writes, and TooLarge past `most`.
        """
        handle = os.open(self._path(name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab", buffering=0) as file:
            there = os.fstat(handle).st_size
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NotThere(there) from None
            there = os.fstat(handle).st_size
            if there != at:
                raise NotThere(there)
            digest = self._digest_at(name, there)
            while chunk := stream.read(CHUNK):
                if there + len(chunk) > most:
                    raise TooLarge
                file.write(chunk)
                digest.update(chunk)
                there += len(chunk)
            self._remember(name, there, digest)
        return there

    def stage(self, name: str) -> Staged:
        """A whole file as one that was written at once, flushed; the partial one stays.

        It is dropped once a row names the file, so that a kill in between loses nothing.
        """
        path, size = self._path(name), self.length(name)
        sha256 = self._digest_at(name, size).hexdigest()
        staged = self._temp / f"{name}-{secrets.token_hex(4)}"
        os.link(path, staged)
        handle = os.open(staged, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return Staged(staged, sha256, size)

    def drop(self, name: str) -> None:
        self._running.pop(name, None)
        self._path(name).unlink(missing_ok=True)

    def _digest_at(self, name: str, size: int):
        known, digest = self._running.pop(name, (-1, None))
        if known == size:
            self._remember(name, size, digest.copy())
            return digest
        digest = hashlib.sha256()
        with suppress(FileNotFoundError), self._path(name).open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest

    def _remember(self, name: str, size: int, digest: object) -> None:
        self._running[name] = (size, digest)
        while len(self._running) > MOST_RUNNING:
            with suppress(KeyError):  # another thread was faster
                self._running.popitem(last=False)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("not the name of an upload")
        return self._folder / name
