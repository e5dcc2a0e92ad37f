"""A paper that can't be made is tried six times with growing pauses, and keeps no other waiting."""

from datetime import timedelta

import pytest

import tasks
from administration.system_checks import MOST_TRIES, documents_check
from models import Document, DocumentFailure
from outputs.papers import failures
from outputs.papers.papers import RENDERERS
from tests.people import file_request


@pytest.fixture
def ordered(people, runtime, now):
    """Receipts of two requests that wait to be made."""
    for key in ("SATU", "DUA"):
        file_request(runtime, people.customer, now=now, key=key)
    Document.update(sha256="").where(Document.kind == "tanda_terima").execute()
    return list(Document.select().where(Document.sha256 == "").order_by(Document.id))


def make(runtime, now) -> int:
    return tasks.make_pending_documents(runtime.storage, base_url="http://localhost", now=now)


def test_growing_pauses_then_told_then_made(ordered, runtime, now, monkeypatch):
    bad, good = ordered
    render, tries = RENDERERS["tanda_terima"], []

    def broken(*arguments, **more):
        shown = repr(arguments) + repr(more)
        tries.append(shown)
        raise ValueError("Budi Santoso tidak muat")

    monkeypatch.setitem(RENDERERS, "tanda_terima", broken)
    minute, tried_at = 0, []
    while len(tried_at) < MOST_TRIES and minute < 200:
        before = DocumentFailure.select().where(DocumentFailure.document == bad).first()
        make(runtime, now + timedelta(minutes=minute))
        after = DocumentFailure.get(DocumentFailure.document == bad)
        if before is None or after.attempts > before.attempts:
            tried_at.append(minute)
            assert not documents_check(now + timedelta(minutes=minute)).trouble or (
                after.attempts == MOST_TRIES or minute > 30
            )
        minute += 1
    assert tried_at == [0, 1, 3, 7, 15, 30]
    failed = DocumentFailure.get(DocumentFailure.document == bad)
    assert "Budi" not in failed.error and failed.error.startswith("ValueError di ")
    at = now + timedelta(minutes=minute)
    assert "tidak dapat dibuat" in documents_check(at).trouble
    assert not tasks._ordered_documents(now=at)
    monkeypatch.setitem(RENDERERS, "tanda_terima", render)
    assert failures.retry(now=at) == 2 and tasks._ordered_documents(now=at)
    assert make(runtime, at) == 2
    assert DocumentFailure.select().count() == 0 and not documents_check(at).trouble
    assert good.sha256 == "" and Document.get_by_id(good.id).sha256
