"""The recap as CSV and as PDF."""

import csv
import io

import pytest

from outputs.recap.columns import COLUMNS, USUAL_COLUMNS
from outputs.recap.files import harmless
from tests.backoffice.reports.recap_samples import EVIL, take
from tests.papers import read_pdf, words_of
from tests.people import (
    enter,
)


def test_csv_opens_in_an_indonesian_excel_and_does_no_harm(app, people, several):
    response = take(enter(app, people.staf_tu), format="csv")
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 5
    assert f"'{EVIL}" in {row["PERIHAL"] for row in rows}
    done = next(row for row in rows if row["STATUS LAYANAN"] == "Selesai")
    assert done["TANGGAL PENGAJUAN"] == "2024-07-29 12:57:45"
    assert "," in done["LAMA (HARI KERJA)"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1"])
def test_no_cell_of_a_csv_becomes_a_formula(text):
    assert harmless(text) == f"'{text}"


def test_ordinary_text_stays_as_it_is():
    for text in ("-", "Data = dasar", "a-b", "", "1/L.Data/29/VII/24"):
        assert harmless(text) == text


def test_pdf_is_a_table_with_embedded_fonts(app, people, several):
    client = enter(app, people.kasubag_tu)
    chosen = ["number", "customer", "subject", "submitted", "status"]
    response = take(client, format="pdf", column=chosen)
    assert response.mimetype == "application/pdf"
    reader, text = read_pdf(response.data)
    assert reader.pages[0].mediabox.width > reader.pages[0].mediabox.height
    for words in ("1/L.Data/29/VII/24", people.customer.name, "Sedang Diproses",
                  people.kasubag_tu.name):  # fmt: skip
        assert words in text, words


def test_pdf_of_all_columns_is_refused_with_a_way_out(app, people, several):
    response = take(enter(app, people.staf_tu), format="pdf", column=[*COLUMNS])
    assert response.status_code == 422
    assert "paling banyak 12 kolom" in response.text


def test_pdf_takes_the_main_columns_while_none_were_chosen(app, people, several):
    response = take(enter(app, people.staf_tu), format="pdf", column=[*USUAL_COLUMNS])
    text = words_of(response.data)
    assert "No permintaan layanan" in text and "Tepat waktu" in text
    assert "Sub-klasifikasi" not in text
