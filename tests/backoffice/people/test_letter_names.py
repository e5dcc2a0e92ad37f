"""What letters say of who signs is kept with the account: on its page, and in the spreadsheet."""

import io

import pytest
from openpyxl import load_workbook

from models import ChangeRecord, User
from rules.nip import BadNip, display_nip, parse_nip
from tests.backoffice.people.roster_pages import HEADINGS, PAGE, check, workbook
from tests.backoffice.people.test_roster import apply, told
from tests.people import enter, post

NIP = "198001312005011002"
ALL = (*HEADINGS, "NIP", "PANGKAT/GOLONGAN", "JABATAN")


@pytest.mark.parametrize("typed", [NIP, "19800131 200501 1 002", "19800131.200501.1.002"])
def test_a_nip_is_read_however_it_is_grouped(typed):
    assert parse_nip(typed) == NIP
    assert display_nip(NIP) == "19800131 200501 1 002"


@pytest.mark.parametrize(
    "typed", ["123", "19801331 200501 1 002", "1.98001E+17", "x" * 18, "٣" * 18]
)
def test_what_is_no_nip_is_refused(typed):
    with pytest.raises(BadNip):
        parse_nip(typed)


def edit(client, person: User, **given: str):
    form = {"name": person.name, "email": person.email, "active": "y", "posts": "kepala_balai"}
    return post(
        client, f"/backoffice/petugas/edit/?id={person.id}", form | given, follow_redirects=True
    )


def test_the_page_of_a_person_keeps_them(app, people):
    client = enter(app, people.administrator)
    answer = edit(client, people.kepala_balai, nip="19800131 200501 1 002",
                  rank="Pembina (IV/a)", position="Kepala Balai Teknik Pantai")  # fmt: skip
    assert "Perubahan sudah disimpan" in answer.text
    saved = User.get_by_id(people.kepala_balai.id)
    assert (saved.nip, saved.rank, saved.position) == (
        NIP, "Pembina (IV/a)", "Kepala Balai Teknik Pantai",
    )  # fmt: skip
    trail = client.get("/backoffice/jejak/").text
    assert "jabatan: kosong menjadi “Kepala Balai Teknik Pantai”" in trail
    wrong = edit(client, saved, nip="12345")
    assert wrong.status_code == 422
    assert "NIP terdiri dari 18 angka" in wrong.text
    assert 'value="12345"' in wrong.text
    # A page without these fields, like one opened before there were any, takes nothing away.
    edit(client, saved)
    assert User.get_by_id(saved.id).nip == NIP


def test_the_spreadsheet_takes_them_out_and_in(app, people):
    client = enter(app, people.administrator)
    head = people.kepala_balai
    row = (head.name, head.email, "", "Kepala Balai", "19800131 200501 1 002", "Pembina", "Kepala")
    page = check(client, workbook(ALL, row)).text
    [(outcome, words)] = told(page)
    assert (outcome, "NIP" in words, "pangkat/golongan" in words) == ("Diubah", True, True)
    apply(client, page)
    saved = User.get_by_id(head.id)
    assert (saved.nip, saved.rank, saved.position) == (NIP, "Pembina", "Kepala")
    sheet = load_workbook(io.BytesIO(client.get(f"{PAGE}unduh").data)).active
    assert [cell.value for cell in sheet[1]][4:7] == list(ALL[4:])
    lines = {line[1].value: line for line in sheet.iter_rows(min_row=2)}
    assert lines[head.email][4].value == "19800131 200501 1 002"
    # Brought in again, with these columns or without, nothing changes.
    assert {
        outcome for outcome, _ in told(check(client, client.get(f"{PAGE}unduh").data).text)
    } == {"Tetap"}
    assert told(check(client, workbook(HEADINGS, row[:4])).text)[0][0] == "Tetap"
    assert ChangeRecord.select().count() == 1


def test_a_nip_that_excel_rounded_is_refused(app, people):
    client = enter(app, people.administrator)
    head = people.kepala_balai
    row = (head.name, head.email, "", "Kepala Balai", 198001312005011002, "", "")
    [(outcome, words)] = told(check(client, workbook(ALL, row)).text)
    assert (outcome, "tulis sebagai teks" in words) == ("Ditolak", True)
