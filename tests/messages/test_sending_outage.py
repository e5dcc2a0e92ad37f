"""Channels that are down, slow or silent."""

from datetime import timedelta

from messages import health as channels
from messages.gateways.gateway import Misconfigured, RateLimited, Unreachable
from messages.sending import deliver_due
from messages.waiting import next_look
from models import CallTask, ChannelState, Message
from tests.messages.carriers import Gateway, postman


def test_dead_gateway_costs_a_probe_and_never_a_pile(crowd, now):
    dead, mail = Gateway(*[Unreachable("diam")] * 99), Gateway()
    deliver_due(postman(dead, mail), now=now)
    assert dead.tried == channels.THRESHOLD
    state = ChannelState.get(ChannelState.name == "whatsapp")
    assert state.opened_at == now
    assert "diam" in state.reason
    # Within the first hour: probes after 1, 2, 4, 8 and then every 15 minutes, one message each.
    for minute in range(1, 61):
        deliver_due(postman(dead, mail), now=now + timedelta(minutes=minute))
    assert dead.tried <= channels.THRESHOLD + 7
    # What waited didn't spend its tries on a gateway that is known to be dead.
    assert Message.select().where(Message.attempts == 0).count() >= 2
    assert not CallTask.select().exists()


def test_recovered_gateway_gets_everything_at_once(crowd, now):
    gateway = Gateway(*[Unreachable("diam")] * 3)
    deliver_due(postman(gateway), now=now)
    later = now + timedelta(minutes=2)
    assert deliver_due(postman(gateway), now=later) == 1
    assert deliver_due(postman(gateway), now=later) == 11
    assert ChannelState.get(ChannelState.name == "whatsapp").opened_at is None


def test_refused_credentials_stop_the_channel_at_once(crowd, now):
    gateway = Gateway(*[Misconfigured("token mati")] * 99)
    deliver_due(postman(gateway), now=now)
    assert gateway.tried == 1
    assert Message.select().where(Message.state == "queued").count() == 12


def test_long_outage_of_whatsapp_goes_by_mail(crowd, now):
    dead, mail = Gateway(*[Unreachable("diam")] * 99), Gateway()
    deliver_due(postman(dead, mail), now=now)
    deliver_due(postman(dead, mail), now=now + timedelta(hours=1, minutes=59))
    assert mail.taken == []
    deliver_due(postman(dead, mail), now=now + timedelta(hours=2))
    assert len(mail.taken) == 12
    assert not CallTask.select().exists()


def test_outage_of_the_network_makes_no_calls_for_a_day(crowd, people, now):
    dead = Gateway(*[Unreachable("diam")] * 999)
    for _ in range(2):
        Message.enqueue("akun_aktif", recipient=people.customer, channel="email", at=now,
                        dedupe_key=f"surat{_}", variables={"nama": "x"})  # fmt: skip
    for hour in range(12):
        deliver_due(postman(dead), now=now + timedelta(hours=hour))
    assert not CallTask.select().exists()


def test_too_fast_waits_as_long_as_it_was_told(crowd, now):
    gateway = Gateway(RateLimited("pelan", after_seconds=900))
    deliver_due(postman(gateway), now=now)
    assert gateway.tried == 1
    assert deliver_due(postman(gateway), now=now + timedelta(seconds=899)) == 0
    assert deliver_due(postman(gateway), now=now + timedelta(seconds=900)) == 12
    # The try that was too fast didn't count.
    assert set(Message.select(Message.attempts).tuples()) == {(1,)}


def test_unofficial_gateway_gets_one_message_in_three_seconds(crowd, now):
    gateway, at = Gateway(gap_seconds=3.0), now
    for _ in range(5):
        deliver_due(postman(gateway), now=at)
        assert next_look(postman(gateway), now=at) == at + timedelta(seconds=3)
        deliver_due(postman(gateway), now=at + timedelta(seconds=2.9))
        at += timedelta(seconds=3)
    assert len(gateway.taken) == 5


def test_silent_death_is_noticed_without_a_message(people, now):
    gateway = Gateway()
    gateway.trouble = "Perangkat WhatsApp terputus."
    for minute in (0, 5, 10):
        channels.check("whatsapp", gateway, now=now + timedelta(minutes=minute))
    state = ChannelState.get(ChannelState.name == "whatsapp")
    assert (state.opened_at, state.reason) == (now + timedelta(minutes=10), gateway.trouble)
    gateway.trouble = ""
    channels.check("whatsapp", gateway, now=now + timedelta(minutes=15))
    assert ChannelState.get(ChannelState.name == "whatsapp").opened_at is None
