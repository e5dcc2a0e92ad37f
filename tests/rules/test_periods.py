"""Semesters and years, and the instants at which local days begin and end."""

from datetime import UTC, date, datetime

import pytest

from rules.periods import (
    PRESETS,
    Period,
    Span,
    end_of,
    parse_period,
    recent_periods,
    semester_of,
    span_of,
    start_of,
)


def test_a_semester_and_a_year_know_their_days():
    assert (Period(2024, 1).first, Period(2024, 1).last) == (date(2024, 1, 1), date(2024, 6, 30))
    assert (Period(2024, 2).first, Period(2024, 2).last) == (date(2024, 7, 1), date(2024, 12, 31))
    assert (Period(2024).first, Period(2024).last) == (date(2024, 1, 1), date(2024, 12, 31))
    assert Period(2024, 2).title == "Semester II Tahun 2024"


def test_a_period_has_ended_on_the_day_after():
    assert not Period(2024, 1).has_ended(date(2024, 6, 30))
    assert Period(2024, 1).has_ended(date(2024, 7, 1))


def test_the_period_before_is_of_the_same_kind():
    assert Period(2024, 2).previous == Period(2024, 1)
    assert Period(2024, 1).previous == Period(2023, 2)
    assert Period(2024).previous == Period(2023)


@pytest.mark.parametrize("code", ["2024", "2024-S1", "2024-S2"])
def test_codes_are_read_back(code):
    period = parse_period(code)
    assert period is not None
    assert period.code == code


@pytest.mark.parametrize(
    "code", ["", "24", "2024-", "2024-S0", "2024-S3", "1999", "2100", "２０２４"]
)
def test_nonsense_is_no_period(code):
    assert parse_period(code) is None


def test_recent_periods_begin_with_the_present_one():
    codes = [period.code for period in recent_periods(date(2025, 3, 1), 3)]
    assert codes == ["2025", "2025-S1", "2024", "2024-S2", "2024-S1"]
    assert semester_of(date(2024, 7, 1)) == Period(2024, 2)


def test_a_local_day_as_instants():
    on = date(2024, 7, 29)
    assert start_of(on) == datetime(2024, 7, 28, 16, tzinfo=UTC)
    assert end_of(on) == datetime(2024, 7, 29, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("bulan-ini", (2024, 2, 1), (2024, 2, 29)),
        ("bulan-lalu", (2024, 1, 1), (2024, 1, 31)),
        ("triwulan-ini", (2024, 1, 1), (2024, 3, 31)),
        ("triwulan-lalu", (2023, 10, 1), (2023, 12, 31)),
        ("semester-ini", (2024, 1, 1), (2024, 6, 30)),
        ("semester-lalu", (2023, 7, 1), (2023, 12, 31)),
        ("tahun-ini", (2024, 1, 1), (2024, 12, 31)),
        ("tahun-lalu", (2023, 1, 1), (2023, 12, 31)),
    ],
)
def test_periods_that_move_with_the_calendar(preset, first, last):
    assert span_of(preset, date(2024, 2, 29)) == Span(date(*first), date(*last))
    assert preset in PRESETS


def test_the_last_month_of_a_year_ends_with_it():
    assert span_of("bulan-ini", date(2024, 12, 31)) == Span(date(2024, 12, 1), date(2024, 12, 31))
    assert span_of("kemarin", date(2024, 12, 31)) is None
