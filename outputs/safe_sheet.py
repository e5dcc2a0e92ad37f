"""Sheets of a workbook (xlsxwriter) on which nobody's text becomes a formula or a cell."""

import re
from functools import cache

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellNumberTuple, CellStringTuple, Worksheet

SAFE = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Text that needs more than to be put between two tags.
SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|^\s|\s$|_x[0-9A-Fa-f]{4}_")
_letters = cache(xl_col_to_name)


class SafeSheet(Worksheet):
    """A sheet on which text is text, whatever it looks like; and quick, since exports are long.

    In constant memory the library takes a text between <r> and </r> for markup of its own and
    writes it as it stands: anybody could put cells and formulas into the file that way. Here
    every text is escaped. Only the innermost step is replaced; if an upgrade calls it no more,
    the test with such a text fails.
    """

    def _write_cell(self, row: int, col: int, cell) -> None:
        kind = type(cell)
        if kind is not CellNumberTuple and kind is not CellStringTuple:
            super()._write_cell(row, col, cell)
            return
        place = f'<c r="{_letters(col)}{row + 1}"'
        if cell.format is not None:
            place = f'{place} s="{cell.format._get_xf_index()}"'
        if kind is CellNumberTuple:
            self.fh.write(f"{place}><v>{cell.number:.16G}</v></c>")
            return
        text, space = cell.string, ""
        if SPECIAL.search(text):
            text = self._escape_data(self._escape_control_characters(text))
            space = ' xml:space="preserve"'
        self.fh.write(f'{place} t="inlineStr"><is><t{space}>{text}</t></is></c>')


def add_sheet(book: xlsxwriter.Workbook, name: str) -> SafeSheet:
    """A new sheet of the workbook; every sheet is made so, and prints on A4, one page wide."""
    sheet = book.add_worksheet(name, SafeSheet)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet
