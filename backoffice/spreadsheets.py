"""Reading a small spreadsheet (xlsx or CSV) that a person of the office filled in."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice

from rules.text import fold, normalise

MOST_ROWS = 500
MOST_BYTES = 1_000_000
# What the parts of an xlsx may come to once unpacked: ours come to a few kilobytes, and reading a
# megabyte of the worst takes a second.
MOST_UNPACKED = 4_000_000
# What reading costs is told by what is to be built: lines, cells and texts of theirs, whatever they
# hold. A sheet of 3,000 lines whose blank cells are coloured still passes.
MOST_LINES, MOST_CELLS, MOST_TEXTS, MOST_STYLES = 10_000, 120_000, 20_000, 20_000
MOST_ELEMENTS = 350_000
LONGEST_CELL = 500
MOST_DIGITS = 15
TOO_MUCH = (
    "Lembar kerja ini memuat terlalu banyak baris atau sel. Salin barisnya ke lembar baru, lalu "
    "unggah kembali."
)
MARKS = tuple(
    (re.compile(rb"<(?:\w+:)?" + name + rb"(?=[\s/>])"), most)
    for name, most in (
        (rb"\w+", MOST_ELEMENTS),
        (b"row", MOST_LINES),
        (b"c", MOST_CELLS),
        (b"si", MOST_TEXTS),
        (b"(?:xf|font|fill|border|numFmt|cellStyle|dxf)", MOST_STYLES),
        (b"(?:mergeCell|hyperlink|definedName|col|sheet|Override|Relationship)", MOST_STYLES),
    )
)
WORDS_IN_XML = re.compile(rb"<(?:\w+:)?(?:v|t|f)[\s>]")
# The first line by which Excel is told what parts the cells.
SEPARATOR_SAID = re.compile(r"[\ufeff\s]*\"?sep=([^\"\n])\"?[^\n]*\n", re.IGNORECASE)
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
    names = [fold(cell) for cell in filled[0][1]]
    missing = [heading for heading in headings if fold(heading) not in names]
    if missing:
        raise BadSpreadsheet(f"Kolom yang tidak ditemukan di baris pertama: {', '.join(missing)}.")
    known = [*headings, *(heading for heading in optional if fold(heading) in names)]
    places = {heading: names.index(fold(heading)) for heading in known}
    if len(filled) > MOST_ROWS + 1:
        raise BadSpreadsheet(f"Terlalu banyak baris; paling banyak {MOST_ROWS}.")
    return [
        {heading: _cell(row, at, heading, line) for heading, at in places.items()}
        | {LINE: str(line)}
        for line, row in filled[1:]
    ]


def _cell(row: Sequence[str], at: int, heading: str, line: int) -> str:
    """The text of a cell as people read it. Raises BadSpreadsheet for one that nobody would."""
    text = normalise(row[at]).strip() if at < len(row) else ""
    if len(text) > LONGEST_CELL:
        raise BadSpreadsheet(
            f"Isi kolom {heading} pada baris {line} terlalu panjang; paling banyak "
            f"{LONGEST_CELL} huruf."
        )
    return text


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
        last = _last_filled_line(content)
        book = load_workbook(io.BytesIO(content), read_only=True)
        rows = book.worksheets[0].iter_rows(max_row=last, max_col=40)
        for line, row in enumerate(rows, start=1):
            if any(cell.value is not None for cell in row):
                cells = [FORMULA if c.data_type == "f" else _text(c.value) for c in row]
                if any(map(str.strip, cells)):
                    yield line, cells
    except BadSpreadsheet:
        raise
    # What reads them raises anything from AttributeError to zlib.error at what it doesn't expect.
    except Exception as error:
        raise BadSpreadsheet("Berkas ini bukan lembar kerja Excel (xlsx) yang utuh.") from error


def _last_filled_line(content: bytes) -> int:
    """The last line of any sheet that says something. Raises BadSpreadsheet for too much to build.

    Some programs write a line at the very end for its height alone; the library makes every line
    up to it, and a line of eleven bytes costs it as much as a full one.
    """
    last = 1
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise BadSpreadsheet("Berkas terlalu besar; paling besar 1 MB.")
        for part in parts.infolist():
            text = parts.read(part)
            for mark, most in MARKS:
                if sum(1 for _ in mark.finditer(text)) > most:
                    raise BadSpreadsheet(TOO_MUCH)
            last = max(last, _last_line_with_words(text))
    if last > MOST_LINES:
        raise BadSpreadsheet(TOO_MUCH)
    return last


def _last_line_with_words(sheet: bytes) -> int:
    """By its number, or by its place where lines bear none."""
    last = place = 0
    for line in re.split(rb"<(?:\w+:)?row(?=[\s/>])", sheet)[1:]:
        head, _, cells = line.partition(b">")
        number = re.search(rb"""\br\s*=\s*["'](\d{1,7})["']""", head)
        place = int(number[1]) if number else place + 1
        if WORDS_IN_XML.search(cells):
            last = place
    return last


def _lines_of_csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that isn't blank."""
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        raise BadSpreadsheet("Simpan berkas sebagai xlsx, atau CSV dengan UTF-8.") from None
    if "\x00" in text:
        raise BadSpreadsheet("Berkas ini bukan lembar kerja Excel (xlsx) atau CSV.")
    # An old Mac ends its lines by a CR alone.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    separator, skipped = "", 0
    if said := SEPARATOR_SAID.match(text):
        separator, skipped, text = said[1], 1, text[said.end() :]
    first = next((line for line in text.split("\n") if line.strip()), "")
    # Excel writes semicolons where the comma is the decimal sign, as in Indonesia.
    separator = separator or max((",", ";", "\t"), key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    begun = 1
    try:
        for number, row in enumerate(rows, start=1):
            if any("\n" in cell and _swallows(cell, separator, len(row)) for cell in row):
                raise csv.Error
            begun = rows.line_num + 1
            if any(map(str.strip, row)):
                yield number, row
    except csv.Error as error:
        raise BadSpreadsheet(
            f'Tanda kutip (") pada baris {begun + skipped} tidak ditutup atau berdiri di tengah '
            "isi, sehingga baris sesudahnya ikut terbaca. Perbaiki, lalu unggah kembali."
        ) from error


def _swallows(cell: str, separator: str, columns: int) -> bool:
    """Whether a line within a cell looks like a line of the table: a quote was opened too early."""
    return any(line.count(separator) >= max(2, columns - 1) for line in cell.split("\n")[1:])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and abs(value) >= 10**MOST_DIGITS:
        # Excel keeps fifteen digits of a number: what it says of the others is made up.
        return f"{value:.5E}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
