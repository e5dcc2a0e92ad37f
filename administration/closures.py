"""The days on which the office is closed, and the deadlines that a change of them moves.

A change is planned first: what would move is counted and stamped. Carrying it out counts again
in the same transaction and goes through only when the stamp still fits.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect, fn

from config.office import office
from models import Holiday, Request, User, lock_roles
from models import Pause as PauseRow
from moves import clock
from moves.catalogue import calendar_with, current_stage
from moves.changes import record_change
from moves.movement import Actor, compare_and_set, write_history
from moves.refusals import Conflict, InvalidInput
from rules import events
from rules.calendar import is_estimate
from rules.deadlines import Pause
from rules.formats import ZONE
from rules.statuses import OPEN_STATUSES
from storage.database import canonical_json, database

NATIONAL, COLLECTIVE = "nasional", "cuti_bersama"
KINDS = {
    NATIONAL: "Libur nasional",
    COLLECTIVE: "Cuti bersama",
    "lokal": "Libur lokal",
    "khusus": "Khusus",
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
DECREE_MONTH = 9
TAKEN = "Tanggal ini sudah ada di kalender: {title}."


@dataclass(frozen=True)
class ClosedDay:
    on: date
    title: str
    kind: str
    source: str = ""


@dataclass(frozen=True)
class Change:
    """One day added (no id), taken out (no day) or changed (both)."""

    holiday_id: int | None
    day: ClosedDay | None


@dataclass(frozen=True)
class Moved:
    """A running request whose deadline, or that of its stage, comes to lie elsewhere."""

    request: Request
    due_at: datetime
    stage_due_at: datetime | None

    @property
    def columns(self) -> dict[str, object]:
        """What is to be written; what is to be decided now has a day of its own."""
        columns: dict[str, object] = {"due_at": self.due_at}
        if self.stage_due_at:
            columns["stage_due_at"] = self.stage_due_at
        return columns


@dataclass(frozen=True)
class Plan:
    """What a change of the calendar would do. `stamp` says it in a few letters."""

    changes: Sequence[Change]
    before: Mapping[int | None, Holiday]
    moved: Sequence[Moved]
    stamp: str


class Stale(Conflict):
    """What was looked at before isn't what would happen now; `plan` is the new state."""

    def __init__(self, plan: Plan):
        super().__init__("Keadaan berubah sejak pratinjau. Periksa kembali, lalu simpan.")
        self.plan = plan


# -- planning ------------------------------------------------------------------------------------


def plan_changes(changes: Collection[Change], *, now: datetime) -> Plan:
    """Count what these changes would move. Writes nothing; four queries. Raises InvalidInput."""
    rows = {row.id: row for row in Holiday.select()}
    after = dict(_calendar_after(rows, changes))
    moved = moved_deadlines(after, now=now)
    before = {c.holiday_id: rows[c.holiday_id] for c in changes if c.holiday_id in rows}
    said = [
        [[c.holiday_id, _day_words(c.day)] for c in changes],
        [[row.id, _day_words(_as_day(row))] for row in before.values()],
        [
            [
                one.request.public_id,
                one.request.due_at.isoformat(),
                one.due_at.isoformat(),
                one.stage_due_at.isoformat() if one.stage_due_at else "",
            ]
            for one in moved
        ],
    ]
    stamp = hashlib.sha256(canonical_json(said).encode()).hexdigest()[:32]
    return Plan(tuple(changes), before, moved, stamp)


def _calendar_after(
    rows: Mapping[int, Holiday], changes: Collection[Change]
) -> Iterator[tuple[date, str]]:
    """The closed days after the changes. Raises InvalidInput for a day that is taken."""
    touched = {change.holiday_id for change in changes if change.holiday_id}
    if missing := touched - rows.keys():
        raise InvalidInput({"on": f"Hari libur ini sudah dihapus ({len(missing)})."})
    seen = {row.on: row.title for row in rows.values() if row.id not in touched}
    yield from seen.items()
    for change in changes:
        if change.day is None:
            continue
        if change.day.on in seen:
            raise InvalidInput({"on": TAKEN.format(title=seen[change.day.on])})
        seen[change.day.on] = change.day.title
        yield change.day.on, change.day.title


def _as_day(row: Holiday) -> ClosedDay:
    return ClosedDay(row.on, row.title, row.kind, row.source)


def _day_words(day: ClosedDay | None) -> list[str]:
    return [day.on.isoformat(), day.title, day.kind, day.source] if day else []


def moved_deadlines(closed: Mapping[date, str], *, now: datetime) -> list[Moved]:
    """Which running requests get another deadline with these closed days. Two queries."""
    calendar, moved = calendar_with(closed), []
    running = Request.select().where(
        Request.status.in_(OPEN_STATUSES) & Request.office_done_at.is_null()
    )
    pauses = _pauses_of(running)
    for request in running.order_by(Request.due_at, Request.id):
        columns = clock.due_columns(
            request,
            current_stage(request),
            calendar=calendar,
            pauses=pauses.get(request.id, ()),
        )
        stage_due_at = None if request.pending_due_at else columns["stage_due_at"]
        is_stage_moved = stage_due_at is not None and stage_due_at != request.stage_due_at
        if columns["due_at"] != request.due_at or is_stage_moved:
            moved.append(Moved(request, columns["due_at"], stage_due_at))
    return moved


def _pauses_of(running: ModelSelect) -> dict[int, list[Pause]]:
    rows = PauseRow.select().where(PauseRow.request.in_(running.select(Request.id)))
    found: dict[int, list[Pause]] = {}
    for row in rows.order_by(PauseRow.began_at, PauseRow.id):
        pause = Pause(row.began_at, row.ended_at, clock.PAUSE_WORDS.get(row.reason, row.reason))
        found.setdefault(row.request_id, []).append(pause)
    return found


# -- carrying out --------------------------------------------------------------------------------


def carry_out(changes: Collection[Change], *, stamp: str, actor: User, now: datetime) -> Plan:
    """Write the days, the deadlines they move and an event for each, all or nothing.

    Raises Stale when something else than what was stamped would move, InvalidInput for a day
    that is taken meanwhile, Conflict when a request moved at the same instant.
    """
    with database.atomic():
        lock_roles()
        plan = plan_changes(changes, now=now)
        if plan.stamp != stamp:
            raise Stale(plan)
        for change in changes:
            _write(change, plan.before.get(change.holiday_id), actor=actor, now=now)
        _move(plan.moved, actor=actor, now=now)
    return plan


def move_deadlines(*, actor: User | None, now: datetime) -> int:
    """Count the deadlines of running requests anew with the closed days as they stand now.

    Old and new date go into each request's history; return how many moved.
    """
    with database.atomic():
        moved = moved_deadlines(Holiday.as_mapping(), now=now)
        _move(moved, actor=actor, now=now)
    return len(moved)


def _write(change: Change, row: Holiday | None, *, actor: User, now: datetime) -> None:
    before = vars(_as_day(row)) if row else {}
    after = vars(change.day) if change.day else {}
    if row is None:
        kind, row = "record_created", Holiday.create(**after)
    elif change.day:
        kind = "record_changed"
        after = {name: value for name, value in after.items() if value != before[name]}
        before = {name: before[name] for name in after}
        Holiday.update(**after).where(Holiday.id == row.id).execute()
    else:
        kind = "record_deleted"
        row.delete_instance()
    record_change(row, kind, before=before, after=after, actor=actor, at=now)


def _move(moved: Collection[Moved], *, actor: User | None, now: datetime) -> None:
    for one in moved:
        request = one.request
        data = {"from": request.due_at.isoformat(), "until": one.due_at.isoformat()}
        if one.stage_due_at:
            data |= {
                "stage_from": request.stage_due_at.isoformat(),
                "stage_until": one.stage_due_at.isoformat(),
            }
        compare_and_set(request, one.columns)
        desk = current_stage(request)
        write_history(request, events.DEADLINE_MOVED, desk, Actor(actor), now=now, data=data)


# -- what is known of a year ---------------------------------------------------------------------


def known_days(years: Collection[int]) -> list[ClosedDay]:
    """National holidays and collective leave as the `holidays` library knows them, by date."""
    # Here and not above: only the page of a new year needs what weighs two megabytes.
    import holidays

    kinds = {"public": NATIONAL}
    if office().collective_leave_is_holiday:
        kinds["government"] = COLLECTIVE
    found: dict[date, ClosedDay] = {}
    for category, kind in kinds.items():
        known = holidays.country_holidays("ID", years=years, categories=(category,), language="id")
        for on, title in known.items():
            found.setdefault(on, ClosedDay(on, title[:120], kind, "Paket holidays"))
    return [found[on] for on in sorted(found)]


def years_known(*, now: datetime) -> tuple[int, int]:
    """The first year of the table, and the one after its last or after this one. One query."""
    this_year = now.astimezone(ZONE).year
    first, last = Holiday.select(fn.MIN(Holiday.on), fn.MAX(Holiday.on)).tuples().get()
    years = [date.fromisoformat(str(on)).year for on in (first, last) if on]
    return min([this_year, *years]), max([this_year, *years]) + 1


@dataclass(frozen=True)
class YearDoubt:
    """A year whose holidays the administrator has still to complete."""

    year: int
    is_missing: bool
    estimated: int
    lacks_leave: bool


def year_doubts(now: datetime) -> list[YearDoubt]:
    """This year, and from September on the next one, where its days aren't certain. One query."""
    years = _years_asked_for(now)
    rows = list(Holiday.select().where(Holiday.on.between(*_ends(years[0], years[-1]))))
    found = (doubt_about(year, [d for d in rows if d.on.year == year], now=now) for year in years)
    return [doubt for doubt in found if doubt]


def doubt_about(year: int, days: Sequence[Holiday], *, now: datetime) -> YearDoubt | None:
    """What is to be completed in a year with these days; None when it isn't due, or is certain."""
    if year not in _years_asked_for(now):
        return None
    today = now.astimezone(ZONE).date()
    estimated = sum(day.on >= today and is_estimate(day.title) for day in days)
    counts_leave = office().collective_leave_is_holiday
    lacks_leave = counts_leave and year > today.year and all(d.kind != COLLECTIVE for d in days)
    if days and not estimated and not lacks_leave:
        return None
    return YearDoubt(year, not days, estimated, lacks_leave)


def _years_asked_for(now: datetime) -> list[int]:
    """The decree on holidays and collective leave of a year comes out in the autumn before."""
    today = now.astimezone(ZONE).date()
    return [today.year, today.year + 1] if today.month >= DECREE_MONTH else [today.year]


def _ends(first: int, last: int) -> tuple[date, date]:
    return date(first, 1, 1), date(last, 12, 31)


def days_of(year: int) -> list[Holiday]:
    """The closed days of a year in their order. One query."""
    return list(Holiday.select().where(Holiday.on.between(*_ends(year, year))).order_by(Holiday.on))
