"""Only for speed: "recap, xlsx" (1.3 without it, see docs/adr/0011-speed.md)."""

from collections.abc import Sequence

from xlsxwriter.format import Format

from outputs.safe_sheet import SafeSheet, cells_of


def write_line(
    sheet: SafeSheet, row: int, cells: Sequence[tuple[int, str | float, Format]], *, lines: int = 1
) -> None:
    """Write a whole row of (column, text or number, format), as tall as `lines` of text.

    The library would keep each cell for a moment and look at it four times. It gets the first one,
    a number, so that it begins the row, and finds the whole row in its place. Rows come in their
    order, below a head that is as wide, and nothing else into them.
    """
    if lines > 1:
        sheet.fit_row(row, lines)
    first, value, style = cells[0]
    sheet.write_number(row, first, value, style)
    sheet.table[row][first] = cells_of(row, cells)
