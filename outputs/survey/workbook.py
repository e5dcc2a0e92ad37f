"""The workbook of a survey period: the raw matrix without identities, and how it adds up.

The sums, means and the index are formulas of ours over the numbers of the sheet, so that an
auditor can follow them; no formula is ever made of text.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import SupportsFloat

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from config.office import office
from models import ActionPlan
from outputs.safe_sheet import SAFE, add_sheet
from outputs.survey.figures import Results
from rules.formats import day, decimal_id, moment
from rules.skm import ELEMENTS, Ikm

FIRST = 4
LETTERS = '=IF({0}>=88.31,"A",IF({0}>=76.61,"B",IF({0}>=65,"C","D")))'
HIDDEN = "disamarkan"


def write_survey_book(
    results: Results,
    *,
    plans: Sequence[ActionPlan],
    statuses: Mapping[str, str],
    titles: Mapping[str, str],
    made_by: str,
    now: datetime,
) -> bytes:
    """The workbook of a period with at least five answers; raises ValueError for fewer.

    `titles` maps a service's code to its name, `statuses` a plan's status to its words.
    """
    if results.whole is None:
        raise ValueError("a workbook of fewer than five answers would tell about persons")
    buffer = io.BytesIO()
    with Workbook(buffer, {**SAFE, "in_memory": False}) as book:
        styles = _styles(book)
        _write_matrix(add_sheet(book, "Data Olahan"), results, results.whole, styles)
        _write_services(add_sheet(book, "Per Layanan"), results, results.whole, titles, styles)
        if len(results.versions) > 1:
            _write_versions(add_sheet(book, "Per Kuesioner"), results, styles)
        _write_profile(add_sheet(book, "Profil Responden"), results, styles)
        _write_plans(add_sheet(book, "Tindak Lanjut"), plans, statuses, styles)
        _write_about(add_sheet(book, "Tentang"), results, made_by, now, styles)
    return buffer.getvalue()


def _styles(book: Workbook) -> dict:
    head = {
        "bold": True,
        "bg_color": "#0B3D6E",
        "font_color": "#FFFFFF",
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
    }
    return {
        "title": book.add_format({"bold": True, "font_size": 14, "font_color": "#0B3D6E"}),
        "head": book.add_format(head),
        "label": book.add_format({"bold": True, "bg_color": "#E8EEF5"}),
        "whole": book.add_format({"num_format": "0"}),
        "four": book.add_format({"num_format": "0.0000"}),
        "two": book.add_format({"num_format": "0.00", "bold": True, "align": "right"}),
        "right": book.add_format({"align": "right"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "date": book.add_format({"num_format": "dd mmm yyyy", "valign": "top"}),
    }


def _write_head(sheet: Worksheet, row: int, names: Sequence[str], style: Format) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, style)


def _write_matrix(sheet: Worksheet, results: Results, ikm: Ikm, styles: Mapping) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(ELEMENTS), 11)
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(FIRST - 1)
    sheet.write_string(0, 0, f"Data olahan SKM {office().name}", styles["title"])
    sheet.write_string(1, 0, f"{results.period.title}. Baris adalah responden tanpa identitas.")
    _write_head(sheet, FIRST - 1, ["Responden", *ELEMENTS], styles["head"])
    row = FIRST
    for pattern, times in results.answers.all_patterns.items():
        for _ in range(times):
            sheet.write_number(row, 0, row - FIRST + 1, styles["whole"])
            for column, score in enumerate(pattern, start=1):
                sheet.write_number(row, column, int(score), styles["whole"])
            row += 1
    _write_sums(sheet, row, ikm, styles)


def _write_sums(sheet: Worksheet, row: int, ikm: Ikm, styles: Mapping) -> None:
    """Sum, mean, weighted mean and index below the matrix that ends above `row`."""
    columns = [xl_col_to_name(number) for number in range(1, len(ELEMENTS) + 1)]
    lines: tuple[tuple[str, str, Mapping[str, SupportsFloat], str], ...] = (
        ("Jumlah nilai (Σ)", "=SUM({0}{first}:{0}{last})", ikm.totals, "whole"),
        ("NRR unsur", "={0}{sum}/COUNT({0}{first}:{0}{last})", ikm.nrr, "four"),
        ("NRR tertimbang (× 1/9)", "={0}{mean}/9", ikm.weighted, "four"),
    )
    places = {"first": FIRST + 1, "last": row, "sum": row + 1, "mean": row + 2}
    for number, (label, formula, values, style) in enumerate(lines):
        sheet.write_string(row + number, 0, label, styles["label"])
        for column, (letter, code) in enumerate(zip(columns, ELEMENTS, strict=True), start=1):
            text = formula.format(letter, **places)
            sheet.write_formula(row + number, column, text, styles[style], float(values[code]))
    below = row + len(lines)
    weighted = f"B{below}:{columns[-1]}{below}"
    sheet.write_string(below, 0, "Indeks SKM (1–4)", styles["label"])
    sheet.write_formula(below, 1, f"=SUM({weighted})", styles["four"], float(ikm.mean))
    sheet.write_string(below + 1, 0, "IKM (× 25, dua desimal)", styles["label"])
    sheet.write_formula(
        below + 1, 1, f"=ROUND(SUM({weighted})*25,2)", styles["two"], float(ikm.value)
    )
    sheet.write_string(below + 2, 0, "Mutu pelayanan", styles["label"])
    sheet.write_formula(below + 2, 1, LETTERS.format(f"B{below + 2}"), styles["two"], ikm.grade)


def _write_services(
    sheet: Worksheet, results: Results, ikm: Ikm, titles: Mapping, styles: Mapping
) -> None:
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 2, 12)
    sheet.set_column(3, 3, 18)
    sheet.set_column(4, 3 + len(ELEMENTS), 10)
    _write_head(sheet, 0, ["Layanan", "Responden", "IKM", "Mutu", *ELEMENTS], styles["head"])
    named = [(titles.get(item.code, item.code), item.ikm) for item in results.services]
    for row, (name, index) in enumerate([*named, (f"{office().name} (unit)", ikm)], start=1):
        sheet.write_string(row, 0, name)
        if index is None:
            sheet.write_string(row, 1, HIDDEN, styles["right"])
            continue
        sheet.write_number(row, 1, index.count, styles["whole"])
        sheet.write_number(row, 2, float(index.value), styles["two"])
        sheet.write_string(row, 3, f"{index.grade} ({index.label})")
        for column, code in enumerate(ELEMENTS, start=4):
            sheet.write_number(row, column, float(index.elements[code]), styles["two"])


def _write_versions(sheet: Worksheet, results: Results, styles: Mapping) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 3 + len(ELEMENTS), 12)
    _write_head(sheet, 0, ["Versi", "Responden", "IKM", "Mutu", *ELEMENTS], styles["head"])
    for row, item in enumerate(results.versions, start=1):
        sheet.write_string(row, 0, item.name)
        if item.ikm is None:
            sheet.write_string(row, 1, HIDDEN)
            continue
        sheet.write_number(row, 1, item.ikm.count, styles["whole"])
        sheet.write_number(row, 2, float(item.ikm.value), styles["two"])
        sheet.write_string(row, 3, f"{item.ikm.grade} ({item.ikm.label})")
        for column, code in enumerate(ELEMENTS, start=4):
            sheet.write_number(row, column, float(item.ikm.elements[code]), styles["two"])


def _write_profile(sheet: Worksheet, results: Results, styles: Mapping) -> None:
    sheet.set_column(0, 1, 28)
    sheet.set_column(2, 2, 14)
    _write_head(sheet, 0, ["Ciri", "Pilihan", "Responden"], styles["head"])
    row = 0
    for table in results.profile:
        for option, count in table.rows:
            row += 1
            sheet.write_string(row, 0, table.label)
            sheet.write_string(row, 1, option)
            if count is None:
                sheet.write_string(row, 2, HIDDEN, styles["right"])
            else:
                sheet.write_number(row, 2, count, styles["whole"])


def _write_plans(
    sheet: Worksheet, plans: Sequence[ActionPlan], statuses: Mapping[str, str], styles: Mapping
) -> None:
    for column, width in enumerate((40, 50, 16, 28, 18, 40)):
        sheet.set_column(column, column, width)
    names = ["Unsur", "Program", "Waktu", "Penanggung jawab", "Status", "Catatan"]
    _write_head(sheet, 0, names, styles["head"])
    if not plans:
        sheet.write_string(1, 0, "Belum ada rencana tindak lanjut.")
    for row, plan in enumerate(plans, start=1):
        wrap = styles["wrap"]
        sheet.write_string(row, 0, f"{plan.element} {ELEMENTS[plan.element]}", wrap)
        sheet.write_string(row, 1, plan.program, wrap)
        sheet.write_datetime(row, 2, plan.due_on, styles["date"])
        sheet.write_string(row, 3, plan.responsible, wrap)
        sheet.write_string(row, 4, statuses[plan.status], wrap)
        sheet.write_string(row, 5, plan.note, wrap)


def _write_about(
    sheet: Worksheet, results: Results, made_by: str, now: datetime, styles: Mapping
) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 70)
    period, printed = results.period, results.printed
    same = f"{results.same} dari {results.count}"
    compared = f"{decimal_id(printed.value)} ({printed.grade})" if printed else ""
    facts = (
        ("Periode", f"{period.title} ({day(period.first)} – {day(period.last)})"),
        ("Keadaan", "Dikunci" if results.is_locked else "Belum dikunci; angka dapat berubah"),
        ("Kuesioner", ", ".join(item.name for item in results.versions) or "-"),
        ("Responden", str(results.count)),
        ("Populasi", f"{results.answers.population} permohonan selesai dikerjakan"),
        ("Kebutuhan sampel (Krejcie–Morgan)", str(results.needed)),
        ("Bobot", "1/9 eksak; pembulatan dua desimal hanya pada IKM, lalu mutu ditentukan"),
        ("IKM bila bobot 0,11", compared),
        ("Nilai sama pada semua unsur", same),
        ("Kelompok kecil", "Kelompok kurang dari lima responden disamarkan"),
        ("Dibuat pada", moment(now)),
        ("Dibuat oleh", made_by),
    )
    for row, (label, value) in enumerate(facts):
        sheet.write_string(row, 0, label, styles["label"])
        sheet.write_string(row, 1, value)
