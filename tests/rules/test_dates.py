"""A cell is a day or days as a whole, or it is refused."""

from datetime import date, timedelta

import pytest

from rules.dates import BadDate, parse_days

DAY = date(2027, 8, 17)
FOUR = [DAY + timedelta(days=number) for number in range(4)]


@pytest.mark.parametrize(
    "text",
    [
        "2027-08-17",
        "2027/08/17",
        "2027-8-17",
        "17/08/2027",
        "17/8/2027",
        "17-08-2027",
        "17.08.2027",
        "17 / 08 / 2027",
        "17‑08‑2027",
        "17 Agustus 2027",
        "17 agu 2027",
        "17 Agt. 2027",
        "17-Agu-2027",
        "17 August 2027",
        "17-Aug-2027",
        "Selasa, 17 Agustus 2027",
        "Selasa 17/08/2027",
        "17/08/2027 00:00",
        "17/8/2027 0:00:00",
        "2027-08-17T00:00:00",
        "2027-08-17 00:00:00",
        " 17/08/2027\u200b",
        "17\xa0Agustus\xa02027",
        "17/08/2027.",
    ],
)
def test_one_day(text):
    assert parse_days(text) == [DAY]


@pytest.mark.parametrize(
    "text",
    [
        "17/08/2027 - 20/08/2027",
        "17/08/2027-20/08/2027",
        "17/08/2027 – 20/08/2027",
        "17-08-2027 - 20-08-2027",
        "2027-08-17 - 2027-08-20",
        "2027-08-17 s.d. 2027-08-20",
        "2027-08-17 – 2027-08-20",
        "17 - 20 Agustus 2027",
        "17-20 Agustus 2027",
        "17–20 Agustus 2027",
        "17 s.d. 20 Agustus 2027",
        "17 s/d 20 Agustus 2027",
        "17 sampai dengan 20 Agustus 2027",
        "17 hingga 20 Agustus 2027",
        "17 Agustus - 20 Agustus 2027",
        "17 Agu 2027 - 20 Agu 2027",
        "17/08 - 20/08/2027",
        "17-20/08/2027",
        "17.08.2027 - 20.08.2027",
        "Selasa - Jumat, 17 - 20 Agustus 2027",
        "17, 18, 19, dan 20 Agustus 2027",
        "17/08/2027, 18/08/2027, 19/08/2027, 20/08/2027",
        "17 dan 18-20 Agustus 2027",
        "17/08/2027 00:00 - 20/08/2027 00:00",
    ],
)
def test_several_days_are_a_day_each(text):
    assert parse_days(text) == FOUR


def test_a_range_over_the_year_and_one_with_a_gap():
    assert parse_days("30/12/2027 - 02/01/2028") == [
        date(2027, 12, 30), date(2027, 12, 31), date(2028, 1, 1), date(2028, 1, 2)]  # fmt: skip
    assert parse_days("23, 24 dan 27 Desember 2027") == [
        date(2027, 12, day) for day in (23, 24, 27)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "besok",
        "17/08",
        "17/08/27",
        "32/08/2027",
        "29/02/2027",
        "08/17/2027",
        "17/08/2027 08:30",
        "17/08/2027 (tentatif)",
        "17/08/2027 atau 18/08/2027",
        "17/08/2027 20/08/2027",
        "17/08/2027 - ",
        "- 20/08/2027",
        "17/08/20271",
        "46616",
        "17/08/2027 - 18/08/2027 - 19/08/2027",
        "20, 17 Agustus 2027",
        "17 - 20 Agustus",
        "17 Agustus 2027 - besok",
        "17 Foo 2027",
        "2027-08-17-18",
        "20270817",
    ],
)
def test_what_isnt_a_day_as_a_whole_is_refused(text):
    with pytest.raises(BadDate, match="tidak terbaca"):
        parse_days(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20/08/2027 - 17/08/2027", "mendahului"),
        ("20 - 17 Agustus 2027", "mendahului"),
        ("01/01/2027 - 31/12/2027", "lebih dari 31 hari"),
    ],
)
def test_a_range_that_cant_be_meant(text, words):
    with pytest.raises(BadDate, match=words):
        parse_days(text)
