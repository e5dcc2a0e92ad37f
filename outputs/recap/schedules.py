"""Recaps that are sent by themselves: on a day of every month to named people, until ended.

Each gets an export of the own, with what that person may see, behind a link that asks for a
log-in. Which days were served is the row's `last_due_on`, moved in the transaction that orders the
exports: a run that is lost is made up by the next one, and two at once order nothing twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models import ExportJob, RecapSchedule, User, lock_roles
from moves.changes import record_change
from moves.officials import Reader, today
from outputs.recap.choice import Choice
from outputs.recap.order import fitted
from rules.periods import PRESETS
from storage.database import database
from workflow import Refused

# Days that every month has.
DAYS = range(1, 29)
MOST_RUNNING = 20
# Of what was missed so long ago nobody wants it any more.
LONGEST_GAP = timedelta(days=100)


@dataclass(frozen=True)
class Wanted:
    """A schedule as somebody asks for it."""

    title: str
    format: str
    day_of_month: int
    choice: Choice
    recipients: Sequence[User]


def running() -> list[RecapSchedule]:
    """Those that aren't ended, the soonest day first. One query."""
    rows = RecapSchedule.select(RecapSchedule, User).join(User, on=RecapSchedule.created_by)
    rows = rows.where(RecapSchedule.ended_at.is_null())
    return list(rows.order_by(RecapSchedule.day_of_month, RecapSchedule.id))


def create(wanted: Wanted, *, reader: Reader) -> RecapSchedule:
    """Begin with the next such day. Raises Refused."""
    if wanted.choice.period not in PRESETS:
        raise Refused(
            "Rekap terjadwal memerlukan periode yang ikut bergerak, misalnya “Bulan lalu”."
        )
    with database.atomic():
        lock_roles()
        if len(running()) >= MOST_RUNNING:
            raise Refused(f"Paling banyak {MOST_RUNNING} jadwal. Akhiri salah satunya dahulu.")
        row = RecapSchedule.create(
            title=wanted.title,
            arguments=wanted.choice.to_text(),
            format=wanted.format,
            day_of_month=wanted.day_of_month,
            recipients=sorted(person.id for person in wanted.recipients),
            last_due_on=today(reader.now),
            created_at=reader.now,
            created_by=reader.id,
        )
        people = [person.name for person in wanted.recipients]
        said = {"title": row.title, "format": row.format, "day_of_month": row.day_of_month,
                "recipients": people}  # fmt: skip
        _record(row, "record_created", reader, after=said)
    return row


def end(row: RecapSchedule, *, reader: Reader) -> bool:
    """Send it no more; False when somebody ended it before."""
    with database.atomic():
        mine = (RecapSchedule.id == row.id) & RecapSchedule.ended_at.is_null()
        if not RecapSchedule.update(ended_at=reader.now).where(mine).execute():
            return False
        _record(row, "record_changed", reader, after={"ended": True})
    return True


def _record(row: RecapSchedule, kind: str, reader: Reader, *, after: dict[str, object]) -> None:
    before = {"ended": False} if "ended" in after else {}
    record_change(row, kind, before=before, after=after, actor=reader.user, at=reader.now)


def order_due(*, now: datetime) -> int:
    """Order the exports of every day that has come; return how many. Safe to run twice."""
    return sum(_order(row, on, now=now) for row in running() for on in _days_due(row, today(now)))


def next_day(row: RecapSchedule, on: date) -> date:
    """The first day of the schedule after a day."""
    this = on.replace(day=row.day_of_month)
    return (
        this
        if this > on
        else (on.replace(day=28) + timedelta(days=4)).replace(day=row.day_of_month)
    )


def _days_due(row: RecapSchedule, until: date) -> Iterator[date]:
    on = next_day(row, max(row.last_due_on, until - LONGEST_GAP))
    while on <= until:
        yield on
        on = next_day(row, on)


def _order(row: RecapSchedule, on: date, *, now: datetime) -> int:
    """The exports of one day for all who still may have them, and that it is served."""
    choice = fitted(row.format, Choice.from_text(row.arguments)).as_of(on)
    people = User.select().where(User.id.in_(row.recipients or [0]) & User.in_service())
    with database.atomic():
        served = (RecapSchedule.id == row.id) & (RecapSchedule.last_due_on < on)
        served &= RecapSchedule.ended_at.is_null()
        if not RecapSchedule.update(last_due_on=on).where(served).execute():
            return 0
        able = [person for person in people if Reader.at(person, now).may("recap")]
        for person in able:
            ExportJob.create(
                owner=person,
                format=row.format,
                arguments=choice.to_text(),
                title=row.title,
                created_at=now,
            )
    return len(able)
