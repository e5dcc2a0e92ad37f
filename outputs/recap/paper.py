"""The recap on paper: a landscape table under the letterhead."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outputs.recap.order import PDF, PDF_ROWS, Order, TooMuch, reason_against
from outputs.recap.rows import DATE, DAY, INTEGER, NOTHING, NUMBER, Column, Reading, Tally
from outputs.sheet import Line, Sheet
from rules.formats import day, decimal_id, moment_short, rupiah

NUMBER_SHARE = 8
# Where paper needs other widths than a sheet: a number and a day stay on one line each.
SHARES = {
    "number": 34,
    "service": 32,
    "customer": 28,
    "institution": 30,
    "subject": 40,
    "submitted": 24,
    "accepted": 24,
    "due": 24,
    "done": 24,
    "closed": 24,
    "days": 16,
    "on_time": 16,
    "status": 26,
    "channel": 16,
    "urgent": 22,
    "free": 16,
    "revision": 16,
}


def write_pdf(order: Order, path: Path) -> Tally:
    """A landscape table under the letterhead. Raises TooMuch."""
    query = order.query()
    columns = len(order.choice.columns)
    if reason := reason_against(PDF, columns, query.limit(PDF_ROWS + 1).count()):
        raise TooMuch(reason)
    reading = Reading(query, order.choice.columns, told=order.told)
    sheet = Sheet(
        "Rekap Layanan", reference=order.number, check_url=order.check_url, landscape=True
    )
    sheet.heading("Rekap Layanan", f"Nomor: {order.number}")
    sheet.facts(order.about(), label_width=40)
    sheet.ruled(
        [NUMBER_SHARE, *(SHARES.get(column.code, column.width) for column in reading.columns)],
        _paper_rows(reading),
        heads=["No", *(column.title.capitalize() for column in reading.columns)],
    )
    tally = reading.tally
    if not tally.total:
        sheet.gap(3)
        sheet.paragraph(NOTHING)
    sheet.section("Jumlah")
    timely = f"{decimal_id(100 * tally.on_time / tally.finished, 1)} %" if tally.finished else ""
    sheet.facts(
        [
            ("Permohonan", decimal_id(tally.total, 0)),
            ("Selesai dikerjakan", decimal_id(tally.finished, 0)),
            ("Tepat waktu", timely),
            *(
                [("Tagihan", rupiah(tally.billed)), ("Diterima", rupiah(tally.received))]
                if reading.reads_bills
                else []
            ),
        ],
        label_width=40,
    )
    sheet.output(str(path))
    return tally


def _paper_rows(reading: Reading) -> Iterator[list[list[Line]]]:
    for number, cells in enumerate(reading.rows(), start=1):
        texts = [str(number), *map(_paper, reading.columns, cells)]
        yield [[Line(text, is_small=True)] for text in texts]


def _paper(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == DATE:
        return moment_short(datetime.fromtimestamp(value, UTC)).removesuffix(" WITA")
    if column.kind == DAY:
        return day(value)
    if column.kind == INTEGER:
        return decimal_id(value, 0)
    return decimal_id(value) if column.kind == NUMBER else str(value)
