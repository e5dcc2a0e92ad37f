"""Forms that nobody sent: told of once, and gone after thirty days."""

from datetime import timedelta

import pytest

import tasks
from administration.request_drafts import remind_of_drafts
from models import NO_EMAIL, Message, RequestDraft, User

SUBJECT = "Gelombang di Pantai Contoh"


@pytest.fixture
def begun(people, now):
    return RequestDraft.create(user=people.customer, answers={"subject": SUBJECT}, updated_at=now)


def reminders() -> list[Message]:
    return list(Message.select().where(Message.template == "draf_menunggu"))


@pytest.mark.parametrize(
    ("days", "times"), [(0, 0), (2.9, 0), (3, 1), (10, 1), (29.9, 1), (30, 0), (60, 0)]
)
def test_told_after_three_days(begun, now, days, times):
    assert remind_of_drafts(now=now + timedelta(days=days)) == times
    assert len(reminders()) == times


def test_told_once_however_often_one_looks(begun, now):
    for days in (3, 3, 4, 20):
        remind_of_drafts(now=now + timedelta(days=days))
    (message,) = reminders()
    assert message.variables["perihal"] == SUBJECT
    assert message.variables["tautan"] == f"/ajukan?formulir={begun.key}"
    assert message.variables["batas"] and message.recipient == begun.user


def test_several_of_one_person_are_one_message(begun, people, now):
    RequestDraft.create(
        user=people.customer, answers={"subject": "Kedua"}, updated_at=now + timedelta(hours=1)
    )
    RequestDraft.create(user=people.other_customer, answers={}, updated_at=now)
    assert remind_of_drafts(now=now + timedelta(days=4)) == 2
    said = {message.recipient.name: message.variables["perihal"] for message in reminders()}
    assert said == {people.customer.name: "Kedua", people.other_customer.name: "tanpa perihal"}
    assert remind_of_drafts(now=now + timedelta(days=5)) == 0


@pytest.mark.parametrize(
    "who", [{"active": False}, {"is_staff": True}, {"email": f"nomor{NO_EMAIL}", "phone": ""}]
)
def test_nobody_is_told_who_left_or_cannot_be_reached(begun, now, who):
    User.update(**who).where(User.id == begun.user).execute()
    assert remind_of_drafts(now=now + timedelta(days=4)) == 0
    assert reminders() == []


@pytest.mark.parametrize(("days", "left"), [(6, 2), (8, 1), (29, 1), (31, 0)])
def test_gone_in_the_end(begun, runtime, now, days, left):
    RequestDraft.create(answers={"subject": "Seorang pengunjung"}, updated_at=now)
    tasks.clean_up(runtime.storage, now=now + timedelta(days=days))
    assert RequestDraft.select().count() == left


def test_nightly_tells(begun, now, clock):
    clock.now = now + timedelta(days=4)
    tasks.nightly.call_local()
    assert len(reminders()) == 1
