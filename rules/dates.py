"""Days as people write them into a table: one, a range, or several of one month."""

import re
from datetime import date, timedelta

from rules.formats import MONTHS, SHORT_MONTHS, WEEKDAYS
from rules.text import HYPHENS, one_line

EXAMPLE = "Tulis seperti 2027-08-17, 17/08/2027, atau 17/08/2027 - 20/08/2027."
UNREAD = f"Tanggal tidak terbaca. {EXAMPLE}"
BACKWARDS = "Hari terakhir mendahului hari pertama."
LONGEST_RANGE = 31
TOO_LONG = f"Rentang ini lebih dari {LONGEST_RANGE} hari. Bagi menjadi beberapa baris."
# Names of months in both languages, by their first letters.
MONTH_NUMBERS = {
    word.casefold(): number
    for words in (
        MONTHS,
        SHORT_MONTHS,
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        ["-", "-", "-", "-", "-", "-", "-", "Agt", "Sept", "-", "Nop", "-"],
    )
    for number, word in enumerate(words, start=1)
    if word != "-"
}
ONE_WEEKDAY = (
    rf"\b(?:{'|'.join((*WEEKDAYS, 'Jum.at', 'Ahad'))}|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)
WEEKDAY = re.compile(rf"(?:{ONE_WEEKDAY}[\s,.]*(?:(?:-|dan)\s*(?={ONE_WEEKDAY}))?)+", re.IGNORECASE)
# Midnight is what spreadsheets put behind a day; another hour isn't a day.
MIDNIGHT = re.compile(r"[T ]+0{1,2}[:.]00(?:[:.]00(?:[.,]0+)?)?(?:\s*(?:Z|AM))?\b", re.IGNORECASE)
ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
NUMBERS = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})")
WORDS = re.compile(r"(\d{1,2})[\s-]*([a-z]{3,9})\.?[\s-]*(\d{4})", re.IGNORECASE)
UNTIL = re.compile(
    r"\s*(?:\bs\.?\s?/?\s?d\b\.?|\bsampai(?:\s+dengan)?\b|\bhingga\b|\bto\b)\s*", re.I
)
BETWEEN = re.compile(r"\s+-\s*|(?<=\d{4})-(?=\d)|(?<=\d{4})-\s+")
AND = re.compile(r"\s*(?:,|&|;|\bdan\b|\band\b)+\s*", re.IGNORECASE)


class BadDate(ValueError):
    """A cell that isn't a day or days as a whole; the text is a sentence for who wrote it."""


def parse_days(text: str) -> list[date]:
    """The days of a cell, all of it: `17/08/2027`, `17 - 20 Agustus 2027`, `24, 26 Des 2027`.

    Days come before months, as here. Raises BadDate: a part of a cell never counts for the whole.
    """
    plain = one_line(text).translate(str.maketrans(HYPHENS, "-" * len(HYPHENS)))
    plain = MIDNIGHT.sub("", WEEKDAY.sub("", plain.replace("’", "'"))).strip(" ,.;")
    found = _several(plain)
    if not found:
        raise BadDate(UNREAD)
    return found


def _several(text: str) -> list[date]:
    if one := _day(text):
        return [one]
    if ends := _ends(text):
        return _range(*ends)
    parts = [part for part in AND.split(text) if part]
    if len(parts) < 2 or not (last := _last_day(parts[-1])):
        return []
    days: list[date] = []
    for part in parts:
        read = _several(_completed(part, last)) if part is not parts[-1] else _several(part)
        if not read or (days and read[0] <= days[-1]):
            return []
        days += read
    return days


def _last_day(text: str) -> date | None:
    days = _several(text)
    return days[-1] if days else None


def _ends(text: str) -> tuple[date, date] | None:
    """First and last day of a range, where the first may leave out month and year."""
    text = UNTIL.sub(" - ", text)
    for between in (re.compile(r"\s+-\s+"), BETWEEN, re.compile(r"\s*-\s*")):
        parts = between.split(text)
        if len(parts) == 2 and (last := _day(parts[1])):
            first = _day(_completed(parts[0], last))
            if first:
                return first, last
    # `2027-12-24-2027-12-26`: two days of ten signs.
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\s*-\s*(\d{4}-\d\d-\d\d)", text)
    ends = (_day(found[1]), _day(found[2])) if found else (None, None)
    return (ends[0], ends[1]) if ends[0] and ends[1] else None


def _completed(part: str, last: date) -> str:
    """`17`, `17/08` and `17 Agustus` of the year of the last day."""
    part = part.strip(" .")
    if re.fullmatch(r"\d{1,2}", part):
        return f"{part}/{last.month}/{last.year}"
    if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})", part):
        return f"{found[1]}/{found[2]}/{last.year}"
    if re.fullmatch(r"\d{1,2}\s*[A-Za-z]{3,9}\.?", part):
        return f"{part} {last.year}"
    return part


def _range(first: date, last: date) -> list[date]:
    if last < first:
        raise BadDate(BACKWARDS)
    count = (last - first).days + 1
    if count > LONGEST_RANGE:
        raise BadDate(TOO_LONG)
    return [first + timedelta(days=number) for number in range(count)]


def _day(text: str) -> date | None:
    """A text that is one day and nothing else."""
    text = text.strip(" .")
    if found := ISO.fullmatch(text):
        year, _, month, day = found.groups()
    elif found := NUMBERS.fullmatch(text):
        day, _, month, year = found.groups()
    elif found := WORDS.fullmatch(text):
        day, word, year = found.groups()
        month = MONTH_NUMBERS.get(word.casefold(), 0)
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
