"""What the tests of these pages change, put back after each."""

import pytest

from models import (
    FaqItem,
)
from tests.backoffice.manage.flow_pages import ALUR
from tests.people import enter, post


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
