"""The recap as a file, in constant memory; the CSV itself."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from outputs.recap.columns import DATE, DAY, NUMBER, Column
from outputs.recap.order import CSV, PDF, Order
from outputs.recap.rows import Reading, Tally
from rules.formats import ZONE

# What a spreadsheet would take for the beginning of a formula.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_file(kind: str, order: Order, path: Path) -> Tally:
    """Write the export to `path`; return what it holds. Raises TooMuch."""
    if kind == CSV:
        return write_csv(order, path)
    # Each library weighs some twenty megabytes that the other formats needn't carry.
    if kind == PDF:
        from outputs.recap.paper import write_pdf

        return write_pdf(order, path)
    from outputs.recap.workbook import write_workbook

    return write_workbook(order, path)


def write_csv(order: Order, path: Path) -> Tally:
    """Semicolons and decimal commas, as an Indonesian Excel reads them, with a BOM for UTF-8."""
    reading = Reading(order.query(), order.choice.columns, told=order.told)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["NO", *(column.title for column in reading.columns)])
        for number, cells in enumerate(reading.rows(), start=1):
            pairs = zip(reading.columns, cells, strict=True)
            writer.writerow([number, *(_plain(column, value) for column, value in pairs)])
    return reading.tally


def _plain(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == DATE:
        return _local_text(value)
    if column.kind == DAY:
        return value.isoformat()
    if column.kind == NUMBER:
        return f"{value:.2f}".replace(".", ",")
    return harmless(str(value))


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula when it opens a CSV.

    A mark before it keeps it text (OWASP, CSV injection); the lone dash of “nothing” is no
    formula and stays.
    """
    return f"'{text}" if text.lstrip(" ").startswith(ACTIVE) and text != "-" else text


def _local_text(second: int) -> str:
    return f"{datetime.fromtimestamp(second, ZONE):%Y-%m-%d %H:%M:%S}"
