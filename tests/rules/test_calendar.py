"""Deadlines and working days, by the worked example of the customer manual and by arithmetic."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from rules.calendar import OfficeClock, OfficeHours, WorkCalendar
from rules.formats import ZONE

WITA = ZoneInfo("Asia/Makassar")
HOLIDAYS = {
    date(2024, 8, 17): "Hari Kemerdekaan",
    date(2026, 12, 24): "Cuti bersama Natal",
    date(2026, 12, 25): "Hari Raya Natal",
}
CALENDAR = WorkCalendar(HOLIDAYS, OfficeHours(), WITA)


def wita(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=WITA)


def test_three_working_days_keep_the_hour_as_in_the_manual():
    due_at = CALENDAR.add_working_days(wita(2024, 7, 29, 12, 57, 45), 3)
    assert due_at == wita(2024, 8, 1, 12, 57, 45)
    assert due_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("filed_at", "starts_at"),
    [
        (wita(2024, 7, 29, 6, 0), wita(2024, 7, 29, 8, 0)),
        (wita(2024, 7, 29, 16, 0), wita(2024, 7, 30, 8, 0)),
        (wita(2024, 7, 29, 21, 30), wita(2024, 7, 30, 8, 0)),
        (wita(2024, 7, 26, 17, 0), wita(2024, 7, 29, 8, 0)),
        (wita(2024, 7, 27, 10, 0), wita(2024, 7, 29, 8, 0)),
        (wita(2024, 7, 29, 8, 0), wita(2024, 7, 29, 8, 0)),
    ],
)
def test_a_start_outside_office_time_counts_from_the_next_opening(filed_at, starts_at):
    assert CALENDAR.add_working_days(filed_at, 0) == starts_at


def test_the_local_day_counts_not_the_utc_day():
    filed_at = datetime(2024, 7, 28, 23, 30, tzinfo=UTC)  # Monday 07.30 WITA
    assert CALENDAR.add_working_days(filed_at, 1) == wita(2024, 7, 30, 8, 0)


def test_weekends_and_holidays_are_passed_over():
    assert CALENDAR.add_working_days(wita(2026, 12, 23, 9), 3) == wita(2026, 12, 30, 9)


def test_half_a_day_is_half_of_seven_office_hours_without_lunch():
    half = Decimal("0.5")
    assert CALENDAR.add_working_days(wita(2024, 7, 29, 9), half) == wita(2024, 7, 29, 13, 30)
    assert CALENDAR.add_working_days(wita(2024, 7, 29, 15), half) == wita(2024, 7, 30, 10, 30)


def test_a_fraction_that_begins_in_the_lunch_break_waits_for_its_end():
    due_at = CALENDAR.add_working_days(wita(2024, 7, 29, 12, 20), Decimal("0.5"))
    assert due_at == wita(2024, 7, 30, 8, 30)


def test_friday_has_the_longer_lunch():
    due_at = CALENDAR.add_working_days(wita(2024, 8, 2, 11), Decimal("0.5"))
    assert due_at == wita(2024, 8, 2, 16)


def test_a_fraction_over_a_weekend_goes_on_on_monday():
    due_at = CALENDAR.add_working_days(wita(2024, 8, 1, 15), Decimal("1.5"))
    assert due_at == wita(2024, 8, 5, 10, 30)


def test_working_days_between_counts_office_time_only():
    assert CALENDAR.working_days_between(wita(2024, 7, 29, 8), wita(2024, 7, 29, 16)) == Decimal(
        "1.00"
    )
    assert CALENDAR.working_days_between(wita(2024, 7, 29, 12), wita(2024, 7, 29, 13)) == Decimal(
        "0.00"
    )
    assert CALENDAR.working_days_between(wita(2024, 8, 2, 16), wita(2024, 8, 5, 8)) == 0


def test_working_days_between_is_negative_backwards():
    a_at, b_at = wita(2024, 7, 29, 9), wita(2024, 7, 31, 11)
    forwards = CALENDAR.working_days_between(a_at, b_at)
    assert forwards == Decimal("2.29")
    assert CALENDAR.working_days_between(b_at, a_at) == -forwards


def test_days_left_counts_local_dates():
    due_at = wita(2024, 8, 1, 12, 57, 45)
    assert CALENDAR.days_left(wita(2024, 7, 29, 12, 57, 45), due_at) == 3
    assert CALENDAR.days_left(wita(2024, 8, 1, 8), due_at) == 0
    assert CALENDAR.days_left(wita(2024, 8, 1, 15), due_at) == 0
    assert CALENDAR.days_left(wita(2024, 8, 2, 8), due_at) == -1
    assert CALENDAR.days_left(wita(2024, 8, 4, 8), due_at) == -1
    assert CALENDAR.days_left(wita(2024, 8, 6, 8), due_at) == -3


def test_days_left_leaves_out_holidays_and_long_spans_agree_with_counting():
    assert CALENDAR.days_left(wita(2026, 12, 23, 9), wita(2026, 12, 30, 9)) == 3
    now, due_at = wita(2026, 1, 1, 9), wita(2027, 1, 1, 9)
    counted = sum(
        CALENDAR.is_working_day(date.fromordinal(number))
        for number in range(date(2026, 1, 2).toordinal(), date(2027, 1, 1).toordinal() + 1)
    )
    assert CALENDAR.days_left(now, due_at) == counted
    assert CALENDAR.days_left(due_at, now) == -counted


def test_is_working_day():
    assert CALENDAR.is_working_day(date(2024, 7, 29))
    assert not CALENDAR.is_working_day(date(2024, 7, 28))
    assert not CALENDAR.is_working_day(date(2026, 12, 24))


def test_the_office_and_its_zone_are_the_default():
    calendar = WorkCalendar({})
    start_at = datetime(2024, 7, 29, 12, 57, 45, tzinfo=ZONE)
    assert calendar.add_working_days(start_at, 3) == datetime(2024, 8, 1, 12, 57, 45, tzinfo=ZONE)


@pytest.mark.parametrize("days", [-1, Decimal("-0.5")])
def test_a_deadline_behind_its_start_is_refused(days):
    with pytest.raises(ValueError, match="ahead"):
        WorkCalendar({}).add_working_days(datetime(2024, 7, 29, 9, tzinfo=ZONE), days)


def test_the_running_count_agrees_with_the_walk():
    """Any two instants of two months, whatever the hour, Fridays and holidays among them."""
    holidays = {date(2024, 8, 16): "Libur", date(2024, 8, 19): "Libur"}
    calendar = WorkCalendar(holidays)
    clock = OfficeClock(calendar, date(2024, 7, 20), date(2024, 9, 20))
    begin = int(datetime(2024, 7, 25, tzinfo=UTC).timestamp())
    instants = [begin + number * 97 * 61 for number in range(700)]
    for number, first in enumerate(instants):
        second = instants[(number * 7 + 3) % len(instants)]
        first, second = min(first, second), max(first, second)
        walked = calendar.working_days_between(
            datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(second, UTC)
        )
        counted = Decimal(clock.at(second) - clock.at(first)) / clock.full_day_seconds
        assert abs(walked - counted) <= Decimal("0.005"), (first, second)


def test_the_running_count_is_clamped_to_its_days():
    clock = OfficeClock(WorkCalendar({}), date(2024, 7, 1), date(2024, 7, 5))
    assert clock.at(0) == 0
    after = int(datetime(2024, 7, 7, tzinfo=UTC).timestamp())
    # Four full days and a Friday, whose lunch is half an hour longer.
    assert clock.at(after) == 4 * 7 * 3600 + 6 * 3600 + 1800
