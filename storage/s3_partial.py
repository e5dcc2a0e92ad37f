"""Files that arrive in pieces, each by another host: the pieces lie in the bucket, by their offset.

What is there is told by the bucket alone, so that no host has to know what another one took. Two
that write at one place are told apart by the service, which takes the first.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from storage.files import CHUNK, Staged, StoreUnavailable, TooLarge, fresh_file
from storage.partial_files import NAME, NotThere
from storage.s3 import Bucket

# Offsets in the order of their names.
DIGITS = 13


class S3PartialFiles:
    """The same as `PartialFiles`, for all hosts of a bucket."""

    def __init__(self, bucket: Bucket, folder: Path):
        self._bucket, self._temp = bucket, folder / "tmp"
        self._temp.mkdir(parents=True, exist_ok=True)

    def length(self, name: str) -> int:
        return sum(size for _, size in self._pieces(name))

    def append(self, name: str, stream: BinaryIO, *, at: int, most: int) -> int:
        there = self.length(name)
        if there != at:
            raise NotThere(there)
        path, file = fresh_file(self._temp)
        try:
            with file:
                return self._take(name, stream, file, at, most)
        finally:
            path.unlink()

    def _take(self, name: str, stream: BinaryIO, file: BinaryIO, at: int, most: int) -> int:
        """Keep what arrives of a piece, also of one that breaks off."""
        digest, there = hashlib.sha256(), at
        try:
            while chunk := stream.read(CHUNK):
                if there + len(chunk) > most:
                    raise TooLarge
                file.write(chunk)
                digest.update(chunk)
                there += len(chunk)
        finally:
            if there > at:
                file.seek(0)
                self._put(name, at, file, digest.hexdigest(), there - at)
        return there

    def _put(self, name: str, at: int, file: BinaryIO, sha256: str, size: int) -> None:
        key = self._key(name, f"{at:0{DIGITS}}")
        try:
            self._bucket.put(key, file, sha256, ContentLength=size, IfNoneMatch="*")
        except StoreUnavailable as error:
            if "PreconditionFailed" in str(error) or "Conflict" in str(error):
                raise NotThere(self.length(name)) from None
            raise

    def stage(self, name: str) -> Staged:
        digest, size = hashlib.sha256(), 0
        path, file = fresh_file(self._temp)
        try:
            with file:
                for key, _ in list(self._pieces(name)):
                    for chunk in self._read(key):
                        file.write(chunk)
                        digest.update(chunk)
                        size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise
        return Staged(path, digest.hexdigest(), size)

    def _read(self, key: str) -> Iterator[bytes]:
        with self._bucket.asking():
            found = self._bucket.client.get_object(Bucket=self._bucket.name, Key=key)
            with found["Body"] as body:
                while chunk := body.read(CHUNK):
                    yield chunk

    def drop(self, name: str) -> None:
        for key, _ in list(self._pieces(name)):
            self._bucket.delete(key)

    def _pieces(self, name: str) -> Iterator[tuple[str, int]]:
        """Key and size of each piece that continues the one before."""
        there = 0
        for found in self._bucket.objects(self._key(name, "")):
            if _offset(found) != there:
                return
            yield found["Key"], found["Size"]
            there += found["Size"]

    def _key(self, name: str, offset: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError("not the name of an upload")
        return self._bucket.key("partial", name, offset)


def _offset(found: dict[str, Any]) -> int:
    return int(found["Key"].rpartition("/")[2])
