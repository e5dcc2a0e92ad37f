"""Delivery: once, again after a fault, never lost with its worker."""

from datetime import UTC, datetime, time, timedelta

import pytest

import tasks
from config.background import huey
from config.settings import DeliveryRules
from messages import health as channels
from messages import sending
from messages.compose import read_message_templates
from messages.gateways.gateway import (
    BadAddress,
    BadTemplate,
    Misconfigured,
    RateLimited,
    Sent,
    TryLater,
    Unreachable,
)
from messages.sending import Postman, deliver_due, next_look
from models import CallTask, ChannelState, Document, Message, RequestDraft
from rules.formats import ZONE
from tests.people import advance, file_request, pdf, stored


class Gateway:
    """A channel that answers as it is told and keeps what it took."""

    name = "gateway"

    def __init__(self, *answers, gap_seconds=0.0):
        self.answers = list(answers)
        self.taken = []
        self.tried = 0
        self.gap_seconds = gap_seconds
        self.trouble = ""

    def send(self, outgoing):
        self.tried += 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(outgoing)
        return Sent(f"id-{len(self.taken)}")

    def health(self):
        return self.trouble


def postman(gateway, email=None, **rules):
    templates = read_message_templates("https://layanan.contoh.test")
    channels = {"whatsapp": gateway, "email": email or gateway}
    return Postman(channels, templates, DeliveryRules(**rules))


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


def test_due_messages_leave_once(filed, now):
    gateway = Gateway()
    assert deliver_due(postman(gateway), now=now) == 2
    assert deliver_due(postman(gateway), now=now) == 0
    assert len(gateway.taken) == 2
    assert {message.state for message in Message.select()} == {"sent"}


def test_links_use_the_configured_address(filed, now):
    gateway = Gateway()
    deliver_due(postman(gateway), now=now)
    to_customer = next(o for o in gateway.taken if o.template == "permintaan_diterima_sistem")
    assert f"https://layanan.contoh.test/layanan/{filed.public_id}" in to_customer.text
    assert "Uji Coba Layanan Data" in to_customer.text
    assert to_customer.text.startswith("Bapak Pelanggan Satu,")


def test_passing_fault_waits_and_tries_again(filed, now):
    gateway = Gateway(TryLater("sibuk"), TryLater("sibuk"))
    deliver_due(postman(gateway), now=now)
    waits = sorted((message.next_attempt_at - now).total_seconds() for message in Message.select())
    assert all(60 <= wait <= 72 for wait in waits)
    assert deliver_due(postman(gateway), now=now + timedelta(seconds=30)) == 0
    assert deliver_due(postman(gateway), now=now + timedelta(minutes=2)) == 2


def test_bad_number_fails_at_once_and_others_go_on(filed, now):
    dead, mail = Gateway(BadAddress("Nomor tidak terdaftar.")), Gateway()
    assert deliver_due(postman(dead, mail), now=now) == 2
    failed = Message.get(Message.state == "failed")
    assert failed.error == ("Alamat penerima tidak dapat menerima pesan. (Nomor tidak terdaftar.)")
    assert sorted(o.template for o in mail.taken) == ["permintaan_diterima_sistem", "tugas_baru"]


@pytest.mark.parametrize("kind", [BadAddress, BadTemplate])
def test_what_whatsapp_cannot_carry_goes_as_mail_once(filed, now, kind):
    dead, mail = Gateway(*[kind("Ditolak.")] * 4), Gateway()
    deliver_due(postman(dead, mail), now=now)
    deliver_due(postman(dead, mail), now=now + timedelta(hours=1))
    taken = [o for o in mail.taken if o.template == "permintaan_diterima_sistem"]
    assert [o.address for o in taken] == ["pelanggan@contoh.test"]
    assert dead.tried == 1
    assert not CallTask.select().exists()


def test_who_cannot_be_reached_at_all_is_to_be_phoned_once(filed, people, runtime, now):
    dead = Gateway(*[BadAddress("Tidak ada.")] * 10)
    deliver_due(postman(dead, dead), now=now)
    task = CallTask.get()
    assert (task.recipient, task.request) == (people.customer, filed)
    assert "Tidak ada." in task.reason
    # Another message about the same request joins the task that is open.
    advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    deliver_due(postman(dead, dead), now=now + timedelta(hours=1))
    assert CallTask.select().count() == 1
    assert task.messages.count() == 2


def test_customer_without_mail_is_phoned(filed, people, now):
    people.customer.email = "loket-1@tanpa-email.invalid"
    people.customer.save()
    mail = Gateway()
    deliver_due(postman(Gateway(BadAddress("Tidak ada.")), mail), now=now)
    assert [o.address for o in mail.taken] == ["admin_layanan@balai.test"]
    assert CallTask.get().recipient == people.customer


def test_ladder_follows_the_setting(filed, now):
    mail = Gateway()
    deliver_due(postman(Gateway(BadAddress("x")), mail, ladder=("whatsapp",)), now=now)
    assert [o.template for o in mail.taken] == ["tugas_baru"]
    assert CallTask.select().count() == 1


def test_gives_up_visibly_after_the_last_try(filed, now):
    at = now
    for _ in range(16):
        dead = Gateway(*[TryLater("mati")] * 9)
        deliver_due(postman(dead, dead), now=at)
        at += timedelta(hours=12)
    assert {message.state for message in Message.select()} == {"failed"}
    assert {message.attempts for message in Message.select()} == {6}
    assert [task.recipient.email for task in CallTask.select()] == ["pelanggan@contoh.test"]


# -- channels that are down ------------------------------------------------------------------------


@pytest.fixture
def crowd(people, runtime, now):
    """Twelve messages to customers, so that a channel has something to fail on."""
    for index in range(12):
        file_request(runtime, people.customer, now=now, key=f"K{index}")
    Message.delete().where(Message.channel == "email").execute()


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


# -- quiet hours -----------------------------------------------------------------------------------

EVENING = datetime(2024, 7, 29, 13, 30, tzinfo=UTC)  # 21.30 WITA


def test_night_is_quiet_but_for_accounts(crowd, people):
    Message.update(queued_at=EVENING, next_attempt_at=EVENING).execute()
    Message.enqueue("akun_aktif", recipient=people.customer, channel="whatsapp", at=EVENING,
                    dedupe_key="akun", variables={"sapaan": "Bapak", "nama": "x", "tautan": "/"},
                    )  # fmt: skip
    gateway = Gateway()
    deliver_due(postman(gateway), now=EVENING)
    assert [o.template for o in gateway.taken] == ["akun_aktif"]
    morning = datetime(2024, 7, 29, 23, tzinfo=UTC)  # 07.00 WITA of the next day
    assert deliver_due(postman(gateway), now=morning - timedelta(seconds=1)) == 0
    assert deliver_due(postman(gateway), now=morning) == 12


def test_quiet_hours_may_be_off(crowd):
    Message.update(queued_at=EVENING, next_attempt_at=EVENING).execute()
    assert deliver_due(postman(Gateway(), quiet_hours=None), now=EVENING) == 12


@pytest.mark.parametrize(
    ("hours", "at", "ends"),
    [
        (("20:00", "07:00"), "2024-07-29 20:00", "2024-07-30 07:00"),
        (("20:00", "07:00"), "2024-07-29 06:59", "2024-07-29 07:00"),
        (("20:00", "07:00"), "2024-07-29 07:00", None),
        (("20:00", "07:00"), "2024-07-29 19:59", None),
        (("12:00", "13:00"), "2024-07-29 12:30", "2024-07-29 13:00"),
        (("12:00", "13:00"), "2024-07-29 13:00", None),
    ],
)
def test_end_of_quiet(hours, at, ends):
    quiet = (time.fromisoformat(hours[0]), time.fromisoformat(hours[1]))
    found = sending.end_of_quiet(quiet, datetime.fromisoformat(at).replace(tzinfo=ZONE))
    assert found == (datetime.fromisoformat(ends).replace(tzinfo=ZONE) if ends else None)


# -- what is accepted and never arrives ------------------------------------------------------------


def test_unreported_message_goes_by_mail_once_and_stays_sent(filed, now):
    gateway, mail = Gateway(), Gateway()
    post = postman(gateway, mail)
    deliver_due(post, now=now)
    later = now + timedelta(hours=24)
    assert sending.chase_unreported(post, frozenset(), now=later) == 0
    assert sending.chase_unreported(post, frozenset({"gateway"}), now=later) == 2
    assert sending.chase_unreported(post, frozenset({"gateway"}), now=later) == 0
    deliver_due(post, now=later)
    assert [o.template for o in mail.taken] == ["tugas_baru", "permintaan_diterima_sistem"]
    assert {message.state for message in Message.select()} == {"sent"}


# -- workers that die ------------------------------------------------------------------------------


def test_killed_worker_loses_nothing(filed, now):
    # A worker claimed the row and died: the lease runs out and the sweep takes it again.
    message = Message.select().order_by(Message.id).first()
    assert sending._claim(message, now=now)
    gateway = Gateway()
    assert deliver_due(postman(gateway), now=now) == 1
    assert deliver_due(postman(gateway), now=now + sending.LEASE) == 1


def test_row_that_kills_every_worker_is_given_up(filed, now):
    for number in range(sending.MOST_CLAIMS):
        message = Message.select().order_by(Message.id).first()
        assert sending._claim(message, now=now + number * sending.LEASE)
    gateway = Gateway()
    deliver_due(postman(gateway), now=now + sending.MOST_CLAIMS * sending.LEASE)
    assert Message.get_by_id(message.id).state == "failed"
    # The e-mail in its place, and the others, went out.
    assert len(gateway.taken) == 2


def test_two_workers_never_claim_one_row(filed, now):
    first = Message.select().order_by(Message.id).first()
    second = Message.get_by_id(first.id)
    assert sending._claim(first, now=now)
    assert sending._claim(second, now=now) is None


def test_expired_link_is_not_sent(people, app, now):
    Message.enqueue(
        "reset_sandi",
        recipient=people.customer,
        channel="email",
        at=now,
        dedupe_key="k",
        variables={"tautan": "/x"},
        expires_at=now + timedelta(minutes=30),
    )
    gateway = Gateway()
    deliver_due(postman(gateway), now=now + timedelta(hours=1))
    assert gateway.taken == []
    assert Message.get().state == "failed"


def test_poison_row_does_not_stop_the_others(filed, now):
    Message.update(template="tidak_ada").where(Message.template == "tugas_baru").execute()
    gateway = Gateway()
    assert deliver_due(postman(gateway), now=now) == 1


def test_same_message_is_enqueued_once(people, now):
    for _ in range(2):
        Message.enqueue(
            "akun_aktif", recipient=people.customer, channel="email", at=now, dedupe_key="sama",
            variables={},
        )  # fmt: skip
    assert Message.select().count() == 1


def test_ordered_document_is_made_once(filed, runtime, now):
    assert tasks.make_pending_documents(runtime.storage, base_url="", now=now) == 1
    assert tasks.make_pending_documents(runtime.storage, base_url="", now=now) == 0
    receipt = Document.get(Document.kind == "tanda_terima")
    assert runtime.storage.open(receipt.sha256).read(5) == b"%PDF-"


def test_janitor_keeps_what_rows_name(filed, runtime, now):
    wanted = Document.get(Document.kind == "pendukung").sha256
    orphan = stored(runtime, pdf("Yatim")).sha256
    RequestDraft.create(answers={}, updated_at=now - timedelta(days=30))
    later = datetime.now(UTC) + timedelta(days=2)
    removed = tasks.clean_up(runtime.storage, now=later)
    assert removed["drafts"] == 1
    kept = {sha256 for sha256, _ in runtime.storage.digests()}
    assert wanted in kept
    assert orphan not in kept


def test_alarm_is_plain_json_and_wakes_delivery(filed):
    huey.flush()
    tasks.deliver()
    (task,) = huey.pending()
    assert task.name == "deliver"
    assert huey.storage.enqueued_items()[0].startswith(b"{")
    huey.flush()


def test_waking_delivery_once_is_enough(filed):
    huey.flush()
    tasks.make_exports()
    tasks.wake_delivery()
    tasks.wake_delivery()
    assert [task.name for task in huey.pending()] == ["make_exports", "deliver"]
    # Heard, but perhaps too late for what came since: the next one counts again.
    huey.dequeue(), huey.dequeue()
    tasks.wake_delivery()
    assert [task.name for task in huey.pending()] == ["deliver"]
    huey.flush()
