"""What happens without anyone looking to a completion that is waited for: reminded of, closed."""

from datetime import datetime
from decimal import Decimal

from models import Request, User
from moves.catalogue import current_stage, flow_of, work_calendar
from moves.movement import Actor, Given
from moves.notices import tell_customer
from moves.refusals import Conflict
from moves.side_moves import COMPLETION, Move, expire
from rules.formats import ZONE, weekday_day
from storage.database import database

# A completion is reminded of this many working days before it is due, and on the day.
REMIND_DAYS = 2
REMIND_HOURS = (7, 20)
GRACE_DAYS = 3


def expire_overdue(*, now: datetime) -> int:
    """Close the requests whose completion never came; return how many. Safe to run twice."""
    due = Request.select(Request.id).where(
        (Request.pending == COMPLETION) & (Request.pending_due_at < now)
    )
    closed = 0
    for row in list(due.order_by(Request.pending_due_at)):
        with database.atomic():
            fresh = Request.get_by_id(row.id)
            if not _is_expired(fresh, now):
                continue
            try:
                with database.atomic():
                    desk = current_stage(fresh)
                    expire(Move(fresh, flow_of(fresh), desk, Actor(None), Given(), now))
            except Conflict:
                continue  # The customer sent it, or another worker closed it, at this moment.
            closed += 1
    return closed


def remind_of_completions(*, now: datetime) -> int:
    """Remind customers two working days before a completion is due and on the day itself.

    By day only. Each once, however often this runs; after downtime the reminder that still helps
    is sent, and one that couldn't be delivered by the due instant isn't sent any more. Returns
    how many requests are being reminded of.
    """
    if not REMIND_HOURS[0] <= now.astimezone(ZONE).hour < REMIND_HOURS[1]:
        return 0
    calendar, reminded = work_calendar(), 0
    waiting = (
        Request.select(Request, User)
        .join(User, on=Request.customer)
        .where((Request.pending == COMPLETION) & (Request.pending_due_at > now))
    )
    for request in list(waiting.order_by(Request.pending_due_at)):
        left = calendar.days_left(now, request.pending_due_at)
        if left > REMIND_DAYS:
            continue
        asked = f"{request.pending_due_at:%Y-%m-%dT%H:%M:%S}"
        tell_customer(
            request,
            request.customer,
            "pengingat_lengkapi",
            now=now,
            stage=current_stage(request),
            key=f"{asked}:H-{REMIND_DAYS if left else 0}",
            expires_at=request.pending_due_at,
            more={"batas": weekday_day(request.pending_due_at)},
        )
        reminded += 1
    return reminded


def _is_expired(request: Request, now: datetime) -> bool:
    """Whether a completion is overdue beyond the grace."""
    if request.pending != COMPLETION or request.pending_due_at is None:
        return False
    return now > work_calendar().add_working_days(request.pending_due_at, Decimal(GRACE_DAYS))
