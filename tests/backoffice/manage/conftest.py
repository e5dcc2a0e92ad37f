"""What the tests of these pages change, put back after each."""

import pytest

from models import (
    FaqItem,
)


@pytest.fixture
def question(db, now):
    row = FaqItem.create(
        position=3, question="Apa itu **gelombang**?", answer="Awal", updated_at=now
    )
    yield row
    FaqItem.delete().where(FaqItem.id == row.id).execute()
