"""The number of a request: `48/L.Data/29/VII/24`."""

from datetime import datetime

from rules.formats import ZONE

ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def format_number(seq: int, code: str, at: datetime) -> str:
    """Sequence / service code / day / Roman month / two-digit year, in WITA."""
    local = at.astimezone(ZONE)
    return f"{seq}/{code}/{local:%d}/{ROMAN_MONTHS[local.month - 1]}/{local:%y}"


def normalise_number(text: str) -> str:
    """The form under which numbers are looked up: no spaces, `/` for `\\`, case folded."""
    # Copied text carries invisible marks; they are neither printable nor white space.
    visible = (letter for letter in text if letter.isprintable() and not letter.isspace())
    return "".join(visible).replace("\\", "/").casefold()


def wita_year(at: datetime) -> int:
    """The calendar year in which numbers count, by local time."""
    return at.astimezone(ZONE).year
