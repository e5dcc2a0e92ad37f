"""Reading a small spreadsheet (xlsx or CSV) that a person of the office filled in."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from xml.etree.ElementTree import ParseError

MOST_ROWS = 500
MOST_BYTES = 1_000_000
# What the parts of an xlsx may come to once unpacked; ours come to a few kilobytes.
MOST_UNPACKED = 20_000_000
LONGEST_CELL = 500
# Stands for a cell that holds a formula. The sign is from the range that means nothing by itself.
FORMULA = "\ue000rumus"


class BadSpreadsheet(ValueError):
    """A file that can't be read as the table we expect; the text is a sentence for the reader."""


def read_table(content: bytes, headings: Sequence[str]) -> list[dict[str, str]]:
    """The rows under a line of headings: heading -> text, blank rows left out.

    Headings are compared without regard to case, in any order; others are ignored. Dates come as
    `2026-11-25`, formulas as FORMULA. Raises BadSpreadsheet.
    """
    if len(content) > MOST_BYTES:
        raise BadSpreadsheet("Berkas terlalu besar; paling besar 1 MB.")
    rows = _rows_of_workbook(content) if content[:2] == b"PK" else _rows_of_csv(content)
    if not rows:
        raise BadSpreadsheet("Berkas ini kosong.")
    names = [cell.strip().casefold() for cell in rows[0]]
    missing = [heading for heading in headings if heading.casefold() not in names]
    if missing:
        raise BadSpreadsheet(f"Kolom yang tidak ditemukan di baris pertama: {', '.join(missing)}.")
    places = {heading: names.index(heading.casefold()) for heading in headings}
    filled = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    if len(filled) > MOST_ROWS:
        raise BadSpreadsheet(f"Terlalu banyak baris; paling banyak {MOST_ROWS}.")
    return [
        {heading: row[at].strip()[:LONGEST_CELL] if at < len(row) else ""
         for heading, at in places.items()}
        for row in filled
    ]  # fmt: skip


def formula_in(row: Mapping[str, str]) -> str:
    """A sentence about the columns that hold a formula instead of a value; empty without any."""
    if wrong := [heading for heading, text in row.items() if text == FORMULA]:
        return f"Kolom {', '.join(wrong)} berisi rumus. Tulis nilainya, bukan rumus."
    return ""


def without_formulas(row: Mapping[str, str], *headings: str) -> list[str]:
    """What these columns hold, for people to read."""
    return ["(rumus)" if row[heading] == FORMULA else row[heading] for heading in headings]


def _rows_of_workbook(content: bytes) -> list[list[str]]:
    """The first sheet. What a formula came to isn't read: who filled the line may not know it."""
    # Here and not above: what reads workbooks weighs some megabytes, and is needed once a year.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise BadSpreadsheet("Berkas terlalu besar; paling besar 1 MB.")
        book = load_workbook(io.BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        rows = []
        for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=40):
            rows.append([FORMULA if cell.data_type == "f" else _text(cell.value) for cell in row])
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, TypeError,
            ParseError, OSError) as error:  # fmt: skip
        if isinstance(error, BadSpreadsheet):
            raise
        raise BadSpreadsheet("Berkas ini bukan lembar kerja Excel (xlsx) yang utuh.") from error
    return rows


def _rows_of_csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSpreadsheet("Simpan berkas sebagai xlsx, atau CSV dengan UTF-8.") from None
    if "\x00" in text:
        raise BadSpreadsheet("Berkas ini bukan lembar kerja Excel (xlsx) atau CSV.")
    first = text.split("\n", 1)[0]
    # Excel writes semicolons where the comma is the decimal sign, as in Indonesia.
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise BadSpreadsheet("Berkas CSV ini tidak dapat dibaca.") from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
