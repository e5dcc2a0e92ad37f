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
    """The calendar stays between tests; what one adds must go."""
    before = {row.on: row for row in Holiday.select()}
    yield
    for row in Holiday.select():
        kept = before.pop(row.on, None)
        if kept is None:
            row.delete_instance()
        else:
            said = {name: getattr(kept, name) for name in ("title", "kind", "source")}
            Holiday.update(**said).where(Holiday.id == row.id).execute()
    for row in before.values():
        Holiday.create(on=row.on, title=row.title, kind=row.kind, source=row.source)
