"""A message that may have left isn't failed: it is said once more, then elsewhere, no oftener."""

from collections import Counter
from datetime import timedelta

import pytest

from messages.gateways.gateway import DELIVERED, FAILED, READ, AnswerLost, StatusEvent, Unreachable
from messages.reports import apply_report
from messages.sending import deliver_due
from models import CallTask, Message, User
from tests.gateway import Stub
from tests.messages.carriers import Gateway, customer, postman, tell
from tests.messages.gateways import test_fonnte, test_gowa, test_meta_cloud, test_waha
from tests.messages.mail_server import MailServer
from tests.waiting import wait_for

LADDER = ("whatsapp", "email")


def through_a_day(post, now, hours: int = 24) -> None:
    for minute in range(0, hours * 60, 2):
        deliver_due(post, now=now + timedelta(minutes=minute))


@pytest.fixture
def person(people) -> User:
    return customer("baik@contoh.test", "+628120000001")


@pytest.mark.parametrize("template", ["akun_aktif", "tahap_maju"])
def test_it_waits_for_a_report_then_is_said_once_more_and_then_by_mail(person, now, template):
    late, mail = Gateway(*[AnswerLost("lambat")] * 99), Gateway()
    message = tell(person, "whatsapp", "K", now, template)
    Message.update(variables=dict.fromkeys(
        ("sapaan", "nama", "nomor", "tahap", "waktu", "tautan"), "x")).execute()  # fmt: skip
    post = postman(late, mail, quiet_hours=None)
    deliver_due(post, now=now)
    found = Message.get_by_id(message.id)
    assert (found.state, found.lost_answers) == ("unknown", 1)
    assert "mungkin sudah terkirim" in found.error
    assert deliver_due(post, now=now + timedelta(minutes=1)) == 0
    through_a_day(post, now)
    assert (late.tried, len(mail.taken)) == (2, 1)
    assert not CallTask.select().exists()


@pytest.mark.parametrize("state", [DELIVERED, READ, "sent"])
def test_a_report_settles_it(person, now, state):
    late, mail = Gateway(AnswerLost("lambat")), Gateway()
    message = tell(person, "whatsapp", "K", now)
    post = postman(late, mail)
    deliver_due(post, now=now)
    event = StatusEvent("id-1", state, idempotency_key=message.public_id)
    assert apply_report(event, carrier="gateway", ladder=LADDER, now=now) == 1
    through_a_day(post, now)
    assert (late.tried, mail.taken) == (1, [])


def test_a_report_of_failure_takes_the_next_channel_at_once(person, now):
    late, mail = Gateway(AnswerLost("lambat")), Gateway()
    message = tell(person, "whatsapp", "K", now)
    post = postman(late, mail)
    deliver_due(post, now=now)
    event = StatusEvent("", FAILED, idempotency_key=message.public_id, error="x")
    apply_report(event, carrier="gateway", ladder=LADDER, now=now)
    through_a_day(post, now)
    assert (late.tried, len(mail.taken)) == (1, 1)


def test_without_another_channel_somebody_phones(person, now):
    late = Gateway(*[AnswerLost("lambat")] * 99)
    tell(person, "whatsapp", "K", now)
    through_a_day(postman(late, Gateway(), ladder=("whatsapp",)), now)
    assert late.tried == 2
    assert CallTask.get().recipient == person


def test_an_outage_after_it_counts_as_no_second_saying(person, now):
    """The repetition waits with all the others until the channel is back."""
    gateway = Gateway(AnswerLost("lambat"), *[Unreachable("mati")] * 3)
    tell(person, "whatsapp", "K", now)
    post = postman(gateway, Gateway(), ladder=("whatsapp",))
    through_a_day(post, now, hours=4)
    assert len(gateway.taken) == 1


@pytest.mark.parametrize(
    "example", (test_meta_cloud, test_fonnte, test_waha, test_gowa),
    ids=lambda one: one.__name__.rpartition(".")[2],
)  # fmt: skip
@pytest.mark.parametrize("fault", ["lost", "hang", "cut", "garbage", (504, {})])
def test_a_gateway_that_takes_it_and_answers_badly_hears_it_twice(person, now, example, fault):
    stub, mail = Stub(), Gateway()
    stub.answers = [fault] * 99
    sender = example.opened(stub.url, timeout=0.3 if fault == "hang" else 20)
    tell(person, "whatsapp", "K", now)
    for minute in range(0, 180, 3):
        deliver_due(postman(sender, mail, quiet_hours=None), now=now + timedelta(minutes=minute))
    wait_for(lambda: len(stub.seen) == 2)
    stub.close()
    assert [o.address for o in mail.taken] == [person.email]


@pytest.mark.parametrize("mood", ["hilang", "lambat"])
def test_a_mail_server_that_takes_it_and_is_gone_hears_it_twice(people, now, mood):
    server, phone = MailServer(), Gateway()
    person = customer(f"{mood}@contoh.test", "+628120000001")
    tell(person, "email", "K", now)
    post = postman(phone, server.opened(timeout=0.5), ladder=("email", "whatsapp"))
    for minute in range(0, 180, 3):
        deliver_due(post, now=now + timedelta(minutes=minute))
    server.close()
    assert Counter(server.addresses()) == {person.email: 2}
    # One letter twice, known as one by its id; then WhatsApp once.
    assert len({letter["Message-ID"] for _, letter in server.taken}) == 1
    assert [o.address for o in phone.taken] == [person.phone]
