"""Workers that die, race, wake each other or clean up."""

from datetime import UTC, datetime, timedelta

import pytest

import tasks
from administration.file_store import adopt, sweep_files
from config.background import huey
from messages import handover
from messages.sending import deliver_due
from models import Document, Message, RequestDraft
from tests.messages.carriers import Gateway, postman
from tests.people import pdf, stored


@pytest.mark.fault
def test_killed_worker_loses_nothing(filed, now):
    # A worker claimed the row and died: the lease runs out and the sweep takes it again.
    message = Message.select().order_by(Message.id).first()
    assert handover.claim_message(message, now=now)
    gateway = Gateway()
    assert deliver_due(postman(gateway), now=now) == 1
    assert deliver_due(postman(gateway), now=now + handover.LEASE) == 1


@pytest.mark.fault
def test_row_that_kills_every_worker_is_given_up(filed, now):
    for number in range(handover.MOST_CLAIMS):
        message = Message.select().order_by(Message.id).first()
        assert handover.claim_message(message, now=now + number * handover.LEASE)
    gateway = Gateway()
    deliver_due(postman(gateway), now=now + handover.MOST_CLAIMS * handover.LEASE)
    assert Message.get_by_id(message.id).state == "failed"
    # The e-mail in its place, and the others, went out.
    assert len(gateway.taken) == 2


def test_two_workers_never_claim_one_row(filed, now):
    first = Message.select().order_by(Message.id).first()
    second = Message.get_by_id(first.id)
    assert handover.claim_message(first, now=now)
    assert handover.claim_message(second, now=now) is None


def test_ordered_document_is_made_once(filed, runtime, now):
    assert tasks.make_pending_documents(runtime.storage, base_url="", now=now) == 1
    assert tasks.make_pending_documents(runtime.storage, base_url="", now=now) == 0
    receipt = Document.get(Document.kind == "tanda_terima")
    assert runtime.storage.open(receipt.sha256).read(5) == b"%PDF-"


def test_janitor_keeps_what_rows_name(filed, runtime, now):
    wanted = Document.get(Document.kind == "pendukung").sha256
    later = datetime.now(UTC) + timedelta(days=2)
    # What other tests have left; more of that at once is taken for a mistake.
    adopt(runtime.storage)
    sweep_files(runtime.storage, released=(), now=later, without_brake=True)
    orphan = stored(runtime, pdf("Yatim")).sha256
    RequestDraft.create(answers={}, updated_at=now - timedelta(days=30))
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
