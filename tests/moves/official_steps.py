"""Mandates, posts that are left, and what waits for whom."""

from datetime import UTC, date, datetime

import workflow
from models import Event, Mandate, Request, User
from moves.catalogue import current_stage
from rules.formats import ZONE
from tests.people import inputs_for
from workflow import Reader

FROM, UNTIL = date(2024, 7, 29), date(2024, 7, 31)


def mandate(role, acting, *, absent=None, kind="plh", from_on=FROM, until_on=UNTIL, services=()):
    return Mandate.create(
        role_code=role, kind=kind, absent=absent, acting=acting, letter="SPT-01/2024",
        from_on=from_on, until_on=until_on, services=list(services),
        created_at=datetime(2024, 7, 1, tzinfo=UTC),
    )  # fmt: skip


def wita(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 7, day, hour, minute, tzinfo=ZONE)


def leave(*users) -> None:
    for user in users:
        user.active = False
        user.save()


def queue_of(user, at) -> list[int]:
    """Ids of what waits for somebody, by the query and by the rule for rows alike."""
    user = User.get_by_id(user.id)
    reader = Reader.at(user, at)
    waiting = [request.id for request in Request.waiting_for(reader).order_by(Request.id)]
    running = Request.select().where(Request.waiting_role != "").order_by(Request.id)
    assert waiting == [
        r.id for r in running if reader.has_turn(r.waiting_role, r.service_code, r.assignee_id)
    ]
    return waiting


def may_complete(request, user, at) -> bool:
    return "complete" in {choice.code for choice in workflow.choices(request, Reader.at(user, at))}


def complete(request, user, people, runtime, at):
    given = inputs_for(current_stage(request), people, runtime, request, at)
    return workflow.act(
        request, "complete", reader=Reader.at(user, at), inputs=given, version=request.version
    )


def last_event(request) -> Event:
    return Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()
