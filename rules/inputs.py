"""What people typed into the fields of a flow, cleaned into what is kept.

Kept values are plain JSON: text, a list of ticked options, a date as `2026-11-24`, a number or an
amount of rupiah as digits, coordinates as `-8.12345, 114.56789` (decimal degrees, WGS 84).
"""

import re
from datetime import date

from rules.labels import PICK_ONE, REQUIRED
from rules.services import Input

LATITUDE, LONGITUDE = 90, 180
NUMBER = r"\s*(-?\d{1,3}(?:[.,]\d+)?)\s*"
COORDINATES = re.compile(rf"{NUMBER}[,;\s]\s*{NUMBER}", re.ASCII)
RUPIAH = re.compile(r"(?i)(?:rp\.?)?\s*(\d{1,3}(?:\.\d{3})+|\d+)(?:,00|,-)?", re.ASCII)


class BadInput(ValueError):
    """A value that doesn't fit its field; the text is a sentence for whoever typed it."""


def clean_value(entry: Input, value: object) -> object:
    """The value as it is kept; None when nothing was given. Raises BadInput.

    Files and people aren't looked at here: they need the storage and the table of people.
    """
    if entry.type == "checklist":
        return _checklist(entry, value)
    text = str(value or "").replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        if entry.required:
            raise BadInput(REQUIRED)
        return None
    if len(text) > entry.max_length:
        raise BadInput(f"Paling banyak {entry.max_length} huruf.")
    if len(text) < entry.min_length:
        raise BadInput(f"Sedikitnya {entry.min_length} huruf.")
    cleaned = CLEANERS[entry.type](entry, text) if entry.type in CLEANERS else text
    # ASCII: digits of other scripts look like a billing code and aren't one.
    if entry.pattern and not re.fullmatch(entry.pattern, cleaned, re.ASCII):
        raise BadInput(entry.pattern_hint or "Periksa kembali penulisannya.")
    return cleaned


def one_line(text: str | None) -> str:
    """What stands in a field of one line. A browser sends no line ends in it, others may: they
    would write lines of their own into messages and papers."""
    return " ".join((text or "").replace("\x00", "").split())


def _checklist(entry: Input, value: object) -> list[str] | None:
    ticked = [value] if isinstance(value, str) else list(value or ())  # type: ignore[call-overload]
    known = [option for option in entry.options if option in ticked]
    if entry.required and len(known) < len(entry.options):
        raise BadInput("Periksa dan centang setiap butir.")
    return known or None


def _choice(entry: Input, text: str) -> str:
    if text not in entry.options:
        raise BadInput(PICK_ONE)
    return text


def _date(entry: Input, text: str) -> str:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise BadInput("Isi tanggal yang benar, misalnya 2026-11-24.") from None
    if not 2000 <= on.year <= 2100:
        raise BadInput("Tahunnya tampak keliru. Periksa kembali.")
    return on.isoformat()


def _number(entry: Input, text: str) -> str:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadInput("Isi dengan angka saja.")
    return str(int(text))


def _money(entry: Input, text: str) -> str:
    """Points only between thousands: `1250.50` is somebody's cents, not 125,050 rupiah."""
    found = RUPIAH.fullmatch(text)
    digits = re.sub(r"\D", "", found[1]) if found else ""
    if not digits or len(digits) > 13:
        raise BadInput("Isi jumlah rupiah dengan angka, misalnya 1.250.000.")
    return str(int(digits))


def _coordinates(entry: Input, text: str) -> str:
    found = COORDINATES.fullmatch(text)
    if not found:
        raise BadInput("Isi lintang dan bujur, misalnya -8.12345, 114.56789.")
    latitude, longitude = (float(part.replace(",", ".")) for part in found.groups())
    if abs(latitude) > LATITUDE or abs(longitude) > LONGITUDE:
        raise BadInput("Lintang paling besar 90 dan bujur paling besar 180 derajat.")
    return f"{latitude:.5f}, {longitude:.5f}"


CLEANERS = {
    "text": lambda _, text: one_line(text),
    "choice": _choice,
    "date": _date,
    "number": _number,
    "money": _money,
    "coordinates": _coordinates,
}
