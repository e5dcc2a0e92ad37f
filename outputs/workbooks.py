"""Tables as spreadsheets: typed cells, no formula from anybody's text, constant memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import ModelSelect

from models import Request, User
from moves.catalogue import flow_of
from moves.clock import latest_told
from rules.formats import local, moment
from rules.statuses import ENDED_STATUSES, LABELS

if TYPE_CHECKING:  # Half a tenth of a second that a web process needn't wait for.
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767


@dataclass(frozen=True)
class Column:
    """A column; `kind` is text, date (with its time), day, integer, number or money."""

    title: str
    width: int
    kind: str = "text"


CUSTOMER_COLUMNS = (
    Column("NO", 6, "integer"),
    Column("NO PERMINTAAN LAYANAN", 24),
    Column("KLASIFIKASI LAYANAN", 40),
    Column("PELANGGAN", 28),
    Column("PERIHAL", 40),
    Column("TANGGAL PENGAJUAN", 20, "date"),
    Column("TANGGAL MAX PROSES", 24, "date"),
    Column("STATUS LAYANAN", 60),
)


def write_customer_list(requests: ModelSelect, *, title: str) -> bytes:
    """A customer's own list as a spreadsheet, with the columns of the page."""
    return write_table(title, CUSTOMER_COLUMNS, _customer_rows(requests))


def write_table(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    foot: Sequence[Sequence[object]] = (),
) -> bytes:
    """One sheet with these columns and rows, and under them the rows of `foot`, set apart."""
    # Here and not above, as in `outputs.papers.documents`.
    import xlsxwriter

    from outputs.safe_sheet import SAFE, add_sheet

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**SAFE, "in_memory": False}) as book:
        _write_table(book, add_sheet(book, title[:31]), columns, rows, foot)
    return buffer.getvalue()


def _customer_rows(requests: ModelSelect) -> Iterator[list[object]]:
    for index, request in enumerate(requests.iterator(), start=1):
        stage, at = latest_stage(request)
        state = LABELS[request.status].title
        yield [
            index,
            request.number or "-",
            flow_of(request).title_of(request.subclass_code),
            request.customer.name,
            request.subject,
            request.submitted_at,
            latest_told(request) if request.is_open else process_limit(request),
            " · ".join(dict.fromkeys((state, stage, moment(at)))),
        ]


def latest_stage(request: Request) -> tuple[str, datetime]:
    """The last stage that is done, in the office's words, and when; or how the request ended."""
    if request.status in ENDED_STATUSES:
        return LABELS[request.status].title, request.closed_at
    flow = flow_of(request)
    position = flow.position(request.stage_code)
    if request.is_open:
        return flow.stages[max(0, position - 1)].title, request.stage_entered_at
    return flow.stages[position].title, request.closed_at


def process_limit(request: Request) -> str:
    """“TANGGAL MAX PROSES” as the manual has it; a dash for what ended without being done."""
    if request.is_open:
        return moment(latest_told(request))
    return "-" if request.status in ENDED_STATUSES else "selesai"


def _write_table(
    book: Workbook,
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    foot: Sequence[Sequence[object]] = (),
) -> None:
    from outputs.safe_sheet import AS_TEXT, DAY, MOMENT, lines_of

    head = book.add_format(
        {
            "bold": True,
            "bg_color": "#0B3D6E",
            "font_color": "#FFFFFF",
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
        }
    )
    formats = {
        "date": book.add_format({"num_format": MOMENT, "valign": "top", "align": "left"}),
        "day": book.add_format({"num_format": DAY, "valign": "top", "align": "left"}),
        "number": book.add_format({"num_format": "0.00", "valign": "top"}),
        "money": book.add_format({"num_format": "#,##0", "valign": "top"}),
        "integer": book.add_format({"num_format": "0", "valign": "top", "align": "center"}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": AS_TEXT}),
    }
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(0, number, column.title, head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write_value(sheet, last, number, column.kind, value, formats[column.kind])
        sheet.fit_row(
            last,
            max(
                (
                    lines_of(str(value)[:LONGEST_CELL], column.width)
                    for column, value in zip(columns, row, strict=True)
                    if column.kind == "text" and value
                ),
                default=1,
            ),
        )
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
    bold = {
        "money": book.add_format({"num_format": "#,##0", "bold": True, "top": 1}),
        "text": book.add_format({"bold": True, "top": 1, "num_format": AS_TEXT}),
    }
    for below, cells in enumerate(foot, start=last + 1):
        for number, (column, value) in enumerate(zip(columns, cells, strict=True)):
            kind = "text" if isinstance(value, str) else column.kind
            _write_value(sheet, below, number, kind, value, bold.get(kind, bold["money"]))


def _write_value(
    sheet: Worksheet, row: int, column: int, kind: str, value: Any, style: Format
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        # Also the words that stand where a date or a number can't.
        sheet.write_string(row, column, value[:LONGEST_CELL], style)
    elif kind == "date":
        sheet.write_datetime(row, column, local(value), style)
    elif kind == "day":
        sheet.write_datetime(row, column, value, style)
    elif kind in ("integer", "number", "money"):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_CELL], style)


def with_customer(requests: ModelSelect) -> ModelSelect:
    """Join the customer that every row shows."""
    return (
        requests.select_extend(User)
        .join(User, on=Request.customer)
        .order_by(Request.submitted_at.desc(), Request.id.desc())
    )
