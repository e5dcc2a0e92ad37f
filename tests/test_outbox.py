"""Delivery: once, again after a fault, never lost with its worker."""

from datetime import timedelta

import pytest

import tasks
from adapters.channels import BadAddress, Sent, TryLater
from config.background import huey
from models import Document, Message, RequestDraft
from outputs.messages import read_stationery
from tests.people import file_request, pdf, stored


class Gateway:
    """A channel that answers as it is told and keeps what it took."""

    name = "gateway"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.taken = []

    def send(self, outgoing):
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(outgoing)
        return Sent(f"id-{len(self.taken)}")

    def health(self):
        return ""


def postman(gateway):
    stationery = read_stationery("https://layanan.contoh.test")
    return tasks.Postman({"whatsapp": gateway, "email": gateway}, stationery)


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


def test_due_messages_leave_once(filed, now):
    gateway = Gateway()
    assert tasks.deliver_due(postman(gateway), now=now) == 2
    assert tasks.deliver_due(postman(gateway), now=now) == 0
    assert len(gateway.taken) == 2
    assert {message.state for message in Message.select()} == {"sent"}


def test_links_use_the_configured_address(filed, now):
    gateway = Gateway()
    tasks.deliver_due(postman(gateway), now=now)
    to_customer = next(o for o in gateway.taken if o.template == "permintaan_diterima_sistem")
    assert f"https://layanan.contoh.test/layanan/{filed.public_id}" in to_customer.text
    assert "Uji Coba Layanan Data" in to_customer.text
    assert to_customer.text.startswith("Bapak Pelanggan Satu,")


def test_passing_fault_waits_and_tries_again(filed, now):
    gateway = Gateway(TryLater("sibuk"), TryLater("sibuk", after_seconds=600))
    tasks.deliver_due(postman(gateway), now=now)
    waits = sorted((message.next_attempt_at - now).total_seconds() for message in Message.select())
    assert 60 <= waits[0] <= 72
    assert waits[1] >= 600
    assert tasks.deliver_due(postman(gateway), now=now + timedelta(seconds=30)) == 0
    assert tasks.deliver_due(postman(gateway), now=now + timedelta(minutes=15)) == 2


def test_bad_number_fails_at_once_and_others_go_on(filed, now):
    gateway = Gateway(BadAddress("Nomor tidak terdaftar."))
    assert tasks.deliver_due(postman(gateway), now=now) == 1
    failed = Message.get(Message.state == "failed")
    assert failed.error == "Nomor tidak terdaftar."


def test_what_whatsapp_cannot_carry_goes_as_mail_once(filed, now):
    dead = Gateway(BadAddress("Nomor tidak terdaftar."), BadAddress("Nomor tidak terdaftar."))
    tasks.deliver_due(postman(dead), now=now)
    gateway = Gateway()
    tasks.deliver_due(postman(gateway), now=now + timedelta(minutes=1))
    assert [(o.address, o.template) for o in gateway.taken] == [
        ("pelanggan@contoh.test", "permintaan_diterima_sistem")
    ]
    assert tasks.deliver_due(postman(gateway), now=now + timedelta(hours=1)) == 0


def test_gives_up_visibly_after_the_last_try(filed, now):
    at = now
    for _ in range(14):
        tasks.deliver_due(postman(Gateway(*[TryLater("mati")] * 2)), now=at)
        at += timedelta(hours=12)
    assert {message.state for message in Message.select()} == {"failed"}
    assert {message.attempts for message in Message.select()} == {6}


def test_killed_worker_loses_nothing(filed, now):
    # A worker claimed the row and died: the lease runs out and the sweep takes it again.
    message = Message.select().order_by(Message.id).first()
    assert tasks._claim(message, now=now)
    gateway = Gateway()
    assert tasks.deliver_due(postman(gateway), now=now) == 1
    assert tasks.deliver_due(postman(gateway), now=now + tasks.LEASE) == 1


def test_two_workers_never_claim_one_row(filed, now):
    first = Message.select().order_by(Message.id).first()
    second = Message.get_by_id(first.id)
    assert tasks._claim(first, now=now)
    assert tasks._claim(second, now=now) is None


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
    tasks.deliver_due(postman(gateway), now=now + timedelta(hours=1))
    assert gateway.taken == []
    assert Message.get().state == "failed"


def test_poison_row_does_not_stop_the_others(filed, now):
    Message.update(template="tidak_ada").where(Message.template == "tugas_baru").execute()
    gateway = Gateway()
    assert tasks.deliver_due(postman(gateway), now=now) == 1


def test_same_message_is_enqueued_once(people, now):
    for _ in range(2):
        Message.enqueue(
            "akun_aktif", recipient=people.customer, channel="email", at=now, dedupe_key="sama",
            variables={},
        )  # fmt: skip
    assert Message.select().count() == 1


def test_ordered_document_is_made_once(filed, runtime, now):
    assert tasks.make_pending_documents(runtime.storage, now=now) == 1
    assert tasks.make_pending_documents(runtime.storage, now=now) == 0
    receipt = Document.get(Document.kind == "tanda_terima")
    assert runtime.storage.open(receipt.sha256).read(5) == b"%PDF-"


def test_janitor_keeps_what_rows_name(filed, runtime, now):
    wanted = Document.get(Document.kind == "pendukung").sha256
    orphan = stored(runtime, pdf("Yatim")).sha256
    RequestDraft.create(answers={}, updated_at=now - timedelta(days=30))
    from datetime import UTC, datetime

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
