"""The agenda books: what was filed and sent, found by filters, as a file, and on paper."""

import csv
import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

import workflow
from models import ChangeRecord, IncomingLetter, OutgoingLetter, Request
from tests.people import REFUSAL, advance, enter, file_request, post
from workflow import Reader

IN, OUT = "/backoffice/surat-masuk/", "/backoffice/surat-keluar/"


@pytest.fixture
def books(people, runtime, now, clock):
    """Three letters in, two out: a refusal of July and an offer of August."""
    first = file_request(runtime, people.customer, now=now, key="A", subject="=1+1 Data gelombang")
    IncomingLetter.update(number="12/UN14/2024", dated_on=now.date(), sender="Dekan").execute()
    workflow.act(first, "reject", reader=Reader.at(people.admin_layanan, now), inputs=REFUSAL,
                 version=first.version)  # fmt: skip
    later = now + timedelta(days=10)
    second = file_request(runtime, people.other_customer, now=later, key="B", service="lab")
    advance(second, people, runtime, now=later, until="KONTRAK")
    file_request(runtime, people.customer, now=later, key="C")
    clock.set(later)
    return {"first": first, "second": second}


def found(client, address: str) -> list[str]:
    """Numbers in the first column of a file under these filters."""
    page = client.get(address.replace("/?", "/unduh?") + "&jenis=csv")
    rows = list(csv.reader(io.StringIO(page.data.decode("utf-8-sig")), delimiter=";"))
    at = 0 if "masuk" in address else rows[0].index("NOMOR SURAT")
    return [row[at] for row in rows[1:]]


def test_the_book_of_letters_in_says_what_came_and_from_whom(app, people, books):
    page = enter(app, people.staf_tu).get(IN).text
    for words in ("1/2024", "2/2024", "3/2024", "12/UN14/2024", "29 Jul 2024",
                  "Dekan, Pelanggan Satu, Universitas Contoh", "Unduh Excel", "Cetak"):  # fmt: skip
        assert words in page, words
    # The newest stands on top, each leads to its request.
    assert page.index("3/2024") < page.index("1/2024")
    assert f"/backoffice/permohonan/{books['first'].public_id}" in page


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ("", ["1/2024", "2/2024", "3/2024"]),
        ("surat=bernomor", ["1/2024"]),
        ("surat=tanpa", ["2/2024", "3/2024"]),
        ("layanan=lab", ["2/2024"]),
        ("until=2024-07-31", ["1/2024"]),
        ("since=2024-08-01&layanan=data", ["3/2024"]),
        ("melalui=loket", []),
    ],
)
def test_filters_of_letters_in(app, people, books, filters, numbers):
    client = enter(app, people.kasubag_tu)
    assert found(client, f"{IN}?{filters}") == numbers
    page = client.get(f"{IN}?{filters}").text
    assert all((f">{one}<" in page) == (one in numbers) for one in ("1/2024", "2/2024", "3/2024"))


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ("", ["UM 02.01-BTP/1/2024", "UM 02.01-BTP/2/2024"]),
        ("surat=penawaran", ["UM 02.01-BTP/2/2024"]),
        ("buku=berita_acara", []),
        ("buku=surat&until=2024-07-31", ["UM 02.01-BTP/1/2024"]),
    ],
)
def test_filters_of_letters_out(app, people, books, filters, numbers):
    assert found(enter(app, people.kasubag_tu), f"{OUT}?{filters}") == numbers


def test_the_book_of_letters_out_says_who_signs_and_what_became_of_it(app, people, books, runtime):
    client = enter(app, people.auditor)
    page = client.get(OUT).text
    for words in ("UM 02.01-BTP/1/2024", "Surat Penolakan", "Lembar Konfirmasi Layanan",
                  "Kepala Balai: Petugas kepala_balai", "Admin Layanan: Petugas admin_layanan",
                  "Menunggu dibuat"):  # fmt: skip
        assert words in page, words
    paper = OutgoingLetter.get(OutgoingLetter.seq == 1).document
    assert client.get(f"/dokumen/{paper.public_id}").data[:5] == b"%PDF-"
    assert "Terbit" in client.get(OUT).text


def test_files_hold_real_dates_and_no_formulas(app, people, books):
    client = enter(app, people.kepala_balai)
    book = load_workbook(io.BytesIO(client.get(f"{IN}unduh?jenis=xlsx").data)).active
    heads = [cell.value for cell in book[1]]
    assert heads[0] == "NO AGENDA" and "NOMOR SURAT" in heads
    row = [cell.value for cell in book[2]]
    assert row[heads.index("TANGGAL SURAT")].date() == date(2024, 7, 29)
    assert row[heads.index("HAL")] == "=1+1 Data gelombang"
    assert book[2][heads.index("HAL")].data_type == "s"
    assert "'=1+1" in client.get(f"{IN}unduh?jenis=csv").data.decode()
    assert client.get(f"{IN}unduh?jenis=exe").status_code == 404


def test_the_clerk_adds_what_the_customer_left_out(app, people, books):
    client = enter(app, people.staf_tu)
    row = IncomingLetter.get(IncomingLetter.seq == 3)
    address = f"{IN}edit/?id={row.id}"
    assert "Nomor surat" in client.get(address).text
    wrong = post(client, address, {"number": "7/X", "dated_on": "2030-01-01", "sender": ""})
    assert wrong.status_code == 422
    assert "Tanggal surat belum tiba" in wrong.text and 'value="7/X"' in wrong.text
    post(client, address, {"number": "7/X", "dated_on": "2024-08-01", "sender": "Rektor"})
    saved = IncomingLetter.get_by_id(row.id)
    assert (saved.number, saved.dated_on, saved.sender) == ("7/X", date(2024, 8, 1), "Rektor")
    assert (saved.seq, saved.year) == (3, 2024)
    change = ChangeRecord.get()
    assert (change.table, change.after["number"]) == ("incoming_letter", "7/X")
    trail = enter(app, people.auditor).get("/backoffice/jejak/").text
    assert "Surat masuk: agenda 3/2024" in trail and "penanda tangan" in trail
    # Who only reads can't.
    assert enter(app, people.kepala_balai).get(address).status_code == 403


def test_who_sees_no_requests_sees_no_letters(app, people, books):
    for person in (people.penguji, people.administrator):
        for page in (IN, OUT, f"{IN}unduh?jenis=csv"):
            assert enter(app, person).get(page).status_code == 403


def test_an_empty_book_says_so(app, people, clock):
    page = enter(app, people.staf_tu).get(OUT)
    assert page.status_code == 200
    assert "Yang tercatat akan tampil di sini." in page.text
    assert Request.select().count() == 0
