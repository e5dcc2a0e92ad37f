"""Figures of the stages, counted from the history once a month is touched, kept by month.

Pages then read some hundreds of small rows instead of a million events. The month is that in
which a stage was completed, or for the request as a whole that in which the office was done.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

from peewee import chunked

from models import AnswerFigure, Event, LatePass, Pause, Request, RequestFigure, StageFigure
from moves.catalogue import flow_of, work_calendar
from rules import events
from rules.calendar import WorkCalendar
from rules.deadlines import Pause as Stretch
from rules.formats import ZONE
from rules.histogram import counted
from storage.database import database, is_sqlite

# The row of a request as a whole has no stage.
WHOLE = ""
# A stage begins with any of these: what came before it, or what sent the request back to it.
BEGINNING = (events.SUBMITTED, events.STAGE_COMPLETED, events.REOPENED, *events.REWINDING)
CHUNK = 200
# What each row counts for is said by views that the triggers read too.
RECOUNT = (
    """
    INSERT INTO "request_figure"
      ("service_code", "days", "month", "hundredths", "requests", "on_time")
    SELECT "service_code", "days", "month", "hundredths", count(*), sum("on_time")
    FROM "request_tally" GROUP BY 1, 2, 3, 4
    """,
    """
    INSERT INTO "answer_figure" ("month", "element", "answers", "total")
    SELECT "month", "element", count(*), sum("score") FROM "answer_tally" GROUP BY 1, 2
    """,
)
# A year, and the month of the year before with which this one is compared.
MONTHS_IN_VIEW = 13

Spell = tuple[str, datetime, datetime]


def refresh(months: Sequence[date]) -> int:
    """Count these months (any day in each) anew; return the rows written. Safe to run twice."""
    calendar, written = work_calendar(), 0
    for month in sorted({on.replace(day=1) for on in months}):
        rows, late = _count(month, calendar)
        name = f"{month:%Y-%m}"
        with database.atomic():
            StageFigure.delete().where(StageFigure.month == name).execute()
            for some in chunked(rows, CHUNK):
                StageFigure.insert_many({**row, "month": name} for row in some).execute()
            LatePass.delete().where(LatePass.month == name).execute()
            for some in chunked(late, CHUNK):
                LatePass.insert_many({**row, "month": name} for row in some).execute()
        written += len(rows)
    return written


def recount() -> int:
    """Count the figures that triggers keep anew from their rows; return how many they are.

    For a database that was filled without its triggers. People may go on working meanwhile.
    """
    with database.atomic():
        if not is_sqlite():
            # Waits for whoever has counted and isn't through yet; the others wait for this.
            database.execute_sql('LOCK TABLE "request_figure", "answer_figure" IN EXCLUSIVE MODE')
        RequestFigure.delete().execute()
        AnswerFigure.delete().execute()
        for sql in RECOUNT:
            database.execute_sql(sql)
    return RequestFigure.select().count() + AnswerFigure.select().count()


def begin(*, now: datetime) -> None:
    """Count the last thirteen months where nothing was ever counted, as after an upgrade.

    The nightly count looks back on few of them only.
    """
    if not StageFigure.select().exists():
        refresh(recent_months(now, MONTHS_IN_VIEW))


def months_to_recount(now: datetime) -> list[date]:
    """This month and the last, and those in which what was sent back had passed before.

    A request that passes a stage again counts there no longer.
    """
    recent = recent_months(now, 2)
    begin, _ = _bounds(recent[-1])
    moved = Event.select(Event.request).where(
        (Event.kind == events.STAGE_COMPLETED) & (Event.at >= begin)
    )
    sent_back = Event.select(Event.request).where(
        Event.kind.in_(events.REWINDING) & Event.request.in_(moved)
    )
    passed = Event.select(Event.at).where(
        (Event.kind == events.STAGE_COMPLETED) & Event.request.in_(sent_back)
    )
    before = {at.astimezone(ZONE).date().replace(day=1) for (at,) in passed.tuples()}
    return sorted(before & set(recent_months(now, MONTHS_IN_VIEW)) | set(recent))


def recent_months(now: datetime, count: int) -> list[date]:
    """The first days of the newest `count` months, this one first."""
    today = now.astimezone(ZONE).date()
    newest = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(newest, newest - count, -1)]


def _count(
    month: date, calendar: WorkCalendar
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The rows of one month, and of what was late in it.

    Reads its events by an index, some hundred requests at a time.
    """
    begin, end = _bounds(month)
    found: dict[tuple[str, str, str], dict[str, object]] = {}
    late: list[dict[str, object]] = []
    for request, history, pauses in _touched(begin, end):
        tally = _Tally(found, request)
        spells = list(_spells(history))
        done_at = request.office_done_at
        # A request that was sent back passes a stage again: it counts once, when it did so last,
        # so that a figure is as many as the list behind it holds.
        for stage, left_at in {stage: left_at for stage, _, left_at in spells}.items():
            if begin <= left_at < end:
                mine = [spell for spell in spells if spell[0] == stage]
                if not _count_stage(tally, mine, pauses, calendar):
                    late.append(
                        {
                            "service_code": request.service_code,
                            "stage_code": stage,
                            "request": request.id,
                        }
                    )
        for stage, entered_at, _ in spells:
            if done_at and begin <= done_at < end and entered_at < done_at:
                rest = calendar.working_days_between(entered_at, done_at)
                counted(tally.of(stage)["rest"], float(rest))
        if done_at and begin <= done_at < end:
            _count_whole(tally, pauses, calendar)
    return list(found.values()), late


class _Tally:
    """The rows of one request's kind, made when they are first needed."""

    def __init__(self, found: dict[tuple[str, str, str], dict], request: Request):
        self._found, self.request = found, request

    def of(self, stage: str) -> dict:
        kind = (self.request.service_code, self.request.subclass_code, stage)
        return self._found.setdefault(
            kind,
            {
                "service_code": kind[0],
                "subclass_code": kind[1],
                "stage_code": stage,
                "passes": 0,
                "on_time": 0,
                "office": {},
                "customer": {},
                "rest": {},
            },
        )


def _count_stage(
    tally: _Tally, spells: Sequence[Spell], pauses: Sequence[Stretch], calendar: WorkCalendar
) -> bool:
    """One stage passed, once or several times: its time at the office and with the customer.

    Returns whether it was in time at the last.
    """
    stage, _, left_at = spells[-1]
    request, flow, row = tally.request, flow_of(tally.request), tally.of(stage)
    waited = sum(_standing(pauses, begin, end, calendar) for _, begin, end in spells)
    whole = sum(float(calendar.working_days_between(begin, end)) for _, begin, end in spells)
    counted(row["office"], max(0.0, whole - waited))
    counted(row["customer"], waited)
    so_far = float(calendar.working_days_between(request.submitted_at, left_at))
    so_far -= _standing(pauses, request.submitted_at, left_at, calendar)
    # A stage that this kind of request doesn't have any more was promised for no day.
    is_timely = flow.has_stage(stage) and so_far <= float(
        flow.stage_days(flow.stage(stage), request.subclass_code)
    )
    row["passes"] += 1
    row["on_time"] += is_timely
    return is_timely


def _count_whole(tally: _Tally, pauses: Sequence[Stretch], calendar: WorkCalendar) -> None:
    request, row = tally.request, tally.of(WHOLE)
    begin, end = request.submitted_at, request.office_done_at
    row["passes"] += 1
    row["on_time"] += end <= request.due_at
    counted(row["office"], request.office_days or 0)
    counted(row["customer"], _standing(pauses, begin, end, calendar))
    counted(row["rest"], float(calendar.working_days_between(begin, end)))


def _standing(
    pauses: Sequence[Stretch], begin: datetime, end: datetime, calendar: WorkCalendar
) -> float:
    """Working days in which the clock stood between two instants."""
    days = 0.0
    for pause in pauses:
        first, last = max(pause.began_at, begin), min(pause.ended_at or end, end)
        if first < last:
            days += float(calendar.working_days_between(first, last))
    return days


def _spells(history: Sequence[tuple[str, str, datetime]]) -> Iterator[Spell]:
    """Stage, entered, left: for every completed stage, each time it was passed."""
    entered_at = None
    for kind, stage, at in history:
        if kind == events.STAGE_COMPLETED and entered_at is not None:
            yield stage, entered_at, at
        entered_at = at


def _touched(
    begin: datetime, end: datetime
) -> Iterator[tuple[Request, list[tuple[str, str, datetime]], list[Stretch]]]:
    """Every request that completed a stage in the month, with its history and its pauses."""
    ids = (
        Event.select(Event.request)
        .where((Event.kind == events.STAGE_COMPLETED) & (Event.at >= begin) & (Event.at < end))
        .distinct()
        .tuples()
    )
    for some in chunked([key for (key,) in ids], CHUNK):
        keys = list(some)
        history = _history_of(keys)
        pauses = _pauses_of(keys)
        fields = (
            Request.id,
            Request.flow,
            Request.service_code,
            Request.subclass_code,
            Request.is_free,
            Request.submitted_at,
            Request.due_at,
            Request.office_done_at,
            Request.office_days,
        )
        for request in Request.select(*fields).where(Request.id.in_(keys)):
            yield request, history.get(request.id, []), pauses.get(request.id, [])


def _history_of(keys: Sequence[int]) -> Mapping[int, list[tuple[str, str, datetime]]]:
    rows = (
        Event.select(Event.request, Event.kind, Event.stage_code, Event.at)
        .where(Event.request.in_(keys) & Event.kind.in_(BEGINNING))
        .order_by(Event.request, Event.seq)
        .tuples()
    )
    return {key: [row[1:] for row in some] for key, some in groupby(rows, key=lambda row: row[0])}


def _pauses_of(keys: Sequence[int]) -> Mapping[int, list[Stretch]]:
    rows = (
        Pause.select()
        .where(Pause.request.in_(keys))
        .order_by(Pause.request, Pause.began_at, Pause.id)
    )
    return {
        key: [Stretch(row.began_at, row.ended_at, row.reason) for row in some]
        for key, some in groupby(rows, key=lambda row: row.request_id)
    }


def _bounds(month: date) -> tuple[datetime, datetime]:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    begin, end = (datetime(on.year, on.month, 1, tzinfo=ZONE) for on in (month, following))
    return begin.astimezone(UTC), end.astimezone(UTC)
