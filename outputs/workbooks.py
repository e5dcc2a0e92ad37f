"""Spreadsheets (xlsxwriter): typed cells, no formula from anybody's text, constant memory."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter
from peewee import ModelSelect

from catalogue import flow_of
from config.office import office
from models import Request, User
from outputs.statistics import share_words
from rules.formats import decimal_id, local, moment
from rules.skm import Ikm
from rules.statuses import LABELS

SAFE = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
LONGEST_CELL = 32_767


@dataclass(frozen=True)
class Column:
    """A column of the recap; `kind` is text, date, integer or number."""

    title: str
    width: int
    kind: str = "text"


RECAP_COLUMNS = (
    Column("NO", 6, "integer"),
    Column("NO PERMINTAAN LAYANAN", 24),
    Column("KLASIFIKASI LAYANAN", 36),
    Column("SUB-KLASIFIKASI", 22),
    Column("PELANGGAN", 28),
    Column("ASAL INSTANSI", 26),
    Column("NAMA INSTANSI", 30),
    Column("PERIHAL", 40),
    Column("TANGGAL PENGAJUAN", 20, "date"),
    Column("TANGGAL DITERIMA", 20, "date"),
    Column("TANGGAL MAX PROSES", 20, "date"),
    Column("TANGGAL SELESAI DIKERJAKAN", 22, "date"),
    Column("TANGGAL DITUTUP", 20, "date"),
    Column("LAMA (HARI KERJA)", 14, "number"),
    Column("TEPAT WAKTU", 14),
    Column("STATUS LAYANAN", 22),
    Column("TAHAP", 28),
)
CUSTOMER_COLUMNS = (
    Column("NO", 6, "integer"),
    Column("NO PERMINTAAN LAYANAN", 24),
    Column("KLASIFIKASI LAYANAN", 40),
    Column("PELANGGAN", 28),
    Column("PERIHAL", 40),
    Column("TANGGAL PENGAJUAN", 20, "date"),
    Column("TANGGAL MAX PROSES", 20, "date"),
    Column("STATUS LAYANAN", 40),
)


def write_recap(
    requests: ModelSelect,
    *,
    filters: Sequence[tuple[str, str]],
    made_by: str,
    now: datetime,
    ikm: Ikm | None,
) -> bytes:
    """The Rekap Layanan: a data sheet and a summary, from one pass over `requests`.

    `requests` must select Request with its customer joined; `filters` are (name, value) pairs
    as the person chose them.
    """
    buffer = io.BytesIO()
    tally = _Tally()
    with xlsxwriter.Workbook(buffer, {**SAFE, "in_memory": False}) as book:
        data = book.add_worksheet("Data")
        _write_table(book, data, RECAP_COLUMNS, tally.watch(_recap_rows(requests)))
        summary = book.add_worksheet("Ringkasan")
        _write_summary(book, summary, tally, filters=filters, made_by=made_by, now=now, ikm=ikm)
    return buffer.getvalue()


def write_customer_list(requests: ModelSelect, *, title: str) -> bytes:
    """A customer's own list as a spreadsheet, with the columns of the page."""
    return write_table(title, CUSTOMER_COLUMNS, _customer_rows(requests))


def write_table(title: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> bytes:
    """One sheet with these columns and rows."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**SAFE, "in_memory": False}) as book:
        _write_table(book, book.add_worksheet(title[:31]), columns, rows)
    return buffer.getvalue()


class _Tally:
    """Counts what passes by, so that the summary needs no second reading."""

    def __init__(self):
        self.per_service: Counter[str] = Counter()
        self.per_month: Counter[str] = Counter()
        self.per_status: Counter[str] = Counter()
        self.total = self.finished = self.on_time = 0

    def watch(self, rows: Iterable[tuple[Request, list[object]]]) -> Iterator[list[object]]:
        for request, row in rows:
            self.total += 1
            self.per_service[str(row[2])] += 1
            self.per_month[request.submitted_month] += 1
            self.per_status[LABELS[request.status].title] += 1
            if request.office_done_at:
                self.finished += 1
                self.on_time += request.office_done_at <= request.due_at
            yield row


def _recap_rows(requests: ModelSelect) -> Iterator[tuple[Request, list[object]]]:
    institutions = office().institutions
    for index, request in enumerate(requests.iterator(), start=1):
        flow, customer = flow_of(request), request.customer
        subclass = flow.subclass(request.subclass_code)
        category = institutions.get(customer.institution_category)
        done = request.office_done_at
        timely = "" if not done else "Ya" if done <= request.due_at else "Tidak"
        yield (
            request,
            [
                index,
                request.number or "-",
                flow.title,
                subclass.title if subclass else "",
                customer.name,
                category.title if category else "",
                customer.institution_name,
                request.subject,
                request.submitted_at,
                request.accepted_at,
                request.due_at,
                done,
                request.closed_at,
                request.office_days,
                timely,
                LABELS[request.status].title,
                flow.stage(request.stage_code).short if request.is_open else "",
            ],
        )


def _customer_rows(requests: ModelSelect) -> Iterator[list[object]]:
    for index, request in enumerate(requests.iterator(), start=1):
        flow = flow_of(request)
        state = LABELS[request.status].title
        if request.is_open:
            state = f"{state}: {flow.stage(request.stage_code).waiting}"
        yield [
            index,
            request.number or "-",
            flow.title_of(request.subclass_code),
            request.customer.name,
            request.subject,
            request.submitted_at,
            request.due_at if request.is_open else None,
            state,
        ]


def _write_table(book, sheet, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    head = book.add_format(
        {"bold": True, "bg_color": "#0B3D6E", "font_color": "#FFFFFF", "text_wrap": True,
         "valign": "vcenter", "border": 1}
    )  # fmt: skip
    formats = {
        "date": book.add_format({"num_format": "dd mmm yyyy hh:mm:ss", "valign": "top"}),
        "number": book.add_format({"num_format": "0.00", "valign": "top"}),
        "integer": book.add_format({"num_format": "0", "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 32)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(0, number, column.title, head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write_cell(sheet, last, number, column.kind, value, formats[column.kind])
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)


def _write_cell(sheet, row: int, column: int, kind: str, value: object, style) -> None:
    if value is None or value == "":
        return
    if kind == "date":
        sheet.write_datetime(row, column, local(value), style)
    elif kind in ("integer", "number"):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_CELL], style)


def _write_summary(
    book,
    sheet,
    tally: _Tally,
    *,
    filters: Sequence[tuple[str, str]],
    made_by: str,
    now: datetime,
    ikm: Ikm | None,
) -> None:
    title = book.add_format({"bold": True, "font_size": 14, "font_color": "#0B3D6E"})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1})
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 1, 40)
    sheet.write_string(0, 0, f"Rekap Layanan {office().name}", title)
    row = 2
    about = [("Dibuat pada", moment(now)), ("Dibuat oleh", made_by), *filters]
    blocks: list[tuple[str, list[tuple[str, object]]]] = [
        ("Tentang berkas ini", list(about)),
        ("Jumlah", [("Permohonan", tally.total), ("Selesai dikerjakan", tally.finished)]),
        (
            "Mutu layanan",
            [
                ("Tepat waktu", share_words(tally.on_time / tally.finished)
                 if tally.finished else "–"),
                ("IKM", f"{decimal_id(ikm.value)} ({ikm.grade}, {ikm.label})" if ikm else
                 "Responden belum cukup"),
                ("Responden survei", ikm.count if ikm else "–"),
            ],
        ),
        ("Per layanan", sorted(tally.per_service.items())),
        ("Per bulan", sorted(tally.per_month.items())),
        ("Per status", sorted(tally.per_status.items())),
    ]  # fmt: skip
    for name, rows in blocks:
        sheet.write_string(row, 0, name, head)
        sheet.write_string(row, 1, "", head)
        for label, value in rows:
            row += 1
            sheet.write_string(row, 0, str(label))
            if isinstance(value, int):
                sheet.write_number(row, 1, value)
            else:
                sheet.write_string(row, 1, str(value))
        row += 2


def with_customer(requests: ModelSelect) -> ModelSelect:
    """Join the customer that every row shows."""
    return (
        requests.select_extend(User)
        .join(User, on=Request.customer)
        .order_by(Request.submitted_at.desc(), Request.id.desc())
    )
