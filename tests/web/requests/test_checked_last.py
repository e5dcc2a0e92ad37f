"""A file is looked at once all else of its form is right; until then it is kept as it came.

While both turns are taken, whatever wants a PDF looked at says so: what doesn't say it didn't.
"""

import re
from datetime import date, timedelta

import pytest

from administration.file_store import drop_refused
from models import Document, Request, RequestDraft
from moves.catalogue import current_stage
from moves.movement import attach
from storage.files import StoreUnavailable
from tests.backoffice.requests.counter_pages import FORM_PAGE, NEWCOMER, REQUEST
from tests.moves.side_steps import take, wita
from tests.people import advance, enter, file_request, inputs_for, pdf, post, stored, upload
from tests.storage.pdf_samples import acting_pdf
from tests.story_forms import FORM
from workflow import InvalidInput, StoredFile

BUSY = "Banyak berkas sedang diperiksa"
SCRIPT = acting_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")


def sent(client, line, address: str, form: dict):
    """A form sent while nobody gets a turn."""
    with line.turn(), line.turn():
        return post(client, address, form)


WRONG = [
    {"subject": ""},
    {"description": " "},
    {"statement": ""},
    {"subclass": "tidak_ada"},
    {"letter_number": "UM/1", "letter_on": "2999-01-01"},
    {"letter_from": "x" * 161},
]


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_filing(app, people, short_line, change):
    client = enter(app, people.customer)
    page = sent(client, short_line, "/ajukan", {**FORM, **change, "file": upload()})
    assert page.status_code == 422 and BUSY not in page.text
    assert "surat.pdf" in page.text
    key = re.search(r'name="formulir" value="(\w+)"', page.text)[1]
    again = {**FORM, "formulir": key}
    assert BUSY in sent(client, short_line, "/ajukan", again).text
    assert post(client, "/ajukan", again).status_code == 302


def test_a_kept_file_that_acts_goes_no_further(app, people):
    client = enter(app, people.customer)
    page = post(client, "/ajukan", {**FORM, "subject": "", "file": upload(SCRIPT)})
    assert page.status_code == 422 and "memuat skrip" not in page.text
    draft = RequestDraft.get()
    assert client.get(f"/ajukan/periksa?formulir={draft.key}").status_code == 302
    page = post(client, "/ajukan", {**FORM, "formulir": draft.key})
    assert page.status_code == 422 and "skrip (JavaScript)" in page.text
    assert RequestDraft.get().files == {}
    assert "Wajib diisi" in post(client, "/ajukan", {**FORM, "formulir": draft.key}).text


def test_a_kept_file_that_is_gone_is_chosen_again(app, people, runtime):
    client = enter(app, people.customer)
    file = upload(pdf("Surat yang akan hilang"))
    post(client, "/ajukan", {**FORM, "subject": "", "file": file})
    draft = RequestDraft.get()
    runtime.storage.drop(draft.files["pendukung"][0])
    page = post(client, "/ajukan", {**FORM, "formulir": draft.key})
    assert page.status_code == 422 and "Pilih berkasnya sekali lagi." in page.text
    again = {**FORM, "formulir": draft.key, "file": upload()}
    assert post(client, "/ajukan", again).status_code == 302


def test_a_refused_file_gives_way_to_the_one_before(app, people):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload(name="baik.pdf")})
    key = RequestDraft.get().key
    page = post(client, "/ajukan", {**FORM, "formulir": key, "file": upload(SCRIPT)})
    assert "skrip (JavaScript)" in page.text and "baik.pdf" in page.text
    assert post(client, "/ajukan", {**FORM, "formulir": key}).status_code == 302


@pytest.mark.parametrize("change", [{"name": ""}, {"channel": "x"}, {"subject": ""}], ids=str)
def test_the_counter(app, people, short_line, change):
    client, form = enter(app, people.admin_layanan), {**REQUEST, **NEWCOMER}
    page = sent(client, short_line, FORM_PAGE, {**form, "file": upload(), **change})
    assert page.status_code == 422 and BUSY not in page.text
    form["key"] = re.search(r'name="key" value="(\w+)"', page.text)[1]
    assert BUSY in sent(client, short_line, FORM_PAGE, form).text
    assert post(client, FORM_PAGE, form).status_code == 302
    assert Request.select().count() == 1


def test_the_counter_that_accepts(app, people, short_line):
    client = enter(app, people.admin_layanan)
    form = {**REQUEST, **NEWCOMER, "terima": "1", "file": upload()}
    page = sent(client, short_line, FORM_PAGE, form)
    assert page.status_code == 422 and BUSY not in page.text
    assert "Jawab Ya, Tidak" in page.text or "Wajib diisi" in page.text


class Bill:
    """The form of the treasurer's desk, which asks for three values and a PDF."""

    def __init__(self, app, people, runtime, now):
        request = file_request(runtime, people.customer, now=now, service="lab")
        self.request = advance(request, people, runtime, now=now, until="PEMBAYARAN")
        stage = current_stage(self.request)
        given = inputs_for(stage, people, runtime, self.request, now)
        self.form = {name: value for name, value in given.items() if isinstance(value, str)}
        self.form |= {"berlaku": str(date.today() + timedelta(days=30))}
        self.form |= {"version": str(self.request.version), "desk": stage.code}
        self.client = enter(app, people.staff[stage.role])
        self.address = f"/backoffice/permohonan/{self.request.public_id}/complete"


@pytest.mark.parametrize(
    "change",
    [{"billing": ""}, {"billing": "12"}, {"nominal": "gratis"}, {"berlaku": "2001-01-01"}],
    ids=str,
)  # fmt: skip
def test_the_card(app, people, runtime, now, short_line, change):
    bill = Bill(app, people, runtime, now)
    form = {**bill.form, **change, "tagihan": upload(name="tagihan.pdf")}
    page = sent(bill.client, short_line, bill.address, form)
    assert page.status_code == 422 and BUSY not in page.text and "tagihan.pdf" in page.text
    token = re.search(r'name="tagihan_kept" value="([^"]+)"', page.text)[1]
    form = {**bill.form, "tagihan_kept": token}
    assert BUSY in sent(bill.client, short_line, bill.address, form).text
    assert post(bill.client, bill.address, form).status_code == 302
    assert Document.get(Document.kind == "tagihan").scan == ""


def test_the_card_that_somebody_else_moved(app, people, runtime, now, short_line):
    bill = Bill(app, people, runtime, now)
    form = {**bill.form, "version": "1", "tagihan": upload()}
    assert BUSY not in sent(bill.client, short_line, bill.address, form).text


def test_a_kept_file_of_the_card_that_acts(app, people, runtime, now):
    bill = Bill(app, people, runtime, now)
    page = post(bill.client, bill.address, {**bill.form, "billing": "", "tagihan": upload(SCRIPT)})
    token = re.search(r'name="tagihan_kept" value="([^"]+)"', page.text)[1]
    page = post(bill.client, bill.address, {**bill.form, "tagihan_kept": token})
    assert page.status_code == 422 and "skrip (JavaScript)" in page.text
    assert 'name="tagihan_kept"' not in page.text
    assert not Document.select().where(Document.kind == "tagihan").exists()


def refused(client, runtime, address: str, form: dict, **wrong) -> None:
    """A file that acts, sent with a form that is right: nothing of it stays in the store."""
    kept = {sha256 for sha256, _ in runtime.storage.digests()}
    page = post(client, address, {**form, **wrong})
    assert page.status_code == 422 and "skrip (JavaScript)" in page.text
    assert {sha256 for sha256, _ in runtime.storage.digests()} == kept


def test_a_refused_file_leaves_nothing_at_the_counter(app, people, runtime):
    client, form = enter(app, people.admin_layanan), {**REQUEST, **NEWCOMER}
    refused(client, runtime, FORM_PAGE, form, file=upload(SCRIPT))
    assert not Request.select().exists() and RequestDraft.get().files == {}


def test_a_refused_file_leaves_nothing_on_the_card(app, people, runtime, now):
    bill = Bill(app, people, runtime, now)
    refused(bill.client, runtime, bill.address, bill.form, tagihan=upload(SCRIPT))


def test_a_refused_file_leaves_nothing_of_a_completion(app, people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    asked = take(request, "ask_completion", people.admin_layanan, wita(7, 29, 11),
                 days="5", items="Peta lokasi")  # fmt: skip
    form = {"version": str(asked.version), "desk": current_stage(asked).desk}
    address = f"/layanan/{asked.public_id}/tindakan/give_completion"
    refused(enter(app, people.customer), runtime, address, form, file=upload(SCRIPT))


def test_a_file_kept_with_a_wrong_form_goes_when_it_is_refused(app, people, runtime):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "subject": "", "file": upload(SCRIPT)})
    draft = RequestDraft.get()
    sha256 = draft.files["pendukung"][0]
    assert runtime.storage.has(sha256)
    post(client, "/ajukan", {**FORM, "formulir": draft.key})
    assert not runtime.storage.has(sha256)


def test_a_refused_file_stays_while_another_draft_names_it(app, people, runtime):
    first, second = enter(app, people.customer), enter(app, people.other_customer)
    post(first, "/ajukan", {**FORM, "subject": "", "file": upload(SCRIPT)})
    draft = RequestDraft.get()
    sha256 = draft.files["pendukung"][0]
    page = post(second, "/ajukan", {**FORM, "file": upload(SCRIPT)})
    assert "skrip (JavaScript)" in page.text and runtime.storage.has(sha256)
    page = post(first, "/ajukan", {**FORM, "formulir": draft.key})
    assert "skrip (JavaScript)" in page.text and not runtime.storage.has(sha256)


def test_a_refused_file_that_was_kept_again_meanwhile_stays(app, people, runtime, now):
    file = stored(runtime, b"%PDF-1.7 belum dinamai siapa pun")
    kept_at = runtime.storage.kept_at(file.sha256)
    assert not drop_refused(runtime.storage, file.sha256, kept_at=kept_at - 1, now=now)
    assert runtime.storage.has(file.sha256)
    assert drop_refused(runtime.storage, file.sha256, kept_at=kept_at, now=now)
    assert not runtime.storage.has(file.sha256)
    assert not drop_refused(runtime.storage, file.sha256, kept_at=kept_at, now=now)


def test_a_store_that_fails_spoils_no_answer(app, people, runtime, monkeypatch):
    def fail(sha256: str) -> None:
        raise StoreUnavailable("the bucket is away")

    monkeypatch.setattr(runtime.storage, "drop", fail)
    page = post(enter(app, people.customer), "/ajukan", {**FORM, "file": upload(SCRIPT)})
    assert page.status_code == 422 and "skrip (JavaScript)" in page.text


def test_the_completion_of_a_customer(app, people, runtime, now, short_line):
    request = file_request(runtime, people.customer, now=now)
    asked = take(request, "ask_completion", people.admin_layanan, wita(7, 29, 11),
                 days="5", items="Peta lokasi")  # fmt: skip
    client, address = (
        enter(app, people.customer),
        f"/layanan/{asked.public_id}/tindakan/give_completion",
    )
    form = {"version": str(asked.version), "desk": current_stage(asked).desk}
    wrong = {**form, "note": "x" * 1001, "file": upload(name="peta.pdf")}
    page = sent(client, short_line, address, wrong)
    assert page.status_code == 422 and BUSY not in page.text and "peta.pdf" in page.text
    token = re.search(r'name="file_kept" value="([^"]+)"', page.text)[1]
    assert BUSY in sent(client, short_line, address, {**form, "file_kept": token}).text
    assert post(client, address, {**form, "file_kept": token}).status_code == 302


def test_no_door_takes_an_unchecked_file(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    asked = take(request, "ask_completion", people.admin_layanan, wita(7, 29, 11),
                 days="5", items="Peta lokasi")  # fmt: skip
    known = stored(runtime)
    file = StoredFile(known.sha256, known.size, known.filename, scan="unchecked")
    with pytest.raises(InvalidInput, match="Periksa kembali"):
        take(asked, "give_completion", people.customer, wita(7, 30, 9), file=file)
    with pytest.raises(ValueError, match="nobody has looked at"):
        attach(request, file, kind="x", title="X", by=None, now=now)
