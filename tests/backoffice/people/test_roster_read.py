"""Files of staff as programs write them, and those that are none."""

import io
import re

import pytest
from openpyxl import Workbook

from backoffice.spreadsheets import LINE, MOST_ROWS, BadSpreadsheet, read_table
from tests.backoffice.people.roster_pages import HEADINGS, check, workbook
from tests.people import enter


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "kosong"),
        (b"%PDF-1.4 \xff", "CSV"),
        (b"PK\x03\x04 broken", "utuh"),
        (b"NAMA,EMAIL\nA,b@balai.test\n", "NO HP, POS"),
        (workbook(("NAMA",)), "EMAIL"),
        (b"x" * 1_000_001, "1 MB"),
        (b"NAMA,EMAIL,NO HP,POS\n" + b"A,a@b.test,,Penguji\n" * (MOST_ROWS + 1), "paling banyak"),
    ],
)
def test_file_that_is_no_such_table(app, people, engine, content, sentence):
    answer = check(enter(app, people.administrator), content, "petugas.csv")
    assert answer.status_code == 422
    assert sentence in answer.text


def test_csv_as_excel_writes_it_in_indonesia():
    text = '\ufeffNama;EMAIL;NO HP;POS\r\nA;a@balai.test;;"Penguji; Penyelia"\r\n'
    assert read_table(text.encode(), HEADINGS) == [
        {"NAMA": "A", "EMAIL": "a@balai.test", "NO HP": "", "POS": "Penguji; Penyelia", LINE: "2"}
    ]


def test_lines_are_numbered_as_the_spreadsheet_numbers_them(app, people):
    rows = (HEADINGS, (None,), ("A", "a@balai.test", "", "Penguji"), ("", " "), ("B", "", "", ""))
    page = check(enter(app, people.administrator), workbook(*rows)).text
    assert re.findall(r'data-label="Baris">(\d+)<', page) == ["3", "5"]
    typed = "NAMA,EMAIL,NO HP,POS\n\n,,,\nA,a@balai.test,,Penguji\n"
    assert [row[LINE] for row in read_table(typed.encode(), HEADINGS)] == ["4"]


def test_no_line_is_left_out_unseen():
    """Blank lines in between, or far away ones, don't hide how many there are."""
    line = ("A", "a@balai.test", "", "Penguji")
    with pytest.raises(BadSpreadsheet, match="paling banyak"):
        read_table(workbook(HEADINGS, *[line] * 300, (None,), *[line] * 300), HEADINGS)
    rows = [HEADINGS, *[(None,)] * 700, line]
    assert [row[LINE] for row in read_table(workbook(*rows), HEADINGS)] == ["702"]


def test_workbook_whose_first_sheet_is_a_chart_is_refused_in_words():
    book, file = Workbook(), io.BytesIO()
    book.create_chartsheet(index=0)
    book.save(file)
    with pytest.raises(BadSpreadsheet, match="utuh"):
        read_table(file.getvalue(), HEADINGS)


def test_workbook_that_unpacks_to_a_flood_is_refused():
    book = workbook(("x" * 30_000,) * 30, *[("y" * 30_000,) * 30 for _ in range(25)])
    assert len(book) < 1_000_000
    with pytest.raises(BadSpreadsheet):
        read_table(book, HEADINGS)
