"""STOP with anything around it is STOP; a sentence that contains the word isn't."""

from datetime import UTC, datetime, timedelta

import pytest

from messages.commands import START, STATUS, STOP, command_of
from messages.inbox import choose_channel
from models import Event, IncomingMessage, User
from tests.messages.phone import meta, replies

STOPS = [
    "STOP 🙏", "stop", "Stop.", "sToP!!!", "“STOP”", "'stop'", "«Stop»", "*STOP*", "_stop_",
    "~stop~", "STOP\n", "\n\nSTOP\n\n🙏🙏",
    "🛑 STOP 🛑", "- stop -", "(stop)", "STOP…", "S.T.O.P.", "S T O P",
    "ＳＴＯＰ", "ST\u200bOP", "\ufeffstop", "\u202eSTOP", "stóp", "STOP STOP STOP", "BERHENTI",
    "Berhenti ya, terima kasih 🙏", "tolong stop", "BERHENTİ", "unsubscribe",
    "STOP\n\nTerima kasih",
    "stop, pak", "Stop👍🏽", "STOP\r\n",
]  # fmt: skip
NOT_STOPS = [
    "Kapan hujan berhenti?", "jangan stop", "Apakah layanan ini di-stop?", "non-stop",
    "stop dulu, saya ke sana", "stopwatch", "Saya tidak mau berhenti", "STATUS STOP", "", "🙏", "s",
    "terima kasih", "Data pasang surut STOP 2020",
    "stop mulai", "berhentikan permohonan 48/L.Data/29/VII/24",
]  # fmt: skip


@pytest.mark.parametrize("words", STOPS)
def test_stop_is_stop(words):
    assert command_of(words) == STOP


@pytest.mark.parametrize("words", NOT_STOPS)
def test_a_sentence_is_not(words):
    assert command_of(words) != STOP


@pytest.mark.parametrize("words", ["Mulai 🙏", "“START”", "MULAI\n", "tolong mulai, terima kasih"])
def test_start_is_start(words):
    assert command_of(words) == START


@pytest.mark.parametrize("words", ["status?", "*STATUS*", "Status dong 🙏", "‘status’"])
def test_status_is_status(words):
    assert command_of(words) == STATUS


# -- by the phone ---------------------------------------------------------------------------------


def chosen(people) -> str:
    return User.get_by_id(people.customer.id).notify_by


@pytest.mark.parametrize("words", ["STOP 🙏", "“Berhenti”", "*stop*\n", "ＳＴＯＰ"])
def test_the_phone_is_obeyed(gateway, item, people, words):
    assert gateway(meta(words)) == 200
    assert chosen(people) == "stopped"
    assert [template for template, _ in replies()] == ["jawaban_berhenti"]


@pytest.mark.parametrize("words", ["Kapan survei berhenti?", "jangan stop ya"])
def test_a_sentence_goes_to_people(gateway, item, people, words):
    gateway(meta(words))
    assert chosen(people) == "whatsapp"
    assert IncomingMessage.get().outcome in ("remark", "inbox")


@pytest.mark.parametrize("number", ["“{}”", "status: {} 🙏", "Status {}."])
def test_a_number_is_asked_about_with_signs_around_it(gateway, item, number):
    gateway(meta(number.format(item.number).strip("🙏 ").strip("“”.")))
    ((template, text),) = replies()
    assert (template, item.number in text) == ("jawaban_status", True)


# -- how old it is --------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [8, 40, 400])
@pytest.mark.parametrize("words", ["BERHENTI", "STATUS", "Ada kabar?"])
def test_what_was_kept_by_somebody_is_not_obeyed(gateway, item, people, days, words):
    """Genuine, signed, and replayed much later: a person looks at it, nobody is answered."""
    gateway(meta(words, at=datetime.now(UTC) - timedelta(days=days)))
    assert chosen(people) == "whatsapp"
    row = IncomingMessage.get()
    assert (row.outcome, row.is_waiting) == ("inbox", True)
    assert row.received_at < datetime.now(UTC) - timedelta(days=7)
    assert replies() == []


@pytest.mark.parametrize("days", [0, 2, 6])
def test_what_a_gateway_delivers_late_is(gateway, item, people, days):
    gateway(meta("STOP", at=datetime.now(UTC) - timedelta(days=days, minutes=1)))
    assert chosen(people) == "stopped"


def test_a_moment_in_the_future_is_now(gateway, item, people):
    gateway(meta("STOP", at=datetime.now(UTC) + timedelta(days=30)))
    assert chosen(people) == "stopped"
    assert IncomingMessage.get().received_at < datetime.now(UTC) + timedelta(minutes=1)


def test_what_was_chosen_later_stands(gateway, item, people):
    """The stop of yesterday comes after the choice of today."""
    choose_channel(
        people.customer, "email", by="portal", now=datetime.now(UTC) - timedelta(hours=2)
    )
    choose_channel(people.customer, "whatsapp", by="portal", now=datetime.now(UTC))
    gateway(meta("STOP", at=datetime.now(UTC) - timedelta(days=1)))
    assert chosen(people) == "whatsapp"
    assert Event.select().where(Event.kind == "channel_chosen").count() == 2
