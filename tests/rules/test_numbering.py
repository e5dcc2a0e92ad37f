"""The number of a request, as printed and as looked up."""

from datetime import UTC, datetime

import pytest

from rules.numbering import (
    ROMAN_MONTHS,
    format_number,
    normalise_number,
    numbers_in,
    wita_year,
)


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


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (datetime(2027, 12, 31, 15, 59, 30, tzinfo=UTC), "1/L.Data/31/XII/27"),
        (datetime(2027, 12, 31, 16, 0, 30, tzinfo=UTC), "1/L.Data/01/I/28"),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), "1/L.Data/29/II/28"),
        (datetime(2028, 2, 29, 16, 0, tzinfo=UTC), "1/L.Data/01/III/28"),
        (datetime(2027, 2, 28, 16, 0, tzinfo=UTC), "1/L.Data/01/III/27"),
        (datetime(2100, 2, 28, 16, 0, tzinfo=UTC), "1/L.Data/01/III/00"),
        (datetime(2027, 4, 30, 23, 59, 59, 999_999, tzinfo=UTC), "1/L.Data/01/V/27"),
    ],
)
def test_days_turn_at_local_midnight(at, number):
    assert format_number(1, "L.Data", at) == number
    assert normalise_number(number) == number.casefold()


def test_twelve_roman_months():
    assert len(set(ROMAN_MONTHS)) == 12


@pytest.mark.parametrize(
    "text",
    [
        "48/L.Data/29/VII/24",
        " 48 / l.data / 29 / vii / 24 ",
        "48\\L.DATA\\29\\VII\\24",
        "48/L.Data/29/VII/24\n",
        "No. 48/L.Data/29/VII/24",
        "Nomor Layanan: 48/L.Data/29/VII/24.",
        "№ 48/L.Data/29/VII/24",
        "#48/L.Data/29/VII/24",
        "(48/L.Data/29/VII/24)",
        "“48/L.Data/29/VII/24”",
        "48／L.Data／29／VII／24",
        "48∕L.Data∕29∕VII∕24",
        "48⁄L.Data⁄29⁄VII⁄24",
        "48/L.Data/29/Ⅶ/24",
        "48/L.Data/29/ⅶ/24",
        "４８/Ｌ.Data/29/VII/24",
        "48-L.Data-29-VII-24",
        "48‑L.Data‑29‑VII‑24",
        "48 L.Data 29 VII 24",
        "048/L.Data/29/7/2024",
        "48/L.\xadData/29/VII/24",
        "*48/L.Data/29/VII/24*",
        "48_L.Data_29_VII_24",
        "48//L.Data/29/VII/24/",
    ],
)
def test_people_may_type_it_in_many_ways(text):
    assert normalise_number(text) == "48/l.data/29/vii/24"


def test_invisible_marks_of_a_copied_number_are_dropped():
    assert normalise_number("\u202a48/L.Data/29\u200b/VII/24\x00") == "48/l.data/29/vii/24"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("7/L.Advis/5/I/27", "7/l.advis/05/i/27"),
        ("48/L.Data/29/VII/24/R1", "48/l.data/29/vii/24/r1"),
        ("UM 02.01-BTP/7/2026", "um02.01-btp/7/2026"),
        ("48/L.Data/29/13/24", "48/l.data/29/13/24"),
        ("tidak ada", "tidakada"),
        ("nomor", "nomor"),
        ("", ""),
        ("\u200b", ""),
    ],
)
def test_what_is_written_otherwise_stays_what_it_is(text, key):
    assert normalise_number(text) == key


@pytest.mark.parametrize("code", ["L.Data", "L.Advis", "L.Lab", "X-1", "a b"])
def test_the_key_of_a_key_is_itself(code):
    key = normalise_number(format_number(9, code, datetime(2026, 2, 3, tzinfo=UTC)))
    assert normalise_number(key) == key


@pytest.mark.parametrize(
    "text",
    [
        "Permohonan No. 48/L.Data/29/VII/24",
        "Re: 48/L.Data/29/VII/24",
        "N° 48/L.Data/29/VII/24",
        "No. Reg. 48/L.Data/29/VII/24 (Data)",
        "48-L.Data-29-VII-24.pdf",
        "48-L.Data-29-VII-24_laporan-2.pdf",
        "Ada kabar tentang 48 / L.Data / 29 / VII / 2024?",
        "48/L.Data/29/VII/24 dan 48-L.Data-29-07-24",
    ],
)
def test_a_number_is_found_with_words_around_it(text):
    assert numbers_in(text) == ["48/l.data/29/vii/24"]


@pytest.mark.parametrize(
    "text", ["", "UM 02.01-BTP/7/2026", "3 x 4", "148/29/VII/24", "1/48/L.Data/29/VII/248"]
)
def test_what_is_no_number_is_not_found(text):
    assert numbers_in(text) == []


def test_several_numbers_come_in_order():
    text = "49/L.Lab/1/8/2026, lalu 48/L.Data/29/VII/24"
    assert numbers_in(text) == ["49/l.lab/01/viii/26", "48/l.data/29/vii/24"]
