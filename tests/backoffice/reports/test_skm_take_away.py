"""The survey as a workbook and as a report."""

import io
from decimal import ROUND_HALF_UP, Decimal

import openpyxl

from models import (
    SurveyPeriod,
)
from tests.backoffice.reports.skm_samples import EVIL, answer, independent_index
from tests.papers import read_pdf
from tests.people import enter, post


def test_workbook_holds_the_raw_matrix_and_adds_up(app, people, filled):
    response = enter(app, people.staf_tu).get("/backoffice/skm/2024-S2/data")
    assert response.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    values = openpyxl.load_workbook(io.BytesIO(response.data), data_only=True)
    sheet, shown = book["Data Olahan"], values["Data Olahan"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(5, 34)]
    assert [row[0] for row in rows] == list(range(1, 31))
    assert all(row[1:10] == [int(row[n]) for n in range(1, 10)] for row in rows)
    sums = {row[0].value: [cell.value for cell in row[1:10]] for row in shown.iter_rows(35)}
    counted = [sum(row[n] for row in rows) for n in range(1, 10)]
    assert sums["Jumlah nilai (Σ)"] == counted
    index = Decimal(sum(counted)) * 25 / (9 * len(rows))
    expected = index.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(str(sums["IKM (× 25, dua desimal)"][0])) == expected == independent_index()
    assert sums["Mutu pelayanan"][0] == "A"
    # Formulas are ours and stand under the matrix; what people wrote is text.
    formulas = [(name.title, cell.row) for name in book for row in name.iter_rows() for cell in row
                if cell.data_type == "f"]  # fmt: skip
    assert {title for title, _ in formulas} == {"Data Olahan"}
    assert min(row for _, row in formulas) == 35
    assert book["Tindak Lanjut"]["B2"].value == EVIL
    assert book["Tindak Lanjut"]["B2"].data_type == "s"


def test_report_has_its_five_chapters_and_the_figures(app, people, filled):
    response = post(enter(app, people.kasubag_tu), "/backoffice/skm/2024-S2/laporan", {})
    assert response.mimetype == "application/pdf"
    text = read_pdf(response.data)[1]
    for words in ("BAB I – PENDAHULUAN", "BAB II – PENGUMPULAN DATA",
                  "BAB III – HASIL PENGOLAHAN DATA", "BAB IV – ANALISIS", "BAB V – KESIMPULAN",
                  "LAMPIRAN 1 – KUESIONER", "LAMPIRAN 2", "LAMPIRAN 3 – DOKUMENTASI",
                  "LAMPIRAN 4 – TINDAK LANJUT",
                  "waktu lebih singkat – ’tepat’", "Loket dibuka lebih awal"):  # fmt: skip
        assert words in text, words
    assert str(independent_index()).replace(".", ",") in text
    assert SurveyPeriod.get().digest in text.replace(" ", "")
    assert "Mohon dipercepat" not in text


def test_report_of_a_period_with_pages_of_answers(app, people):
    for number in range(400):
        answer([1 + (number + n) % 4 for n in range(9)])
    response = post(enter(app, people.kasubag_tu), "/backoffice/skm/2024-S2/laporan", {})
    reader, text = read_pdf(response.data)
    assert len(reader.pages) > 6
    assert " 400 " in text
