"""The numbers of requests, `48/L.Data/29/VII/24`, and of letters by the office's own patterns."""

from datetime import datetime

from rules.formats import ZONE

ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


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
    """The form under which numbers are looked up: no spaces, `/` for `\\`, case folded."""
    # Copied text carries invisible marks; they are neither printable nor white space.
    visible = (letter for letter in text if letter.isprintable() and not letter.isspace())
    return "".join(visible).replace("\\", "/").casefold()


def wita_year(at: datetime) -> int:
    """The calendar year in which numbers count, by local time."""
    return at.astimezone(ZONE).year
