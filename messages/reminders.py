"""What people are reminded of without anybody asking, each at most once per due moment.

Everything is found in the rows as they are now, never in a list of what was planned: after a
time without a worker the next run sends what is still worth sending. What was sent is known by
the keys of the outbox. Reading takes a fixed number of queries, whatever the number of requests.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil

import workflow
from config.office import office
from config.settings import DeliveryRules
from models import Billing, Message, Request, User
from moves.catalogue import current_stage, flow_of, work_calendar
from moves.clock import foreseen_at
from moves.movement import Actor, write_history
from moves.notices import tell_customer, tell_staff
from moves.officials import Roster, today
from moves.side_moves import SUSPENSION, superior_of
from rules import events
from rules.bills import LAPSING_DAYS
from rules.calendar import WorkCalendar
from rules.formats import ZONE, day, weekday_day
from rules.labels import CHANNELS
from rules.roles import PELANGGAN
from rules.services import SURVEY
from rules.statuses import OPEN_STATUSES
from storage.database import database

# Due dates further away than the longest run of closed days don't matter to "tomorrow".
HORIZON = timedelta(days=21)
# An overdue stage goes to the superior after so many working days.
ESCALATE_AFTER_DAYS = 1
SURVEY_REMINDER_DAYS = (3, 10)
# Of a bill that lapsed long ago nobody is told any more.
LAPSED_DAYS = 14


@dataclass(frozen=True)
class Notice:
    """One reminder that is due: whom, about what, with the key that makes it one."""

    template: str
    request: Request | None
    occasion: str
    more: dict[str, str]
    # Ids of the members of staff; empty for the customer of the request.
    staff: frozenset[int] = frozenset()
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """Everything one run looks at, read once."""

    now: datetime
    calendar: WorkCalendar
    roster: Roster
    # Open or decided upon: whatever waits for a post or for a customer.
    waiting: Sequence[Request]
    bills: Sequence[Billing]

    @classmethod
    def at(cls, now: datetime, calendar: WorkCalendar) -> "Batch":
        """Five queries."""
        waiting = (
            Request.select(Request, User)
            .join(User, on=Request.customer)
            .where(Request.is_running())
            .order_by(Request.stage_due_at, Request.id)
        )
        on = today(now)
        bills = (
            Billing.select(Billing, Request, User)
            .join(Request, on=Billing.request)
            .join(User, on=Request.customer)
            .where(
                Billing.ntpn.is_null()
                & Billing.replaced_at.is_null()
                & Request.status.in_(OPEN_STATUSES)
                & (Billing.expires_on >= on - timedelta(days=LAPSED_DAYS))
                & (Billing.expires_on <= on + timedelta(days=LAPSING_DAYS))
            )
            .order_by(Billing.expires_on, Billing.id)
        )
        return cls(now, calendar, Roster.at(now), list(waiting), list(bills))

    @cached_property
    def at_posts(self) -> list[Request]:
        """What waits for the office with its clock running."""
        return [
            request
            for request in self.waiting
            if request.waiting_role != PELANGGAN and request.pending != SUSPENSION
        ]

    def people_at(self, request: Request, role: str = "") -> frozenset[int]:
        """Who is reminded of a request: the person assigned or the post, or another post."""
        return frozenset(
            self.roster.recipients(
                role or request.waiting_role,
                request.service_code,
                assignee_id=None if role else request.assignee_id,
            )
        )


def remind(rules: DeliveryRules, *, now: datetime) -> int:
    """Write every reminder that is due and wasn't written; return how many. Safe to run twice.

    In office hours only: reminders are work, and nobody wants them at night.
    """
    calendar = work_calendar()
    if not _is_office_time(calendar, now):
        return 0
    batch = Batch.at(now, calendar)
    notices = [
        notice
        for find in (_digests, _due_stages, _overdue_stages, _surveys, _bills)
        for notice in find(batch)
    ]
    written = _write(notices, now=now)
    written += _slip_promises(batch)
    if rules.survey_release_days:
        _release_surveys(batch, rules.survey_release_days)
    return written


def _is_office_time(calendar: WorkCalendar, now: datetime) -> bool:
    local = now.astimezone(ZONE)
    hours = calendar.hours
    return calendar.is_working_day(local.date()) and hours.open <= local.time() < hours.close


# -- writing -------------------------------------------------------------------------------------


def _write(notices: Sequence[Notice], *, now: datetime) -> int:
    """Enqueue what isn't in the outbox yet. Two queries, and one for each new message."""
    ids = {user_id for notice in notices for user_id in notice.staff}
    people = {person.id: person for person in User.select().where(User.id.in_(sorted(ids) or [0]))}
    wanted = {
        _key(notice, person): (notice, person)
        for notice in notices
        for person in _recipients(notice, people)
    }
    new = wanted.keys() - _known(wanted)
    for key in sorted(new):
        _enqueue(*wanted[key], now=now)
    return len(new)


def _recipients(notice: Notice, people: dict[int, User]) -> list[User]:
    if notice.staff:
        return [people[user_id] for user_id in sorted(notice.staff) if user_id in people]
    return [notice.request.customer] if notice.request else []


def _key(notice: Notice, person: User) -> str:
    about = notice.request.public_id if notice.request else "kantor"
    return f"{about}:{notice.occasion}:{notice.template}:{person.public_id}"


def _known(keys: Collection[str]) -> set[str]:
    """Which keys the outbox holds, by whatever channel."""
    names = [f"{key}:{channel}" for key in keys for channel in CHANNELS]
    found: set[str] = set()
    for start in range(0, len(names), 5000):
        rows = Message.select(Message.dedupe_key).where(
            Message.dedupe_key.in_(names[start : start + 5000])
        )
        found |= {key.rpartition(":")[0] for (key,) in rows.tuples()}
    return found


def _enqueue(notice: Notice, person: User, *, now: datetime) -> None:
    if person.is_staff:
        tell_staff(
            notice.request,
            person,
            notice.template,
            now=now,
            occasion=notice.occasion,
            expires_at=notice.expires_at,
            more=notice.more,
        )
    elif notice.request:
        tell_customer(
            notice.request,
            person,
            notice.template,
            now=now,
            key=notice.occasion,
            expires_at=notice.expires_at,
            more=notice.more,
        )


def _moment_key(at: datetime) -> str:
    return f"{at:%y%m%d%H%M%S}"


# -- stages --------------------------------------------------------------------------------------


def _due_stages(batch: Batch) -> Iterator[Notice]:
    """A stage due on the next working day, or today; not one that came in today."""
    for request in batch.at_posts:
        due_at = request.stage_due_at
        if not batch.now < due_at <= batch.now + HORIZON:
            continue
        if today(request.stage_entered_at) == today(batch.now):
            continue
        if batch.calendar.days_left(batch.now, due_at) > 1:
            continue
        yield Notice(
            "hampir_lewat",
            request,
            _moment_key(due_at),
            {"tahap": current_stage(request).short, "batas": weekday_day(due_at)},
            batch.people_at(request),
            expires_at=due_at,
        )


def _overdue_stages(batch: Batch) -> Iterator[Notice]:
    """A stage past its due moment: to the post, and later to the post above it."""
    for request in batch.at_posts:
        due_at = request.stage_due_at
        if due_at > batch.now:
            continue
        said = {"tahap": current_stage(request).short, "batas": weekday_day(due_at)}
        yield Notice("lewat", request, _moment_key(due_at), said, batch.people_at(request))
        if batch.calendar.add_working_days(due_at, ESCALATE_AFTER_DAYS) > batch.now:
            continue
        role = request.waiting_role
        above = batch.people_at(request, superior_of(role)) - batch.people_at(request)
        if above:
            said = {**said, "jabatan": office().posts.get(role, role)}
            yield Notice("lewat_atasan", request, _moment_key(due_at), said, above)


def _digests(batch: Batch) -> Iterator[Notice]:
    """What waits for each person this morning, in one message."""
    count, late, due = Counter[int](), Counter[int](), Counter[int]()
    for request in batch.at_posts:
        for user_id in batch.people_at(request):
            count[user_id] += 1
            late[user_id] += request.stage_due_at <= batch.now
            is_today = today(request.stage_due_at) == today(batch.now)
            due[user_id] += is_today and request.stage_due_at > batch.now
    for user_id, number in count.items():
        yield Notice(
            "ringkasan_harian",
            None,
            f"{today(batch.now):%y%m%d}",
            {
                "jumlah": str(number),
                "terlambat": str(late[user_id]),
                "hari_ini": str(due[user_id]),
            },
            frozenset({user_id}),
            expires_at=batch.calendar.closing_of(today(batch.now)),
        )


# -- customers -----------------------------------------------------------------------------------


def _at_survey(batch: Batch) -> Iterator[Request]:
    for request in batch.waiting:
        is_theirs = request.waiting_role == PELANGGAN and not request.pending
        if is_theirs and current_stage(request).kind == SURVEY:
            yield request


def _surveys(batch: Batch) -> Iterator[Notice]:
    """The latest reminder that is due; an earlier one that was missed isn't sent after it."""
    for request in _at_survey(batch):
        since = request.stage_entered_at
        passed = [
            days
            for days in SURVEY_REMINDER_DAYS
            if batch.calendar.add_working_days(since, days) <= batch.now
        ]
        if passed:
            occasion = f"{_moment_key(since)}+{passed[-1]}"
            yield Notice("pengingat_survei", request, occasion, {})


def _release_surveys(batch: Batch, days: int) -> None:
    for request in _at_survey(batch):
        if batch.calendar.add_working_days(request.stage_entered_at, days) <= batch.now:
            workflow.release_unanswered(request, now=batch.now)


def _bills(batch: Batch) -> Iterator[Notice]:
    """A bill that lapses soon, to the customer; one that lapsed, to who may issue it anew."""
    for bill in batch.bills:
        said = {"batas": day(bill.expires_on), "billing": bill.code}
        if bill.expires_on >= today(batch.now):
            closing = batch.calendar.closing_of(bill.expires_on)
            yield Notice(
                "tagihan_segera_berakhir", bill.request, bill.code, said, expires_at=closing
            )
            continue
        desk = current_stage(bill.request)
        people = {
            user_id
            for role in desk.who_may("reissue_billing")
            if role != PELANGGAN
            for user_id in batch.people_at(bill.request, role)
        }
        if people:
            said["tahap"] = desk.short
            yield Notice("tagihan_kedaluwarsa", bill.request, bill.code, said, frozenset(people))


# -- promises ------------------------------------------------------------------------------------


def _slip_promises(batch: Batch) -> int:
    """Tell customers whose promise has passed, with the new date; again when that passes too."""
    late = [
        request
        for request in batch.at_posts
        if request.is_open
        and not request.pending
        and request.office_done_at is None
        and foreseen_at(request) < batch.now
    ]
    return sum(_slip(request, batch) for request in late)


def _slip(request: Request, batch: Batch) -> bool:
    """Write the new date into the history and the outbox, once."""
    now, old = batch.now, foreseen_at(request)
    desk, until = current_stage(request), expected(request, batch.calendar, now)
    with database.atomic():
        # Takes the row, so that of two workers the second finds what the first has written.
        told = Request.update(expected_at=until).where(
            (Request.id == request.id)
            & (Request.version == request.version)
            & (Request.expected_at.is_null() | (Request.expected_at < now))
        )
        if not told.execute():
            return False
        data = {"from": old.isoformat(), "until": until.isoformat()}
        write_history(request, events.PROMISE_SLIPPED, desk, Actor(None), now=now, data=data)
        tell_customer(
            request,
            request.customer,
            "terlambat_pelanggan",
            now=now,
            stage=desk,
            key=_moment_key(old),
            more={
                "batas": weekday_day(old),
                "batas_baru": weekday_day(until),
                "alasan": f"tahap {desk.short} memerlukan waktu lebih lama",
            },
        )
    return True


def expected(request: Request, calendar: WorkCalendar, now: datetime) -> datetime:
    """When a late request will be done, if its remaining stages take the days they should."""
    flow, kind = flow_of(request), request.subclass_code
    before = [flow.stage_days(desk, kind) for desk in flow.before(current_stage(request))]
    left = flow.promised_days(kind) - max(before, default=Decimal(0))
    return calendar.closing_of(today(calendar.add_working_days(now, max(1, ceil(left)))))
