"""What is late or about to be: remind its holder, say why, and tell the customer a new date.

None of this moves the request or its promise: lateness is asked of `due_at`, whatever was told.
Who may do it is the office's capability `delays`, in every service and at every stage.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from config.office import OTHER_CAUSE, office
from models import Event, Request
from moves.catalogue import work_calendar
from moves.clock import latest_told
from moves.movement import compare_and_set
from moves.notices import tell_staff
from moves.officials import Reader, recipients_for, today
from moves.refusals import InvalidInput, Refused
from moves.side_moves import SUSPENSION, Move
from rules import events
from rules.formats import ZONE, weekday_day
from rules.labels import LATER_DATE
from rules.roles import PELANGGAN

FRIDAY = 4


def is_at_a_desk(request: Request) -> bool:
    """Whether somebody of the office has the turn, be it for a decision."""
    return request.waiting_role not in ("", PELANGGAN) and request.pending != SUSPENSION


def is_in_work(request: Request) -> bool:
    """Whether the office's own part isn't done yet and its clock runs."""
    working = request.is_open and not request.pending and request.office_done_at is None
    return working and request.waiting_role != PELANGGAN


def is_late(request: Request, now: datetime) -> bool:
    """Whether the promise is broken: of what is in work, or of what was done."""
    if request.office_done_at:
        return request.office_done_at > request.due_at
    return is_in_work(request) and request.due_at < now


def is_stage_late(request: Request, now: datetime) -> bool:
    return is_at_a_desk(request) and request.stage_due_at < now


def is_due_soon(request: Request, now: datetime) -> bool:
    """Whether the last quarter of the promised time runs, or its last day; or has run out.

    On a Friday Monday is the next day.
    """
    local = now.astimezone(ZONE)
    weekend = max(0, 6 - local.weekday()) if local.weekday() >= FRIDAY else 0
    last_part = max(timedelta(days=1 + weekend), (request.due_at - request.submitted_at) / 4)
    return is_in_work(request) and request.due_at < now + last_part


def paths(request: Request, reader: Reader) -> Iterator[str]:
    """Codes of what the state allows to whoever may deal with delays."""
    now = reader.now
    is_threatened = is_stage_late(request, now) or is_due_soon(request, now)
    turn = (request.waiting_role, request.service_code, request.assignee_id)
    theirs = is_at_a_desk(request) and not reader.has_turn(*turn)
    if theirs and is_threatened and not reminded_today(request, now):
        yield "remind"
    if is_late(request, now) or is_in_work(request) and is_stage_late(request, now):
        yield "explain_delay"
    if is_in_work(request) and (is_threatened or request.expected_at):
        yield "tell_new_date"


def remind(move: Move) -> None:
    """Write to whoever holds it; once a day for each stage, whoever asks."""
    request, desk = move.request, move.desk
    people = recipients_for(
        request.waiting_role,
        move.now,
        service_code=request.service_code,
        assignee_id=request.assignee_id,
        roster=move.actor.roster,
    )
    if not people:
        raise Refused("Tidak ada petugas yang dapat diingatkan. Isi dahulu pos yang kosong.")
    move.write(events.HOLDER_REMINDED, people=[person.public_id for person in people])
    note = move.given.text("note").rstrip(". ")
    for person in people:
        tell_staff(
            request,
            person,
            "diingatkan",
            now=move.now,
            occasion=f"{desk.desk}:{today(move.now):%y%m%d}",
            more={
                "tahap": desk.short,
                "batas": weekday_day(request.stage_due_at),
                "pengingat": move.actor.user.name if move.actor.user else "",
                "catatan": f"{note}." if note else "",
            },
        )


def reminded_today(request: Request, now: datetime) -> bool:
    """Whether somebody reminded of it today, at this stage. One query."""
    reminders = Event.select(Event.at).where(
        (Event.request == request)
        & (Event.kind == events.HOLDER_REMINDED)
        & (Event.stage_code == request.stage_code)
    )
    return any(today(event.at) == today(now) for event in reminders)


def explain(move: Move) -> None:
    """Keep the cause; what is said later takes its place, and the history holds both."""
    codes = {words: code for code, words in office().delay_causes.items()}
    code = codes[move.given.text("cause")]
    if code == OTHER_CAUSE and not move.given.text("note"):
        raise InvalidInput({"note": "Jelaskan penyebabnya."})
    # Not another version: whoever works on it loses nothing that was typed.
    Request.update(delay_cause=code).where(Request.id == move.request.id).execute()
    move.write(events.DELAY_EXPLAINED, cause=code)


def tell_new_date(move: Move) -> None:
    """Tell the customer when to expect it, with the reason; the promise stays what it was."""
    request = move.request
    finish_on = move.date("finish_on")
    until = work_calendar().closing_of(finish_on)
    if finish_on <= today(move.now):
        raise InvalidInput({"finish_on": LATER_DATE})
    if until <= request.due_at:
        promised = weekday_day(request.due_at)
        raise InvalidInput(
            {"finish_on": f"Yang dijanjikan {promised}; tanggal baru harus sesudahnya."}
        )
    told = latest_told(request)
    compare_and_set(request, {"expected_at": until})
    move.write(events.DATE_TOLD, **{"from": told.isoformat(), "until": until.isoformat()})
    move.tell(
        "tanggal_baru",
        batas=weekday_day(told),
        batas_baru=weekday_day(until),
        alasan=move.given.text("reason").rstrip(". "),
    )
