"""The book of bills, and the realisation of a year, as Excel and CSV, with their totals."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from outputs.bills.book import Choice, chosen_bills, in_states, read_chunks, state_of
from outputs.bills.realisation import Realisation
from outputs.recap.files import harmless
from outputs.workbooks import Column, write_table
from rules import bills
from rules.formats import MONTHS, ZONE
from workflow import Reader

XLSX, CSV = "xlsx", "csv"
FORMATS = {XLSX: "Excel", CSV: "CSV"}
COLUMNS = (
    Column("NO", 6, "integer"),
    Column("NO PERMINTAAN LAYANAN", 24),
    Column("PELANGGAN", 28),
    Column("INSTANSI", 30),
    Column("LAYANAN", 34),
    Column("KODE BILLING", 20),
    Column("TANGGAL TERBIT", 15, "day"),
    Column("KEDALUWARSA", 15, "day"),
    Column("KEADAAN", 20),
    # A bill stands in one of these two, so that each column adds up to its total.
    Column("TAGIHAN (Rp)", 18, "money"),
    Column("DIGANTI (Rp)", 18, "money"),
    Column("DITERIMA (Rp)", 18, "money"),
    Column("NTPN", 22),
    Column("TANGGAL BAYAR", 15, "day"),
)
BILLED, REPLACED, RECEIVED = 9, 10, 11


def write_book(
    kind: str, choice: Choice, reader: Reader, titles: dict[str, str]
) -> tuple[bytes, int]:
    """The chosen bills as a file, and how many rows it has."""
    rows = list(rows_of(choice, reader, titles))
    return _write(kind, "Buku Tagihan", COLUMNS, rows, [_total(rows)]), len(rows)


def rows_of(choice: Choice, reader: Reader, titles: dict[str, str]) -> Iterator[list[object]]:
    """The cells of each bill, the oldest first."""
    today = reader.now.astimezone(ZONE).date()
    query = in_states(chosen_bills(choice, reader), choice.states, today)
    number = 0
    for chunk in read_chunks(query):
        for bill in chunk:
            number += 1
            item, state = bill.request, state_of(bill, today)
            is_replaced = state == bills.REPLACED
            yield [
                number,
                item.number or "-",
                item.customer.name,
                item.customer.institution_name,
                titles.get(item.service_code, item.service_code),
                bill.code,
                bill.issued_at.astimezone(ZONE).date(),
                bill.expires_on,
                bills.STATES[state].title,
                None if is_replaced else bill.amount,
                bill.amount if is_replaced else None,
                bill.amount if state == bills.PAID else None,
                bill.ntpn,
                bill.paid_on,
            ]


def _total(rows: Sequence[Sequence[object]]) -> list[object]:
    total: list[object] = [None] * len(COLUMNS)
    total[1] = "JUMLAH"
    for place in (BILLED, REPLACED, RECEIVED):
        total[place] = sum(row[place] or 0 for row in rows)  # type: ignore[misc]
    return total


def write_realisation(kind: str, found: Realisation) -> bytes:
    """A row per service with its twelve months, the year, the target and what it is of that."""
    columns = [
        Column("LAYANAN", 40),
        *(Column(f"{month.upper()} (Rp)", 16, "money") for month in MONTHS),
        Column(f"JUMLAH {found.year} (Rp)", 18, "money"),
        Column("TARGET (Rp)", 18, "money"),
        Column("REALISASI (%)", 14, "number"),
    ]
    lines = [*found.lines, found.total]
    rows = [[line.title, *line.months, line.amount, line.target, line.share] for line in lines]
    return _write(kind, f"Realisasi PNBP {found.year}", columns, rows[:-1], [rows[-1]])


def _write(
    kind: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    foot: Sequence[Sequence[object]],
) -> bytes:
    if kind == XLSX:
        return write_table(title, columns, rows, foot)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow([column.title for column in columns])
    for row in (*rows, *foot):
        writer.writerow(map(_plain, row))
    # As an Indonesian Excel reads it, see `outputs.recap.files.write_csv`.
    return text.getvalue().encode("utf-8-sig")


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    return harmless(str(value))
