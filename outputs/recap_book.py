"""The recap as a workbook: data, summary with charts, stages, satisfaction, and what it is."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import xlsxwriter

from config.office import office
from outputs.durations import StageTimes, Stopwatch
from outputs.recap import COLUMNS, DATE, INTEGER, NUMBER, Reading, Tally, oldest_day
from outputs.recap_order import Order
from outputs.safe_sheet import SAFE, add_sheet
from outputs.skm import Results, results_of_days
from outputs.workbooks import LONGEST_CELL
from rules.formats import OFFSET
from rules.skm import ELEMENTS
from rules.statuses import LABELS
from workflow.catalogue import work_calendar

# The Unix epoch as a serial day of spreadsheets, on the office's clock.
EPOCH_SERIAL = 25569 + OFFSET / timedelta(days=1)
NO_FIGURE = "–"


NOT_SHOWN = (
    "IKM tidak ditampilkan: responden kurang dari lima, atau jawaban kelompok kecil dapat dihitung "
    "dari selisih dengan semester atau layanan lain."
)


def write_workbook(order: Order, path: Path) -> Tally:
    """Data, summary with charts, stages, satisfaction, and what the file is."""
    query = order.query()
    stopwatch = Stopwatch(work_calendar(), oldest_day(query, now=order.now), order.today)
    reading = Reading(query, order.choice.columns, stopwatch=stopwatch, told=order.told)
    options = {**SAFE, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        styles = _styles(book)
        _write_data(add_sheet(book, "Data"), reading, styles)
        _write_summary(book, add_sheet(book, "Ringkasan"), reading.tally, styles)
        times = stopwatch.times(order.flows)
        _write_stages(add_sheet(book, "Lama per Tahap"), times, order.titles, styles)
        _write_survey(add_sheet(book, "IKM"), survey_of(order), order.titles, styles)
        _write_facts(add_sheet(book, "Tentang"), order, reading.tally, styles)
    return reading.tally


def survey_of(order: Order) -> Results:
    """The satisfaction in the days that the recap covers, of its service when one is chosen."""
    span = order.choice.span(order.today)
    return results_of_days(span, order.questionnaire, service_code=order.choice.service)


def _styles(book) -> dict:
    head = {"bold": True, "bg_color": "#0B3D6E", "font_color": "#FFFFFF", "text_wrap": True,
            "valign": "vcenter", "border": 1}  # fmt: skip
    return {
        "title": book.add_format({"bold": True, "font_size": 14, "font_color": "#0B3D6E"}),
        "head": book.add_format(head),
        "label": book.add_format({"bold": True, "bg_color": "#E8EEF5"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        DATE: book.add_format({"num_format": "dd mmm yyyy hh:mm:ss", "valign": "top"}),
        NUMBER: book.add_format({"num_format": "0.00", "valign": "top"}),
        INTEGER: book.add_format({"num_format": "0", "valign": "top"}),
        "share": book.add_format({"num_format": "0.0%"}),
    }


def _head(sheet, row: int, names: Sequence[str], style) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, style)


def _write_data(sheet, reading: Reading, styles: Mapping) -> None:
    columns = reading.columns
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)
    sheet.set_column(0, 0, 7)
    for number, column in enumerate(columns, start=1):
        sheet.set_column(number, number, column.width)
    _head(sheet, 0, ["NO", *(column.title for column in columns)], styles["head"])
    plan = [
        (number, column.kind == "text", column.kind == DATE, styles[column.kind])
        for number, column in enumerate(columns, start=1)
    ]
    write_string, write_number, whole = sheet.write_string, sheet.write_number, styles[INTEGER]
    last = 0
    for last, cells in enumerate(reading.rows(), start=1):
        write_number(last, 0, last, whole)
        for (number, is_text, is_date, style), value in zip(plan, cells, strict=True):
            if value is None or value == "":
                continue
            if is_text:
                write_string(last, number, value[:LONGEST_CELL], style)
            elif is_date:
                write_number(last, number, value / 86_400 + EPOCH_SERIAL, style)
            else:
                write_number(last, number, value, style)
    sheet.autofilter(0, 0, max(last, 1), len(columns))


def _write_summary(book, sheet, tally: Tally, styles: Mapping) -> None:
    """Counts, with a chart beside each block; the charts point at the cells."""
    # A chart isn't cut by the edge of a page.
    sheet.fit_to_pages(1, 1)
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 1, 16)
    sheet.write_string(0, 0, f"Rekap Layanan {office().name}", styles["title"])
    sheet.write_string(2, 0, "Permohonan", styles["label"])
    sheet.write_number(2, 1, tally.total, styles[INTEGER])
    sheet.write_string(3, 0, "Selesai dikerjakan", styles["label"])
    sheet.write_number(3, 1, tally.finished, styles[INTEGER])
    sheet.write_string(4, 0, "Tepat waktu", styles["label"])
    if tally.finished:
        sheet.write_number(4, 1, tally.on_time / tally.finished, styles["share"])
    else:
        sheet.write_string(4, 1, NO_FIGURE)
    row = 6
    blocks = (
        ("Per bulan", "column", sorted(tally.per_month.items())),
        ("Per layanan", "bar", sorted(tally.per_service.items())),
        ("Per status", "bar", [
            (label.title, tally.per_status[code])
            for code, label in LABELS.items() if code in tally.per_status
        ]),
    )  # fmt: skip
    for number, (name, shape, counts) in enumerate(blocks):
        first = row + 1
        _head(sheet, row, [name, "Permohonan"], styles["head"])
        for row, (label, count) in enumerate(counts, start=first):
            sheet.write_string(row, 0, label)
            sheet.write_number(row, 1, count, styles[INTEGER])
        if counts:
            chart = _chart(book, shape, name, first, row)
            sheet.insert_chart(1 + 18 * number, 3, chart)
        row += 2


def _chart(book, shape: str, name: str, first: int, last: int):
    chart = book.add_chart({"type": shape})
    chart.add_series(
        {
            "name": name,
            "categories": ["Ringkasan", first, 0, last, 0],
            "values": ["Ringkasan", first, 1, last, 1],
            "fill": {"color": "#0B3D6E"},
            "data_labels": {"value": True},
        }
    )
    chart.set_title({"name": f"Permohonan {name.casefold()}"})
    chart.set_legend({"none": True})
    if shape == "bar":
        chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 640, "height": 330})
    return chart


def _write_stages(sheet, times: Sequence[StageTimes], titles: Mapping, styles: Mapping) -> None:
    posts = office().posts
    for column, width in enumerate((36, 6, 40, 24, 12, 14, 14, 14, 14, 18)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 3)
    sheet.repeat_rows(0)
    sheet.set_row(0, 48)
    names = ["Layanan", "No", "Tahap", "Pelaksana", "Jumlah", "Median (hari kerja balai)",
             "P90 (hari kerja balai)", "Rata-rata", "Terlama",
             "Median giliran pelanggan atau jeda (bila ada)"]  # fmt: skip
    _head(sheet, 0, names, styles["head"])
    for row, item in enumerate(times, start=1):
        sheet.write_string(row, 0, titles[item.service], styles["text"])
        sheet.write_number(row, 1, item.number, styles[INTEGER])
        sheet.write_string(row, 2, item.stage.short, styles["text"])
        post = posts.get(item.stage.role, item.stage.role)
        sheet.write_string(row, 3, post, styles["text"])
        sheet.write_number(row, 4, item.count, styles[INTEGER])
        figures = (item.ours, item.ours_p90, item.ours_mean, item.ours_longest, item.theirs)
        for column, figure in enumerate(figures, start=5):
            if figure is not None:
                sheet.write_number(row, column, figure, styles[NUMBER])


def _write_survey(sheet, results: Results, titles: Mapping, styles: Mapping) -> None:
    """The index by element, whole and per service; small groups are hidden."""
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 8, 20)
    if results.whole is None:
        sheet.write_string(0, 0, NOT_SHOWN)
        return
    columns = [("Semua layanan", results.whole)]
    columns += [(titles.get(i.code, i.code), i.ikm) for i in results.services if i.ikm]
    sheet.set_row(0, 48)
    _head(sheet, 0, ["Unsur", *(name for name, _ in columns)], styles["head"])
    lines: list[tuple[str, str, Callable]] = [
        ("Responden", INTEGER, lambda ikm: ikm.count),
        ("IKM", NUMBER, lambda ikm: float(ikm.value)),
        ("Mutu", "text", lambda ikm: f"{ikm.grade} ({ikm.label})"),
    ]
    for code, title in ELEMENTS.items():
        lines.append((f"{code} {title}", NUMBER, lambda ikm, code=code: float(ikm.elements[code])))
    for row, (name, kind, figure) in enumerate(lines, start=1):
        sheet.write_string(row, 0, name)
        for column, (_, ikm) in enumerate(columns, start=1):
            write = sheet.write_string if kind == "text" else sheet.write_number
            write(row, column, figure(ikm), styles[kind])
    sheet.write_string(len(lines) + 2, 0, "Kelompok dengan kurang dari lima responden disamarkan.")


def _write_facts(sheet, order: Order, tally: Tally, styles: Mapping) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 70)
    columns = ", ".join(COLUMNS[code].title for code in order.choice.columns)
    facts = [*order.about(), ("Jumlah baris", str(tally.total)), ("Kolom", columns)]
    for row, (label, value) in enumerate(facts):
        sheet.write_string(row, 0, label, styles["label"])
        sheet.write_string(row, 1, value, styles["text"])
