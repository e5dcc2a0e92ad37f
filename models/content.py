"""Days and texts that the office edits itself."""

from datetime import date
from functools import cache

from peewee import (
    BooleanField,
    CharField,
    DateField,
    IntegerField,
    ModelSelect,
    TextField,
)

from storage.database import Base, InstantField, prepared

_day = cache(date.fromisoformat)


class Holiday(Base):
    """A day on which the office is closed."""

    on = DateField(unique=True)
    title = CharField(max_length=120)
    kind = CharField(max_length=20)
    source = CharField(max_length=120, default="")

    @classmethod
    def as_mapping(cls) -> dict[date, str]:
        # As text: peewee would try several ways to read each of a hundred dates.
        return {_day(on): title for on, title in _holidays()}


@prepared
def _holidays() -> ModelSelect:
    return Holiday.select(Holiday.on.cast("TEXT"), Holiday.title).tuples()


class Page(Base):
    """An editable text of the portal; Markdown."""

    slug = CharField(max_length=40, unique=True)
    title = CharField(max_length=120)
    summary = CharField(max_length=300, default="")
    body = TextField()
    updated_at = InstantField()


class FaqItem(Base):
    position = IntegerField(default=0, index=True)
    question = CharField(max_length=200)
    answer = TextField()
    # Kept without being on the portal when not.
    is_shown = BooleanField(default=True)
    updated_at = InstantField()
