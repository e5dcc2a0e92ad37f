"""A year of the calendar: what is missing, and a spreadsheet brought in."""

import io
import re
from datetime import date

import pytest
from openpyxl import load_workbook

from administration import closures
from models import Event, Holiday
from tests.backoffice.manage.closure_pages import PAGE, WEDNESDAY, hidden
from tests.people import enter, post

pytestmark = pytest.mark.usefixtures("kept_calendar")


def test_year_shows_kinds_and_suggests_what_is_missing(app, people, db):
    client = enter(app, people.administrator)
    page = client.get(f"{PAGE}?tahun=2026").text
    assert page.count('class="m-days"') == 12
    assert "Cuti bersama: 8" in page
    assert "hari usulan" not in page
    empty = client.get(f"{PAGE}?tahun=2031").text
    assert "Kalender 2031 belum diisi" in empty
    assert "hari usulan untuk 2031" in empty
    assert "hari usulan" not in enter(app, people.auditor).get(f"{PAGE}?tahun=2031").text
    chosen = {"tahun": "2031", "tanggal": ["2031-01-01", "2031-08-17", "2031-08-18"]}
    preview = post(client, f"{PAGE}usulan/", chosen).text
    post(client, f"{PAGE}terapkan/", hidden(preview))
    assert [one.on for one in closures.days_of(2031)] == [date(2031, 1, 1), date(2031, 8, 17)]


def test_spreadsheet_is_run_dry_line_by_line(app, people, running):
    client = enter(app, people.administrator)
    sheet = client.get(f"{PAGE}unduh/")
    assert sheet.data[:2] == b"PK"
    again = post(client, f"{PAGE}periksa/", {"file": (io.BytesIO(sheet.data), "kalender.xlsx")})
    assert "Tidak ada yang perlu disimpan." in again.text
    cells = load_workbook(io.BytesIO(sheet.data)).active["A"]
    assert all(cell.is_date for cell in cells[1:])
    lines = "\n".join(
        (
            "TANGGAL;NAMA;JENIS;SUMBER",
            "31/07/2024;Hari Raya Contoh;Libur lokal;Edaran",
            "2026-08-17;Hari Kemerdekaan;Libur nasional;SKB",
            "2027-02-30;Salah;Libur lokal;",
            "2027-03-01;Salah;libur-liburan;",
            "31-07-2024;Dua kali;Khusus;",
        )
    )
    upload = {"file": (io.BytesIO(lines.encode()), "kalender.csv")}
    page = post(client, f"{PAGE}periksa/", upload).text
    assert "2 baris akan disimpan" in page
    assert re.findall(r">(\d+ \w+)</span>", page)[:4] == [
        "1 baru", "1 diubah", "0 tetap", "3 ditolak"]  # fmt: skip
    assert page.count('name="stamp"') == 2, "buttons above and below"
    for words in ("Hari libur baru.", "Tanggal tidak terbaca", "Jenis tidak dikenal",
                  "sudah ada pada baris sebelumnya", "menjadi “Hari Kemerdekaan”"):  # fmt: skip
        assert words in page
    assert "Batas waktu 3 permohonan berjalan berubah." in page
    assert not Holiday.select().where(Holiday.on == WEDNESDAY).exists()
    post(client, f"{PAGE}terapkan/", hidden(page))
    assert Holiday.get(Holiday.on == date(2026, 8, 17)).source == "SKB"
    assert Holiday.get(Holiday.on == WEDNESDAY).kind == "lokal"
    assert Event.select().where(Event.kind == "deadline_moved").count() == 3


def test_unchanged_lines_are_folded_and_a_formula_is_called_one(app, people, db):
    client = enter(app, people.administrator)
    book = load_workbook(io.BytesIO(client.get(f"{PAGE}unduh/").data))
    book.active.append([date(2031, 3, 3), "", "=UPPER(C2)", "Libur lokal", ""])
    book.active.append([date(2031, 3, 4), "", "Cuti bersama contoh", "Cuti bersama", ""])
    file = io.BytesIO()
    book.save(file)
    page = post(client, f"{PAGE}periksa/", {"file": (io.BytesIO(file.getvalue()), "k.xlsx")}).text
    assert "Kolom NAMA berisi rumus. Tulis nilainya, bukan rumus." in page
    assert "Wajib diisi." not in page and "(rumus)" in page
    first, folded = page.split('<details class="m-more', 1)
    assert "4 Mar 2031" in first and "1 baru" in first and "1 ditolak" in first
    assert "Tidak berubah" not in first and f"{Holiday.select().count()} baris yang tetap" in folded
    saved = post(client, f"{PAGE}terapkan/", hidden(page))
    assert saved.headers["Location"].endswith("tahun=2031")
    row = Holiday.get(Holiday.on == date(2031, 3, 4))
    gone = post(client, f"{PAGE}terapkan/", hidden(client.get(f"{PAGE}hapus/?id={row.id}").text))
    assert gone.headers["Location"].endswith("tahun=2031")


def test_unreadable_file_is_refused_with_a_sentence(app, people, db):
    client = enter(app, people.administrator)
    upload = {"file": (io.BytesIO(b"PK\x03\x04rusak"), "kalender.xlsx")}
    answer = post(client, f"{PAGE}periksa/", upload, follow_redirects=True)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
