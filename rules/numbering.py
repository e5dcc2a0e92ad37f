"""The numbers of requests, `48/L.Data/29/VII/24`, and of letters by the office's own patterns."""

import re
import unicodedata
from datetime import datetime

from rules.formats import ZONE
from rules.text import HYPHENS, one_line

ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")

SLASHES = str.maketrans(dict.fromkeys("\\∕⁄／＼╱⧸", "/") | dict.fromkeys(HYPHENS, "-"))
PREFIX = re.compile(
    r"^(?:(?:no|nomor|nomer|nr|number|№|tiket|register|registrasi|reg)\b[.:#\s]*)?"
    r"(?:(?:layanan|permohonan|pelayanan|tiket|registrasi)\b[.:#\s]*)*(?=\d)"
)
# Parted by slashes as printed, by hyphens as in the names of files, or by spaces alone.
BETWEEN = r"[/\-_|\s]+"
PRINTED = re.compile(
    rf"(\d+){BETWEEN}([a-z][a-z0-9.]*){BETWEEN}(\d{{1,2}}){BETWEEN}([ivx]+|\d{{1,2}})"
    rf"{BETWEEN}(\d{{4}}|\d{{2}})(/r\d+)?(?![^\W_])"
)
STANDS = re.compile(rf"(?<![\d/.]){PRINTED.pattern}")


def format_number(seq: int, code: str, at: datetime) -> str:
    """Sequence / service code / day / Roman month / two-digit year, in WITA."""
    local = at.astimezone(ZONE)
    return f"{seq}/{code}/{local:%d}/{ROMAN_MONTHS[local.month - 1]}/{local:%y}"


def format_letter_number(
    pattern: str,
    seq: int,
    at: datetime,
    *,
    classification: str,
    abbreviation: str,
    office_code: str,
) -> str:
    """`UM 02.01-BTP/7/2026` by `{klasifikasi}-{kode}/{urut}/{tahun}`; in WITA."""
    local = at.astimezone(ZONE)
    return pattern.format(
        urut=seq,
        klasifikasi=classification,
        kode=office_code,
        jenis=abbreviation,
        bulan=f"{local:%m}",
        romawi=ROMAN_MONTHS[local.month - 1],
        tahun=f"{local:%Y}",
        thn=f"{local:%y}",
    )


def normalise_number(text: str) -> str:
    """The form under which numbers are looked up: no spaces, `/` for `\\`, case folded.

    Typed from a letter, a file's name or a message: `No. 48 / L.Data / 29 / Ⅶ / 2024` is found too.
    """
    plain = PREFIX.sub("", _plain(text)).strip(" .,;:#*_/'\"()[]<>“”‘’")
    if found := PRINTED.fullmatch(plain):
        plain = _key(found)
    return "".join(plain.split())


def numbers_in(text: str) -> list[str]:
    """The same of every request that a text names: behind `Re:`, in a sentence, in a file's name.

    What the text says besides isn't looked at.
    """
    return list(dict.fromkeys(map(_key, STANDS.finditer(_plain(text)))))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", one_line(text).translate(SLASHES)).casefold()


def _key(found: re.Match[str]) -> str:
    seq, code, day, month, year, rest = found.groups()
    if month.isdecimal() and 1 <= int(month) <= 12:
        month = ROMAN_MONTHS[int(month) - 1].casefold()
    return f"{int(seq)}/{code}/{day:0>2}/{month}/{year[-2:]}{rest or ''}"


def wita_year(at: datetime) -> int:
    """The calendar year in which numbers count, by local time."""
    return at.astimezone(ZONE).year
