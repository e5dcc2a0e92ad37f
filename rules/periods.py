"""Local days as instants, and the periods a survey is reported for: semesters and years."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules.formats import ZONE

FIRST_YEAR, LAST_YEAR = 2020, 2099
ROMAN = {1: "I", 2: "II"}


def start_of(on: date) -> datetime:
    """The first UTC instant of a local day."""
    return datetime.combine(on, time(), ZONE).astimezone(UTC)


def end_of(on: date) -> datetime:
    """The first UTC instant after a local day."""
    return start_of(on + timedelta(days=1))


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, order=True)
class Period:
    """A calendar year, or the half of one; `half` is 1, 2 or 0 for the whole year."""

    year: int
    half: int = 0

    @property
    def code(self) -> str:
        """`2026-S2` or `2026`"""
        return f"{self.year}-S{self.half}" if self.half else str(self.year)

    @property
    def title(self) -> str:
        return (
            f"Semester {ROMAN[self.half]} Tahun {self.year}" if self.half else f"Tahun {self.year}"
        )

    @property
    def first(self) -> date:
        return date(self.year, 7 if self.half == 2 else 1, 1)

    @property
    def last(self) -> date:
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    @property
    def halves(self) -> "tuple[Period, ...]":
        """The semesters of a year; of a semester none."""
        return () if self.half else (Period(self.year, 1), Period(self.year, 2))

    def has_ended(self, today: date) -> bool:
        return self.last < today

    @property
    def previous(self) -> "Period":
        """The period of the same kind before this one."""
        if self.half == 2:
            return Period(self.year, 1)
        return Period(self.year - 1, 2 if self.half else 0)


def parse_period(code: str) -> Period | None:
    """The period of a code; None for anything else."""
    year, dash, half = code.partition("-S")
    if not (len(year) == 4 and year.isascii() and year.isdecimal()):
        return None
    if not FIRST_YEAR <= int(year) <= LAST_YEAR or (dash and half not in ("1", "2")):
        return None
    return Period(int(year), int(half or 0))


def period_of(span: Span) -> Period | None:
    """The year or semester that has exactly these days; None for any others."""
    year = span.first.year
    found = (Period(year), Period(year, 1), Period(year, 2))
    return next((one for one in found if (one.first, one.last) == (span.first, span.last)), None)


def semester_of(on: date) -> Period:
    return Period(on.year, 1 if on.month <= 6 else 2)


def recent_periods(today: date, semesters: int = 6) -> list[Period]:
    """The semesters up to today's and the years they lie in, newest first."""
    found, current = [], semester_of(today)
    for _ in range(semesters):
        found.append(current)
        current = semester_of(current.first - timedelta(days=1))
    years = dict.fromkeys(period.year for period in found)
    return sorted(
        [*found, *(Period(year) for year in years)],
        key=lambda period: (period.last, period.half == 0),
        reverse=True,
    )


EVERYTHING, OWN_DATES = "semua", "tanggal"
# Periods that move with the calendar, so that a saved choice stays useful.
PRESETS = {
    "bulan-ini": "Bulan ini",
    "bulan-lalu": "Bulan lalu",
    "triwulan-ini": "Triwulan ini",
    "triwulan-lalu": "Triwulan lalu",
    "semester-ini": "Semester ini",
    "semester-lalu": "Semester lalu",
    "tahun-ini": "Tahun ini",
    "tahun-lalu": "Tahun lalu",
}
MONTHS_OF = {"bulan": 1, "triwulan": 3, "semester": 6, "tahun": 12}


def span_of(preset: str, today: date) -> Span | None:
    """The days of a preset as of today; None for a code that isn't one."""
    if preset not in PRESETS:
        return None
    unit, _, which = preset.partition("-")
    months = MONTHS_OF[unit]
    index = (today.year * 12 + today.month - 1) // months - (which == "lalu")
    first, following = index * months, (index + 1) * months
    begin = date(first // 12, first % 12 + 1, 1)
    return Span(begin, date(following // 12, following % 12 + 1, 1) - timedelta(days=1))
