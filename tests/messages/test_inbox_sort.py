"""What a phone sends is a choice of the channel, or goes into a conversation."""

import threading

import pytest

from messages.conversation import unread_counts
from messages.gateways.registry import GATEWAYS
from models import Event, IncomingMessage, Message, Remark, Request, User
from tests.messages.gateways import test_fonnte, test_gowa, test_waha
from tests.messages.phone import ids, meta, replies
from tests.people import advance, file_request

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


def said_through(name: str, text: str) -> dict:
    others = {"fonnte": test_fonnte, "waha": test_waha, "gowa": test_gowa}
    return meta(text) if name == "meta_cloud" else others[name].incoming(text, found=next(ids))


# -- every gateway -------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [one.name for one in GATEWAYS if one.report_secret])
def test_every_gateway_is_understood(gateway, item, channel):
    body = said_through(channel, "STATUS")
    assert gateway(body, channel) == 200
    assert gateway(body, channel) == 200
    assert [template for template, _ in replies()] == ["jawaban_status"]
    assert IncomingMessage.get().channel == channel
