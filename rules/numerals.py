"""Numbers and dates in words, as deeds and receipts of the office write them."""

from datetime import date, datetime

from rules.formats import MONTHS, WEEKDAYS, ZONE

ONES = (
    "nol",
    "satu",
    "dua",
    "tiga",
    "empat",
    "lima",
    "enam",
    "tujuh",
    "delapan",
    "sembilan",
    "sepuluh",
    "sebelas",
)
# From the largest down: (value, word, word for exactly one of it).
SCALES = (
    (10**12, "triliun", "satu triliun"),
    (10**9, "miliar", "satu miliar"),
    (10**6, "juta", "satu juta"),
    (1000, "ribu", "seribu"),
    (100, "ratus", "seratus"),
    (10, "puluh", "sepuluh"),
)


def number_words(number: int) -> str:
    """`dua ribu dua puluh empat`; for whole numbers from 0 up to below 10^15."""
    if not 0 <= number < 10**15:
        raise ValueError(f"no words for {number}")
    if number < len(ONES):
        return ONES[number]
    if number < 20:
        return f"{ONES[number - 10]} belas"
    value, word, one = next(scale for scale in SCALES if number >= scale[0])
    count, rest = divmod(number, value)
    head = one if count == 1 else f"{number_words(count)} {word}"
    return f"{head} {number_words(rest)}" if rest else head


def rupiah_words(amount: int) -> str:
    """`dua belas juta lima ratus ribu rupiah`"""
    return f"{number_words(amount)} rupiah"


def date_words(value: date | datetime) -> str:
    """`Kamis, tanggal satu bulan Agustus tahun dua ribu dua puluh empat`"""
    on = value.astimezone(ZONE).date() if isinstance(value, datetime) else value
    return (
        f"{WEEKDAYS[on.weekday()]}, tanggal {number_words(on.day)} bulan {MONTHS[on.month - 1]} "
        f"tahun {number_words(on.year)}"
    )
