"""Sheets of a workbook (xlsxwriter) on which nobody's text becomes a formula or a cell."""

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from html import escape
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellStringTuple, RowInfo, Worksheet

SAFE = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Text that needs more than to be put between two tags.
SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|^\s|\s$|_x[0-9A-Fa-f]{4}_")
# How a workbook writes a sign that XML can't, and what looks like one written so.
# Only its first sign is taken, since the last may begin another: `_x005F_x0041_`.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# Days and months by their Indonesian names, whatever the language of the program.
MOMENT, DAY = "[$-421]dd mmm yyyy hh:mm", "[$-421]dd mmm yyyy"
MONTH, MONTH_SHORT = "[$-421]mmmm yyyy", "[$-421]mmm yyyy"
# What is edited stays text too: “=1+1” that somebody mends is no formula afterwards.
AS_TEXT = "@"
PAGES = "&RHalaman &P dari &N"
# Margins are of one size, however small a sheet is printed.
SAME_SIZE = {"scale_with_doc": False}
LINE = 15
# A row can't be taller (409 points).
MOST_LINES = 27
# Points between the margins of an A4 that lies on its side.
PRINTED = 785
# Smaller than so, eleven points can't be read on paper.
SMALLEST_SCALE = 0.6
# Signs that are much wider or slimmer than a digit of Calibri, which columns are measured in.
WIDE, SLIM = frozenset("mwMW@%—…"), frozenset("iljtfrI.,:;'!()[]|-")
_letters = cache(xl_col_to_name)


class Written(str):
    """Cells of a row as they go into the file, each one safe already (`cells_of`)."""


class SafeSheet(Worksheet):
    """A sheet on which text is text, whatever it looks like.

    In constant memory the library takes a text between <r> and </r> for markup of its own and
    writes it as it stands: anybody could put cells and formulas into the file that way. Here
    every text is escaped. Only the innermost steps are replaced; if an upgrade calls them no
    more, the tests with such a text and with a long one fail.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int, int] = {}

    def fit_row(self, row: int, lines: int) -> None:
        """Make a row as tall as its longest text, which not every program does by itself.

        The height isn't called the user's own, so that it is found anew when a column is widened.
        Before the next row is begun.
        """
        self._lines[row] = min(lines, MOST_LINES)

    # Private, since by its public name a height is always the user's own.
    def _write_row(
        self, row: int, spans: str | None, row_info: RowInfo | None = None, empty_row: bool = False
    ) -> None:
        if spans or row_info or empty_row:
            super()._write_row(row, spans, row_info, empty_row)
            return
        self.fh.write(_row_tag(row, self._lines.pop(row, 1)))

    # Private, since nothing public stands between a text and the file.
    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if type(cell) is Written:
            self.fh.write(cell)
        elif type(cell) is CellStringTuple:
            self.fh.write(cells_of(row, [(col, cell.string, cell.format)]))
        else:
            super()._write_cell(row, col, cell)


def cells_of(row: int, cells: Iterable[tuple[int, str | float, Format | None]]) -> Written:
    """Cells (column, value, style) as they go into the file: the one way in which text gets out."""
    number, written = row + 1, []
    for column, value, style in cells:
        # Private, since only the library knows the number of a style; 0 is what has none.
        index = style._get_xf_index() if style else 0
        place = f'<c r="{_letters(column)}{number}" s="{index}"'
        if type(value) is not str:
            written.append(f"{place}><v>{value:.16G}</v></c>")
        elif SPECIAL.search(value):
            written.append(
                f'{place} t="inlineStr"><is><t xml:space="preserve">{_escaped(value)}</t></is></c>'
            )
        else:
            written.append(f'{place} t="inlineStr"><is><t>{value}</t></is></c>')
    return Written("".join(written))


def _escaped(text: str) -> str:
    text = CONTROL.sub(lambda sign: f"_x{ord(sign[0]):04X}_", CODED.sub("_x005F_", text))
    return escape(text, quote=False)


def _row_tag(row: int, lines: int) -> str:
    height = f' ht="{lines * LINE}"' if lines > 1 else ""
    return f'<row r="{row + 1}"{height}>'


# Remembered only for speed, as lines are below: recap, xlsx 1.10 and 1.05 without
# (docs/adr/0011-speed.md).
@lru_cache(maxsize=8192)
def _breadth(piece: str) -> float:
    """How many digits wide a piece of text is, rather too wide."""
    return sum(
        1.6 if sign in WIDE else 0.63 if sign in SLIM else 1.17 if sign.isupper() else 0.98
        for sign in piece
    )


@lru_cache(maxsize=4096)
def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of this width; rather one too many than too few."""
    if "\n" in text:
        return sum(lines_of(paragraph, width) for paragraph in text.split("\n"))
    lines, used = 1, 0.0
    # Not all programs break a line after a stroke or a hyphen, or between two letters.
    for word in text.replace("/", "/ ").replace("-", "- ").split(" "):
        taken = _breadth(word)
        if used + taken > width and used:
            lines, used = lines + 1, 0.0
        used += taken + 0.4
        while used > width + 0.4:
            lines, used = lines + 1, used - width
    return lines


def add_sheet(book: xlsxwriter.Workbook, name: str) -> SafeSheet:
    """A new sheet of the workbook; every sheet is made so, and prints on A4, one page wide."""
    sheet = book.add_worksheet(name, SafeSheet)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
    sheet.set_footer(PAGES, SAME_SIZE)
    return sheet


def fit_to_paper(sheet: SafeSheet, widths: Sequence[float], *, repeated: int) -> int:
    """Print on as few pages side by side as can be read; return how many.

    The first `repeated` columns come on each of them, or else nobody knew whose row it is.
    """
    points = [(7 * width + 5) * 0.75 for width in widths]
    pages, again = 1, sum(points[:repeated])
    while (sum(points) + again * (pages - 1)) * SMALLEST_SCALE > PRINTED * pages:
        pages += 1
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0, repeated - 1)
        sheet.print_across()
    return pages
