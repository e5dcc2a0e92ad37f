"""What waits for the Admin Layanan is answered, put to a request or forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from messages.inbox import answer, assign, close, forget
from models import IncomingMessage, Message, Remark, Request
from tests.messages.phone import STRANGER, meta, replies
from tests.people import enter, file_request, post
from workflow import InvalidInput, Refused


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
