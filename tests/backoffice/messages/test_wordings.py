"""The words of the messages: changed by the administrator, checked, kept by version, restored."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from administration.wordings import default_wordings, own_wordings, restore, reword
from messages.compose import compose, read_message_templates
from models import ChangeRecord, Event, Message, OwnWording
from tests.people import advance, enter, file_request, post
from workflow import Conflict, InvalidInput

DEFAULTS, FOOTER = default_wordings()
SITE = "https://layanan.contoh.test"
OWN = "Yth. {sapaan} {nama}, layanan {nomor} sampai pada {tahap}. Lihat {tautan}"


@pytest.fixture
def administrator(people):
    return people.administrator


def change(administrator, text=OWN, *, now, code="tahap_maju", subject="Kabar {nomor}", version=0):
    return reword(code, subject, text, version=version, actor=administrator, now=now)


@pytest.fixture
def message(people, runtime, now) -> Message:
    item = file_request(runtime, people.customer, now=now)
    advance(item, people, runtime, now=now, until="DISPOSISI_KASUBAG")
    return Message.get((Message.template == "tahap_maju") & (Message.recipient == people.customer))


def words(message: Message) -> str:
    return compose(Message.get_by_id(message.id), read_message_templates(SITE)).text


# -- in force ------------------------------------------------------------------------------------


def test_a_waiting_message_leaves_with_the_words_in_force(administrator, message, now):
    assert "yang baru selesai" in words(message)
    assert change(administrator, now=now)
    assert words(message).startswith("Yth. Bapak Pelanggan Satu, layanan ")
    assert f"{SITE}/layanan/" in words(message)


def test_a_sent_message_keeps_its_words(administrator, message, now):
    Message.update(state="sent", sent_at=now).where(Message.id == message.id).execute()
    change(administrator, now=now + timedelta(minutes=1))
    assert "yang baru selesai" in words(message)
    Message.update(sent_at=now + timedelta(minutes=2)).where(Message.id == message.id).execute()
    assert words(message).startswith("Yth.")


def test_parameters_of_the_cloud_api_follow_the_words(administrator, message, now):
    change(administrator, "Tahap {tahap}, nomor {nomor}: {tautan}", now=now)
    outgoing = compose(message, read_message_templates(SITE))
    assert outgoing.parameters[:2] == (message.variables["tahap"], message.variables["nomor"])
    assert outgoing.template == "tahap_maju"


def test_a_row_without_a_new_variable_takes_the_default(administrator, message, now):
    change(administrator, OWN + " {perihal}", now=now)
    variables = {k: v for k, v in message.variables.items() if k != "perihal"}
    Message.update(variables=variables).where(Message.id == message.id).execute()
    assert "yang baru selesai" in words(message)


def test_email_is_a_letter_with_a_text_beside_it(message):
    message.channel = "email"
    message.variables = {**message.variables, "nama": "<b>Ani & Budi</b>"}
    outgoing = compose(message, read_message_templates(SITE))
    assert FOOTER in outgoing.text
    assert "<b>Ani & Budi</b>" in outgoing.text
    assert "&lt;b&gt;Ani &amp; Budi&lt;/b&gt;" in outgoing.html
    assert outgoing.html.count(f'href="{SITE}/layanan/') == 2
    assert "Balai Teknik Pantai" in outgoing.html
    assert "style=" not in outgoing.html


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Halo {nma}, {tautan}", r"\{nma\} tidak ada pada pesan ini.*\{nama\}"),
        ("Halo {nama}", r"\{tautan\} tidak boleh dihapus"),
        ("Halo {nama, {tautan}", "Kurung kurawal"),
        ("{nama.__class__} {tautan}", "tidak ada pada pesan ini"),
        ("{nama!r} {tautan}", "tidak ada pada pesan ini"),
        ("{nama:>99999999} {tautan}", "tidak ada pada pesan ini"),
        ("{} {0} {tautan}", "tidak ada pada pesan ini"),
        ("  ", "Wajib diisi"),
        ("{tautan} " + "a" * 1024, "1024"),
    ],
)
def test_words_that_can_not_work_are_refused(administrator, now, text, sentence):
    with pytest.raises(InvalidInput) as refusal:
        change(administrator, text, now=now)
    assert re.search(sentence, refusal.value.errors["text"])
    assert not OwnWording.select().exists()


def test_link_that_opens_an_account_stays_and_stays_out_of_the_subject(administrator, now):
    for subject, text, field in (
        ("Sandi", "Halo {nama}", "text"),
        ("Sandi {tautan}", "Halo {nama}: {tautan}", "subject"),
        ("Sandi\nBcc: x@contoh.test", "Halo {nama}: {tautan}", "subject"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            change(administrator, text, now=now, code="reset_sandi", subject=subject)
        assert field in refusal.value.errors


def test_every_default_passes_and_every_sender_gives_what_is_allowed(message):
    for row in Message.select():
        wording = DEFAULTS[row.template]
        assert set(wording.allowed) <= set(row.variables), row.template


# -- versions ------------------------------------------------------------------------------------


def test_changes_are_versions_with_digests_of_before_and_after(administrator, now):
    change(administrator, now=now)
    assert not change(administrator, now=now, version=1)
    assert restore("tahap_maju", version=1, actor=administrator, now=now + timedelta(minutes=1))
    assert not restore("tahap_maju", version=2, actor=administrator, now=now)
    changed, restored = Event.select().where(Event.kind.startswith("wording_")).order_by(Event.id)
    digest = hashlib.sha256(f"Kabar {{nomor}}\n{OWN}".encode()).hexdigest()
    assert changed.data["after"] == restored.data["before"] == digest
    assert (restored.kind, restored.data["after"]) == ("wording_restored", changed.data["before"])
    assert [row.after["text"] for row in ChangeRecord.select().order_by(ChangeRecord.id)][0] == OWN
    assert read_message_templates(SITE).wordings["tahap_maju"].text == DEFAULTS["tahap_maju"].text
    assert len(own_wordings()["tahap_maju"]) == 2


def test_the_second_of_two_editors_is_told(administrator, now):
    change(administrator, now=now)
    with pytest.raises(Conflict):
        change(administrator, "Lain {tautan}", now=now)
    with pytest.raises(Conflict):
        restore("tahap_maju", version=0, actor=administrator, now=now)


# -- pages ---------------------------------------------------------------------------------------

PAGE = "/backoffice/pesan-templat/tahap_maju"


def test_administrator_edits_with_a_preview_and_keeps_the_words_on_an_error(app, administrator):
    client = enter(app, administrator)
    form = {"subject": "Kabar {nomor}", "text": OWN, "version": "0"}
    preview = post(client, f"{PAGE}/pratinjau", form).text
    assert "Yth. Ibu Pelanggan Contoh, layanan 48/L.Data/29/VII/24" in preview
    assert "Yth. {{1}} {{2}}, layanan {{3}} sampai pada {{4}}." in preview
    assert "Daftarkan dulu templat ini di Meta" in preview
    assert "srcdoc=" in preview
    assert not OwnWording.select().exists()
    part = post(client, f"{PAGE}/pratinjau", form, headers={"X-Requested-With": "fetch"}).text
    assert "<html" not in part.partition("srcdoc")[0]
    wrong = post(client, PAGE, form | {"text": "Halo {nma} {tautan}"})
    assert wrong.status_code == 422
    assert "Halo {nma} {tautan}" in wrong.text
    assert "Yang dapat dipakai: {sapaan}, {nama}" in wrong.text
    assert post(client, PAGE, form).status_code == 302
    assert OwnWording.get().created_by_id == administrator.id
    assert "Kata balai sejak" in client.get("/backoffice/pesan-templat/").text
    assert post(client, PAGE, form | {"text": "Lain {tautan}"}).status_code == 409
    assert post(client, f"{PAGE}/kembalikan", {"version": "1"}).status_code == 302
    assert "Kata balai sejak" not in client.get("/backoffice/pesan-templat/").text


def test_admin_reads_and_can_not_write(app, people):
    client = enter(app, people.admin_layanan)
    page = client.get(PAGE).text
    assert "Pratinjau" in page
    assert "Simpan kata-kata" not in page
    assert post(client, PAGE, {"subject": "x", "text": OWN}).status_code == 403
    assert client.get("/backoffice/pesan-templat/tidak_ada").status_code == 404


def test_pages_about_messages_read_the_words_once(app, administrator, message, monkeypatch):
    from tests.test_queries import Counter

    for version in range(6):
        change(administrator, f"{OWN} {version}", now=datetime.now(UTC), version=version)
    counter = Counter(monkeypatch)
    client = enter(app, administrator)
    assert counter.of(client, "/backoffice/pesan-templat/") <= 8
    assert counter.of(client, PAGE) <= 9
    assert counter.of(enter(app, message.recipient), "/pemberitahuan") <= 6
