"""A list of staff is checked first and written together."""

import io
import re

import flask_wtf
import pytest
import wtforms
from babel.messages.extract import extract_from_dir
from babel.support import Translations
from openpyxl import load_workbook

from config.settings import CONTENT
from models import ChangeRecord, Message, Role, User
from tests.backoffice.people.roster_pages import HEADINGS, PAGE, check, workbook
from tests.people import enter, make_staff, post


def apply(client, page: str):
    sealed = re.search(r'name="sealed" value="([^"]+)"', page).group(1)
    return post(client, f"{PAGE}terapkan", {"sealed": sealed}, follow_redirects=True)


def told(page: str) -> list[tuple[str, ...]]:
    """(outcome, what is said) of every line."""
    cells = r'data-label="Hasil">.*?</span>(\w+)</span>.*?data-label="Keterangan">(.*?)</td>'
    return re.findall(cells, page, re.DOTALL)


def test_what_was_taken_out_changes_nothing_when_brought_in(app, people):
    client = enter(app, people.administrator)
    taken = client.get(f"{PAGE}unduh").data
    sheet = load_workbook(io.BytesIO(taken)).active
    assert [cell.value for cell in sheet[1]][:4] == list(HEADINGS)
    assert sheet.max_row == 1 + len(people.staff)
    page = check(client, taken).text
    assert {outcome for outcome, _ in told(page)} == {"Tetap"}
    assert "Terapkan" not in page


@pytest.fixture
def renamed(app, db):
    """Rows of posts as they were before the office gave them the names of today."""
    titles = list(Role.select(Role.id, Role.title).tuples())
    Role.update(title=Role.name.concat(" lama")).execute()
    yield
    for key, title in titles:
        Role.update(title=title).where(Role.id == key).execute()


def test_a_post_that_was_renamed_is_the_same_post(app, people, renamed):
    client = enter(app, people.administrator)
    taken = client.get(f"{PAGE}unduh").data
    assert "Penguji" in {line[3].value for line in load_workbook(io.BytesIO(taken)).active}
    assert {outcome for outcome, _ in told(check(client, taken).text)} == {"Tetap"}
    # And its last holder can't lose it.
    row = (people.penguji.name, people.penguji.email, "", "Penyelia")
    [(outcome, words)] = told(check(client, workbook(HEADINGS, row)).text)
    assert outcome == "Ditolak" and "Pos Penguji" in words
    assert " lama" not in client.get("/backoffice/petugas/").text
    queue = enter(app, people.penguji).get("/backoffice/").text
    assert "Penguji" in queue and "penguji lama" not in queue


def test_lines_are_checked_first_and_written_together(app, people):
    client = enter(app, people.administrator)
    rows = (
        ("nama", "Email", "NO HP", "POS", "LAIN"),
        ("Petugas Baru", "Baru@Balai.test", "0812-3333-4444", "Penguji, penyelia", "x"),
        (people.penguji.name, people.penguji.email, "", "Penguji; Penyelia", None),
        ("Tanpa Pos", "tanpa@balai.test", "", "", None),
        ("Salah Pos", "salah@balai.test", "", "Nakhoda", None),
        ("Pelanggan", people.customer.email, "", "Penguji", None),
        ("Dua Kali", "baru@balai.test", "", "Penguji", None),
        (None, None, None, None, None),
    )
    before = User.select().count()
    page = check(client, workbook(*rows)).text
    outcomes = told(page)
    assert [outcome for outcome, _ in outcomes] == ["Baru", "Diubah", *["Ditolak"] * 4]
    assert "pos ditambah: Penyelia" in outcomes[1][1]
    assert "milik akun pelanggan" in outcomes[4][1]
    assert "baris sebelumnya" in outcomes[5][1]
    assert User.select().count() == before

    assert "2 petugas disimpan" in apply(client, page).text
    new = User.get(User.email == "baru@balai.test")
    assert (new.is_staff, new.phone, new.role_codes) == (
        True, "+6281233334444", {"penguji", "penyelia"},
    )  # fmt: skip
    assert Message.get(Message.recipient == new).template == "undangan_petugas"
    assert User.get_by_id(people.penguji.id).role_codes == {"penguji", "penyelia"}
    assert User.get_by_id(people.customer.id).is_staff is False
    assert ChangeRecord.select().count() == 2


def test_what_changed_since_the_check_is_checked_again(app, people):
    client = enter(app, people.administrator)
    row = (people.penguji.name, people.penguji.email, "", "Penguji, Penyelia")
    page = check(client, workbook(HEADINGS, row)).text
    people.penguji.hold_posts(["penguji", "penyelia"])
    answer = apply(client, page)
    assert answer.status_code == 409
    assert "Periksa kembali" in answer.text
    assert told(answer.text)[0][0] == "Tetap"
    with app.app_context():
        another = enter(app, make_staff("administrator", email="lain@balai.test"))
    assert "kedaluwarsa" in apply(another, page).text
    forged = post(client, f"{PAGE}terapkan", {"sealed": "x.y.z"}, follow_redirects=True)
    assert "kedaluwarsa" in forged.text
    assert not ChangeRecord.select().exists()


def test_refusals_speak_indonesian_and_call_a_formula_one(app, people):
    client = enter(app, people.administrator)
    long = "N" * 200
    rows = (
        ("Salah Pos", "salah@balai.test", "", "Raja Laut"),
        ("Dua Pos", "dua@balai.test", "", "Raja Laut, Nakhoda, penguji"),
        (long, "panjang@balai.test", "", "Penguji"),
        ("=1+1", "rumus@balai.test", "", "Penguji"),
    )
    page = check(client, workbook(HEADINGS, *rows)).text
    said = [words for _, words in told(page)]
    assert said[0] == "Pos tidak dikenal: Raja Laut."
    assert said.pop(1) == "Pos tidak dikenal: Raja Laut, Nakhoda."
    assert said[1] == "Nama: Paling banyak 120 huruf."
    assert said[2] == "Kolom NAMA berisi rumus. Tulis nilainya, bukan rumus."
    assert "4 ditolak" in page and "Terapkan" not in page


def test_every_message_of_the_form_libraries_is_translated():
    """Whatever validator or field is used tomorrow, it speaks Indonesian."""
    catalogue = Translations.load(str(CONTENT / "translations"), ["id"], domain="wtforms")
    keywords = {"gettext": None, "ngettext": (1, 2)}
    english = set()
    for package in (wtforms, flask_wtf):
        for _, _, said, _, _ in extract_from_dir(
            package.__path__[0], [("recaptcha/**", "ignore"), ("**.py", "python")],
            keywords=keywords,
        ):  # fmt: skip
            if isinstance(said, tuple):
                english |= {one for n in (1, 2) if (one := catalogue.ungettext(*said, n)) in said}
            elif catalogue.ugettext(said) == said:
                english.add(said)
    assert english == set()


def test_line_cannot_empty_a_post(app, people):
    client = enter(app, people.administrator)
    row = (people.penguji.name, people.penguji.email, "", "Penyelia")
    outcome, words = told(check(client, workbook(HEADINGS, row)).text)[0]
    assert outcome == "Ditolak"
    assert "Pos Penguji" in words
    people.penyelia.hold_posts(["penyelia", "penguji"])
    outcome, words = told(check(client, workbook(HEADINGS, row)).text)[0]
    assert (outcome, words) == ("Diubah", "pos ditambah: Penyelia; pos dilepas: Penguji")


def test_two_lines_cannot_empty_a_post_together(app, people):
    people.penyelia.hold_posts(["penyelia", "penguji"])
    rows = (
        (people.penguji.name, people.penguji.email, "", "Penyelia"),
        (people.penyelia.name, people.penyelia.email, "", "Penyelia"),
    )
    client = enter(app, people.administrator)
    page = check(client, workbook(HEADINGS, *rows)).text
    assert [outcome for outcome, _ in told(page)] == ["Diubah", "Ditolak"]
    assert "1 petugas disimpan" in apply(client, page).text
    assert User.get_by_id(people.penyelia.id).role_codes == {"penyelia", "penguji"}


def test_the_last_administrator_stays_one(app, people):
    client, person = enter(app, people.administrator), people.administrator
    row = (person.name, person.email, "", "Auditor")
    assert told(check(client, workbook(HEADINGS, row)).text)[0][0] == "Ditolak"
    address = f"/backoffice/petugas/edit/?id={person.id}"
    kept = {"name": person.name, "email": person.email, "posts": "administrator", "confirm": "1"}
    for change in (kept, {**kept, "posts": "auditor", "active": "y"}):
        answer = post(client, address, change)
        assert answer.status_code == 422 and "satu-satunya Administrator" in answer.text
    with app.app_context():
        make_staff("administrator", email="kedua@balai.test")
    assert post(client, address, kept).status_code == 302
    assert not User.get_by_id(person.id).active


def test_who_is_invited_by_a_list_has_no_password_yet(app, people):
    client = enter(app, people.administrator)
    rows = [(f"Orang {n}", f"orang{n}@balai.test", "", "Penguji") for n in range(5)]
    assert "5 petugas disimpan" in apply(client, check(client, workbook(HEADINGS, *rows)).text).text
    invited = User.select().where(User.email.startswith("orang"))
    assert [person.has_account for person in invited] == [False] * 5


def test_an_account_that_is_being_written_is_open_unless_somebody_closes_it(app, people):
    page = enter(app, people.administrator).get("/backoffice/petugas/new/").text
    assert re.search(r'<input[^>]*\bchecked\b[^>]*name="active"|name="active"[^>]*\bchecked', page)
