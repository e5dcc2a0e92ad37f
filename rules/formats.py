"""Dates, numbers and names as this office writes them; local time is WITA."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Makassar")
# How far the office's clock is ahead of UTC: always the same, as WITA knows no summer time.
OFFSET = timedelta(hours=8)
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def local(at: datetime) -> datetime:
    """Naive local time, for spreadsheets."""
    return at.astimezone(ZONE).replace(tzinfo=None)


def _local_date(value: date | datetime) -> date:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value


def day(value: date | datetime) -> str:
    """`1 Agu 2024`"""
    on = _local_date(value)
    return f"{on.day} {SHORT_MONTHS[on.month - 1]} {on.year}"


def weekday_day(value: date | datetime) -> str:
    """`Kamis, 1 Agu 2024`"""
    return f"{WEEKDAYS[_local_date(value).weekday()]}, {day(value)}"


def moment(at: datetime) -> str:
    """`29 Jul 2024 12:57:45 WITA`"""
    there = at.astimezone(ZONE)
    return f"{day(there.date())} {there.hour:02}:{there.minute:02}:{there.second:02} WITA"


def moment_short(at: datetime) -> str:
    """`29 Jul 2024 12:57 WITA`"""
    there = at.astimezone(ZONE)
    return f"{day(there.date())} {there.hour:02}:{there.minute:02} WITA"


def long_day(value: date | datetime) -> str:
    """`1 Agustus 2024`, as letters write it."""
    on = _local_date(value)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def weekday_long_day(value: date | datetime) -> str:
    """`Kamis, 1 Agustus 2024`"""
    return f"{WEEKDAYS[_local_date(value).weekday()]}, {long_day(value)}"


def clock_time(at: datetime) -> str:
    """`12.57 WITA`, as letters write it."""
    return f"{at.astimezone(ZONE):%H.%M} WITA"


def month(year: int, number: int) -> str:
    """`Juli 2024`"""
    return f"{MONTHS[number - 1]} {year}"


def decimal_id(value: Decimal | float | int, places: int = 2) -> str:
    """`1.234,50`: a point for thousands, a comma for decimals."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{exact or abs(exact):,.{places}f}".translate(str.maketrans(",.", ".,"))


def rupiah(amount: int) -> str:
    """`Rp1.250.000`"""
    return f"Rp{decimal_id(amount, 0)}"


def salutation(gender: str | None) -> str:
    """Bapak, Ibu, or both when it isn't known; gender codes are L and P."""
    return {"L": "Bapak", "P": "Ibu"}.get(gender or "", "Bapak/Ibu")


def mask_name(name: str) -> str:
    """`B*** S***`: the first letter of each word, and a fixed tail that hides its length."""
    return " ".join(f"{word[0]}***" for word in name.split())


def file_size(size: int) -> str:
    """`1,4 MB`"""
    if size < 1024:
        return f"{size} bita"
    if size < 1024 * 1024:
        return f"{decimal_id(size / 1024, 0)} KB"
    if size < 1024**3:
        return f"{decimal_id(size / 1024**2, 1)} MB"
    return f"{decimal_id(size / 1024**3, 1)} GB"


def due_words(now: datetime, due_at: datetime, days_left: int) -> str:
    """`2 hari kerja lagi`, `hari ini`, or how late; `days_left` as the calendar counts them."""
    if now > due_at:
        return f"terlambat {-days_left} hari kerja" if days_left < 0 else "terlambat"
    return f"{days_left} hari kerja lagi" if days_left > 0 else "hari ini"


def office_time(days: Decimal, *, hours_per_day: Decimal) -> str:
    """Office time as people say it: `25 menit`, `3 jam kerja`, `2 hari kerja`, `2,5 hari kerja`."""
    minutes = int(days * hours_per_day * 60)
    if minutes < 60:
        return f"{max(minutes, 1)} menit kerja"
    if days < 1:
        return f"{decimal_id(days * hours_per_day, 0)} jam kerja"
    tenths = days.quantize(Decimal("0.1"), ROUND_HALF_UP)
    places = 0 if tenths == int(tenths) else 1
    return f"{decimal_id(tenths, places)} hari kerja"
