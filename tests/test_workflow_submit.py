"""The door: a request is filed once, by a customer who may."""

from datetime import UTC, datetime, timedelta

import pytest

from models import Document, Event, Message, Request
from tests.people import file_request
from workflow import Refused


def test_submit_writes_state_history_and_messages(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)

    assert request.number is None
    assert request.status == "waiting_verification"
    assert request.stage_code == "TERIMA_ADMIN"
    assert request.due_at == datetime(2024, 8, 1, 4, 57, 45, tzinfo=UTC)
    event = Event.get(Event.request == request)
    assert (event.kind, event.stage_code, event.actor_id) == (
        "submitted",
        "PENGAJUAN",
        people.customer.id,
    )
    told = {message.template: message.recipient_id for message in Message.select()}
    assert told == {
        "permintaan_diterima_sistem": people.customer.id,
        "tugas_baru": people.admin_layanan.id,
    }
    kinds = {document.kind for document in Document.select()}
    assert kinds == {"pendukung", "tanda_terima"}


def test_same_key_files_one_request(people, runtime, now):
    first = file_request(runtime, people.customer, now=now, key="SAME")
    again = file_request(runtime, people.customer, now=now + timedelta(seconds=1), key="SAME")

    assert again.id == first.id
    assert Request.select().count() == 1
    assert Event.select().count() == 1


def test_key_of_another_customer_is_refused(people, runtime, now):
    file_request(runtime, people.customer, now=now, key="SAME")
    with pytest.raises(Refused):
        file_request(runtime, people.other_customer, now=now, key="SAME")


def test_unverified_account_cannot_file(people, runtime, now):
    with pytest.raises(Refused, match="belum diverifikasi"):
        file_request(runtime, people.unverified, now=now)
    assert Request.select().count() == 0


def test_staff_cannot_file(people, runtime, now):
    with pytest.raises(Refused):
        file_request(runtime, people.admin_layanan, now=now)
