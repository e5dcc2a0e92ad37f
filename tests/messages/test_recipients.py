"""Address, consent and account are read when a message leaves, not when it was written."""

from datetime import UTC, datetime, timedelta

import pytest

from administration.account_links import AccountLink, read_link
from administration.addresses import prove
from messages.compose import read_message_templates
from messages.gateways.gateway import BadAddress, RateLimited, TryLater, Unreachable
from messages.handover import Postman
from messages.recipients import CLOSED, OUT_OF_SERVICE
from messages.sending import deliver_due
from models import CallTask, Message, User
from moves.notices import tell_staff
from tests.messages.carriers import Gateway, customer, postman, tell

EVENING = datetime(2024, 7, 29, 13, 30, tzinfo=UTC)  # 21.30 WITA
MORNING = datetime(2024, 7, 29, 23, 1, tzinfo=UTC)  # 07.01 WITA of the next day
OLD, NEW = "+628120000001", "+628129999999"


@pytest.fixture
def person(people) -> User:
    return customer("lama@contoh.test", OLD)


def change(person: User, **values) -> None:
    User.update(**values).where(User.id == person.id).execute()


def notice(person: User, at, channel: str = "whatsapp", key: str = "K", **more) -> Message:
    """Not about the account: it waits in quiet hours."""
    message = tell(person, channel, key, at, "tahap_maju", **more)
    words = dict.fromkeys(("sapaan", "nama", "nomor", "tahap", "waktu", "tautan"), "x")
    Message.update(variables=words).where(Message.id == message.id).execute()
    return message


def over_night(person: User, **values) -> tuple[Gateway, Gateway]:
    """What waits in the evening, a change, and who was written to in the morning."""
    phone, mail = Gateway(), Gateway()
    notice(person, EVENING)
    deliver_due(postman(phone, mail), now=EVENING)
    assert phone.taken == []
    change(person, **values)
    deliver_due(postman(phone, mail), now=MORNING)
    deliver_due(postman(phone, mail), now=MORNING + timedelta(minutes=1))
    return phone, mail


def test_the_phone_of_the_morning_is_written_to(person):
    phone, mail = over_night(person, phone=NEW)
    assert ([o.address for o in phone.taken], mail.taken) == ([NEW], [])
    assert Message.get().address == NEW


@pytest.mark.parametrize("choice", ["stopped", "email"])
def test_who_said_stop_meanwhile_gets_an_email(person, choice):
    phone, mail = over_night(person, notify_by=choice)
    assert (phone.taken, [o.address for o in mail.taken]) == ([], ["lama@contoh.test"])


def test_who_gave_up_the_phone_gets_an_email(person):
    phone, mail = over_night(person, phone="", phone_confirmed_at=None)
    assert (phone.taken, [o.address for o in mail.taken]) == ([], ["lama@contoh.test"])


def test_a_phone_that_nobody_proved_is_told_nothing(person):
    phone, mail = over_night(person, phone=NEW, phone_confirmed_at=None)
    assert (phone.taken, [o.address for o in mail.taken]) == ([], ["lama@contoh.test"])


def test_a_closed_account_is_told_nothing(person):
    phone, mail = over_night(person, active=False)
    assert (phone.taken, mail.taken, CallTask.select().count()) == ([], [], 0)
    assert (Message.get().state, Message.get().error) == ("cancelled", CLOSED)


def test_who_was_joined_to_another_account_is_reached_there(person):
    other = customer("gabung@contoh.test", NEW)
    phone, _ = over_night(person, active=False, merged_into=other)
    assert [o.address for o in phone.taken] == [NEW]


@pytest.mark.parametrize(
    "fault", [Unreachable("mati"), TryLater("sibuk"), RateLimited("pelan", 60)]
)
def test_a_corrected_email_is_used_by_the_next_try(person, now, fault):
    mail = Gateway(fault)
    notice(person, now, "email")
    deliver_due(postman(Gateway(), mail, ladder=("email",)), now=now)
    change(person, email="benar@contoh.test")
    deliver_due(postman(Gateway(), mail, ladder=("email",)), now=now + timedelta(minutes=10))
    assert [o.address for o in mail.taken] == ["benar@contoh.test"]


def test_what_steps_down_goes_to_the_address_of_then(person, now):
    phone, mail = Gateway(BadAddress("x")), Gateway(Unreachable("mati"))
    notice(person, now)
    deliver_due(postman(phone, mail), now=now)
    change(person, email="benar@contoh.test")
    deliver_due(postman(phone, mail), now=now + timedelta(minutes=10))
    assert [o.address for o in mail.taken] == ["benar@contoh.test"]


def test_staff_who_left_are_told_nothing(people, now):
    leaving = people.kepala_balai
    tell_staff(None, leaving, "pesan_masuk_baru", now=now, key="x", more={"tautan": "/"})
    change(leaving, active=False)
    mail = Gateway()
    deliver_due(postman(Gateway(), mail), now=now)
    assert (mail.taken, Message.get().state) == ([], "cancelled")
    assert Message.get().error in (CLOSED, OUT_OF_SERVICE)


# -- nothing is proved ----------------------------------------------------------------------------


def test_who_proved_nothing_is_told_as_soon_as_they_have(people, now):
    person = customer("lama@contoh.test", OLD)
    change(person, phone_confirmed_at=None, email_confirmed_at=None)
    phone = Gateway()
    notice(person, now)
    for minute in range(0, 60, 5):
        deliver_due(postman(phone, Gateway()), now=now + timedelta(minutes=minute))
    assert (phone.taken, CallTask.select().count()) == ([], 0)
    change(person, phone_confirmed_at=now)
    deliver_due(postman(phone, Gateway()), now=now + timedelta(minutes=66))
    assert [o.address for o in phone.taken] == [OLD]


def test_who_proves_nothing_for_a_day_is_phoned(people, now):
    person = customer("lama@contoh.test", OLD)
    change(person, phone_confirmed_at=None, email_confirmed_at=None)
    phone, mail = Gateway(), Gateway()
    notice(person, now)
    for hour in range(26):
        deliver_due(postman(phone, mail, quiet_hours=None), now=now + timedelta(hours=hour))
    assert (phone.taken, mail.taken) == ([], [])
    assert CallTask.get().recipient == person


@pytest.mark.parametrize("channel", ["email", "whatsapp"])
def test_a_proof_sends_what_waits_at_once_by_that_channel(people, now, channel):
    person = customer("lama@contoh.test", OLD)
    change(person, phone_confirmed_at=None, email_confirmed_at=None)
    phone, mail = Gateway(), Gateway()
    notice(person, now)
    deliver_due(postman(phone, mail), now=now)
    address = {"email": person.email, "whatsapp": OLD}[channel]
    prove(AccountLink(person, channel, address, now), now=now)
    deliver_due(postman(phone, mail), now=now)
    told = {"email": mail, "whatsapp": phone}[channel].taken
    assert (len(phone.taken + mail.taken), [o.address for o in told]) == (1, [address])


def test_who_proves_nothing_takes_no_turns_from_others(people, now):
    """A turn is thirty seconds here, and thirty people wait for proofs."""
    others = [customer(f"{n}@contoh.test", f"+6281300000{n:02}") for n in range(30)]
    phone = Gateway(gap_seconds=30)
    for other in others:
        change(other, phone_confirmed_at=None, email_confirmed_at=None)
        notice(other, now, key=other.email)
    for second in range(0, 1200, 30):
        deliver_due(postman(phone, Gateway()), now=now + timedelta(seconds=second))
    at = now + timedelta(seconds=1200)
    notice(customer("baik@contoh.test", OLD), at)
    deliver_due(postman(phone, Gateway()), now=at)
    assert [o.address for o in phone.taken] == [OLD]


# -- one address alone ----------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["whatsapp", "email"])
def test_what_is_for_one_address_goes_there_and_nowhere_else(person, now, channel):
    address = {"whatsapp": "+628125555555", "email": "dulu@contoh.test"}[channel]
    notice(person, now, channel, address=address, only_here=True)
    phone, mail = Gateway(BadAddress("x")), Gateway(BadAddress("x"))
    tried = {"whatsapp": phone, "email": mail}
    for minute in range(0, 60, 10):
        deliver_due(postman(phone, mail), now=now + timedelta(minutes=minute))
    assert (tried[channel].tried, phone.tried + mail.tried) == (1, 1)
    assert Message.get().address == address


# -- links that open an account -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "template"),
    [("reset", "reset_sandi"), ("proof", "akun_terdaftar"), ("invitation", "undangan_petugas")],
)
@pytest.mark.parametrize("channel", ["whatsapp", "email"])
def test_a_live_link_is_made_as_it_leaves_and_is_in_no_row(person, now, kind, template, channel):
    address = person.phone if channel == "whatsapp" else person.email
    message = tell(person, channel, "K", now, template, link=kind, only_here=True, address=address,
                   expires_at=now + timedelta(hours=1))  # fmt: skip
    Message.update(variables={"sapaan": "Ibu", "nama": "N", "batas": "besok"}).execute()
    taken, key = Gateway(), "k" * 40
    templates = read_message_templates("https://layanan.contoh.test", key)
    assert "k" * 40 not in repr(templates)
    deliver_due(Postman({"whatsapp": taken, "email": taken}, templates), now=now)
    link = taken.taken[0].variables["tautan"]
    token = link.rpartition("/")[2]
    found = read_link(kind, token, secret_key=key, now=now)
    assert (found.person, found.channel, found.address) == (person, channel, address)
    row = Message.select().where(Message.id == message.id).dicts().get()
    assert token not in str(row)
