"""An archive that is sent while it is made: files as they are, and at the end their digests."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rules.formats import ZONE

CHUNK = 64 * 1024
DIGESTS = "SHA256SUMS.txt"


@dataclass(frozen=True)
class Packed:
    """A file to be packed: its name in the archive, and from which byte of which file it begins."""

    name: str
    path: Path
    offset: int
    at: datetime


class _Pieces(io.RawIOBase):
    """Takes what is written until it is fetched; can't be sought in, as a socket."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece) -> int:  # noqa: ANN001
        self._written.append(bytes(piece))
        return len(piece)

    def fetch(self) -> bytes:
        found, self._written = b"".join(self._written), []
        return found


def stream_zip(files: Sequence[Packed], *, left_out: Sequence[str] = ()) -> Iterator[bytes]:
    """The bytes of an archive, a chunk at a time, stored without packing.

    Last comes a list of SHA-256 digests as `sha256sum --check` reads it; `left_out` are remarks
    about what isn't in it.
    """
    sink = _Pieces()
    lines = [f"# {remark}" for remark in left_out]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            digest = hashlib.sha256()
            with (
                archive.open(_entry(file.name, file.at), "w") as target,
                file.path.open("rb") as source,
            ):
                source.seek(file.offset)
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
                    yield sink.fetch()
            lines.append(f"{digest.hexdigest()}  {file.name}")
        archive.writestr(DIGESTS, "\n".join(lines) + "\n")
        yield sink.fetch()
    yield sink.fetch()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(ZONE).timetuple()[:6])
    entry.external_attr = 0o644 << 16
    return entry
