"""The sheet of what was left, came in and was finished, ready to be handed in by itself."""

from collections.abc import Mapping

from outputs.recap.backlog import HEADS, NOTE, read_backlog
from outputs.recap.columns import INTEGER
from outputs.recap.data_sheet import write_signers, write_title
from outputs.recap.order import Order
from outputs.recap.signers import signers_of
from outputs.safe_sheet import LINE, SafeSheet

WIDTHS = (22, 40, 14, 14, 14, 16, 14)
# A century by months.
MOST_MONTHS = 1200


def write_backlog(sheet: SafeSheet, order: Order, styles: Mapping) -> None:
    """A row per month and service, with the sums of each month, and of all of them."""
    for number, width in enumerate(WIDTHS):
        sheet.set_column(number, number, width)
    row = write_title(sheet, order, "SISA AWAL – MASUK – SELESAI – SISA AKHIR", WIDTHS, styles)
    sheet.freeze_panes(row + 1, 2)
    sheet.repeat_rows(row)
    sheet.set_row(row, 2 * LINE)
    for column, name in enumerate(("Bulan", "Layanan", *HEADS)):
        sheet.write_string(row, column, name, styles["head" if column < 2 else "head_right"])
    backlog = read_backlog(order.choice, order.reader, list(order.flows))
    for line in backlog.lines(order.titles, most_months=MOST_MONTHS):
        row += 1
        words, figures = ("sum", "sum_figure") if line.is_sum else ("text", INTEGER)
        sheet.write_string(row, 0, line.when, styles[words])
        sheet.write_string(row, 1, line.service, styles[words])
        for column, figure in enumerate(line.balance.figures, start=2):
            sheet.write_number(row, column, figure, styles[figures])
    sheet.write_string(row + 2, 0, NOTE, styles["plain"])
    if of := order.choice.left_aside():
        words = f"Saringan {', '.join(of)} tidak berlaku pada lembar ini."
        sheet.write_string(row + 3, 0, words, styles["plain"])
    write_signers(sheet, row + 5, signers_of(order), WIDTHS, styles)
