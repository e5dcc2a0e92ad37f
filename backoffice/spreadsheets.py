"""Reading a small spreadsheet (xlsx or CSV) that a person of the office filled in."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice

MOST_ROWS = 500
MOST_BYTES = 1_000_000
# The last line of a sheet of Excel.
LAST_LINE = 1_048_576
# What the parts of an xlsx may come to once unpacked: ours come to a few kilobytes, and reading a
# megabyte of the worst takes a second.
MOST_UNPACKED = 4_000_000
LONGEST_CELL = 500
MOST_DIGITS = 15
# Under this key a row tells which line of the file it is, as Excel numbers them.
LINE = "#"
# Stands for a cell that holds a formula. The sign is from the range that means nothing by itself.
FORMULA = "\ue000rumus"


class BadSpreadsheet(ValueError):
    """A file that can't be read as the table we expect; the text is a sentence for the reader."""


def read_table(
    content: bytes, headings: Sequence[str], optional: Sequence[str] = ()
) -> list[dict[str, str]]:
    """The rows under a line of headings: heading -> text, and LINE; blank rows left out.

    An `optional` column that isn't there is missing from every row. Headings are compared without
    regard to case, in any order; others are ignored. Dates come as `2026-11-25`, formulas as
    FORMULA. Raises BadSpreadsheet.
    """
    if len(content) > MOST_BYTES:
        raise BadSpreadsheet("Berkas terlalu besar; paling besar 1 MB.")
    found = _lines_of_workbook(content) if content[:2] == b"PK" else _lines_of_csv(content)
    # One more than may be, after the headings, to know that there are more.
    filled = list(islice(found, MOST_ROWS + 2))
    if not filled:
        raise BadSpreadsheet("Berkas ini kosong.")
    names = [cell.strip().casefold() for cell in filled[0][1]]
    missing = [heading for heading in headings if heading.casefold() not in names]
    if missing:
        raise BadSpreadsheet(f"Kolom yang tidak ditemukan di baris pertama: {', '.join(missing)}.")
    known = [*headings, *(heading for heading in optional if heading.casefold() in names)]
    places = {heading: names.index(heading.casefold()) for heading in known}
    if len(filled) > MOST_ROWS + 1:
        raise BadSpreadsheet(f"Terlalu banyak baris; paling banyak {MOST_ROWS}.")
    return [
        {
            heading: row[at].strip()[:LONGEST_CELL] if at < len(row) else ""
            for heading, at in places.items()
        }
        | {LINE: str(line)}
        for line, row in filled[1:]
    ]


def formula_in(row: Mapping[str, str]) -> str:
    """A sentence about the columns that hold a formula instead of a value; empty without any."""
    if wrong := [heading for heading, text in row.items() if text == FORMULA]:
        return f"Kolom {', '.join(wrong)} berisi rumus. Tulis nilainya, bukan rumus."
    return ""


def without_formulas(row: Mapping[str, str], *headings: str) -> list[str]:
    """What these columns hold, for people to read."""
    return ["(rumus)" if row[heading] == FORMULA else row[heading] for heading in headings]


def _lines_of_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line of the first sheet that isn't blank.

    What a formula came to isn't read: who filled the line may not know it.
    """
    # Here and not above: what reads workbooks weighs some megabytes, and is needed once a year.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise BadSpreadsheet("Berkas terlalu besar; paling besar 1 MB.")
        book = load_workbook(io.BytesIO(content), read_only=True)
        rows = book.worksheets[0].iter_rows(max_row=LAST_LINE, max_col=40)
        for line, row in enumerate(rows, start=1):
            # Some programs write a line at the very end for its height alone.
            if any(cell.value is not None for cell in row):
                cells = [FORMULA if c.data_type == "f" else _text(c.value) for c in row]
                if any(map(str.strip, cells)):
                    yield line, cells
    except BadSpreadsheet:
        raise
    # What reads them raises anything from AttributeError to zlib.error at what it doesn't expect.
    except Exception as error:
        raise BadSpreadsheet("Berkas ini bukan lembar kerja Excel (xlsx) yang utuh.") from error


def _lines_of_csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that isn't blank."""
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
        for line, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1):
            if any(map(str.strip, row)):
                yield line, row
    except csv.Error as error:
        raise BadSpreadsheet("Berkas CSV ini tidak dapat dibaca.") from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and abs(value) >= 10**MOST_DIGITS:
        # Excel keeps fifteen digits of a number: what it says of the others is made up.
        return f"{value:.5E}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
