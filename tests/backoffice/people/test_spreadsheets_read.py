"""Tables as programs really write them: quotes, separators, marks; and those made to cost."""

import io
import time
import zipfile
from datetime import datetime

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from backoffice.spreadsheets import LINE, BadSpreadsheet, read_table

HEADINGS = ("TANGGAL", "NAMA", "JENIS")
ROWS = [("2027-08-17", "HUT RI", "nasional"), ("2027-12-25", "Natal", "nasional")]
EXPECTED = [
    dict(zip(HEADINGS, row, strict=True)) | {LINE: str(number)}
    for number, row in enumerate(ROWS, start=2)
]


def lines(separator: str = ",", end: str = "\n", head: str = "") -> str:
    return head + end.join(separator.join(row) for row in (HEADINGS, *ROWS)) + end


@pytest.mark.parametrize(
    "text",
    [
        lines(),
        lines(";"),
        lines("\t"),
        lines(";", "\r\n", "sep=;\r\n"),
        lines("|", "\n", "sep=|\n"),
        lines(";", "\r\n", '"sep=;"\r\n'),
        lines(",", "\r\n", "\ufeffSEP=,\r\n"),
        lines("\t", "\n", "sep=\t\n"),
        lines(",", "\r"),
        lines(";", "\r", "sep=;\r"),
        lines(head="\ufeff\ufeff"),
        lines(head="\ufeff\ufeff\ufeff"),
        lines().replace("NAMA", "NA\u200bMA"),
        lines().replace("TANGGAL", "\u200eTanggal\xa0"),
        lines().replace("JENIS", "\ufeffjenis\xad"),
        lines().replace("HUT RI", "HUT\u200b RI\u202c"),
        lines().replace("HUT RI", '"HUT RI"'),
        lines().replace("2027-08-17", '"2027-08-17"'),
    ],
    ids=ascii,
)
def test_csv_as_programs_write_it(text):
    assert read_table(text.encode(), HEADINGS) == EXPECTED


def test_a_line_break_in_a_cell_and_quotes_in_a_text_stay():
    text = 'TANGGAL,NAMA,JENIS\n1,"Hari ""Raya""\nkedua",x\n2,5" pipa,y\n'
    found = read_table(text.encode(), HEADINGS)
    assert [row["NAMA"] for row in found] == ['Hari "Raya"\nkedua', '5" pipa']


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('TANGGAL,NAMA,JENIS\n1,"HUT RI,nasional\n2,Natal,nasional\n', 2),
        ('TANGGAL,NAMA,JENIS\n1,a,b\n2,"Natal,nasional\n3,c,d\n4,e,f\n', 3),
        ('TANGGAL,NAMA,JENIS\n1,"HUT RI,nasional\n2,Natal,nasional\n3,Lain","x\n', 2),
        ('TANGGAL;NAMA;JENIS\n"1;HUT RI;nasional\n2;"Natal";nasional\n', 2),
        ('TANGGAL,NAMA,JENIS\n1,"HUT" RI,nasional\n', 2),
        ('"TANGGAL,NAMA,JENIS\n1,a,b\n', 1),
        ('sep=,\nTANGGAL,NAMA,JENIS\n1,"a,b\n2,c,d\n', 3),
        ('TANGGAL,NAMA,JENIS\r1,"a,b\r2,c,d\r', 2),
    ],
)
def test_an_open_quote_is_told_with_its_line(text, line):
    with pytest.raises(BadSpreadsheet, match=rf"kutip \(\"\) pada baris {line} "):
        read_table(text.encode(), HEADINGS)


def test_a_cell_is_never_cut():
    with pytest.raises(BadSpreadsheet, match="NAMA pada baris 2 terlalu panjang"):
        read_table(f"TANGGAL,NAMA,JENIS\n1,{'x' * 501},y\n".encode(), HEADINGS)


def test_a_moment_isnt_read_as_its_day():
    book, file = Workbook(), io.BytesIO()
    book.active.append(HEADINGS)
    book.active.append((datetime(2027, 8, 17), "a", "b"))
    book.active.append((datetime(2027, 8, 17, 8, 30), "a", "b"))
    book.save(file)
    found = [row["TANGGAL"] for row in read_table(file.getvalue(), HEADINGS)]
    assert found == ["2027-08-17", "2027-08-17 08:30"]


def grown(part: str, mark: bytes, more: bytes) -> bytes:
    """A good workbook with something put before a mark in one of its parts."""
    file, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((HEADINGS, *ROWS)):
            sheet.write_row(number, 0, row)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == part:
                content = content.replace(mark, more + mark)
            new.writestr(entry.filename, content)
    return out.getvalue()


SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
FAR = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "book",
    [
        grown(SHEET, b"</sheetData>", b"<row/>" * 640_000),
        grown(SHEET, b"</sheetData>", b'<row r="9">' + b"<c/>" * 640_000 + b"</row>"),
        grown(SHEET, b"</sheetData>", FAR),
        grown(TEXTS, b"</sst>", b"<si><t>x</t></si>" * 180_000),
        grown(TEXTS, b"</sst>", b"<si>" + b"<r><t>x</t></r>" * 200_000 + b"</si>"),
        grown("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 500_000),
        grown(SHEET, b"</worksheet>", b"<x/>" * 900_000),
    ],
    ids=["rows", "cells", "far", "texts", "runs", "styles", "elements"],
)
def test_a_workbook_made_to_cost_is_refused_before_it_does(book):
    assert len(book) < 30_000
    begun = time.process_time()
    with pytest.raises(BadSpreadsheet, match="terlalu banyak"):
        read_table(book, HEADINGS)
    assert time.process_time() - begun < 2


def test_a_line_at_the_very_end_for_its_height_alone_costs_nothing():
    begun = time.process_time()
    book = grown(SHEET, b"</sheetData>", b'<row r="1048576" ht="3"/>')
    assert read_table(book, HEADINGS) == EXPECTED
    assert time.process_time() - begun < 1


def test_a_sheet_whose_blank_cells_are_coloured_is_read():
    book, file = Workbook(), io.BytesIO()
    for number, row in enumerate((HEADINGS, *ROWS), start=1):
        for place, text in enumerate(row, start=1):
            book.active.cell(number, place, text)
    paint = PatternFill("solid", fgColor="FFFF00")
    for row in book.active.iter_rows(min_row=4, max_row=3000, max_col=26):
        for cell in row:
            cell.fill = paint
    book.save(file)
    assert read_table(file.getvalue(), HEADINGS) == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,  # xls of 1997
        b"<html><table><tr><td>TANGGAL</td></tr></table></html>",
        lines().encode("utf-16"),
        lines().encode("utf-16-le"),
        lines().replace("Natal", "Natal é").encode("cp1252"),
        b"%PDF-1.7\n\xff",
        b"\x1f\x8b\x08\x00gzip",
        b"{\\rtf1 TANGGAL}",
    ],
    ids=lambda content: ascii(content[:8]),
)
def test_what_is_no_table_of_ours_is_refused_with_a_way_out(content):
    with pytest.raises(BadSpreadsheet, match="xlsx|CSV|Kolom yang tidak ditemukan"):
        read_table(content, HEADINGS)


def test_figures_links_and_spaces_of_a_roster_are_read_as_text():
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(HEADINGS)
    sheet.append((6281234567890, "Nur’aini\xa0S.T.", "a@b.test"))
    sheet["C2"].hyperlink = "mailto:a@b.test"
    sheet.append((81234567890.0, "=1+1", "Cafe\u0301"))
    book.save(file)
    first, second = read_table(file.getvalue(), HEADINGS)
    assert (first["TANGGAL"], first["JENIS"]) == ("6281234567890", "a@b.test")
    assert first["NAMA"].split() == ["Nur’aini", "S.T."]
    assert (second["TANGGAL"], second["JENIS"]) == ("81234567890", "Café")
