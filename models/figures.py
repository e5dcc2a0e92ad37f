"""Figures by month, kept so that no page has to count rows."""

from peewee import CharField, ForeignKeyField, IntegerField

from models.requests import Request
from storage.database import Base, JsonField

# In place of working days: all requests of the month, whether done or not; and a day as a whole.
FILED = WHOLE_DAY = -1


class RequestFigure(Base):
    """How many requests of a month of filing took how long; kept by triggers of the database.

    A row counts all that were filed (`days` is FILED), or those done by the office in so many
    whole working days (`hundredths` is WHOLE_DAY), or exactly in so many and hundredths: where
    the middle lies is found by the days, and what it is by the hundredths of that day alone.
    """

    month = CharField(max_length=7)
    service_code = CharField(max_length=40)
    days = IntegerField()
    hundredths = IntegerField()
    requests = IntegerField()
    on_time = IntegerField()

    class Meta:
        indexes = (
            (("service_code", "days", "month", "hundredths"), True),
            (("hundredths", "month"), False),
        )


class AnswerFigure(Base):
    """The complete answers of a month to one element: how many, and the sum of their scores.

    Kept by triggers of the database; holds neither the order nor the moment of an answer.
    """

    month = CharField(max_length=7)
    element = CharField(max_length=2)
    answers = IntegerField()
    total = IntegerField()

    class Meta:
        indexes = ((("month", "element"), True),)


class StageFigure(Base):
    """Figures of one stage in one month, counted from the history each night.

    An empty `stage_code` is the request as a whole. The histograms map tenths of working days
    to counts: `office` and `customer` are the time spent in the stage, `rest` the time from
    entering it until the office was done.
    """

    month = CharField(max_length=7)
    service_code = CharField(max_length=40)
    subclass_code = CharField(max_length=40)
    stage_code = CharField(max_length=40)
    passes = IntegerField()
    on_time = IntegerField()
    office = JsonField(default=dict)
    customer = JsonField(default=dict)
    rest = JsonField(default=dict)

    class Meta:
        indexes = (
            (("service_code", "stage_code", "month"), False),
            (("month", "service_code", "subclass_code", "stage_code"), True),
        )


class LatePass(Base):
    """A request that passed a stage later than promised, as the figures of that month count it.

    What is late by the working days can't be asked of the database, so that the list behind a
    figure needs it written down.
    """

    month = CharField(max_length=7)
    service_code = CharField(max_length=40)
    stage_code = CharField(max_length=40)
    request = ForeignKeyField(Request, on_delete="CASCADE")

    class Meta:
        indexes = (
            (("service_code", "stage_code", "month"), False),
            (("request", "stage_code", "month"), True),
        )
