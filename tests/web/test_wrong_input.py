"""Wrong input: a sentence at its field, everything typed is kept, nothing is written."""

import re
from io import BytesIO

import pytest

from models import Event, Message, Request, RequestDraft, SurveyReceipt, User
from storage.database import database
from tests.people import PASSWORD, advance, enter, file_request, good_answers, pdf, post, upload
from tests.storage.pdf_samples import acting_pdf, letter, written
from tests.story_forms import FORM, SIGN_UP

LARGE = b"%PDF-1.7\n" + b"0" * (2 * 1024 * 1024 + 1 - 9 - 6) + b"%%EOF\n"
LOCKED = written(lambda writer: (writer.append(BytesIO(letter())), writer.encrypt("rahasia")))
ACTING = acting_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")


def rows() -> dict[str, int]:
    """Rows of what a move writes; drafts and limits aside."""
    return {table.__name__: table.select().count() for table in (Request, Event, Message, User)}


def problem_at(page: str, field: str) -> str:
    """The sentence at a field, by the id that the control's aria-describedby names."""
    found = re.search(rf'id="{field}-error">.*?</span> (.*?)</span>', page, re.DOTALL)
    assert found, f"no sentence at {field}"
    return found.group(1)


@pytest.mark.parametrize("field", ["subclass", "subject", "description", "statement"])
def test_missing_field_of_a_request(app, people, field):
    client, before = enter(app, people.customer), rows()
    form = {name: value for name, value in FORM.items() if name != field}
    answer = post(client, "/ajukan", {**form, "file": upload()})
    assert answer.status_code == 422
    assert problem_at(answer.text, field)
    for name in ("subject", "description"):
        assert field == name or FORM[name] in answer.text
    assert f'href="#{field}"' in answer.text
    assert rows() == before
    # The file was good and needn't be chosen again.
    assert "Tersimpan: surat.pdf" in answer.text
    # It belongs to this form, and another tab has one of its own.
    again = post(client, "/ajukan", FORM | {"formulir": RequestDraft.get().key})
    assert again.location.partition("?")[0].endswith("/ajukan/periksa")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (LARGE, "Ukuran berkas melebihi 2 MB."),
        (b"<html>bukan pdf</html>", "Berkas harus PDF atau foto (JPEG, PNG)."),
        (b"", "kosong"),
        (LOCKED, "terkunci kata sandi"),
        (ACTING, "skrip"),
        (pdf()[:400], "rusak"),
    ],
    ids=["large", "html", "empty", "encrypted", "javascript", "cut"],
)
def test_file_that_is_refused(app, people, runtime, content, sentence):
    client, before = enter(app, people.customer), rows()
    kept = len(list(runtime.storage.digests()))
    answer = post(client, "/ajukan", {**FORM, "file": upload(content)})
    assert answer.status_code == 422
    assert sentence in problem_at(answer.text, "file")
    assert FORM["subject"] in answer.text
    assert FORM["description"] in answer.text
    assert rows() == before
    assert len(list(runtime.storage.digests())) == kept
    assert RequestDraft.get().files == {}


def test_body_over_the_limit_has_a_page_of_its_own(app, people):
    client = enter(app, people.customer)
    answer = post(client, "/ajukan", {**FORM, "file": upload(b"%PDF-1.7" + b"0" * 26_000_000)})
    assert answer.status_code == 413
    assert "Berkasnya lebih besar daripada yang diterima di sini." in answer.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Wajib diisi."),
        ("phone", "12345", "Contoh: 0812-3456-7890"),
        ("phone", "0362-123456", "Contoh: 0812-3456-7890"),
        ("gender", "", "Wajib diisi."),
        ("institution_category", "", "Wajib diisi."),
        ("institution_name", "", "Wajib diisi."),
        ("email", "bukan-email", ""),
        ("password", "pendek", ""),
        ("privacy", "", "Kebijakan Privasi"),
    ],
)
def test_sign_up_field(app, people, field, value, sentence):
    client, before = enter(app, None), rows()
    answer = post(client, "/daftar", {**SIGN_UP, field: value})
    assert answer.status_code == 200
    assert sentence in problem_at(answer.text, field)
    assert field == "name" or SIGN_UP["name"] in answer.text
    assert field == "phone" or SIGN_UP["phone"] in answer.text
    assert rows() == before


def test_person_alone_needs_no_institution(app, people):
    form = {**SIGN_UP, "institution_category": "perorangan", "institution_name": ""}
    answer = post(enter(app, None), "/daftar", form)
    assert answer.status_code == 302
    assert User.get(User.email == SIGN_UP["email"]).phone == "+6281234567890"


def test_taken_email_looks_like_any_other(app, people):
    fresh = post(enter(app, None), "/daftar", SIGN_UP)
    taken = post(enter(app, None), "/daftar", {**SIGN_UP, "email": people.customer.email})
    assert (taken.status_code, taken.headers["Location"]) == (
        fresh.status_code,
        fresh.headers["Location"],
    )
    assert User.select().where(User.email == people.customer.email).count() == 1
    told = Message.select().where(Message.recipient == people.customer)
    assert {message.template for message in told} == {"selamat_datang_sudah_ada"}


def test_profile_keeps_what_was_typed(app, people):
    client = enter(app, people.customer)
    form = {
        "name": "Nama Baru",
        "institution_category": "perguruan_tinggi",
        "institution_name": "Universitas Contoh",
        "phone": "123",
        "gender": "L",
        "email": people.customer.email,
        "password": PASSWORD,
    }
    answer = post(client, "/profil", form)
    assert answer.status_code == 422
    assert "0812-3456-7890" in problem_at(answer.text, "phone")
    assert "Nama Baru" in answer.text
    assert User.get_by_id(people.customer.id).name == people.customer.name
    saved = post(client, "/profil", {**form, "phone": "0812 9999 8888"})
    assert saved.status_code == 302
    assert User.get_by_id(people.customer.id).new_phone == "+6281299998888"


def test_survey_half_filled(app, people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="SURVEI")
    client, before = enter(app, people.customer), rows()
    given = good_answers(runtime.questionnaire) | {"suggestion": "Pertahankan mutunya."}
    given.pop("U7")
    given.pop("age")
    answer = post(client, f"/layanan/{request.public_id}/survei", given)
    assert answer.status_code == 422
    assert problem_at(answer.text, "U7")
    assert problem_at(answer.text, "age")
    assert "Pertahankan mutunya." in answer.text
    assert len(re.findall(r'type="radio"[^>]* checked', answer.text)) == 8
    assert rows() == before
    assert SurveyReceipt.select().count() == 0


def test_stage_form_keeps_note_and_file(app, people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="TERIMA_ADMIN")
    client = enter(app, people.admin_layanan)
    address = f"/backoffice/permohonan/{request.public_id}/complete"
    answer = post(client, address, {"version": "1", "note": "Mohon segera."})
    assert answer.status_code == 422
    assert "Jawab Ya, Tidak, atau Tidak berlaku." in answer.text
    assert "Mohon segera." in answer.text
    assert Request.get().version == 1

    request = advance(request, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    client = enter(app, people.pemangku_data)
    address = f"/backoffice/permohonan/{request.public_id}/complete"
    version = str(request.version)
    long = "x" * 1001
    answer = post(client, address, {"version": version, "note": long, "report": upload()})
    assert answer.status_code == 422
    kept = re.search(r'name="report_kept" value="([^"]+)"', answer.text).group(1)
    done = post(client, address, {"version": version, "note": "ok", "report_kept": kept})
    assert done.status_code == 302
    assert Request.get().status == "waiting_customer"


def test_nul_in_a_form_is_refused(app, people):
    answer = post(enter(app, None), "/masuk", {"email": "a\x00b@contoh.test", "password": "x"})
    assert answer.status_code == 400
    assert not database.in_transaction()
