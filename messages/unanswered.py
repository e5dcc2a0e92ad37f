"""Customers who wait for an answer: who wrote about a request, or by WhatsApp about none.

The longest waiting first, whatever became of the request meanwhile.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from heapq import merge
from itertools import islice

from peewee import JOIN, Field, ModelSelect, fn

from config.office import office
from messages.conversation import settle
from models import AwaitedReply, Event, IncomingMessage, Remark, Request, User
from rules import events
from rules.calendar import SECONDS_PER_HOUR, WorkCalendar
from storage.database import database
from workflow import Reader, Refused

# What a place in the list is of; in this order at the same instant.
ABOUT_REQUEST, BY_WHATSAPP = "p", "w"
# Counting stops here: "99+".
MOST_COUNTED = 99
MOST_FETCHED = 200
# Of a target this part is left when it becomes urgent.
SOON = Decimal("0.25")


@dataclass(frozen=True, order=True)
class Place:
    """Where somebody stands in the list: since when, and by which row of which table."""

    at: datetime
    kind: str
    key: int


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits; `row` is an AwaitedReply with its request, or an IncomingMessage."""

    place: Place
    row: AwaitedReply | IncomingMessage


@dataclass(frozen=True)
class AnswerClock:
    """How long somebody waits in office time, and until when they are to hear something."""

    waited: Decimal
    due_at: datetime
    # Working days beyond that; negative while there is time.
    over: Decimal
    # ok, soon or late.
    tone: str


def clock_of(asked_at: datetime, calendar: WorkCalendar, now: datetime) -> AnswerClock:
    target = Decimal(office().first_answer_hours * SECONDS_PER_HOUR)
    target /= calendar.hours.full_day_seconds
    due_at = calendar.add_working_days(asked_at, target)
    over = calendar.working_days_between(due_at, now)
    tone = "late" if now > due_at else "soon" if -over <= target * SOON else "ok"
    return AnswerClock(calendar.working_days_between(asked_at, now), due_at, over, tone)


# -- the list ------------------------------------------------------------------------------------


def who_waits(reader: Reader, *, beyond: Place | None = None, limit: int) -> list[Waiting]:
    """The first who wait, of those whom this reader may see, past a place. Two queries at most."""
    found = [_about_requests(reader, beyond, limit)]
    if reader.may("incoming"):
        found.append(_by_whatsapp(beyond, limit))
    return list(islice(merge(*found, key=lambda one: one.place), limit))


def _about_requests(reader: Reader, beyond: Place | None, limit: int) -> Iterator[Waiting]:
    assignee = User.alias()
    query = (
        AwaitedReply.visible_to(reader)
        .select(AwaitedReply, Request, User, assignee)
        .join(Request)
        .join(User, on=Request.customer)
        .switch(Request)
        .join(assignee, JOIN.LEFT_OUTER, on=Request.assignee)
    )
    query = _past(query, AwaitedReply.asked_at, ABOUT_REQUEST, beyond)
    for row in query.order_by(AwaitedReply.asked_at, AwaitedReply.id).limit(limit):
        yield Waiting(Place(row.asked_at, ABOUT_REQUEST, row.id), row)


def _by_whatsapp(beyond: Place | None, limit: int) -> Iterator[Waiting]:
    query = IncomingMessage.select(IncomingMessage, User).join(
        User, JOIN.LEFT_OUTER, on=IncomingMessage.sender
    )
    query = query.where(IncomingMessage.is_waiting == 1)
    query = _past(query, IncomingMessage.received_at, BY_WHATSAPP, beyond)
    order = (IncomingMessage.received_at, IncomingMessage.id)
    for row in query.order_by(*order).limit(limit):
        yield Waiting(Place(row.received_at, BY_WHATSAPP, row.id), row)


def _past(query: ModelSelect, at: Field, kind: str, beyond: Place | None) -> ModelSelect:
    """The rows of one table past a place that may be of the other."""
    if beyond is None:
        return query
    if kind == beyond.kind:
        later = (at > beyond.at) | (query.model.id > beyond.key)
        return query.where((at >= beyond.at) & later)
    return query.where(at >= beyond.at if kind > beyond.kind else at > beyond.at)


def said_by(rows: Collection[AwaitedReply]) -> dict[int, list[Remark]]:
    """Request id -> what its customer wrote since they wait, oldest first. One query."""
    if not rows:
        return {}
    said = Remark.select().where(
        Remark.request.in_([row.request_id for row in rows])
        & ~Remark.is_internal
        & Remark.is_from_customer
        & (Remark.at >= min(row.asked_at for row in rows))
    )
    since, found = {row.request_id: row.asked_at for row in rows}, {}
    for remark in said.order_by(Remark.id.desc()).limit(MOST_FETCHED):
        if remark.at >= since[remark.request_id]:
            found.setdefault(remark.request_id, []).insert(0, remark)
    return found


# -- counting ------------------------------------------------------------------------------------


def counted(reader: Reader) -> list[ModelSelect]:
    """How many wait for an answer that this reader may see, none beyond a hundred: as columns of
    a query, to be added up."""
    # Compared with a value, an index finds those that wait; the bare column would walk it whole.
    found = [_capped(AwaitedReply.visible_to(reader), "asked")]
    if reader.may("incoming"):
        waiting = IncomingMessage.select().where(IncomingMessage.is_waiting == 1)
        found.append(_capped(waiting, "wrote"))
    return found


def _capped(query: ModelSelect, name: str) -> ModelSelect:
    few = query.select(query.model.id).limit(MOST_COUNTED + 1).alias(name)
    return query.model.select(fn.COUNT(few.c.id)).from_(few)


# -- without words -------------------------------------------------------------------------------


def close_without_answer(request: Request, *, reader: Reader) -> None:
    """Note that what the customer wrote needs no answer. Raises Refused where nobody waits."""
    if not reader.may("works"):
        raise Refused("Anda dapat membaca percakapan ini, tetapi tidak menulis.")
    with database.atomic():
        if not settle(request, by=reader.user, at=reader.now):
            raise Refused("Pesan ini sudah dijawab atau ditandai selesai.")
        Event.record(
            events.REPLY_NOT_NEEDED,
            at=reader.now,
            actor=reader.user,
            request=request,
            stage_code=request.stage_code,
        )
