"""When a request is due: its promise, its pauses, what was agreed, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from peewee import ModelSelect

from models import Pause as PauseRow
from models import Request
from moves.catalogue import flow_of, work_calendar
from rules.calendar import WorkCalendar
from rules.deadlines import Agreement, Deadline, Pause, count_deadline
from rules.services import Stage
from storage.fast import Bound, prepared

CUSTOMER_TURN, COMPLETION, SUSPENDED = "customer", "completion", "suspended"
AMENDMENT, OBJECTION, CANCELLATION = "amendment", "objection", "cancellation"
PAUSE_WORDS = {
    CUSTOMER_TURN: "menunggu pelanggan",
    COMPLETION: "menunggu kelengkapan dari pelanggan",
    SUSPENDED: "layanan ditangguhkan",
    AMENDMENT: "menunggu persetujuan perubahan lingkup",
    OBJECTION: "permohonan sempat ditolak",
    CANCELLATION: "menunggu keputusan pembatalan",
}


def stop(request: Request, reason: str, *, now: datetime) -> list[Pause]:
    """Let the clock stand; one that stands already goes on standing for the new reason.

    Returns all pauses, as `go_on` does.
    """
    pauses = go_on(request, now=now)
    PauseRow.create(request=request, reason=reason, began_at=now)
    return [*pauses, Pause(now, None, PAUSE_WORDS.get(reason, reason))]


def go_on(request: Request, *, now: datetime) -> list[Pause]:
    """Let the clock run again, if it stood; return the pauses so far. Writes only if it stood."""
    pauses = pauses_of(request)
    if all(pause.ended_at for pause in pauses):
        return pauses
    PauseRow.update(ended_at=now).where(
        (PauseRow.request == request) & PauseRow.ended_at.is_null()
    ).execute()
    return [replace(pause, ended_at=pause.ended_at or now) for pause in pauses]


def pauses_of(request: Request) -> list[Pause]:
    return [
        Pause(row.began_at, row.ended_at, PAUSE_WORDS.get(row.reason, row.reason))
        for row in _pauses(request=request.id)
    ]


@prepared
def _pauses() -> ModelSelect:
    rows = PauseRow.select().where(PauseRow.request == Bound("request"))
    return rows.order_by(PauseRow.began_at, PauseRow.id)


def deadline_of(
    request: Request,
    stage: Stage | None = None,
    *,
    calendar: WorkCalendar | None = None,
    pauses: Sequence[Pause] | None = None,
) -> Deadline:
    """The deadline of the whole request, or of one stage, with everything it was made from.

    The whole is what the office has to keep: a pause after its part was done moves only what is
    left to do, or a slow customer would make late work punctual. A stage is never due after the
    whole as it would be with all pauses. Once a day was agreed, stages whose own days were over by
    then (a revision of a finished report) are due with it.
    """
    flow = flow_of(request)
    calendar = calendar or work_calendar()
    pauses = pauses_of(request) if pauses is None else pauses
    agreement = None
    if request.agreed_due_on and request.agreed_at:
        agreement = Agreement(request.agreed_due_on, request.agreed_at)
    promised, done_at = Decimal(flow.promised_days(request.subclass_code)), request.office_done_at

    def whole_with(counted: Sequence[Pause]) -> Deadline:
        return count_deadline(
            calendar, request.submitted_at, promised, pauses=counted, agreement=agreement
        )

    if stage is None:
        counted = [pause for pause in pauses if not done_at or pause.began_at < done_at]
        return replace(whole_with(counted), done_at=done_at)
    whole = whole_with(pauses)
    days = flow.stage_days(stage, request.subclass_code)
    part = count_deadline(calendar, request.submitted_at, days, pauses=pauses)
    outlived = agreement is not None and part.due_at <= agreement.at
    return part if part.due_at < whole.due_at and not outlived else whole


def due_columns(
    request: Request,
    stage: Stage | None,
    *,
    calendar: WorkCalendar | None = None,
    pauses: Sequence[Pause] | None = None,
) -> dict[str, object]:
    """Column values for `due_at` and `stage_due_at`, counted anew from the pauses so far."""
    calendar = calendar or work_calendar()
    pauses = pauses_of(request) if pauses is None else pauses
    due_at = deadline_of(request, calendar=calendar, pauses=pauses).due_at
    if stage is None:
        return {"due_at": due_at}
    part = deadline_of(request, stage, calendar=calendar, pauses=pauses)
    return {"due_at": due_at, "stage_due_at": part.due_at}


def foreseen_at(request: Request) -> datetime:
    """When people may expect it: as promised, or as told anew since; once the office's part was
    done, what is left of it."""
    return request.stage_due_at if request.office_done_at else latest_told(request)


def latest_told(request: Request) -> datetime:
    """The finishing moment that the customer was told last: the promise, or a later one."""
    return max(request.due_at, request.expected_at or request.due_at)


def office_days(request: Request, until: datetime) -> float:
    """Working days that the office itself took: from filing to `until` without the pauses."""
    return float(running_days(request.submitted_at, until, pauses_of(request), work_calendar()))


def running_days(
    began_at: datetime, ended_at: datetime, pauses: Sequence[Pause], calendar: WorkCalendar
) -> Decimal:
    """Working days between two instants in which the clock ran."""
    taken = calendar.working_days_between(began_at, ended_at)
    for pause in pauses:
        since, until = max(pause.began_at, began_at), min(pause.ended_at or ended_at, ended_at)
        if until > since:
            taken -= calendar.working_days_between(since, until)
    return max(taken, Decimal(0))
