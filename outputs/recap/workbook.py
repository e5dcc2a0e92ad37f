"""The recap as a workbook: data, summary with charts, stages, satisfaction, and what it is."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format

from config.office import office
from moves.catalogue import work_calendar
from outputs.recap.backlog_sheet import write_backlog
from outputs.recap.columns import COLUMNS, INTEGER, NUMBER
from outputs.recap.data_sheet import filters_of, write_data
from outputs.recap.durations import StageTimes, Stopwatch
from outputs.recap.order import Order
from outputs.recap.rows import NOTHING, Reading, Tally, oldest_day
from outputs.recap.styles import styles_of
from outputs.safe_sheet import (
    LINE,
    MONTH_SHORT,
    PAGES,
    SAFE,
    SAME_SIZE,
    SafeSheet,
    add_sheet,
    lines_of,
)
from outputs.survey.days import results_of_days
from outputs.survey.figures import Results
from rules.formats import moment_short
from rules.skm import ELEMENTS
from rules.statuses import LABELS

NO_FIGURE = "–"


NOT_SHOWN = (
    "IKM tidak ditampilkan: responden kurang dari lima, atau jawaban kelompok kecil dapat dihitung "
    "dari selisih dengan semester atau layanan lain."
)


NO_STAGES = "Tidak ada tahap yang selesai pada permohonan yang dipilih."
NOTES = (
    ("Waktu", "Semua tanggal dan jam dalam WITA."),
    ("Lama (hari kerja)", "Waktu kerja balai; giliran pelanggan dan jeda tidak dihitung."),
    ("Median", "Separuh permohonan selesai dalam waktu ini atau lebih cepat."),
    ("P90", "Sembilan dari sepuluh permohonan selesai dalam waktu ini atau lebih cepat."),
    ("IKM", "Indeks Kepuasan Masyarakat, skala 25 sampai 100."),
)
# The margin of a page takes 255 signs in all; of a longer one nothing is printed.
LONGEST_MARGIN_TEXT = 150


def write_workbook(order: Order, path: Path) -> Tally:
    """Data, summary with charts, stages, satisfaction, and what the file is."""
    query = order.query()
    stopwatch = Stopwatch(work_calendar(), oldest_day(query, now=order.now), order.today)
    reading = Reading(query, order.choice.columns, stopwatch=stopwatch, told=order.told)
    options = {**SAFE, "tmpdir": str(path.parent)}
    with Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": "Rekap Layanan",
                "author": order.reader.user.name,
                "company": office().name,
                "created": order.now.replace(tzinfo=None),
            }
        )
        styles = styles_of(book)
        pages = write_data(_add_sheet(book, "Data", order), order, reading, styles)
        write_backlog(_add_sheet(book, "Sisa dan Selesai", order), order, styles)
        _write_summary(book, _add_sheet(book, "Ringkasan", order), order, reading.tally, styles)
        times = stopwatch.times(order.flows)
        _write_stages(_add_sheet(book, "Lama per Tahap", order), times, order.titles, styles)
        results = survey_of(order)
        _write_survey(_add_sheet(book, "IKM", order), results, order.titles, styles)
        facts = _facts(order, reading.tally, pages)
        _write_facts(_add_sheet(book, "Tentang", order), facts, styles)
    return reading.tally


def _add_sheet(book: Workbook, name: str, order: Order) -> SafeSheet:
    """A sheet that says on every printed page what it belongs to."""
    sheet = add_sheet(book, name)
    # Small, as all filters together are as long as the page is wide; a letter comes after the 8.
    head = f"&L&B{_plain(office().name, most=50)}: Rekap Layanan&R&8{_plain(filters_of(order))}"
    sheet.set_header(head, SAME_SIZE)
    made = f"&8Dibuat {moment_short(order.now)} oleh {_plain(order.reader.user.name, most=80)}"
    sheet.set_footer(f"&L{made}&C&A{PAGES}", SAME_SIZE)
    return sheet


def _plain(text: str, *, most: int = LONGEST_MARGIN_TEXT) -> str:
    """Text for the margin of a page, where an ampersand commands."""
    return (text if len(text) <= most else f"{text[: most - 1]}…").replace("&", "&&")


def survey_of(order: Order) -> Results:
    """The satisfaction in the days that the recap covers, of its service when one is chosen."""
    span = order.choice.span(order.today)
    return results_of_days(span, order.questionnaire, service_code=order.choice.service)


def _head(sheet: SafeSheet, row: int, names: Sequence[str], style: Format) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, style)


def _rule(sheet: SafeSheet, last: int, columns: int, styles: Mapping) -> None:
    """A fine line below each row, under empty cells too, without a word more in any cell."""
    if last:
        criteria = {"type": "formula", "criteria": "=TRUE", "format": styles["rule"]}
        sheet.conditional_format(1, 0, last, columns, criteria)


def _write_summary(
    book: Workbook, sheet: SafeSheet, order: Order, tally: Tally, styles: Mapping
) -> None:
    """Counts, with a chart beside each block; the charts point at the cells."""
    # A chart isn't cut by the edge of a page.
    sheet.fit_to_pages(1, 1)
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 1, 16)
    sheet.write_string(0, 0, f"Rekap Layanan {office().name}", styles["title"])
    sheet.write_string(1, 0, filters_of(order))
    sheet.write_string(3, 0, "Permohonan", styles["label"])
    sheet.write_number(3, 1, tally.total, styles[INTEGER])
    sheet.write_string(4, 0, "Selesai dikerjakan", styles["label"])
    sheet.write_number(4, 1, tally.finished, styles[INTEGER])
    sheet.write_string(5, 0, "Tepat waktu", styles["label"])
    if tally.finished:
        sheet.write_number(5, 1, tally.on_time / tally.finished, styles["share"])
    else:
        sheet.write_string(5, 1, NO_FIGURE, styles["right"])
    if not tally.total:
        sheet.write_string(7, 0, NOTHING)
        return
    row, place = 7, 2
    for name, shape, counts in _blocks(tally):
        sheet.write_string(row, 0, name, styles["head"])
        sheet.write_string(row, 1, "Permohonan", styles["head_right"])
        first = row + 1
        for row, (label, count) in enumerate(counts, start=first):
            if isinstance(label, date):
                sheet.write_datetime(row, 0, label, styles["month"])
            else:
                sheet.write_string(row, 0, label, styles["text"])
            sheet.write_number(row, 1, count, styles[INTEGER])
        chart, height = _chart(book, shape, name, first, row), _height(shape, len(counts))
        chart.set_size({"width": 660, "height": height})
        words = f"Bagan permohonan {name.casefold()}; angkanya di tabel di sebelah kiri."
        sheet.insert_chart(place, 3, chart, {"description": words})
        place += height // 20 + 2
        sheet.write_string(row + 1, 0, "Jumlah", styles["sum"])
        sheet.write_number(row + 1, 1, tally.total, styles["sum_figure"])
        row += 3


def _blocks(tally: Tally) -> list[tuple[str, str, list]]:
    """Title, shape of the chart, and (label, count) of each block."""
    statuses = [
        (label.title, tally.per_status[code])
        for code, label in LABELS.items()
        if code in tally.per_status
    ]
    return [
        ("Per bulan pengajuan", "column", _months(tally)),
        ("Per layanan", "bar", sorted(tally.per_service.items())),
        ("Per status", "bar", statuses),
    ]


def _months(tally: Tally) -> list[tuple[date, int]]:
    """Every month from the first to the last, those in which nobody asked for anything too."""
    known = [date.fromisoformat(f"{code}-01") for code in sorted(tally.per_month)]
    begin, end = (on.year * 12 + on.month - 1 for on in (known[0], known[-1]))
    months = [date(index // 12, index % 12 + 1, 1) for index in range(begin, end + 1)]
    return [(on, tally.per_month[f"{on:%Y-%m}"]) for on in months]


def _height(shape: str, bars: int) -> int:
    return 330 if shape == "column" else 90 + 34 * bars


def _chart(book: Workbook, shape: str, name: str, first: int, last: int) -> Chart:
    chart = book.add_chart({"type": shape})
    chart.add_series(
        {
            "name": name,
            "categories": ["Ringkasan", first, 0, last, 0],
            "values": ["Ringkasan", first, 1, last, 1],
            "fill": {"color": "#0B3D6E"},
            "gap": 60,
            "data_labels": {"value": True, "num_format": "#,##0"},
        }
    )
    chart.set_title({"name": f"Permohonan {name.casefold()}", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    # Every bar says its number, so that the axis need not.
    figures = {"visible": False, "major_gridlines": {"visible": False}, "min": 0}
    if shape == "bar":
        chart.set_x_axis({**figures})
        chart.set_y_axis({"reverse": True, "major_tick_mark": "none"})
    else:
        chart.set_y_axis(figures)
        chart.set_x_axis({"text_axis": True, "num_format": MONTH_SHORT, "major_tick_mark": "none"})
    return chart


def _write_stages(
    sheet: SafeSheet, times: Sequence[StageTimes], titles: Mapping, styles: Mapping
) -> None:
    posts = office().posts
    names = {
        "Layanan": 38,
        "No": 5,
        "Tahap": 34,
        "Pelaksana": 26,
        "Jumlah": 10,
        "Median (hari kerja balai)": 14,
        "P90 (hari kerja balai)": 14,
        "Rata-rata": 11,
        "Terlama": 11,
        "Median giliran pelanggan atau jeda (bila ada)": 21,
    }
    for column, width in enumerate(names.values()):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 3)
    sheet.repeat_rows(0)
    sheet.set_row(0, 3 * LINE)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, styles["head" if column < 4 else "head_right"])
    for row, item in enumerate(times, start=1):
        sheet.write_string(row, 0, titles[item.service], styles["text"])
        sheet.write_number(row, 1, item.number, styles["count"])
        sheet.write_string(row, 2, item.stage.short, styles["text"])
        post = posts.get(item.stage.role, item.stage.role)
        sheet.write_string(row, 3, post, styles["text"])
        sheet.write_number(row, 4, item.count, styles[INTEGER])
        figures = (item.ours, item.ours_p90, item.ours_mean, item.ours_longest, item.theirs)
        for column, figure in enumerate(figures, start=5):
            if figure is not None:
                sheet.write_number(row, column, figure, styles[NUMBER])
    if not times:
        sheet.write_string(1, 0, NO_STAGES)
    _rule(sheet, len(times), len(names) - 1, styles)


def _write_survey(sheet: SafeSheet, results: Results, titles: Mapping, styles: Mapping) -> None:
    """The index by element, whole and per service; small groups are hidden."""
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 8, 20)
    if results.whole is None:
        sheet.set_column(0, 0, 110)
        sheet.set_row(0, 2 * LINE)
        sheet.write_string(0, 0, NOT_SHOWN, styles["text"])
        return
    columns = [("Semua layanan", results.whole)]
    columns += [(titles.get(i.code, i.code), i.ikm) for i in results.services if i.ikm]
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 3 * LINE)
    sheet.write_string(0, 0, "Unsur", styles["head"])
    for column, (name, _) in enumerate(columns, start=1):
        sheet.write_string(0, column, name, styles["head_right"])
    lines: list[tuple[str, str, Callable]] = [
        ("Responden", INTEGER, lambda ikm: ikm.count),
        ("IKM", NUMBER, lambda ikm: float(ikm.value)),
        ("Mutu", "right", lambda ikm: f"{ikm.grade} ({ikm.label})"),
    ]
    for code, title in ELEMENTS.items():
        lines.append((f"{code} {title}", NUMBER, lambda ikm, code=code: float(ikm.elements[code])))
    for row, (name, kind, figure) in enumerate(lines, start=1):
        sheet.write_string(row, 0, name, styles["text"])
        for column, (_, ikm) in enumerate(columns, start=1):
            write = sheet.write_string if kind == "right" else sheet.write_number
            write(row, column, figure(ikm), styles[kind])
    _rule(sheet, len(lines), len(columns), styles)
    note = "Kelompok dengan kurang dari lima responden disamarkan."
    sheet.write_string(len(lines) + 2, 0, note)


def _facts(order: Order, tally: Tally, pages: int) -> list[tuple[str, str | int]]:
    titles = ", ".join(COLUMNS[code].title for code in order.choice.columns)
    paper = "A4 mendatar, selebar satu halaman."
    if pages > 1:
        paper = (
            f"Lembar Data selebar {pages} halaman A4 mendatar, nomor diulang di tiap halaman. "
            "Dengan kolom lebih sedikit, lembar ini muat selebar satu halaman."
        )
    return [
        *order.about(),
        ("Jumlah baris", tally.total),
        ("Kolom", titles),
        ("Cetak", paper),
        *NOTES,
    ]


def _write_facts(sheet: SafeSheet, facts: Sequence[tuple[str, str | int]], styles: Mapping) -> None:
    width = 90
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, width)
    sheet.write_string(0, 0, "Tentang berkas ini", styles["title"])
    for row, (label, value) in enumerate(facts, start=2):
        sheet.write_string(row, 0, label, styles["label"])
        if isinstance(value, int):
            sheet.write_number(row, 1, value, styles["whole"])
            continue
        sheet.write_string(row, 1, value, styles["text"])
        sheet.fit_row(row, lines_of(value, width))
