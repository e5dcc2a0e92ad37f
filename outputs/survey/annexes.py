"""Tables of the survey report that stand for themselves: plans, questionnaire, raw matrix."""

from collections.abc import Mapping, Sequence

from models import ActionPlan
from outputs.long_report import Report
from outputs.page import INK, MUTED
from outputs.survey.figures import Results
from rules.formats import day, decimal_id
from rules.skm import ELEMENTS, Ikm
from rules.survey import Questionnaire

# More rows than this belong into the workbook, not on paper.
MOST_ROWS = 900
BLOCKS, LINE_HEIGHT = 3, 4.6


def write_plans(
    report: Report, plans: Sequence[ActionPlan], statuses: Mapping[str, str], nothing: str
) -> None:
    """The plans as a table, or a sentence when there are none; `statuses` are words by code."""
    if not plans:
        report.paragraph(nothing)
        return
    rows = [
        (
            f"{plan.element} {ELEMENTS[plan.element]}",
            plan.program + (f"\n{plan.note}" if plan.note else ""),
            day(plan.due_on),
            plan.responsible,
            statuses[plan.status],
        )
        for plan in plans
    ]
    head = ("Unsur", "Program", "Waktu", "Penanggung jawab", "Status")
    report.grid(head, rows, widths=(38, 58, 24, 32, 26))


def write_questionnaires(report: Report, questionnaires: Sequence[Questionnaire]) -> None:
    """The questions with their answers, on pages of their own; each version that was asked."""
    report.add_page()
    report.chapter("LAMPIRAN 1 – KUESIONER")
    for questionnaire in questionnaires:
        if len(questionnaires) > 1:
            report.part(f"Versi {questionnaire.name}")
        _write_questions(report, questionnaire)


def _write_questions(report: Report, questionnaire: Questionnaire) -> None:
    rows = [
        (
            question.element,
            question.text,
            "; ".join(f"{score} {words}" for score, words in enumerate(question.options, start=1)),
        )
        for question in questionnaire.questions
    ]
    head = ("Unsur", "Pertanyaan", "Pilihan jawaban")
    report.grid(head, rows, widths=(16, 92, 62))


def write_matrix(report: Report, results: Results, ikm: Ikm) -> None:
    """A line a respondent in three columns side by side, and the sums below."""
    report.add_page()
    report.chapter("LAMPIRAN 2 – DATA OLAHAN TANPA IDENTITAS")
    patterns = results.answers.all_patterns
    lines = [pattern for pattern, times in patterns.items() for _ in range(times)]
    if len(lines) <= MOST_ROWS:
        _write_lines(report, lines)
    else:
        report.paragraph(
            f"{len(lines)} baris responden ada pada lembar kerja data olahan periode ini."
        )
    rows = [
        ("Jumlah", *(str(ikm.totals[code]) for code in ELEMENTS)),
        ("NRR", *(decimal_id(ikm.nrr[code], 4) for code in ELEMENTS)),
        ("Tertimbang", *(decimal_id(ikm.weighted[code], 4) for code in ELEMENTS)),
    ]
    report.grid(("", *ELEMENTS), rows, widths=(26, *([16] * 9)), align="L" + "R" * 9)
    report.paragraph(
        f"Indeks {decimal_id(ikm.mean, 4)} × 25 = IKM {decimal_id(ikm.value)} ({ikm.grade})."
    )


def _write_lines(report: Report, lines: Sequence[str]) -> None:
    """Number and nine scores a line; a page takes BLOCKS columns of them."""
    width, done = 170 / BLOCKS, 0
    while done < len(lines):
        if report.get_y() > 240:
            report.add_page()
        top = report.get_y()
        most = int((268 - top) / LINE_HEIGHT) - 1
        height = min(most, -(-(len(lines) - done) // BLOCKS))
        for block in range(BLOCKS):
            part = lines[done : done + height]
            if part:
                with report.tagged("P"):
                    _write_block(report, part, done + 1, 20 + block * width, top)
            done += len(part)
        report.set_y(top + (height + 1) * LINE_HEIGHT + 3)


def _write_block(report: Report, lines: Sequence[str], first: int, x: float, y: float) -> None:
    report.set_text_color(*MUTED)
    report.set_font("Lato", "B", 7.5)
    for number, code in enumerate(ELEMENTS):
        report.set_xy(x + 9 + 4.8 * number, y)
        report.cell(4.8, LINE_HEIGHT, code, align="C")
    for row, pattern in enumerate(lines):
        line = y + (row + 1) * LINE_HEIGHT
        report.set_text_color(*MUTED)
        report.set_font("Lato", "", 7.5)
        report.set_xy(x, line)
        report.cell(8, LINE_HEIGHT, str(first + row), align="R")
        report.set_text_color(*INK)
        for number, score in enumerate(pattern):
            report.set_xy(x + 9 + 4.8 * number, line)
            report.cell(4.8, LINE_HEIGHT, score, align="C")
