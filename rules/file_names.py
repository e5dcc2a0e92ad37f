"""What files are called when they leave: by the number of their request, never by a key of ours."""

import re
import unicodedata
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from rules.formats import ZONE
from rules.text import one_line

NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")
LONGEST_SUBJECT = 40
# In bytes: no disk takes a name of more than 255, and some letters have four.
LONGEST_STEM = 120
# Of what a disk or a header can't carry.
UNSAFE = re.compile(r"[^\w.()-]+")
WITHOUT_NAME = "dokumen"


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
        name += f"-{part}_{_cut(given.stem)}"
    if version > 1:
        name += f"_v{version}"
    return name + given.suffix.lower()


def safe_stem(name: str) -> str:
    """A file's name without its end, fit for any disk: letters and digits of any script, dots."""
    # Marks that no letter is composed with belong to their letter; `\\w` knows none of them.
    letters = (
        letter if unicodedata.category(letter)[0] == "M" else UNSAFE.sub("-", letter)
        for letter in one_line(name)
    )
    return _cut(re.sub("-{2,}", "-", "".join(letters)).strip("-.")).rstrip("-.") or WITHOUT_NAME


def content_disposition(how: str, name: str) -> str:
    """A header that carries any name (RFC 6266, RFC 8187): plain letters for all, the true name
    beside them.

    A server's header is Latin-1 at most, and a quote or a line end would end it. Some browsers read
    `%` and `\\` of the plain name as the beginning of something else.
    """
    name = one_line(name)
    if not name.strip(".") or name.startswith("."):
        name = WITHOUT_NAME + name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip()
    plain = plain.replace("\\", "-").replace("%", "-").replace('"', "'")
    if plain == name:
        return f'{how}; filename="{plain}"'
    if plain.startswith("."):
        plain = WITHOUT_NAME + plain
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _cut(stem: str) -> str:
    return stem.encode()[:LONGEST_STEM].decode(errors="ignore")


def _slug(words: str) -> str:
    """`Data gelombang é` as `data-gelombang-e`."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return NOT_PLAIN.sub("-", plain).strip("-").lower()[:LONGEST_SUBJECT].rstrip("-")
