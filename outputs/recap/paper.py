"""The recap on paper: a landscape table under the letterhead."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outputs.recap.backlog import HEADS, MOST_MONTHS, NOTE, read_backlog
from outputs.recap.columns import DATE, DAY, INTEGER, NUMBER, Column
from outputs.recap.order import PDF, PDF_ROWS, Order, TooMuch, reason_against
from outputs.recap.rows import NOTHING, UNNUMBERED, Reading, Tally
from outputs.recap.signers import signers_of
from outputs.sheet import Line, Sheet, Signature
from rules.formats import day, decimal_id, moment_short, rupiah

NUMBER_SHARE = 12
# Where paper needs other widths than a sheet: a number and a day stay on one line each.
SHARES = {
    "number": 42,
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
    "cause": 26,
    "status": 29,
    "received": 22,
    "channel": 16,
    "urgent": 22,
    "free": 16,
    "revision": 16,
}


def write_pdf(order: Order, path: Path) -> Tally:
    """What was left and came in, then a row for each request, their totals, and who signs.

    Raises TooMuch.
    """
    query = order.query()
    columns = len(order.choice.columns)
    if reason := reason_against(PDF, columns, query.limit(PDF_ROWS + 1).count()):
        raise TooMuch(reason)
    reading = Reading(query, order.choice.columns, told=order.told)
    rows = list(_paper_rows(reading))
    sheet = Sheet(
        "Rekap Layanan", reference=order.number, check_url=order.check_url, landscape=True
    )
    sheet.heading("Rekap Layanan", f"Kode berkas: {order.number}")
    sheet.facts(order.about(), label_width=40)
    _write_backlog(sheet, order)
    _write_rows(sheet, reading, rows, tail=_tail(sheet, order, reading, is_dry=True))
    _tail(sheet, order, reading)
    sheet.output(str(path))
    return reading.tally


def _write_backlog(sheet: Sheet, order: Order) -> None:
    backlog = read_backlog(order.choice, order.reader, list(order.flows))
    lines = backlog.lines(order.titles, most_months=MOST_MONTHS)
    rows = [
        [
            [Line(text, is_small=True, is_bold=line.is_sum)]
            for text in (
                line.when,
                line.service,
                *(decimal_id(figure, 0) for figure in line.balance.figures),
            )
        ]
        for line in lines
    ]
    sheet.ruled(
        (30, 80, 26, 26, 26, 30, 26),
        rows,
        heads=["Bulan", "Layanan", *HEADS],
        aligns="LLRRRRR",
        title="Sisa awal – masuk – selesai – sisa akhir",
        pad=1,
    )
    of = order.choice.left_aside()
    aside = f" Saringan {', '.join(of)} tidak berlaku pada tabel ini." if of else ""
    sheet.paragraph(f"{NOTE}{aside}")


def _write_rows(
    sheet: Sheet, reading: Reading, rows: Sequence[Sequence[Sequence[Line]]], *, tail: float
) -> None:
    """Those with a number, then the others in a part of their own."""
    split = len(rows) if reading.numbered is None else reading.numbered
    parts = (("Daftar permohonan", rows[:split]), (UNNUMBERED, rows[split:]))
    found = [(title, part) for title, part in parts if part]
    for number, (title, part) in enumerate(found, start=1):
        sheet.ruled(
            [NUMBER_SHARE, *(SHARES.get(column.code, column.width) for column in reading.columns)],
            part,
            heads=["No", *(column.words for column in reading.columns)],
            title=title,
            pad=1,
            tail=tail if number == len(found) else 0.0,
        )
    if not found:
        sheet.need(tail + 10)
        sheet.paragraph(NOTHING)


def _tail(sheet: Sheet, order: Order, reading: Reading, *, is_dry: bool = False) -> float:
    """The totals and the signatures; how many millimetres they take."""
    said, tally = reading.tally.in_words(), reading.tally
    if reading.reads_bills:
        said += [("Tagihan", rupiah(tally.billed)), ("Diterima", rupiah(tally.received))]
    people = [
        Signature(one.place, one.post, one.name, titles=one.titles) for one in signers_of(order)
    ]
    words = [f"{label}: {value}" for label, value in said]
    if not is_dry:
        sheet.lines(["   ·   ".join(words)])
        sheet.signatures(people)
    return 12 + sheet.signatures_height(people)


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
