"""The number of civil servants: 18 digits, of which the first eight are the day of birth."""

from datetime import datetime


class BadNip(ValueError):
    """Not a NIP; the text is a sentence for the person who typed it."""

    def __init__(self) -> None:
        super().__init__(
            "NIP terdiri dari 18 angka, diawali tanggal lahir. Contoh: 19800131 200501 1 002. Di "
            "Excel, tulis sebagai teks."
        )


def parse_nip(text: str) -> str:
    """The 18 digits, however they are grouped. Raises BadNip."""
    digits = "".join(letter for letter in text if letter not in " .-\u00a0'")
    if not digits.isascii() or not digits.isdecimal() or len(digits) != 18:
        raise BadNip
    try:
        born = datetime.strptime(digits[:8], "%Y%m%d")
    except ValueError:
        raise BadNip from None
    if born.year < 1900:
        raise BadNip
    return digits


def display_nip(nip: str) -> str:
    """`19800131 200501 1 002`, as letters write it."""
    return f"{nip[:8]} {nip[8:14]} {nip[14]} {nip[15:]}" if nip else ""
