"""The ladder is the office's: by e-mail alone, by WhatsApp alone, in either order."""

import json
from dataclasses import replace

import pytest

from config.settings import DeliveryRules
from messages.compose import read_message_templates
from messages.gateways.gateway import BadAddress
from messages.gateways.meta_cloud import MetaCloud
from messages.handover import Postman
from messages.inbox import receive
from messages.sending import deliver_due
from models import CallTask, Message, User
from tests.messages.carriers import Gateway, customer, tell
from tests.messages.phone import meta
from tests.people import enter, file_request, post


def postman(ladder: tuple[str, ...], **gateways) -> Postman:
    templates = read_message_templates("https://layanan.contoh.test", "k" * 40)
    return Postman(gateways, templates, DeliveryRules(ladder=ladder, quiet_hours=None))


def states(person) -> list[tuple[str, str]]:
    mine = Message.select().where(Message.recipient == person).order_by(Message.id)
    return [(message.channel, message.state) for message in mine]


# -- one channel ----------------------------------------------------------------------------------


def test_email_alone_carries_everything(people, runtime, now):
    file_request(runtime, people.customer, now=now)
    mail = Gateway()
    deliver_due(postman(("email",), email=mail), now=now)
    assert "permintaan_diterima_sistem" in {o.template for o in mail.taken}
    assert {o.address for o in mail.taken} >= {people.customer.email}
    assert states(people.customer) == [("email", "sent")]


def test_email_alone_says_account_messages_once(people, now):
    for channel in ("whatsapp", "email"):
        tell(people.customer, channel, "reset", now, "reset_sandi")
    mail = Gateway()
    for _ in range(3):
        deliver_due(postman(("email",), email=mail), now=now)
    assert [o.address for o in mail.taken] == [people.customer.email]
    assert sorted(states(people.customer)) == [("email", "sent"), ("whatsapp", "cancelled")]


def test_email_alone_and_no_email_is_a_call(people, now):
    person = customer("loket-1@tanpa-email.invalid", "+628120000001")
    tell(person, "whatsapp", "K", now)
    deliver_due(postman(("email",), email=Gateway()), now=now)
    assert CallTask.get().recipient == person


def test_email_alone_and_a_bad_address_is_a_call(people, now):
    tell(people.customer, "whatsapp", "K", now)
    deliver_due(postman(("email",), email=Gateway(BadAddress("x"))), now=now)
    assert CallTask.get().recipient == people.customer


def test_whatsapp_alone_carries_everything(people, runtime, now):
    file_request(runtime, people.customer, now=now)
    tell(people.customer, "email", "K", now)
    phone = Gateway()
    deliver_due(postman(("whatsapp",), whatsapp=phone), now=now)
    assert {o.address for o in phone.taken} == {people.customer.phone}
    assert {state for _, state in states(people.customer)} == {"sent"}


@pytest.mark.parametrize("values", [{"notify_by": "stopped"}, {"notify_by": "email"},
                                    {"phone": "", "phone_confirmed_at": None}])  # fmt: skip
def test_whatsapp_alone_and_none_is_a_call(people, now, values):
    tell(people.customer, "whatsapp", "K", now)
    User.update(**values).where(User.id == people.customer.id).execute()
    deliver_due(postman(("whatsapp",), whatsapp=Gateway()), now=now)
    assert CallTask.get().recipient == people.customer


def test_staff_without_a_phone_are_told_where_they_can_be(people, runtime, now):
    """Nobody phones them: better by a channel that the office doesn't use for customers."""
    file_request(runtime, people.customer, now=now)
    phone, mail = Gateway(), Gateway()
    deliver_due(postman(("whatsapp",), whatsapp=phone, email=mail), now=now)
    assert {o.template for o in mail.taken} == {"tugas_baru"}


@pytest.mark.parametrize("ladder", [("email",), ("whatsapp", "email")])
def test_who_writes_by_whatsapp_is_answered_there(people, now, ladder):
    person = customer("wa@contoh.test", "+628120000001")
    raw = json.dumps(meta("STATUS", sender="628120000001", at=now)).encode()
    (incoming,) = MetaCloud.parse_incoming(raw)
    receive(incoming, channel="meta_cloud", now=now)
    phone, mail = Gateway(), Gateway()
    deliver_due(postman(ladder, whatsapp=phone, email=mail), now=now)
    assert [o.address for o in phone.taken] == [person.phone]


# -- the order ------------------------------------------------------------------------------------


def test_email_first_takes_whatsapp_when_it_fails(people, runtime, now):
    file_request(runtime, people.customer, now=now)
    phone, mail = Gateway(), Gateway(*[BadAddress("x")] * 9)
    for _ in range(2):
        deliver_due(postman(("email", "whatsapp"), whatsapp=phone, email=mail), now=now)
    assert [o.address for o in phone.taken] == [people.customer.phone]
    assert states(people.customer) == [("email", "failed"), ("whatsapp", "sent")]


def test_account_messages_go_by_both_in_either_order(people, now):
    for channel in ("whatsapp", "email"):
        tell(people.customer, channel, "reset", now, "reset_sandi")
    phone, mail = Gateway(), Gateway()
    deliver_due(postman(("email", "whatsapp"), whatsapp=phone, email=mail), now=now)
    assert (len(phone.taken), len(mail.taken)) == (1, 1)


# -- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ladder", "shown", "hidden"),
    [(("email",), "dikirim melalui email: ", "Hanya email"),
     (("whatsapp",), "dikirim melalui WhatsApp", "Hanya email"),
     (("email", "whatsapp"), "Email, dan WhatsApp bila email gagal", "dikirim melalui email: "),
     (("whatsapp", "email"), "WhatsApp, dan email bila WhatsApp gagal", "dikirim melalui email: ")],
)  # fmt: skip
def test_the_profile_offers_what_the_office_has(app, people, monkeypatch, ladder, shown, hidden):
    demo = app.extensions["melasti"]
    settings = replace(demo.settings, delivery=DeliveryRules(ladder=ladder))
    monkeypatch.setitem(app.extensions, "melasti", replace(demo, settings=settings))
    client = enter(app, people.customer)
    page = client.get("/profil").text
    assert shown in page and hidden not in page
    chosen = post(client, "/profil/pemberitahuan", {"notify_by": "email"})
    assert chosen.status_code == 302
    expected = "email" if len(ladder) == 2 else "whatsapp"
    assert User.get_by_id(people.customer.id).notify_by == expected
