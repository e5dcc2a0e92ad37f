"""What a post sees of its work: load and ageing now, durations of the past months, forecasts.

Load is counted over the open requests only, by an index. Everything about the past reads the
monthly figures of `administration.figures`, never the events.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from peewee import SQL, Case, Expression, ModelSelect, fn

from models import Request, StageFigure
from outputs.dashboards.statistics import last_months
from rules.calendar import WorkCalendar
from rules.formats import ZONE
from rules.histogram import longer_than, merged, percentile, size, total_days
from rules.services import Flow
from rules.statuses import NEEDS_COMPLETION, SUSPENDED, WAITING_CUSTOMER

# With fewer examples a forecast would tell about single cases.
FEWEST_EXAMPLES = 8
# In place of a cause, where it is late and nobody said why.
NO_CAUSE = "tanpa"
STOPPED_STATUSES = (WAITING_CUSTOMER, NEEDS_COMPLETION, SUSPENDED)
LATE, SOON, LATER, STOPPED = "late", "soon", "later", "stopped"
AGES = {
    LATE: "Terlambat",
    SOON: "Hari ini dan besok",
    LATER: "Masih lapang",
    STOPPED: "Jam berhenti",
}


@dataclass(frozen=True)
class Desk:
    """What lies at one post now; `oldest_at` is when the oldest of it came there."""

    role: str
    ages: Mapping[str, int]
    oldest_at: datetime | None

    @property
    def total(self) -> int:
        return sum(self.ages.values())


@dataclass(frozen=True)
class Durations:
    """How long something took: working days, by whose turn it was; shares are 0…1."""

    title: str
    passes: int
    on_time: float | None
    office_median: float | None
    office_p90: float | None
    customer_median: float | None
    customer_p90: float | None
    office_total: float
    timely: int = 0
    service_code: str = ""
    stage_code: str = ""
    role: str = ""

    @property
    def late(self) -> int:
        return self.passes - self.timely


@dataclass(frozen=True)
class Past:
    """The past months: services, stages, and the on-time share by month."""

    months: tuple[str, ...]
    services: Sequence[Durations]
    stages: Sequence[Durations]
    by_month: Mapping[str, tuple[int, int]]
    bottleneck: Durations | None
    bottleneck_month: str


@dataclass(frozen=True)
class Forecast:
    """When a request will probably be finished: half of its kind were by `early_on`, four in
    five by `late_on`."""

    early_on: date
    late_on: date
    examples: int


# -- now -----------------------------------------------------------------------------------------


def load_of_desks(visible: ModelSelect, roles: Collection[str], *, now: datetime) -> list[Desk]:
    """What lies at each of these posts, the fullest first. One query over open requests."""
    known = age_conditions(now)
    age = Case(None, [(known[kind], kind) for kind in (STOPPED, LATE, SOON)], LATER)
    rows = (
        visible.select(
            Request.waiting_role, age, fn.COUNT(Request.id), fn.MIN(Request.stage_entered_at)
        )
        .where(Request.is_running() & Request.waiting_role.in_(sorted(roles) or ["-"]))
        # By position: Postgres takes a CASE with parameters for another one when it is repeated.
        .group_by(SQL("1"), SQL("2"))
        .order_by()
        .tuples()
    )
    found: dict[str, tuple[dict[str, int], list[datetime]]] = {}
    for role, kind, count, entered_at in rows:
        ages, entered = found.setdefault(role, (dict.fromkeys(AGES, 0), []))
        ages[kind] = count
        entered.append(_instant(entered_at))
    desks = [Desk(role, ages, min(entered)) for role, (ages, entered) in found.items()]
    return sorted(desks, key=lambda desk: (-desk.total, desk.role))


def age_conditions(now: datetime) -> dict[str, Expression]:
    """What each age means, as conditions that exclude each other; for lists too."""
    today = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    after = today + timedelta(days=2)
    runs = Request.status.not_in(STOPPED_STATUSES)
    return {
        LATE: runs & (Request.stage_due_at < now),
        SOON: runs & (Request.stage_due_at >= now) & (Request.stage_due_at < after),
        LATER: runs & (Request.stage_due_at >= now) & (Request.stage_due_at >= after),
        STOPPED: Request.status.in_(STOPPED_STATUSES),
    }


def unexplained(now: datetime) -> Expression:
    """Condition: the promise is broken, the office is at work, and nobody has said why."""
    runs = Request.is_running() & Request.status.not_in(STOPPED_STATUSES)
    late = Request.office_done_at.is_null() & (Request.due_at < now)
    return runs & late & (Request.delay_cause == "")


def delays_by_cause(visible: ModelSelect, *, since: datetime, now: datetime) -> dict[str, int]:
    """Cause -> how many of those filed since then; `NO_CAUSE` for what is late now without one.

    Two queries, over the few that have a cause and over those that run.
    """
    explained = visible.where(
        (Request.delay_cause != SQL("''")) & (Request.submitted_at >= since)
    ).order_by()
    rows = explained.select(Request.delay_cause, fn.COUNT(Request.id)).group_by(Request.delay_cause)
    found = dict(rows.tuples())
    waiting = visible.where(unexplained(now)).order_by().count()
    return found | ({NO_CAUSE: waiting} if waiting else {})


def _instant(value: datetime | str) -> datetime:
    """An aggregate comes as the engine has it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


# -- the past ------------------------------------------------------------------------------------


def past_figures(
    flows: Sequence[Flow], *, today: date, roles: Collection[str] | None = None
) -> Past:
    """Durations of the last twelve months. One query of some hundred rows.

    With `roles` only the stages that these posts hold.
    """
    months = last_months(today)
    rows = list(
        StageFigure.select().where(
            (StageFigure.month >= months[0])
            & StageFigure.service_code.in_([flow.code for flow in flows] or ["-"])
        )
    )
    whole = [row for row in rows if not row.stage_code]
    stages = [
        _durations(
            [row for row in rows if (row.service_code, row.stage_code) == key], title, *key, role
        )
        for key, title, role in _stages_of(flows, roles)
    ]
    newest = max((row.month for row in rows if row.stage_code), default="")
    return Past(
        months=months,
        services=[
            _durations(
                [row for row in whole if row.service_code == flow.code], flow.title, flow.code
            )
            for flow in flows
        ],
        stages=[one for one in stages if one.passes],
        by_month={
            month: _on_time_of([row for row in whole if row.month == month]) for month in months
        },
        bottleneck=_bottleneck([row for row in rows if row.month == newest], flows, roles),
        bottleneck_month=newest,
    )


def _stages_of(flows: Sequence[Flow], roles: Collection[str] | None):
    """((service, stage), title, post) of the stages that are worked on."""
    for flow in flows:
        for stage in flow.stages[1:]:
            held = {desk.role for desk in stage.desks}
            if roles is None or held & set(roles):
                yield (flow.code, stage.code), stage.short, stage.role


def _durations(
    rows: Sequence[StageFigure], title: str, service_code: str, stage_code: str = "", role: str = ""
) -> Durations:
    office = merged(row.office for row in rows)
    customer = merged(row.customer for row in rows)
    # Where the customer never had a turn, or for minutes only, nothing is told of it.
    passes, timely = sum(row.passes for row in rows), sum(row.on_time for row in rows)
    return Durations(
        title=title,
        passes=passes,
        on_time=timely / passes if passes else None,
        timely=timely,
        office_median=percentile(office, 0.5),
        office_p90=percentile(office, 0.9),
        customer_median=percentile(customer, 0.5) if total_days(customer) else None,
        customer_p90=percentile(customer, 0.9) if total_days(customer) else None,
        office_total=total_days(office),
        service_code=service_code,
        stage_code=stage_code,
        role=role,
    )


def _on_time_of(rows: Sequence[StageFigure]) -> tuple[int, int]:
    return sum(row.on_time for row in rows), sum(row.passes for row in rows)


def _bottleneck(
    rows: Sequence[StageFigure], flows: Sequence[Flow], roles: Collection[str] | None
) -> Durations | None:
    """The stage in which requests spent the most office time together, in the newest month."""
    stages = [
        _durations(
            [row for row in rows if (row.service_code, row.stage_code) == key], title, *key, role
        )
        for key, title, role in _stages_of(flows, roles)
    ]
    found = max(stages, key=lambda one: one.office_total, default=None)
    return found if found and found.office_total > 0 else None


# -- what will be --------------------------------------------------------------------------------


def forecast_of(request: Request, calendar: WorkCalendar, *, now: datetime) -> Forecast | None:
    """When the office will probably be done with a request; None without enough examples.

    From the time that requests of the same kind, or else of the same service, took from entering
    this stage until the office was done; those that took less than this one has waited already
    say nothing about it. One query.
    """
    if not request.is_open or request.office_done_at or request.pending:
        return None
    begin = last_months(now.astimezone(ZONE).date())[0]
    rows = list(
        StageFigure.select(StageFigure.subclass_code, StageFigure.rest).where(
            (StageFigure.service_code == request.service_code)
            & (StageFigure.stage_code == request.stage_code)
            & (StageFigure.month >= begin)
        )
    )
    waited = float(calendar.working_days_between(request.stage_entered_at, now))
    alike = [row.rest for row in rows if row.subclass_code == request.subclass_code]
    for some in (alike, [row.rest for row in rows]):
        rest = longer_than(merged(some), waited)
        if size(rest) >= FEWEST_EXAMPLES:
            early, late = (
                _day_after(calendar, request.stage_entered_at, percentile(rest, share) or 0)
                for share in (0.5, 0.8)
            )
            return Forecast(early, late, size(rest))
    return None


def _day_after(calendar: WorkCalendar, at: datetime, days: float) -> date:
    return calendar.add_working_days(at, Decimal(str(days))).astimezone(ZONE).date()
