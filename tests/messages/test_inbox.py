"""What people write to the office's WhatsApp: answered, filed, and never told to a stranger."""

import hashlib
import hmac
import itertools
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from messages.compose import compose, read_message_templates
from messages.conversation import unread_counts
from messages.gateways.registry import GATEWAYS
from messages.inbox import answer, assign, close, forget
from models import Event, IncomingMessage, Message, Remark, Request, User
from tests.messages.gateways import test_fonnte, test_gowa, test_meta_cloud, test_waha
from tests.people import advance, enter, file_request, make_customer, post
from workflow import InvalidInput, Refused

SECRET = "kunci-uji"
PHONE = "6281234567890"
STRANGER = "6285200000001"
ids = itertools.count(1)


@pytest.fixture
def other_phone(people):
    User.update(phone="+6281300000002").where(User.id == people.other_customer.id).execute()
    User.update(phone="").where(User.id == people.unverified.id).execute()
    return people


@pytest.fixture
def item(other_phone, people, runtime, now) -> Request:
    request = file_request(runtime, people.customer, now=now)
    return advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")


@pytest.fixture
def gateway(app, live, monkeypatch):
    """POST signed messages to the real server, as the chosen gateway does."""
    demo = app.extensions["melasti"]
    environ = {**demo.settings.environ, "META_APP_SECRET": SECRET, "FONNTE_WEBHOOK_KEY": SECRET,
                "WAHA_HMAC_KEY": SECRET, "GOWA_HMAC_KEY": SECRET}  # fmt: skip

    def send(body: dict, channel: str = "meta_cloud", *, signature: str = "") -> int:
        settings = replace(demo.settings, whatsapp_channel=channel, environ=environ)
        monkeypatch.setitem(app.extensions, "melasti", replace(demo, settings=settings))
        raw, path, headers = json.dumps(body).encode(), f"/webhook/{channel}", {}
        if channel in ("meta_cloud", "gowa"):
            signed = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
            headers["X-Hub-Signature-256"] = signature or f"sha256={signed}"
        elif channel == "waha":
            headers["X-Webhook-Hmac"] = hmac.new(SECRET.encode(), raw, hashlib.sha512).hexdigest()
        else:
            path += f"/{SECRET}"
        return requests.post(live + path, data=raw, headers=headers, timeout=20).status_code

    return send


def meta(text: str, *, sender: str = PHONE, found: str = "", **more) -> dict:
    found = found or f"wamid.in.{next(ids)}"
    return test_meta_cloud.incoming(text, sender=sender, found=found, **more)


def replies(phone: str = PHONE) -> list[tuple[str, str]]:
    """(template, text) of the answers to a phone, oldest first."""
    templates = read_message_templates("https://layanan.contoh.test")
    free = [code for code, words in templates.wordings.items() if words.is_free]
    rows = Message.select().where(Message.template.in_(free) & (Message.address == f"+{phone}"))
    return [(row.template, compose(row, templates).text) for row in rows.order_by(Message.id)]


# -- status --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["STATUS", "status.", " Status "])
def test_status_is_answered_once_however_often_it_is_reported(gateway, item, words):
    body = meta(words)
    for _ in range(3):
        assert gateway(body) == 200
    ((template, text),) = replies()
    assert template == "jawaban_status"
    assert f"- {item.number}: Sedang Diproses, " in text
    assert item.subject not in text
    message = Message.get(Message.template == "jawaban_status")
    left = message.expires_at - datetime.now(UTC)
    assert timedelta(hours=23) < left < timedelta(hours=24, minutes=1)
    assert IncomingMessage.select().count() == 1


def test_a_number_is_answered_to_its_own_phone_only(gateway, item, people):
    gateway(meta(f"status {item.number.lower()}"))
    gateway(meta(item.number, sender="6281300000002"))
    ((_, mine),) = replies()
    ((template, theirs),) = replies("6281300000002")
    assert item.number in mine
    assert template == "jawaban_tanpa_status"
    assert item.number not in theirs


def test_answer_is_free_text_for_the_cloud_api_and_leaves(gateway, item):
    gateway(meta("STATUS"))
    message = Message.get(Message.template == "jawaban_status")
    outgoing = compose(message, read_message_templates("https://layanan.contoh.test"))
    assert outgoing.is_free
    assert outgoing.address == f"+{PHONE}"


def test_late_report_of_an_old_message_is_kept_and_not_answered(gateway, item):
    gateway(meta("STATUS", at=datetime.now(UTC) - timedelta(hours=25)))
    assert replies() == []
    assert IncomingMessage.get().outcome == "status"


def test_shared_phone_hears_numbers_of_both_and_no_page_shows_the_others(
    app, gateway, item, people, runtime, now
):
    with app.app_context():
        twin = make_customer("kembar@contoh.test", "Pelanggan Kembar")
    second = file_request(runtime, twin, now=now, key="K2", subject="Uji kedua")
    gateway(meta("STATUS"))
    ((_, text),) = replies()
    assert item.number in text
    assert "belum bernomor" in text
    assert "Pelanggan" not in text
    for person in (people.customer, twin):
        page = enter(app, person).get("/pemberitahuan").text
        assert "Status layanan Anda per" not in page
    # Words without a number could be either's: the admin decides.
    gateway(meta("Kapan selesai?"))
    assert not Remark.select().exists()
    assert IncomingMessage.get(IncomingMessage.text == "Kapan selesai?").is_waiting
    gateway(meta(f"Tentang {item.number}, kapan selesai?"))
    assert Remark.get().request_id == item.id
    assert second.number is None


# -- strangers -----------------------------------------------------------------------------------


def test_stranger_is_told_nothing_and_answered_once_a_day(gateway, item, people):
    for words in ("STATUS", item.number, "Halo", "STOP"):
        gateway(meta(words, sender=STRANGER))
    ((template, text),) = replies(STRANGER)
    assert template == "jawaban_nomor_asing"
    assert item.number not in text
    assert IncomingMessage.select().where(IncomingMessage.is_waiting).count() == 4
    assert not Remark.select().exists()
    assert User.get_by_id(people.customer.id).notify_by == "whatsapp"
    assert User.customers_visible_to(people.administrator).where(~User.active).count() == 0


def test_who_chose_email_is_not_found_by_a_phone_that_may_be_somebody_elses(gateway, item, people):
    User.update(notify_by="email").where(User.id == people.customer.id).execute()
    for words in ("STATUS", "MULAI"):
        gateway(meta(words))
    assert [template for template, _ in replies()] == ["jawaban_nomor_asing"]
    assert User.get_by_id(people.customer.id).notify_by == "email"


def test_more_than_a_person_types_is_not_heard(gateway, item, monkeypatch):
    monkeypatch.setattr("web.webhooks.HEARD_PER_HOUR", 2)
    for _ in range(4):
        assert gateway(meta("Halo", sender=STRANGER)) == 200
    assert IncomingMessage.select().count() == 2


def test_unsigned_or_for_another_number_is_not_heard(app, gateway, item):
    assert gateway(meta("STATUS"), signature="sha256=" + "0" * 64) == 403
    assert not IncomingMessage.select().exists()


# -- the choice of the channel -------------------------------------------------------------------


def test_stop_and_start_from_the_phone(gateway, item, people, runtime, now):
    gateway(meta("Stop"))
    assert User.get_by_id(people.customer.id).notify_by == "stopped"
    assert Event.get(Event.kind == "channel_chosen").data["by"] == "whatsapp"
    advance(Request.get_by_id(item.id), people, runtime, now=now, until="DISPOSISI_KASUBAG")
    latest = Message.select().where(Message.template == "tahap_maju").order_by(Message.id.desc())
    assert latest.first().channel == "email"
    assert latest.first().address == people.customer.email
    gateway(meta("MULAI"))
    assert User.get_by_id(people.customer.id).notify_by == "whatsapp"
    assert [template for template, _ in replies()] == ["jawaban_berhenti", "jawaban_mulai"]


def test_stop_of_somebody_without_email_reaches_a_human(gateway, other_phone, people):
    User.update(email="x@tanpa-email.invalid").where(User.id == people.customer.id).execute()
    gateway(meta("STOP"))
    row = IncomingMessage.get()
    assert (row.outcome, row.is_waiting) == ("stop", True)


def test_the_same_message_at_once_is_taken_in_once(gateway, item):
    body, codes = meta("STATUS"), []
    threads = [threading.Thread(target=lambda: codes.append(gateway(body))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 4
    assert IncomingMessage.select().count() == 1
    assert len(replies()) == 1


# -- into the conversation -----------------------------------------------------------------------


def test_words_go_into_the_only_open_request(gateway, item, people):
    body = meta("Apakah data tahun 2020 juga ada?")
    gateway(body)
    gateway(body)
    remark = Remark.get()
    assert (remark.text, remark.via) == ("Apakah data tahun 2020 juga ada?", "whatsapp")
    assert (remark.author_id, remark.request_id) == (people.customer.id, item.id)
    assert unread_counts([item.id], people.kepala_balai) == {item.id: 1}
    assert [template for template, _ in replies()] == ["jawaban_diteruskan"]


def test_answer_to_a_notice_goes_to_its_request(gateway, item, people, runtime, now):
    second = file_request(runtime, people.customer, now=now, key="K2", subject="Kedua")
    gateway(meta("Yang mana?"))
    assert not Remark.select().exists()
    notice = Message.get((Message.request == second) & (Message.recipient == people.customer))
    Message.update(provider_id="true_62851@c.us_ABC", state="sent").where(
        Message.id == notice.id
    ).execute()
    gateway(meta("Ini balasannya", reply="true_62851@c.us_ABC"))
    gateway(meta("Dan ini", reply="ABC"))
    assert {remark.request_id for remark in Remark.select()} == {second.id}
    assert Remark.select().count() == 2
    # Somebody else's phone that quotes the same notice says nothing there.
    gateway(meta("Bukan saya", sender="6281300000002", reply="true_62851@c.us_ABC"))
    assert Remark.select().count() == 2


def test_a_picture_waits_for_the_admin(gateway, item):
    gateway(meta("Foto lokasi", kind="image"))
    row = IncomingMessage.get()
    assert (row.kind, row.text, row.is_waiting) == ("image", "Foto lokasi", True)
    assert not Remark.select().exists()


# -- every gateway -------------------------------------------------------------------------------


def said_through(name: str, text: str) -> dict:
    others = {"fonnte": test_fonnte, "waha": test_waha, "gowa": test_gowa}
    return meta(text) if name == "meta_cloud" else others[name].incoming(text, found=next(ids))


@pytest.mark.parametrize("channel", [one.name for one in GATEWAYS if one.report_secret])
def test_every_gateway_is_understood(gateway, item, channel):
    body = said_through(channel, "STATUS")
    assert gateway(body, channel) == 200
    assert gateway(body, channel) == 200
    assert [template for template, _ in replies()] == ["jawaban_status"]
    assert IncomingMessage.get().channel == channel


# -- the admin's inbox ---------------------------------------------------------------------------


@pytest.fixture
def waiting(gateway, item) -> IncomingMessage:
    gateway(meta("Foto lokasi", kind="image"))
    return IncomingMessage.get()


def test_admin_is_told_once_a_day_of_what_waits(gateway, item, people):
    for _ in range(3):
        gateway(meta("Halo", sender=STRANGER))
    told = Message.select().where(Message.template == "pesan_masuk_baru")
    assert [message.recipient_id for message in told] == [people.admin_layanan.id]


def test_admin_answers_within_the_window_once(waiting, people):
    at = datetime.now(UTC)
    answer(waiting, "Mohon unggah melalui portal.", actor=people.admin_layanan, now=at)
    assert replies()[-1] == ("jawaban_petugas", "Mohon unggah melalui portal.")
    row = IncomingMessage.get()
    assert (row.outcome, row.handled_by_id) == ("answered", people.admin_layanan.id)
    with pytest.raises(Refused, match="sudah ditangani"):
        close(waiting, actor=people.admin_layanan, now=at)


def test_answer_after_the_window_is_refused(waiting, people):
    late = datetime.now(UTC) + timedelta(hours=25)
    with pytest.raises(Refused, match="24 jam"):
        answer(waiting, "Terlambat", actor=people.admin_layanan, now=late)
    with pytest.raises(InvalidInput):
        answer(waiting, " ", actor=people.admin_layanan, now=datetime.now(UTC))
    assert IncomingMessage.get().is_waiting


def test_message_goes_only_to_a_request_of_its_phone(gateway, item, people, runtime, now):
    second = file_request(runtime, people.customer, now=now, key="K2")
    theirs = file_request(runtime, people.other_customer, now=now, key="K3")
    gateway(meta("Kapan selesai?"))
    row = IncomingMessage.get()
    at = datetime.now(UTC)
    with pytest.raises(Refused, match="bukan milik"):
        assign(row, Request.get_by_id(theirs.id), actor=people.admin_layanan, now=at)
    assert IncomingMessage.get().is_waiting
    assign(row, second, actor=people.admin_layanan, now=at)
    assert Remark.get().request_id == second.id
    assert IncomingMessage.get().request_id == second.id


def test_inbox_page_answers_keeps_the_words_and_tells_a_conflict(app, waiting, people):
    client = enter(app, people.admin_layanan)
    address = f"/backoffice/pesan-masuk/{waiting.public_id}"
    assert "1 pesan WhatsApp" in client.get("/backoffice/").text
    assert "Foto lokasi" in client.get("/backoffice/pesan-masuk/").text
    long = post(client, f"{address}/jawab", {"text": "kata " * 300})
    assert long.status_code == 422
    assert "kata kata" in long.text
    assert post(client, f"{address}/jawab", {"text": "Terima kasih."}).status_code == 302
    assert "Foto lokasi" not in client.get("/backoffice/pesan-masuk/").text
    assert "Foto lokasi" in client.get("/backoffice/pesan-masuk/?tab=semua").text
    assert post(client, f"{address}/selesai").status_code == 409
    assert client.get("/backoffice/pesan-masuk/tidak-ada").status_code == 404


def test_a_request_of_another_phone_can_not_be_chosen(app, gateway, item, people, runtime, now):
    file_request(runtime, people.customer, now=now, key="K2")
    theirs = file_request(runtime, people.other_customer, now=now, key="K3")
    gateway(meta("Kapan selesai?"))
    client = enter(app, people.admin_layanan)
    address = f"/backoffice/pesan-masuk/{IncomingMessage.get().public_id}"
    assert item.number in client.get(address).text
    refused = post(client, f"{address}/masukkan", {"request": theirs.public_id})
    assert refused.status_code == 422
    assert post(client, f"{address}/masukkan", {"request": item.public_id}).status_code == 302
    assert Remark.get().request_id == item.id


def test_what_belongs_to_no_request_is_forgotten_after_ninety_days(gateway, item):
    for body in (meta("Halo", sender=STRANGER), meta("STATUS"), meta("Kapan selesai?")):
        gateway(body)
    at = datetime.now(UTC)
    IncomingMessage.update(is_waiting=False).execute()
    for _ in range(2):
        assert forget(now=at + timedelta(days=89)) == 0
    assert forget(now=at + timedelta(days=91)) == 2
    assert [row.outcome for row in IncomingMessage.select()] == ["remark"]
    assert replies(STRANGER) == []
    assert Remark.select().count() == 1
