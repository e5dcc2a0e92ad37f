"""The number of a request, as printed and as looked up."""

from datetime import UTC, datetime

import pytest

from rules.numbering import ROMAN_MONTHS, format_number, normalise_number, wita_year


def test_the_number_of_the_manual():
    assert (
        format_number(48, "L.Data", datetime(2024, 7, 29, 5, tzinfo=UTC)) == "48/L.Data/29/VII/24"
    )


def test_day_has_two_digits_and_the_sequence_none_in_front():
    assert format_number(7, "L.Advis", datetime(2027, 1, 5, 2, tzinfo=UTC)) == "7/L.Advis/05/I/27"


def test_the_year_turns_at_local_midnight():
    last = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    first = datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC)
    assert (wita_year(last), wita_year(first)) == (2026, 2027)
    assert format_number(1, "L.Lab", last) == "1/L.Lab/31/XII/26"
    assert format_number(1, "L.Lab", first) == "1/L.Lab/01/I/27"


def test_twelve_roman_months():
    assert len(set(ROMAN_MONTHS)) == 12


@pytest.mark.parametrize(
    "text",
    [
        "48/L.Data/29/VII/24",
        " 48 / l.data / 29 / vii / 24 ",
        "48\\L.DATA\\29\\VII\\24",
        "48/L.Data/29/VII/24\n",
    ],
)
def test_people_may_type_it_in_many_ways(text):
    assert normalise_number(text) == "48/l.data/29/vii/24"


def test_invisible_marks_of_a_copied_number_are_dropped():
    assert normalise_number("\u202a48/L.Data/29\u200b/VII/24\x00") == "48/l.data/29/vii/24"
