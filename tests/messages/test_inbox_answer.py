"""What a phone sends is answered, and strangers are told nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from messages.compose import compose, read_message_templates
from models import IncomingMessage, Message, Remark, User
from tests.messages.phone import PHONE, STRANGER, meta, replies
from tests.people import enter, file_request, make_customer
from workflow import Reader

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


def test_stranger_is_told_nothing_and_answered_once_a_day(gateway, item, people, now):
    for words in ("STATUS", item.number, "Halo", "STOP"):
        gateway(meta(words, sender=STRANGER))
    ((template, text),) = replies(STRANGER)
    assert template == "jawaban_nomor_asing"
    assert item.number not in text
    assert IncomingMessage.select().where(IncomingMessage.is_waiting).count() == 4
    assert not Remark.select().exists()
    assert User.get_by_id(people.customer.id).notify_by == "whatsapp"
    supervised = User.customers_visible_to(Reader.at(people.administrator, now))
    assert supervised.where(~User.active).count() == 0


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
