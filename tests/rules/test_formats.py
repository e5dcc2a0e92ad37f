"""What a person reads: WITA, Indonesian months, comma for decimals."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rules import formats

AT = datetime(2024, 7, 29, 4, 57, 45, tzinfo=UTC)  # 12:57:45 WITA


def test_moments_are_wita():
    assert formats.moment(AT) == "29 Jul 2024 12:57:45 WITA"
    assert formats.moment_short(AT) == "29 Jul 2024 12:57 WITA"


def test_days_and_months_are_indonesian():
    assert formats.day(date(2024, 8, 1)) == "1 Agu 2024"
    assert formats.weekday_day(date(2024, 8, 1)) == "Kamis, 1 Agu 2024"
    assert formats.month(2024, 7) == "Juli 2024"


def test_the_utc_evening_is_the_next_local_day():
    assert formats.day(datetime(2024, 7, 31, 17, tzinfo=UTC)) == "1 Agu 2024"
    assert formats.weekday_day(datetime(2024, 7, 31, 17, tzinfo=UTC)) == "Kamis, 1 Agu 2024"


def test_local_is_naive_for_spreadsheets():
    assert formats.local(AT) == datetime(2024, 7, 29, 12, 57, 45)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("91.48"), 2, "91,48"),
        (Decimal("1234.5"), 2, "1.234,50"),
        (Decimal("0.125"), 2, "0,13"),
        (7, 0, "7"),
    ],
)
def test_decimals_take_a_comma(value, places, text):
    assert formats.decimal_id(value, places) == text


def test_rupiah():
    assert formats.rupiah(1250000) == "Rp1.250.000"


@pytest.mark.parametrize(
    ("gender", "word"),
    [("L", "Bapak"), ("P", "Ibu"), ("", "Bapak/Ibu"), (None, "Bapak/Ibu")],
)
def test_salutation_follows_the_gender(gender, word):
    assert formats.salutation(gender) == word


def test_mask_name_hides_length_and_all_but_initials():
    assert formats.mask_name("Budi Santoso") == "B*** S***"
    assert formats.mask_name("  Budi   ") == "B***"
    assert formats.mask_name("") == ""


@pytest.mark.parametrize(
    ("size", "text"),
    [(512, "512 bita"), (1023, "1023 bita"), (1024, "1 KB"), (2048, "2 KB"),
     (1024**2 - 1, "1.024 KB"), (1024**2, "1,0 MB"),
     (1468006, "1,4 MB"), (1023 * 1024**2, "1.023,0 MB"), (1024**3, "1,0 GB"),
     (70_597_896_602, "65,7 GB"), (3 * 1024**4, "3.072,0 GB")],
)  # fmt: skip
def test_file_size(size, text):
    assert formats.file_size(size) == text


def test_due_words():
    noon = datetime(2024, 8, 1, 4, tzinfo=UTC)
    hour_later = datetime(2024, 8, 1, 5, tzinfo=UTC)
    assert formats.due_words(noon, hour_later, 2) == "2 hari kerja lagi"
    assert formats.due_words(noon, hour_later, 1) == "1 hari kerja lagi"
    assert formats.due_words(noon, hour_later, 0) == "hari ini"
    assert formats.due_words(hour_later, noon, 0) == "terlambat"
    assert formats.due_words(hour_later, noon, -3) == "terlambat 3 hari kerja"


def test_a_value_that_rounds_to_zero_has_no_sign():
    assert formats.decimal_id(Decimal("-0.001")) == "0,00"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("0.001", "1 menit kerja"),
        ("0.1", "42 menit kerja"),
        ("0.5", "4 jam kerja"),
        ("1", "1 hari kerja"),
        ("1.5", "1,5 hari kerja"),
        ("2", "2 hari kerja"),
        ("2.46", "2,5 hari kerja"),
    ],
)
def test_office_time_is_said_as_people_say_it(days, words):
    """An office day has seven hours; from a whole day on, days are said."""
    assert formats.office_time(Decimal(days), hours_per_day=Decimal(7)) == words
