"""Answers of the satisfaction survey, apart from who gave them, and its periods."""

import hashlib
from uuid import uuid4

from peewee import (
    CharField,
    DateField,
    ForeignKeyField,
    TextField,
)

from models.people import User
from models.requests import Request
from storage.database import Base, InstantField, JsonField, new_public_id


class SurveyVersion(Base):
    """A questionnaire as it was published; immutable. Answers name it for good.

    In force is the newest that has begun. One that hasn't yet may be withdrawn.
    """

    name = CharField(max_length=40, unique=True)
    definition = TextField()
    starts_at = InstantField(index=True)
    published_at = InstantField()
    # None for the one that came with the program.
    published_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    note = CharField(max_length=300, default="")
    withdrawn_at = InstantField(null=True)


class SurveyDraft(Base):
    """The questionnaire that somebody is writing; one for each code, and there is one code."""

    code = CharField(max_length=40, unique=True)
    definition = TextField()
    base = ForeignKeyField(SurveyVersion, on_delete="RESTRICT")
    updated_at = InstantField()
    updated_by = ForeignKeyField(User, on_delete="RESTRICT")


class SurveyReceipt(Base):
    """Proof that a request's survey was filled, once. It doesn't lead to the answers."""

    request = ForeignKeyField(Request, unique=True, on_delete="RESTRICT")
    answered_at = InstantField()


class SurveyResponse(Base):
    """Answers apart from identity: no request, no person, a day instead of a moment."""

    id = CharField(max_length=36, primary_key=True, default=lambda: str(uuid4()))
    questionnaire = CharField(max_length=40)
    service_code = CharField(max_length=40)
    answered_on = DateField()
    scores = JsonField()
    demographics = JsonField()
    extras = JsonField()

    class Meta:
        indexes = ((("service_code", "answered_on"), False), (("answered_on",), False))
        # SQLite would number the rows as they come, which ties an answer to its receipt.
        without_rowid = True


class SurveyPeriod(Base):
    """What the office keeps about a period of the survey; a row from its first note or its lock.

    Once locked, `figures` are the period's counts for good (`outputs.skm.Answers`) and `digest`
    their SHA-256, which the history holds too.
    """

    code = CharField(max_length=7, unique=True)
    # What the suggestions come down to, in the office's words, without anybody's identity.
    summary = TextField(default="")
    figures = TextField(default="")
    digest = CharField(max_length=64, default="")
    locked_at = InstantField(null=True)
    locked_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    @property
    def is_intact(self) -> bool:
        """Whether the frozen figures are still those that were locked."""
        return hashlib.sha256(self.figures.encode()).hexdigest() == self.digest


class ActionPlan(Base):
    """What the office means to do about an element: programme, until when, by whom, how far."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    period_code = CharField(max_length=7)
    element = CharField(max_length=2)
    program = CharField(max_length=300)
    due_on = DateField()
    responsible = CharField(max_length=120)
    status = CharField(max_length=12, default="rencana")
    note = CharField(max_length=500, default="")
    updated_at = InstantField()
    updated_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("period_code", "element"), False),)
