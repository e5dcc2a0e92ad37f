"""A draft of a flow, rehearsed with past requests: who would be stuck, how long it takes.

Nothing is written and nobody is told. A stage that a request went through takes as long as it
took then; one that it didn't takes the median of the others, or its allowed days when nobody ever
went through it. The customer's turns don't count, as they don't in the promise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from statistics import median

from administration.flow_drafts import definition_of, substitute_of
from config.office import office
from models import Document, Event, FlowVersion, Pause, Request, StageRecord
from moves.catalogue import work_calendar
from moves.officials import vacant_posts
from rules import events
from rules.calendar import WorkCalendar
from rules.flow_check import lacks
from rules.input_rules import broken_rules
from rules.inputs import BadInput, clean_value
from rules.roles import PELANGGAN
from rules.services import CUSTOMER, SUBMIT, SURVEY, TODAY, Flow, Input, Stage, parse_flow
from rules.statuses import DONE, OPEN_STATUSES

MONTHS_OFFERED = (3, 6, 12, 24)
MOST_REQUESTS = 500
DAYS_OF_A_MONTH = 30.44
# Numbers of requests named per reason; the count says how many there are.
MOST_NAMED = 8
NOT_COUNTED = (SUBMIT, CUSTOMER, SURVEY)


@dataclass(frozen=True)
class Past:
    """One request as it went: the days of each stage, and what was given there."""

    request: Request
    days: Mapping[str, Decimal]
    # Only what was spent before the office's clock stopped.
    counted: Mapping[str, Decimal]
    # Stages that were completed, whatever came after.
    passed: frozenset[str]
    # Stage -> what was given there, by name; the newest counts.
    given: Mapping[str, Mapping[str, object]]
    attached: frozenset[str]


@dataclass(frozen=True)
class Reason:
    """Why requests would be stuck; `named` are some of them, (number, public id)."""

    stage: str
    words: str
    count: int
    named: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StageTimes:
    """How long a stage took: working days; `beyond` requests took longer than the draft allows."""

    number: int
    short: str
    allowed: Decimal
    count: int = 0
    median: Decimal | None = None
    p90: Decimal | None = None
    beyond: int = 0


@dataclass(frozen=True)
class Totals:
    """Working days of the office for a whole request, as it was or as it would be."""

    median: Decimal
    p90: Decimal
    late: int


@dataclass(frozen=True)
class Rehearsal:
    looked_at: int
    is_capped: bool
    finished: int
    running: int
    stuck: int
    reasons: tuple[Reason, ...]
    stages: tuple[StageTimes, ...]
    # Requests with a finishing day agreed by contract aren't held against the promise.
    judged: int = 0
    before: Totals | None = None
    after: Totals | None = None
    estimated: tuple[str, ...] = field(default=())


def simulate(flow: Flow, *, months: int, now: datetime) -> Rehearsal:
    """Rehearse a definition with the newest requests of the last months. Nine queries."""
    since = now - timedelta(days=months * DAYS_OF_A_MONTH)
    rows = list(
        Request.select()
        .where(
            (Request.service_code == flow.code)
            & (Request.submitted_at >= since)
            & Request.status.in_((DONE, *OPEN_STATUSES))
        )
        .order_by(Request.submitted_at.desc(), Request.id.desc())
        .limit(MOST_REQUESTS + 1)
    )
    is_capped, rows = len(rows) > MOST_REQUESTS, rows[:MOST_REQUESTS]
    pasts = list(_pasts(rows))
    versions = _versions(rows)
    ways = {
        key: flow.as_walked(key[0], is_free=key[1])
        for key in {(row.subclass_code, row.is_free) for row in rows}
    }
    usual = _usual_days(pasts)
    reasons, stuck = _stuck(flow, pasts, ways, versions, now=now)
    finished = [past for past in pasts if past.request.office_done_at]
    judged = [past for past in finished if not past.request.agreed_due_on]
    return Rehearsal(
        looked_at=len(rows),
        is_capped=is_capped,
        finished=len(finished),
        running=len(rows) - len(finished),
        stuck=stuck,
        reasons=reasons,
        stages=tuple(_stage_times(flow, pasts, ways)),
        judged=len(judged),
        before=_totals(
            [sum(past.counted.values(), Decimal(0)) for past in judged],
            [_promise(versions[past.request.flow_id], past) for past in judged],
        ),
        after=_totals(
            [_new_total(past, ways[_key(past)], usual) for past in judged],
            [_promise(flow, past) for past in judged],
        ),
        estimated=tuple(
            stage.short
            for stage in flow.stages
            if stage.code not in usual and stage.kind not in NOT_COUNTED
        ),
    )


def _key(past: Past) -> tuple[str, bool]:
    return past.request.subclass_code, past.request.is_free


def _promise(flow: Flow, past: Past) -> int:
    return flow.promised_days(past.request.subclass_code)


# -- the past ------------------------------------------------------------------------------------


def _versions(rows: Sequence[Request]) -> dict[int, Flow]:
    wanted = {row.flow_id for row in rows}
    found = FlowVersion.select().where(FlowVersion.id.in_(list(wanted) or [0]))
    return {row.id: parse_flow(definition_of(row), row.service_code) for row in found}


def _pasts(rows: Sequence[Request]) -> Iterator[Past]:
    """What became of each request, from its history. Five queries."""
    ids = [row.id for row in rows] or [0]
    kinds = (*events.COMPLETING, events.STEP_COMPLETED, *events.REWINDING)
    history: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    passed: dict[int, set[str]] = defaultdict(set)
    for request, kind, stage, at in (
        Event.select(Event.request, Event.kind, Event.stage_code, Event.at)
        .where(Event.request.in_(ids) & Event.kind.in_(kinds))
        .order_by(Event.request, Event.seq)
        .tuples()
    ):
        history[request].append((stage, at))
        if kind == events.STAGE_COMPLETED:
            passed[request].add(stage)
    pauses: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for request, began_at, ended_at in (
        Pause.select(Pause.request, Pause.began_at, Pause.ended_at)
        .where(Pause.request.in_(ids))
        .tuples()
    ):
        pauses[request].append((began_at, ended_at))
    given: dict[int, dict[str, dict[str, object]]] = defaultdict(lambda: defaultdict(dict))
    for request, stage, inputs in (
        StageRecord.select(StageRecord.request, StageRecord.stage_code, StageRecord.inputs)
        .where(StageRecord.request.in_(ids))
        .order_by(StageRecord.id)
        .tuples()
    ):
        given[request][stage] |= inputs
    attached: dict[int, set[str]] = defaultdict(set)
    for request, kind in (
        Document.select(Document.request, Document.kind).where(Document.request.in_(ids)).tuples()
    ):
        attached[request].add(kind)
    calendar = work_calendar()
    for row in rows:
        days, counted = _days(row, history[row.id], pauses[row.id], calendar)
        yield Past(
            row,
            days,
            counted,
            frozenset(passed[row.id]),
            given[row.id],
            frozenset(attached[row.id]),
        )


def _days(
    row: Request,
    history: Sequence[tuple[str, datetime]],
    pauses: Sequence[tuple[datetime, datetime | None]],
    calendar: WorkCalendar,
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Stage -> working days without the pauses; of all, and of those before the clock stopped."""
    days: dict[str, Decimal] = {}
    counted: dict[str, Decimal] = {}
    entered_at = row.submitted_at
    for stage, at in history:
        taken = calendar.working_days_between(entered_at, at)
        for began_at, ended_at in pauses:
            begin, end = max(began_at, entered_at), min(ended_at or at, at)
            if end > begin:
                taken -= calendar.working_days_between(begin, end)
        days[stage] = days.get(stage, Decimal(0)) + max(taken, Decimal(0))
        if row.office_done_at and at <= row.office_done_at:
            counted[stage] = days[stage]
        entered_at = at
    return days, counted


def _usual_days(pasts: Iterable[Past]) -> dict[str, Decimal]:
    """Stage -> the median over everybody who went through it."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for past in pasts:
        for stage in past.passed:
            found[stage].append(past.days[stage])
    return {stage: Decimal(median(days)) for stage, days in found.items()}


# -- the draft -----------------------------------------------------------------------------------


def _allowed(way: Flow, stage: Stage, subclass_code: str) -> Decimal:
    """Working days that the draft gives this stage alone, for this kind of request."""
    index = way.position(stage.code)
    until = way.stage_days(stage, subclass_code)
    return until - (way.stage_days(way.stages[index - 1], subclass_code) if index else Decimal(0))


def _new_total(past: Past, way: Flow, usual: Mapping[str, Decimal]) -> Decimal:
    """Working days until the office's clock stops, along the draft."""
    total = Decimal(0)
    for stage in way.stages:
        if stage.kind not in NOT_COUNTED or stage.turns > 1:
            known = past.days.get(stage.code, usual.get(stage.code))
            total += _allowed(way, stage, past.request.subclass_code) if known is None else known
        if any(desk.has_effect("stop_clock") for desk in stage.desks):
            break
    return total


def _totals(days: Sequence[Decimal], promises: Sequence[int]) -> Totals | None:
    if not days:
        return None
    late = sum(taken > promise for taken, promise in zip(days, promises, strict=True))
    return Totals(_rounded(Decimal(median(days))), _rounded(_p90(days)), late)


def _p90(days: Sequence[Decimal]) -> Decimal:
    return sorted(days)[ceil(len(days) * 0.9) - 1]


def _rounded(days: Decimal) -> Decimal:
    return round(days, 1)


def _stage_times(
    flow: Flow, pasts: Sequence[Past], ways: Mapping[tuple[str, bool], Flow]
) -> Iterator[StageTimes]:
    for number, stage in enumerate(flow.stages, start=1):
        taken, beyond = [], 0
        for past in pasts:
            way = ways[_key(past)]
            if stage.code in past.passed and way.has_stage(stage.code):
                taken.append(past.days[stage.code])
                allowed = _allowed(way, stage, past.request.subclass_code)
                beyond += past.days[stage.code] > allowed
        if stage.kind in NOT_COUNTED and stage.turns == 1:
            continue
        plain = _allowed(flow, stage, "")
        if taken:
            yield StageTimes(
                number,
                stage.short,
                plain,
                len(taken),
                _rounded(Decimal(median(taken))),
                _rounded(_p90(taken)),
                beyond,
            )
        else:
            yield StageTimes(number, stage.short, plain)


# -- who would be stuck --------------------------------------------------------------------------


def _stuck(
    flow: Flow,
    pasts: Sequence[Past],
    ways: Mapping[tuple[str, bool], Flow],
    versions: Mapping[int, Flow],
    *,
    now: datetime,
) -> tuple[tuple[Reason, ...], int]:
    vacant = set(vacant_posts(now))
    empty = {role for role in vacant if not substitute_of(role, vacant)}
    missing = {key: list(lacks(way)) for key, way in ways.items()}
    found: dict[tuple[str, str], list[Request]] = defaultdict(list)
    stuck = set()
    for past in pasts:
        row, way = past.request, ways[_key(past)]
        reasons = list(_unknown_kind(flow, row))
        reasons += [(desk.short, words) for desk, words in missing[_key(past)]]
        reasons += _without_holder(way, row, empty)
        reasons += _not_given(way, versions[row.flow_id], past)
        for reason in dict.fromkeys(reasons):
            found[reason].append(row)
            stuck.add(row.id)
    order = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(
        Reason(
            stage,
            words,
            len(rows),
            tuple((row.number or "belum bernomor", row.public_id) for row in rows[:MOST_NAMED]),
        )
        for (stage, words), rows in order
    ), len(stuck)


def _unknown_kind(flow: Flow, row: Request) -> Iterator[tuple[str, str]]:
    if row.subclass_code and flow.subclass(row.subclass_code) is None:
        yield "", f"sub-klasifikasi “{row.subclass_code}” tidak ada lagi pada draf"


def _without_holder(way: Flow, row: Request, empty: set[str]) -> Iterator[tuple[str, str]]:
    """Desks that nobody can complete now; of a running request those that still lie ahead."""
    first = way.position(row.stage_code) if row.is_open and way.has_stage(row.stage_code) else 0
    for stage in way.stages[first:]:
        for desk in stage.desks:
            if desk.role in empty and desk.role != PELANGGAN:
                post = office().posts.get(desk.role, desk.role)
                yield stage.short, f"belum ada petugas yang memegang pos {post}"


def _not_given(way: Flow, old: Flow, past: Past) -> Iterator[tuple[str, str]]:
    """What the draft asks at stages that were passed, and nobody gave, or gave otherwise."""
    row, first = past.request, way.stages[0]
    for entry in way.fields_for(row.subclass_code):
        if entry.required and entry.name not in row.details:
            yield first.short, f"isian wajib “{entry.label}” tidak diberikan"
    for entry in way.attachments_for(row.subclass_code):
        if entry.required and entry.name not in past.attached:
            yield first.short, f"berkas wajib “{entry.label}” tidak dilampirkan"
    for stage in way.stages[1:]:
        if stage.code not in past.passed or not old.has_stage(stage.code):
            continue
        for entry in (entry for desk in stage.desks for entry in desk.inputs):
            if entry.required and entry.name not in past.given.get(stage.code, ()):
                yield stage.short, f"isian wajib “{entry.label}” tidak diberikan"
        yield from ((stage.short, words) for words in _against_rules(way, stage, past))


def _against_rules(way: Flow, stage: Stage, past: Past) -> Iterator[str]:
    """What was given at a stage and the draft would refuse. A rule about today isn't held
    against the past, and what is unique isn't looked at."""
    earlier = {entry.name: (entry, past.request.details.get(entry.name)) for entry in way.fields}
    for other in way.stages[: way.position(stage.code)]:
        for entry in (entry for desk in other.desks for entry in desk.inputs):
            earlier[entry.name] = (entry, past.given.get(other.code, {}).get(entry.name))
    given = past.given.get(stage.code, {})
    asked = [_without_today(entry) for desk in stage.desks for entry in desk.inputs]
    try:
        broken = broken_rules(asked, given, earlier, today=date.max)
    except (TypeError, ValueError):
        # Under this name something of another kind was given then.
        broken = {}
    for entry in asked:
        said = given.get(entry.name)
        if entry.name in broken or (said and not _is_accepted(entry, said)):
            yield f"isian “{entry.label}” tidak memenuhi aturan draf"


def _without_today(entry: Input) -> Input:
    limits = {rule: "" for rule in ("not_before", "not_after") if getattr(entry, rule) == TODAY}
    return replace(entry, **limits) if limits else entry


def _is_accepted(entry: Input, said: object) -> bool:
    """Whether the draft would keep a value of today's kind; another kind was another question."""
    if entry.type not in ("yes_no", "number", "money") or isinstance(said, list):
        return True
    try:
        clean_value(entry, said)
    except BadInput:
        return False
    return True
