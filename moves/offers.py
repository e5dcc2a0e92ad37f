"""Who may take which side path of `sides`, where and when.

What the state allows comes first, then the post: the buttons of a page and the guard of
`workflow.act` both ask `offered`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from config.office import office
from models import Event, Request
from moves import delays
from moves.asked_points import hint_of, inputs_for, points_of
from moves.catalogue import flow_of, work_calendar
from moves.officials import Reader, authority
from moves.side_moves import (
    AMENDMENT,
    CANCELLATION,
    COMPLETION,
    OBJECTION,
    REVISION,
    SUSPENSION,
    billing_desk,
    earlier_desks,
    refusal_of,
)
from moves.sides import SIDES
from rules import events
from rules.rights import Power
from rules.roles import PELANGGAN
from rules.services import Flow, Input, Stage
from rules.statuses import DONE, REJECTED


@dataclass(frozen=True)
class Choice:
    """One thing this person may do now; a button. `power` is the right by which."""

    code: str
    title: str
    stage: Stage
    inputs: tuple[Input, ...] = ()
    is_danger: bool = False
    confirm: str = ""
    power: Power | None = None
    on_behalf: bool = False


def offered(request: Request, desk: Stage, reader: Reader) -> Iterator[Choice]:
    """The side paths open to this reader, in the order of the buttons."""
    flow, seen = flow_of(request), set()
    if reader.is_staff:
        for code, role in _for_staff(request, flow, desk):
            if code in seen:
                continue
            excluded = _not_the_refuser(request) if code in ("uphold", "reopen") else ()
            assignee = request.assignee_id if role == desk.role else None
            power = authority(
                reader,
                role,
                service_code=request.service_code,
                assignee_id=assignee,
                excluded=excluded,
            )
            if power:
                seen.add(code)
                yield _choice(request, code, flow, desk, power=power)
        yield from _about_delay(request, flow, desk, reader)
    elif request.customer_id == reader.id:
        for code in for_customer(request, flow, desk, reader.now):
            yield _choice(request, code, flow, desk)


def _about_delay(request: Request, flow: Flow, desk: Stage, reader: Reader) -> Iterator[Choice]:
    able = (power for power in reader.powers_to("delays") if power.covers(request.service_code))
    if power := next(able, None):
        for code in delays.paths(request, reader):
            yield _choice(request, code, flow, desk, power=power)


def _choice(
    request: Request, code: str, flow: Flow, desk: Stage, power: Power | None = None
) -> Choice:
    side = SIDES[code]
    inputs = side.inputs
    if code == "return":
        ways = tuple(earlier_desks(flow, desk))
        inputs = (replace(inputs[0], options=ways), *inputs[1:])
    elif code == "ask_completion":
        inputs = (replace(inputs[0], hint=hint_of(flow)), *inputs[1:])
    elif code == "give_completion":
        inputs = (*inputs_for(points_of(request, flow)), *inputs)
    elif code == "explain_delay":
        causes = tuple(office().delay_causes.values())
        inputs = (replace(inputs[0], options=causes), *inputs[1:])
    return Choice(code, side.title, desk, inputs, side.is_danger, side.confirm, power)


def _for_staff(request: Request, flow: Flow, desk: Stage) -> Iterator[tuple[str, str]]:
    """(code, post that may) of the side paths that the state allows."""
    pending = request.pending
    if pending == COMPLETION:
        yield from _by("withdraw_completion", desk.who_may("ask_completion") or (desk.role,))
    elif pending == SUSPENSION:
        # Whoever suspended has the turn; the others who might have may resume as well.
        roles = dict.fromkeys((request.waiting_role, *desk.who_may("suspend")))
        yield from _by("resume", roles)
    elif pending == AMENDMENT:
        yield from _by("withdraw_amendment", desk.who_may("amend") or (desk.role,))
    elif pending == CANCELLATION:
        yield "grant_cancel", flow.consent_role
        yield "refuse_cancel", flow.consent_role
    elif pending == OBJECTION:
        yield "reopen", request.waiting_role
        yield "uphold", request.waiting_role
    elif request.status == DONE and flow.revision_role:
        yield "revise", flow.revision_role
        if pending == REVISION:
            yield "refuse_revision", flow.revision_role
    elif request.is_open:
        for code in _open_paths(flow, desk):
            yield from _by(code, desk.who_may(code))


def _open_paths(flow: Flow, desk: Stage) -> Iterator[str]:
    """Side paths of the office from a desk where nothing is pending."""
    yield "ask_completion"
    if earlier_desks(flow, desk):
        yield "return"
    yield from ("suspend", "amend")
    if billing_desk(flow, desk):
        yield "reissue_billing"
    yield "reject"


def _by(code: str, roles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A side path with each post of the office that may take it."""
    return ((code, role) for role in roles if role != PELANGGAN)


def for_customer(request: Request, flow: Flow, desk: Stage, now: datetime) -> Iterator[str]:
    """Codes of the side paths that the state allows to the customer."""
    if request.pending == COMPLETION:
        yield "give_completion"
    elif request.pending == AMENDMENT:
        yield "agree_amendment"
        yield "decline_amendment"
    elif request.is_open and not request.pending and desk.who_may("negotiate"):
        yield "negotiate"
    if request.is_open and request.pending in ("", COMPLETION, AMENDMENT, SUSPENSION):
        if desk.who_may("cancel"):
            yield "cancel"
        elif desk.who_may("cancel_with_consent") and request.pending != SUSPENSION:
            yield "ask_cancel"
    if request.status == REJECTED and not request.pending and may_object(request, flow, now):
        yield "object"
    if request.status == DONE and not request.pending and _may_ask_revision(request, flow, now):
        yield "ask_revision"


def may_object(request: Request, flow: Flow, now: datetime) -> bool:
    """Once, and within the working days that the service gives after the refusal."""
    if request.closed_at is None:
        return False
    until = work_calendar().add_working_days(request.closed_at, Decimal(flow.objection_days))
    asked = Event.select().where((Event.request == request) & (Event.kind == events.OBJECTED))
    return now <= until and not asked.exists()


def _may_ask_revision(request: Request, flow: Flow, now: datetime) -> bool:
    if not flow.revision_role or request.closed_at is None:
        return False
    until = work_calendar().add_working_days(request.closed_at, Decimal(flow.revision_days))
    return now <= until


def _not_the_refuser(request: Request) -> tuple[int, ...]:
    refusal = refusal_of(request)
    return (refusal.actor_id,) if refusal and refusal.actor_id else ()
