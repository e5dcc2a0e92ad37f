"""A letter waits for its signer, who types a passphrase; a failure leaves it as it was."""

import logging
from dataclasses import replace

import pytest

import tasks
import workflow
from models import ChangeRecord, Document, Event, Mandate, Message, OutgoingLetter, StageRecord
from moves.letters import tell_signers
from outputs.signing.registry import chosen_way
from tests.outputs.signing.bsre_service import NIK, PASSPHRASE, PATIENCE
from tests.outputs.signing.certificates import verdict
from tests.papers import read_pdf
from tests.people import REFUSAL, enter, file_request, post
from workflow import Reader

PAGE = "/backoffice/tanda-tangan/"


@pytest.fixture
def by_bsre(app, runtime, service, monkeypatch):
    """The office signs by BSrE, at the service of this test."""
    settings = replace(runtime.settings, signing="bsre", environ=service.environ)
    monkeypatch.setitem(app.extensions, "melasti", replace(runtime, settings=settings))
    return settings


@pytest.fixture
def refused(people, runtime, now, clock):
    request = file_request(runtime, people.customer, now=now)
    return workflow.act(request, "reject", reader=Reader.at(people.admin_layanan, now),
                        inputs=REFUSAL, version=request.version)  # fmt: skip


@pytest.fixture
def letter(by_bsre, refused):
    return OutgoingLetter.get()


def sign(client, letter, **given: str):
    form = {"surat": letter.public_id, "nik": NIK, "passphrase": PASSPHRASE, **given}
    return post(client, PAGE, form)


def document_of(letter) -> Document:
    return Document.get_by_id(letter.document_id)


def assert_nothing_happened(letter) -> None:
    assert document_of(letter).sha256 == ""
    assert OutgoingLetter.get_by_id(letter.id).signed_at is None
    assert not Event.select().where(Event.kind == "document_made").exists()


def test_the_head_reads_signs_and_the_customer_gets_it(
    app, people, runtime, letter, service, p12, by_bsre, now
):
    head, customer = enter(app, people.kepala_balai), enter(app, people.customer)
    address = f"/dokumen/{document_of(letter).public_id}"
    # Nobody gets it before, and no worker makes it.
    early = customer.get(address)
    assert early.status_code == 409
    assert "menunggu tanda tangan elektronik Kepala Balai" in early.text
    way = chosen_way(by_bsre)
    made = tasks.make_pending_documents(runtime.storage, base_url="http://x", now=now, way=way)
    assert made == 1
    assert document_of(letter).sha256 == ""
    assert not tasks._ordered_without_letters(now=now)

    page = head.get(PAGE).text
    assert "Tanda tangani" in page and letter.number in page
    read = head.get(f"{PAGE}{letter.public_id}/pratinjau")
    assert read.mimetype == "application/pdf"
    assert "KONSEP untuk diperiksa" in read_pdf(read.data)[1]
    assert document_of(letter).sha256 == ""

    done = sign(head, letter)
    assert "1 surat ditandatangani dan terbit." in done.text
    content = customer.get(address).data
    assert verdict(content, p12).bottom_line
    text = read_pdf(content)[1]
    assert "ditandatangani secara elektronik menggunakan sertifikat elektronik" in text
    assert "KONSEP" not in text
    signed = OutgoingLetter.get_by_id(letter.id)
    assert (signed.signed_by_way, signed.signature_id, signed.signer) == (
        "bsre", "DOK-1", people.kepala_balai,
    )  # fmt: skip
    event = Event.get(Event.kind == "document_made", Event.actor == people.kepala_balai)
    assert (event.acted_for, event.data["signed"]) == ("kepala_balai", "bsre")
    # What it was asked, in the fields that the service knows.
    (status, _, _), (path, fields, name) = service.asked
    assert status == f"/api/user/status/{NIK}"
    assert (path, name) == ("/api/sign/pdf", document_of(letter).filename)
    assert fields["tampilan"] == "invisible" and fields["nik"] == NIK
    assert fields["linkQR"].endswith(f"/v/{document_of(letter).code}")
    assert "Tidak ada surat yang menunggu" in head.get(PAGE).text


def test_a_second_click_signs_nothing_again(app, people, letter, service):
    head = enter(app, people.kepala_balai)
    sign(head, letter)
    first = document_of(letter).sha256
    again = sign(head, letter)
    assert again.status_code == 422
    assert document_of(letter).sha256 == first
    assert sum(path == "/api/sign/pdf" for path, _, _ in service.asked) == 1


@pytest.mark.parametrize(
    ("mood", "status", "given", "sentence"),
    [
        (
            "ok",
            "ISSUE",
            {"passphrase": "frasa lain"},
            "Passphrase salah. Surat belum ditandatangani.",
        ),
        ("ok", "ISSUE", {"nik": "1" * 16}, "BSrE menolak: User … tidak terdaftar"),
        ("ok", "EXPIRED", {}, "Sertifikat Anda kedaluwarsa."),
        ("ok", "ANEH", {}, "ANEH. Surat belum ditandatangani"),
        ("html", "ISSUE", {}, "bukan PDF yang ditandatangani"),
        ("broken", "ISSUE", {}, "Layanan BSrE sedang bermasalah."),
        ("slow", "ISSUE", {}, "Layanan BSrE tidak menjawab."),
    ],
)
def test_a_failure_leaves_the_letter_waiting_and_says_what_to_do(
    app, people, letter, service, mood, status, given, sentence, caplog, monkeypatch
):
    if mood == "slow":
        monkeypatch.setattr("outputs.signing.bsre.WAIT", (PATIENCE, PATIENCE))
    caplog.set_level(logging.DEBUG)
    service.mood, service.status = mood, status
    head = enter(app, people.kepala_balai)
    answer = sign(head, letter, **given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "checked" in answer.text
    assert given.get("passphrase", PASSPHRASE) not in answer.text
    assert_nothing_happened(letter)
    # Neither the passphrase nor the number of a person is in what a log keeps of us.
    ours = " ".join(r.getMessage() for r in caplog.records if r.name.startswith("melasti"))
    assert PASSPHRASE not in ours and NIK not in ours
    service.mood, service.status = "ok", "ISSUE"
    monkeypatch.setattr("outputs.signing.bsre.WAIT", (5, 60))
    assert "1 surat ditandatangani" in sign(head, letter).text


def test_a_service_that_is_gone_or_refuses_the_office(app, people, letter, service, monkeypatch):
    head = enter(app, people.kepala_balai)
    monkeypatch.setitem(service.__dict__, "mood", "ok")
    settings = app.extensions["melasti"].settings
    wrong = replace(settings, environ={**settings.environ, "BSRE_PASSWORD": "salah"})
    monkeypatch.setitem(app.extensions, "melasti",
                        replace(app.extensions["melasti"], settings=wrong))  # fmt: skip
    assert "Layanan BSrE menolak akun instansi." in sign(head, letter).text
    gone = replace(settings, environ={**settings.environ, "BSRE_BASE_URL": "http://127.0.0.1:9"})
    monkeypatch.setitem(app.extensions, "melasti",
                        replace(app.extensions["melasti"], settings=gone))  # fmt: skip
    assert "Layanan BSrE tidak menjawab." in sign(head, letter).text
    assert_nothing_happened(letter)


def test_a_wrong_passphrase_is_tried_once_however_many_are_ticked(
    app, people, runtime, by_bsre, refused, service, now
):
    second = file_request(runtime, people.customer, now=now, key="K2")
    workflow.act(second, "reject", reader=Reader.at(people.admin_layanan, now), inputs=REFUSAL,
                 version=second.version)  # fmt: skip
    letters = [row.public_id for row in OutgoingLetter.select()]
    head = enter(app, people.kepala_balai)
    form = {"surat": letters, "nik": NIK, "passphrase": "salah"}
    answer = post(head, PAGE, form)
    assert "Tidak dicoba, karena surat sebelumnya gagal." in answer.text
    assert sum(path == "/api/sign/pdf" for path, _, _ in service.asked) == 1
    answer = post(head, PAGE, form | {"passphrase": PASSPHRASE})
    assert "2 surat ditandatangani dan terbit." in answer.text


def test_a_plh_signs_as_one_and_others_do_not(app, people, letter, now, p12):
    for post_code in ("admin_layanan", "kasubag_tu"):
        client = enter(app, people.staff[post_code])
        assert letter.number not in client.get(PAGE).text
        assert client.get(f"{PAGE}{letter.public_id}/pratinjau").status_code == 404
        assert sign(client, letter).status_code == 422
    assert_nothing_happened(letter)
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai, acting=people.kasubag_tu,
        letter="SPT-01", from_on=now.date(), until_on=now.date(), created_at=now,
    )  # fmt: skip
    assert "1 surat ditandatangani" in sign(enter(app, people.kasubag_tu), letter).text
    content = enter(app, people.customer).get(f"/dokumen/{document_of(letter).public_id}").data
    # Named when it was ordered was the head; who signed is who the paper says.
    assert "Plh. Kepala Balai, Petugas kasubag_tu" in read_pdf(content)[1]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"nik": "123"}, "NIK terdiri dari 16 angka."),
        ({"passphrase": ""}, "Wajib diisi."),
        ({"surat": ""}, "Pilih sedikitnya satu surat."),
    ],
)
def test_a_form_that_is_wrong_asks_nobody(app, people, letter, service, given, sentence):
    answer = sign(enter(app, people.kepala_balai), letter, **given)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert service.asked == []


def test_a_passphrase_is_kept_nowhere(app, people, letter):
    sign(enter(app, people.kepala_balai), letter)
    for table in (Event, StageRecord, ChangeRecord, Message, OutgoingLetter):
        for row in table.select().dicts():
            assert PASSPHRASE not in str(row) and NIK not in str(row), table


def test_the_signer_is_told_once(app, people, letter, now):
    assert tell_signers(now=now) == tell_signers(now=now) == 1
    [told] = Message.select().where(Message.template == "surat_menunggu_tanda_tangan")
    assert told.recipient == people.kepala_balai
    assert told.variables["surat"] == letter.number
    assert told.variables["tautan"].endswith("/backoffice/tanda-tangan/")
    sign(enter(app, people.kepala_balai), letter)
    assert tell_signers(now=now) == 0


def test_an_office_without_such_a_way_says_so(app, people, refused):
    client = enter(app, people.kepala_balai)
    assert "surat terbit dengan sendirinya" in client.get(PAGE).text
    assert "Tanda tangani</a>" not in client.get("/backoffice/").text
    assert sign(client, OutgoingLetter.get()).status_code == 422
