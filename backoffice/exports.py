"""What a list shows as a file: typed cells in a workbook, or lines that no sheet computes."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from outputs.recap.files import harmless
from outputs.workbooks import MEDIA_TYPE, Column, write_table
from rules.formats import ZONE

XLSX, CSV = "xlsx", "csv"
FORMATS = {XLSX: "Excel", CSV: "CSV"}
MEDIA = {XLSX: MEDIA_TYPE, CSV: "text/csv; charset=utf-8"}


def write_list(
    kind: str, title: str, columns: Sequence[Column], lines: Iterable[Sequence[object]]
) -> bytes:
    if kind == XLSX:
        return write_table(title, columns, lines)
    return _csv(columns, lines)


def _csv(columns: Sequence[Column], lines: Iterable[Sequence[object]]) -> bytes:
    """Semicolons, as an Indonesian Excel reads them, with a BOM for UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow([column.title for column in columns])
    for line in lines:
        writer.writerow([_plain(value) for value in line])
    return file.getvalue().encode("utf-8-sig")


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else harmless(str(value))
