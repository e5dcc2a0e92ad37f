"""The few figures with which somebody begins the day: what waits, what is late, how the month goes.

The digest of the morning says the same of what waits (`messages.reminders`).
"""

from dataclasses import dataclass

from peewee import SQL, Case, ModelSelect, fn

from models import Request
from moves.officials import today
from moves.side_moves import SUSPENSION
from outputs.dashboards.figures import STOPPED_STATUSES
from rules.periods import end_of, start_of
from workflow import Reader


@dataclass(frozen=True)
class Waiting:
    """What waits for a person: all of it, what is past its moment, and what is due today yet."""

    count: int
    late: int
    due: int


@dataclass(frozen=True)
class MonthSoFar:
    filed: int
    done: int
    on_time: int


def waiting_of(reader: Reader) -> Waiting:
    """Of the stages that wait for this person with their clock running. One query."""
    now = reader.now
    mine = Request.waiting_for(reader).where(Request.pending != SUSPENSION)
    ends_today = (Request.stage_due_at > now) & (Request.stage_due_at < end_of(today(now)))
    return Waiting(*_counts(mine, Request.stage_due_at <= now, ends_today))


def late_count(reader: Reader) -> int:
    """Stages past their moment among all that this person sees. One query."""
    runs = Request.visible_to(reader).where(Request.is_running())
    runs = runs.where(Request.status.not_in(STOPPED_STATUSES))
    return runs.where(Request.stage_due_at < reader.now).count()


def month_so_far(reader: Reader) -> MonthSoFar:
    """Of what this person sees: filed, and done by the office, since the first. Two queries."""
    begin = start_of(today(reader.now).replace(day=1))
    seen = Request.visible_to(reader)
    done = seen.where((Request.office_done_at >= begin) & Request.office_done_at.is_null(False))
    count, on_time, _ = _counts(done, Request.office_done_at <= Request.due_at, SQL("1 = 0"))
    return MonthSoFar(seen.where(Request.submitted_at >= begin).count(), count, on_time)


def _counts(query: ModelSelect, *conditions: object) -> tuple[int, ...]:
    """All, and how many of each condition."""
    columns = [fn.COUNT(Request.id)]
    columns += [fn.COUNT(Case(None, [(condition, Request.id)])) for condition in conditions]
    [row] = query.select(*columns).tuples()
    return tuple(int(number) for number in row)
