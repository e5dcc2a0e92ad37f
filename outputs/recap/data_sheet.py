"""The first sheet of the recap: letterhead, title, the rows, their totals, and who signs."""

from collections.abc import Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name

from config.office import office
from outputs.recap.columns import SUMMED_COLUMNS
from outputs.recap.order import Order
from outputs.recap.quick_lines import write_line
from outputs.recap.rows import NOTHING, UNNUMBERED, Reading, Tally
from outputs.recap.signers import Signer, signers_of
from outputs.recap.styles import SERIALS
from outputs.safe_sheet import LINE, SafeSheet, fit_to_paper, lines_of
from outputs.workbooks import LONGEST_CELL

# Narrower sheets have their head on the left: it would be cut off in the middle.
CENTRED_FROM = 100
# Signs that a signature takes on the right, and empty lines in which somebody signs.
SIGNATURE, FREE_LINES = 40, 4


def write_data(sheet: SafeSheet, order: Order, reading: Reading, styles: Mapping) -> int:
    """The sheet; return how many pages lie side by side when it is printed."""
    columns = reading.columns
    widths = [5, *(column.width for column in columns)]
    pages = fit_to_paper(sheet, widths, repeated=2)
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    head = write_title(sheet, order, "REKAP LAYANAN", widths, styles)
    sheet.freeze_panes(head + 1, 2)
    sheet.repeat_rows(head)
    sheet.set_row(head, 3 * LINE)
    for column, name in enumerate(["NO", *(column.title for column in columns)]):
        sheet.write_string(head, column, name, styles["head"])
    last = _write_rows(sheet, head, reading, styles)
    _rule(sheet, head, last, len(columns), styles)
    area = f"A{head + 2}:{xl_col_to_name(len(columns))}{max(last, head + 1) + 1}"
    sheet.ignore_errors({"number_stored_as_text": area})
    sheet.autofilter(head, 0, max(last, head + 1), len(columns))
    if last == head:
        sheet.write_string(head + 1, min(2, len(columns)), NOTHING)
        last += 1
    row = write_sums(sheet, last + 1, reading, styles)
    row = _write_totals(sheet, row + 1, reading.tally, styles)
    write_signers(sheet, row + 1, signers_of(order), widths, styles)
    return pages


def write_title(
    sheet: SafeSheet, order: Order, title: str, widths: Sequence[float], styles: Mapping
) -> int:
    """Letterhead, title and filters, over the whole width; return the row below."""
    facts, letters = office(), office().letters
    units = " – ".join((facts.parent, *letters.head.units)).upper()
    lines = [
        (units, "head_line", 16),
        (facts.name.upper(), "head_name", 18),
        (facts.address, "head_small", 18),
        (title, "title", 22),
        (filters_of(order), "head_small", 18),
    ]
    for row, (text, style, height) in enumerate(lines):
        sheet.set_row(row, height * lines_of(text, sum(widths)))
        if sum(widths) < CENTRED_FROM:
            sheet.write_string(row, 0, text, styles[style])
            continue
        sheet.merge_range(row, 0, row, len(widths) - 1, text, styles[f"{style}_centred"])
    return len(lines)


def filters_of(order: Order) -> str:
    words = order.choice.in_words(order.today, order.words)
    return "; ".join(f"{name}: {value}" for name, value in words)


def _write_rows(sheet: SafeSheet, head: int, reading: Reading, styles: Mapping) -> int:
    """Each request on a line, those without a number in a part of their own; return the last."""
    plan = [
        (
            number,
            column.kind == "text",
            column.kind,
            styles[column.kind],
            column.width,
            column.width / 1.2,
        )
        for number, column in enumerate(reading.columns, start=1)
    ]
    row, is_parted = head, False
    for count, cells in enumerate(reading.rows(), start=1):
        if reading.numbered is not None and not is_parted:
            is_parted, row = True, row + 1
            sheet.write_string(row, 0, UNNUMBERED, styles["part"])
        row += 1
        line, lines = [(0, count, styles["count"])], 1
        for (number, is_text, kind, style, width, short), value in zip(plan, cells, strict=True):
            if value is None or value == "":
                continue
            if is_text:
                value = value[:LONGEST_CELL]
                # What is short has one line, in capitals too.
                if len(value) > short or "\n" in value:
                    lines = max(lines, lines_of(value, width))
            elif kind in SERIALS:
                value = SERIALS[kind](value)
            line.append((number, value, style))
        write_line(sheet, row, line, lines=lines)
    return row


def _rule(sheet: SafeSheet, head: int, last: int, columns: int, styles: Mapping) -> None:
    """A fine line below each row, under empty cells too, without a word more in any cell."""
    if last > head:
        criteria = {"type": "formula", "criteria": "=TRUE", "format": styles["rule"]}
        sheet.conditional_format(head + 1, 0, last, columns, criteria)


def write_sums(sheet: SafeSheet, row: int, reading: Reading, styles: Mapping) -> int:
    """Under the rows what their columns of rupiah add up to; return the row below."""
    if not (reading.reads_bills and reading.tally.total):
        return row
    codes = [column.code for column in reading.columns]
    sheet.write_string(row, 0, "JUMLAH", styles["sum"])
    for code in SUMMED_COLUMNS:
        if code in codes:
            amount = getattr(reading.tally, code)
            sheet.write_number(row, codes.index(code) + 1, amount, styles["sum_figure"])
    return row + 1


def _write_totals(sheet: SafeSheet, row: int, tally: Tally, styles: Mapping) -> int:
    for label, words in tally.in_words():
        sheet.write_string(row, 1, f"{label}: {words}", styles["plain"])
        row += 1
    return row


def write_signers(
    sheet: SafeSheet,
    row: int,
    people: Sequence[Signer],
    widths: Sequence[float],
    styles: Mapping,
) -> None:
    """Side by side, the last one on the right. Line by line, as rows come in their order."""
    right = len(widths) - 1
    while right > 2 and sum(widths[right:]) < SIGNATURE:
        right -= 1
    places = [right] if len(people) == 1 else [1, right]
    said = [_lines_of(person) for person in people]
    above = max(len(lines) for lines, _ in said)
    blocks = [
        [*[""] * (above - len(lines)), *lines, *[""] * FREE_LINES, *names] for lines, names in said
    ]
    for number in range(max(map(len, blocks))):
        for column, block in zip(places, blocks, strict=True):
            if number < len(block) and block[number]:
                is_name = number == above + FREE_LINES
                style: Format = styles["signer" if is_name else "plain"]
                sheet.write_string(row + number, column, block[number], style)


def _lines_of(person: Signer) -> tuple[list[str], list[str]]:
    above = [person.place, *person.post.split("\n")]
    return above, [person.name, *person.titles]
