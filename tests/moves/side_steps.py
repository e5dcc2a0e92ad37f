"""Steps of the tests of side paths, and what a request looks like after them."""

from datetime import datetime

import workflow
from models import Billing, Document, Event, Message, Pause, Request
from rules.formats import ZONE
from workflow import Reader

SERVICES = ("data", "advis", "lab")


REASON = "Alasan yang cukup panjang untuk dibaca."


def wita(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=ZONE)


def take(request: Request, code: str, actor, now: datetime, **inputs) -> Request:
    return workflow.act(
        request, code, reader=Reader.at(actor, now), inputs=inputs, version=request.version
    )


def offered(request: Request, actor, now: datetime) -> set[str]:
    return {choice.code for choice in workflow.choices(request, Reader.at(actor, now))}


def kinds(request: Request) -> list[str]:
    rows = Event.select().where(Event.request == request).order_by(Event.seq)
    return [event.kind for event in rows if event.kind != "document_made"]


def last_event(request: Request) -> Event:
    return Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()


def told(request: Request, person, template: str) -> list[Message]:
    return list(Message.select().where(
        (Message.request == request) & (Message.recipient == person)
        & (Message.template == template)).order_by(Message.id))  # fmt: skip


def clock_stands(request: Request) -> bool:
    return Pause.select().where((Pause.request == request) & Pause.ended_at.is_null()).exists()


def rows_of(request: Request) -> str:
    """Everything about a request, as text, to see that nothing changed."""
    tables = (Event, Document, Message, Pause, Billing)
    found = [list(t.select().where(t.request == request).order_by(t.id).dicts()) for t in tables]
    found.append(Request.select().where(Request.id == request.id).dicts().get())
    return repr(found)
