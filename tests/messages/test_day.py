"""A day by virtual clock, with a mail server and a gateway that fail in every way there is.

Every message ends at a person or a phone task; none is handed over twice but where the answer was
lost, and then once more, counted; none goes to an address of yesterday.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from config.settings import DeliveryRules
from messages import health
from messages.bounces import take_bounce
from messages.compose import read_message_templates
from messages.gateways.waha import Waha
from messages.handover import Postman
from messages.reports import apply_report
from messages.sending import deliver_due
from messages.waiting import chase_unreported
from models import CallTask, Message, User
from tests.gateway import Stub
from tests.messages.carriers import customer, tell
from tests.messages.mail_server import MailServer
from tests.messages.test_bounces import report, returned

# Monday, 08.00 WITA.
BEGIN = datetime(2024, 7, 29, 0, tzinfo=UTC)
WORDS = dict.fromkeys(("sapaan", "nama", "nomor", "tahap", "waktu", "tautan"), "x")
# What the gateway does to a number by its last digits; anybody else is served.
BY_PERSON = {
    "11": (500, {"message": "No sessions"}),
    "12": (403, {"message": "Forbidden"}),
    "13": (400, {"message": "phone is not registered"}),
    "14": "lost",
    "15": "hang",
    "16": "garbage",
    "17": (504, {}),
    "18": "cut",
    "19": (422, {"error": "unknown"}),
}
# And to everybody, from hour to hour: gone, mute, too fast, without its session.
OUTAGES = {
    4: "refused",
    6: "hang",
    8: (429, {}, {"Retry-After": "600"}),
    10: (401, {}),
    11: (503, {}),
}
MOODS = ("baik", "tolak", "isi", "nanti", "penuh", "tutup", "hilang", "lambat", "andré")


class Gateway(Stub):
    """WAHA: it answers by the number, and by the hour when all suffer."""

    def __init__(self):
        super().__init__()
        self.outage = None
        self.mended: set[str] = set()
        self.handed: list[tuple[str, str]] = []

    def next_answer(self):
        seen = self.seen[-1]
        if seen["path"] != "/api/sendText":
            return (200, {"status": "WORKING"})
        body = json.loads(seen["body"])
        number, key = body["chatId"].partition("@")[0], seen["headers"]["idempotency-key"]
        answer = self.outage if self.outage is not None else BY_PERSON.get(number[-2:])
        taken = answer is None or answer in ("lost", "hang", "garbage", "cut", (504, {}))
        if taken:
            self.handed.append((number, key))
        return answer or (201, {"id": f"true_{number}@lid_{key}"})


class Day:
    """Both servers, the postman who uses them, and the clock."""

    def __init__(self, settings):
        self.gateway, self.mail = Gateway(), MailServer(enable_SMTPUTF8=False)
        self.settings = settings
        environ = {
            "WAHA_BASE_URL": self.gateway.url,
            "WAHA_API_KEY": "k",
            "WHATSAPP_GAP_SECONDS": "0",
        }
        templates = read_message_templates("https://layanan.contoh.test", "k" * 40)
        dead = {**environ, "WAHA_BASE_URL": "http://127.0.0.1:1"}
        self.mail_gateway = self.mail.opened(timeout=0.3)
        self.opened = {False: Waha(environ, timeout=0.2), True: Waha(dead, timeout=0.2)}
        self.templates, self.now = templates, BEGIN

    @property
    def postman(self) -> Postman:
        is_gone = self.gateway.outage == "refused"
        gateways = {"whatsapp": self.opened[is_gone], "email": self.mail_gateway}
        return Postman(gateways, self.templates, DeliveryRules())

    def until(self, at: datetime) -> None:
        """As the worker does: a round each few minutes, the watch among them."""
        while self.now < at:
            deliver_due(self.postman, now=self.now)
            if self.now.minute % 30 == 0:
                chase_unreported(self.postman, frozenset({"waha"}), now=self.now)
                health.check("email", self.mail_gateway, now=self.now)
            self.report_arrivals()
            self.now += timedelta(minutes=5)

    def report_arrivals(self) -> None:
        """Of what it took in good order the gateway tells soon that it arrived."""
        arrived = Message.select().where(
            (Message.state == "sent") & (Message.channel == "whatsapp")
        )
        for message in list(arrived):
            self.report(message, 2)

    def report(self, message: Message, ack: int) -> None:
        told = {"id": f"true_1@c.us_{message.public_id}", "ack": ack}
        raw = json.dumps({"event": "message.ack", "payload": told}).encode()
        for event in Waha.parse_reports(raw):
            apply_report(event, carrier="waha", ladder=("whatsapp", "email"), now=self.now)

    def close(self) -> None:
        self.gateway.close()
        self.mail.close()


@pytest.fixture
def day(people, runtime):
    lived = Day(runtime.settings)
    yield lived
    lived.close()


def notice(person: User, key: str, at: datetime) -> None:
    message = tell(person, "whatsapp", key, at, "tahap_maju")
    Message.update(variables=WORDS).where(Message.id == message.id).execute()


def everybody() -> list[User]:
    """Each way of failing by WhatsApp with each by e-mail, and people who are simply served."""
    numbers = [*BY_PERSON, "90"]
    return [
        customer(f"{mood}-{digits}@contoh.test", f"+62812{index:04}00{digits}")
        for index, (mood, digits) in enumerate((mood, one) for mood in MOODS for one in numbers)
    ]


def change_their_lives(crowd: list[User], at: datetime) -> dict[int, set[str]]:
    """In the evening some move, stop, or close their account; person -> addresses of yesterday."""
    served = [one for one in crowd if one.phone.endswith("90") and one.email.startswith("baik")]
    others = [one for one in crowd if one.phone.endswith("90") and one not in served]
    old = {}
    for person, values in (
        (served[0], {"phone": "+628125550090"}),
        (others[0], {"notify_by": "stopped"}),
        (others[1], {"active": False}),
        (others[2], {"phone_confirmed_at": None}),
    ):
        User.update(**values).where(User.id == person.id).execute()
        old[person.id] = {person.phone}
        notice(person, f"malam-{person.id}", at)
    return old


@pytest.mark.slow
def test_every_message_ends_at_a_person_or_at_the_telephone(day):
    crowd = everybody()
    day.until(BEGIN + timedelta(hours=1))
    for number, person in enumerate(crowd):
        # Over the whole day, so that some fall into each outage.
        day.until(BEGIN + timedelta(hours=1, minutes=8 * number))
        day.gateway.outage = OUTAGES.get((day.now - BEGIN).seconds // 3600)
        notice(person, f"K{number}", day.now)
    day.gateway.outage = None
    evening = BEGIN + timedelta(hours=13, minutes=30)
    day.until(evening)
    sent_by_evening = len(day.gateway.handed)
    old = change_their_lives(crowd, evening)
    day.until(BEGIN + timedelta(hours=22))
    assert len(day.gateway.handed) == sent_by_evening
    # What was taken and never arrives: one report of failure, one bounce.
    bounced = fail_afterwards(day)
    day.until(BEGIN + timedelta(hours=50))
    assert_that_all_ended(day)
    assert_that_who_was_reached_is_not_phoned(crowd, bounced)
    assert_that_nothing_was_said_twice(day)
    assert_that_nobody_of_yesterday_heard(day, old)


def fail_afterwards(day: Day) -> int:
    """One message fails long after it was sent, an e-mail comes back: whose."""
    by_phone = Message.get((Message.state == "delivered") & (Message.channel == "whatsapp"))
    Message.update(state="sent").where(Message.id == by_phone.id).execute()
    day.report(by_phone, -1)
    assert Message.get_by_id(by_phone.id).followers.count() == 1
    by_mail = Message.get((Message.state == "sent") & (Message.channel == "email"))
    raw = report(inner=returned(by_mail))
    assert take_bounce(raw, day.settings, now=day.now) == 1
    return by_mail.recipient_id


def assert_that_all_ended(day: Day) -> None:
    """By each first message: it, or what took its place, was taken or is to be phoned."""
    called = {task.recipient_id for task in CallTask.select()}
    for first in Message.select().where(Message.origin.is_null()):
        chain = [first, *first.followers]
        states = [one.state for one in chain]
        person = User.get_by_id(first.recipient_id)
        assert "queued" not in states and "sending" not in states and "unknown" not in states
        reached = {"sent", "delivered", "read"} & set(states)
        assert reached or person.id in called or not person.active, (person.email, states)


def assert_that_who_was_reached_is_not_phoned(crowd: list[User], bounced: int) -> None:
    called = {task.recipient_id for task in CallTask.select()}
    with_mail = {one.id for one in crowd if one.email.startswith("baik")}
    assert called & with_mail <= {bounced}


def assert_that_nothing_was_said_twice(day: Day) -> None:
    lost = {row.public_id: row.lost_answers for row in Message.select()}
    for (_, key), times in Counter(day.gateway.handed).items():
        assert times <= max(1, lost[key]) <= 2, key
    mails = Counter(letter["Message-ID"][1:27] for _, letter in day.mail.taken)
    for key, times in mails.items():
        assert times <= max(1, lost[key]) <= 2, key
    # One letter for each channel at most.
    chains = Counter(row.origin_id for row in Message.select() if row.origin_id)
    assert set(chains.values()) <= {1}


def assert_that_nobody_of_yesterday_heard(day: Day, old: dict[int, set[str]]) -> None:
    written = {
        row.public_id: row.recipient_id
        for row in Message.select().where(Message.dedupe_key.startswith("malam-"))
    }
    for number, key in day.gateway.handed:
        assert f"+{number}" not in old.get(written.get(key, 0), set())
    closed = [row for row in Message.select() if row.state == "cancelled"]
    assert [row.dedupe_key.startswith("malam-") for row in closed] == [True]
