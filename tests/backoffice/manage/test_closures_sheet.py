"""A line of the holidays' spreadsheet is a day, a day each of a range, or refused."""

import io
from datetime import date

import pytest

from models import Holiday
from tests.backoffice.manage.closure_pages import PAGE, hidden
from tests.people import enter, post

pytestmark = pytest.mark.usefixtures("kept_calendar")
YEAR = 2033


def checked(client, *cells: str):
    lines = "TANGGAL;NAMA;JENIS;SUMBER\n" + "".join(
        f"{cell};Cuti Contoh;Cuti bersama;SKB\n" for cell in cells
    )
    upload = {"file": (io.BytesIO(lines.encode()), "kalender.csv")}
    return post(client, f"{PAGE}periksa/", upload).text


@pytest.mark.parametrize(
    "cell",
    ["17/08/2033 - 19/08/2033", "17 s.d. 19 Agustus 2033", "Rabu, 17, 18 dan 19 Agustus 2033"],
)
def test_a_range_becomes_a_row_a_day(app, people, cell):
    client = enter(app, people.administrator)
    page = checked(client, cell)
    assert page.count("Hari libur baru.") == 3
    assert post(client, f"{PAGE}terapkan/", hidden(page)).status_code == 302
    days = Holiday.select(Holiday.on).where(Holiday.title == "Cuti Contoh").order_by(Holiday.on)
    assert [row.on for row in days] == [date(YEAR, 8, day) for day in (17, 18, 19)]


def test_a_day_with_midnight_behind_it_is_a_day(app, people):
    page = checked(enter(app, people.administrator), "1/3/2033 00:00", "2033-03-02T00:00:00")
    assert page.count("Hari libur baru.") == 2
    assert "1 Mar 2033" in page and "2 Mar 2033" in page


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("17/08/2033 (perkiraan)", "Tanggal tidak terbaca"),
        ("17/08/2033 20/08/2033", "Tanggal tidak terbaca"),
        ("17/08/2033 08:30", "Tanggal tidak terbaca"),
        ("19/08/2033 - 17/08/2033", "mendahului"),
        ("01/01/2033 - 31/12/2033", "lebih dari 31 hari"),
    ],
)
def test_a_part_of_a_cell_never_counts_for_the_whole(app, people, cell, words):
    page = checked(enter(app, people.administrator), cell)
    assert words in page and "Hari libur baru." not in page


def test_a_day_of_a_range_that_is_there_already_is_told_alone(app, people):
    page = checked(enter(app, people.administrator), "18/08/2033", "17/08/2033 - 19/08/2033")
    assert page.count("Hari libur baru.") == 3
    assert page.count("Tanggal ini sudah ada pada baris sebelumnya.") == 1
