"""One person's trouble is never the channel's: the others get their messages meanwhile."""

from datetime import timedelta
from itertools import pairwise

import pytest

from messages import health
from messages.gateways.gateway import AnswerLost, BadAddress, ServerFault, Unreachable
from messages.sending import deliver_due
from messages.waiting import next_look
from models import CallTask, ChannelState, Message
from tests.gateway import Stub
from tests.messages.carriers import Gateway, customer, postman, tell
from tests.messages.gateways import test_fonnte, test_gowa, test_meta_cloud, test_waha
from tests.messages.mail_server import MailServer

GATEWAYS = (test_meta_cloud, test_fonnte, test_waha, test_gowa)


@pytest.fixture
def mail_server():
    server = MailServer(enable_SMTPUTF8=False)
    yield server
    server.close()


@pytest.fixture
def stub():
    opened = Stub()
    yield opened
    opened.close()


def channel_of(name: str) -> ChannelState:
    return health.state_of(name)


def minutes_until_left(post, message: Message, now) -> float:
    """How long delivery takes, looked at whenever it says that something may leave."""
    at = now
    while at < now + timedelta(hours=4):
        deliver_due(post, now=at)
        if Message.get_by_id(message.id).state == "sent":
            return (at - now).total_seconds() / 60
        at = max(next_look(post, now=at) or at, at + timedelta(seconds=1))
    return float("inf")


# -- e-mail ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", ["tolak", "isi", "nanti", "penuh", "tutup", "hilang", "andré"])
@pytest.mark.parametrize("count", [6, 9])
def test_a_good_mail_behind_bad_ones_leaves_within_a_minute(people, mail_server, now, mood, count):
    """Three of a kind may make the channel doubtful; then probes go to the others in turn."""
    for index in range(count):
        tell(customer(f"{mood}-{index}@contoh.test"), "email", f"K{index}", now)
    good = tell(customer("baik@contoh.test"), "email", "baik", now)
    assert minutes_until_left(postman(Gateway(), mail_server.opened()), good, now) <= 1


@pytest.mark.parametrize("mood", ["tolak", "isi", "bäcker", "用户"])
def test_what_is_said_of_recipients_leaves_the_channel_up(people, mail_server, now, mood):
    for index in range(4):
        tell(customer(f"{mood}-{index}@contoh.test"), "email", f"K{index}", now)
    deliver_due(postman(Gateway(), mail_server.opened()), now=now)
    state = channel_of("email")
    assert (state.opened_at, state.failures, state.faulty) == (None, 0, "")
    assert Message.select().where(Message.state == "failed").count() == 4
    assert CallTask.select().count() == 4


def test_a_reset_mail_leaves_behind_twenty_strange_sign_ups(people, mail_server, now):
    for index in range(20):
        tell(customer(f"bäcker{index}@contoh.test"), "email", f"K{index}", now, "akun_terdaftar")
    reset = tell(people.customer, "email", "reset", now, "reset_sandi")
    assert minutes_until_left(postman(Gateway(), mail_server.opened()), reset, now) <= 1
    assert Message.get_by_id(reset.id).attempts == 1


# -- WhatsApp -------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", GATEWAYS, ids=lambda one: one.__name__.rpartition(".")[2])
@pytest.mark.parametrize("answer", [(500, {}), (403, {"message": "Forbidden"}), (503, {})])
def test_a_good_number_behind_six_bad_ones_is_served(people, stub, now, example, answer):
    for index in range(6):
        tell(
            customer(f"n{index}@contoh.test", f"+62812000000{index}"), "whatsapp", f"K{index}", now
        )
    good = tell(customer("baik@contoh.test", "+628129999999"), "whatsapp", "baik", now)
    stub.answers = [answer] * 6 + [example.ACCEPTED] * 50
    mail = Gateway()
    assert minutes_until_left(postman(example.opened(stub.url), mail), good, now) <= 1
    # The first two were told by mail at once: nothing was known against the channel.
    assert len(mail.taken) >= 2


def test_one_persons_faults_never_close_the_channel(people, now):
    dead, mail = Gateway(*[ServerFault("500")] * 50), Gateway()
    for index in range(10):
        tell(people.customer, "whatsapp", f"K{index}", now)
    post = postman(dead, mail)
    for minute in range(30):
        deliver_due(post, now=now + timedelta(minutes=minute))
    assert channel_of("whatsapp").opened_at is None
    assert len(mail.taken) == 10


@pytest.mark.parametrize("fault", [ServerFault, AnswerLost])
def test_three_different_people_do(people, now, fault):
    dead = Gateway(*[fault("500")] * 50)
    for index in range(9):
        tell(
            customer(f"n{index}@contoh.test", f"+62812000000{index}"), "whatsapp", f"K{index}", now
        )
    deliver_due(postman(dead, Gateway()), now=now)
    assert dead.tried == health.THRESHOLD
    assert channel_of("whatsapp").opened_at == now


def test_somebody_served_in_between_clears_the_others(people, now):
    answers = [ServerFault("500"), ServerFault("500"), None, ServerFault("500"), ServerFault("500")]
    for index in range(5):
        tell(
            customer(f"n{index}@contoh.test", f"+62812000000{index}"), "whatsapp", f"K{index}", now
        )
    deliver_due(postman(Gateway(*answers), Gateway()), now=now)
    assert channel_of("whatsapp").opened_at is None


def test_probes_go_to_everybody_in_turn(people, now):
    """Not again to who failed last, while others haven't been tried once."""
    dead, tried = Gateway(*[Unreachable("diam")] * 99), []
    for index in range(8):
        tell(
            customer(f"n{index}@contoh.test", f"+62812000000{index}"), "whatsapp", f"K{index}", now
        )
    for minute in range(0, 60, 5):
        deliver_due(postman(dead, ladder=("whatsapp",)), now=now + timedelta(minutes=minute))
        tried.append(sorted(row.attempts for row in Message.select()))
    assert max(tried[5]) == 1
    assert all(before <= after for before, after in pairwise(tried))


def test_an_address_that_fails_steps_down_at_once(people, mail_server, now):
    person = customer("isi@contoh.test", "+628120000001")
    tell(person, "email", "K", now)
    phone = Gateway()
    post = postman(phone, mail_server.opened(), ladder=("email", "whatsapp"))
    deliver_due(post, now=now)
    deliver_due(post, now=now)
    assert [o.address for o in phone.taken] == ["+628120000001"]


def test_last_refusal_is_followed_by_a_call(people, now):
    person = customer("n@contoh.test", "+628120000001")
    tell(person, "whatsapp", "K", now)
    dead = Gateway(*[BadAddress("tidak ada")] * 5)
    deliver_due(postman(dead), now=now)
    assert CallTask.get().recipient == person
