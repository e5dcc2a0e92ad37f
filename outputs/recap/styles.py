"""How the cells of the recap look, and how days and moments are counted in them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from outputs.recap.columns import DATE, DAY, INTEGER, NUMBER
from outputs.safe_sheet import AS_TEXT, MOMENT, MONTH
from outputs.safe_sheet import DAY as DAY_FORMAT
from rules.formats import OFFSET

# The Unix epoch as a serial day of spreadsheets, on the office's clock.
# Day 1 of a sheet is the first of 1900, after which it believes in a 29 February 1900.
BEFORE_FIRST_DAY = date(1899, 12, 30).toordinal()
EPOCH_SERIAL = 25569 + OFFSET / timedelta(days=1)
# What a sheet counts days and moments by.
SERIALS: Mapping[str, Callable] = {
    DATE: lambda second: second / 86_400 + EPOCH_SERIAL,
    DAY: lambda on: on.toordinal() - BEFORE_FIRST_DAY,
}
# The lines above a sheet: who hands it in, and what it is.
HEAD_LINES: Mapping[str, dict[str, object]] = {
    "head_line": {"font_size": 11},
    "head_name": {"bold": True, "font_size": 13},
    "head_small": {"font_size": 9, "font_color": "#4B5764"},
    "title": {"bold": True, "font_size": 14, "font_color": "#0B3D6E"},
}


def styles_of(book: Workbook) -> dict[str, Format]:
    head = {
        "bold": True,
        "bg_color": "#0B3D6E",
        "font_color": "#FFFFFF",
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": "#FFFFFF",
    }
    top = {"valign": "top"}
    return {
        **{
            f"{name}{suffix}": book.add_format({**look, **place})
            for name, look in HEAD_LINES.items()
            for suffix, place in (("", {}), ("_centred", {"align": "center", "text_wrap": True}))
        },
        "plain": book.add_format({"num_format": AS_TEXT}),
        "signer": book.add_format({"num_format": AS_TEXT, "bold": True, "underline": 1}),
        "part": book.add_format({"bold": True, "italic": True}),
        "note": book.add_format({"font_color": "#4B5764", "text_wrap": True, **top}),
        "head": book.add_format(head),
        "head_right": book.add_format({**head, "align": "right", "indent": 1}),
        "label": book.add_format({"bold": True, "bg_color": "#E8EEF5", **top}),
        "text": book.add_format({"text_wrap": True, "num_format": AS_TEXT, **top}),
        "right": book.add_format({"align": "right", "indent": 1, **top}),
        "count": book.add_format({"num_format": "0", "align": "center", **top}),
        DATE: book.add_format({"num_format": MOMENT, "align": "left", **top}),
        # Not so far to the right that the next column's text touches it.
        NUMBER: book.add_format({"num_format": "0.00", "align": "right", "indent": 1, **top}),
        INTEGER: book.add_format({"num_format": "#,##0", "align": "right", "indent": 1, **top}),
        DAY: book.add_format({"num_format": DAY_FORMAT, "align": "left", **top}),
        "whole": book.add_format({"num_format": "#,##0", "align": "left", **top}),
        "month": book.add_format({"num_format": MONTH, "align": "left", **top}),
        "sum": book.add_format({"bold": True, "top": 1}),
        "sum_figure": book.add_format(
            {"bold": True, "top": 1, "num_format": "#,##0", "align": "right", "indent": 1}
        ),
        "share": book.add_format({"num_format": "0.0%", "align": "right", "indent": 1}),
        "rule": book.add_format({"bottom": 1, "border_color": "#C3CBD5"}),
    }
