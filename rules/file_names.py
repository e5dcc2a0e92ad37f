"""What files are called when they leave: by the number of their request, never by a key of ours."""

import re
import unicodedata
from datetime import datetime
from pathlib import PurePosixPath

from rules.formats import ZONE

NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")
LONGEST_SUBJECT, LONGEST_STEM = 40, 80


def request_stem(number: str | None, submitted_at: datetime, subject: str) -> str:
    """`48-L.Data-29-VII-24`, or `permohonan-2024-07-29-data-gelombang` before there is a number."""
    if number:
        return number.replace("/", "-")
    return f"permohonan-{submitted_at.astimezone(ZONE):%Y-%m-%d}-{_slug(subject)}".rstrip("-")


def document_name(stem: str, kind: str, filename: str, *, version: int = 1, part: int = 0) -> str:
    """`48-L.Data-29-VII-24_laporan.pdf`; of several files `…_laporan-2_tabel-gelombang.xlsx`.

    `filename` is what it was called when it came, for its end and to tell several apart.
    """
    given = PurePosixPath(filename)
    name = f"{stem}_{kind.replace('_', '-')}"
    if part:
        name += f"-{part}_{given.stem[:LONGEST_STEM]}"
    if version > 1:
        name += f"_v{version}"
    return name + given.suffix.lower()


def _slug(words: str) -> str:
    """`Data gelombang é` as `data-gelombang-e`."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return NOT_PLAIN.sub("-", plain).strip("-").lower()[:LONGEST_SUBJECT].rstrip("-")
