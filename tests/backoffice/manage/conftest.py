"""What the tests of these pages change, put back after each."""

from datetime import timedelta

import pytest

from models import FaqItem, Holiday, Request
from tests.backoffice.manage.flow_pages import ALUR
from tests.people import advance, enter, file_request, post


@pytest.fixture
def question(db, now):
    row = FaqItem.create(
        position=3, question="Apa itu **gelombang**?", answer="Awal", updated_at=now
    )
    yield row
    FaqItem.delete().where(FaqItem.id == row.id).execute()


@pytest.fixture
def admin(app, people):
    """The administrator's client, with a draft of two services open."""
    client = enter(app, people.administrator)
    for code in ("data", "lab"):
        assert post(client, f"{ALUR}/{code}/draf/buka").status_code == 302
    return client


@pytest.fixture
def running(people, runtime, now) -> list[Request]:
    """Three requests that a closed Wednesday moves, and one that was filed after it."""
    filed = [file_request(runtime, people.customer, now=now, key=f"K{i}") for i in range(3)]
    advance(filed[2], people, runtime, now=now, until="VERIFIKASI_DATA")
    later = now + timedelta(days=3)
    return [*filed, file_request(runtime, people.customer, now=later, key="LATER")]


@pytest.fixture
def kept_calendar(db):
    """The calendar stays between tests, by its ids too: addresses of other tests name them."""
    before = list(Holiday.select().dicts())
    yield
    if list(Holiday.select().dicts()) != before:
        Holiday.delete().execute()
        Holiday.insert_many(before).execute()
