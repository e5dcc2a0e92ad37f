"""Figures from rows: queries into small frozen dataclasses. No writes."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from peewee import Case, fn

from models.requests import Request
from models.surveys import SurveyResponse
from rules.skm import SMALLEST_GROUP, Ikm, ikm_of_patterns, pattern_of
from rules.statuses import (
    APPROVED_STATUSES,
    REJECTED,
    WAITING_VERIFICATION,
)

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Counters:
    """The four boxes of the dashboard."""

    waiting: int
    approved: int
    rejected: int
    total: int


@dataclass(frozen=True)
class Performance:
    """How a service did: `median_days` in working days, `on_time` a share 0…1."""

    service_code: str
    requests: int
    finished: int
    median_days: float | None
    on_time: float | None


@dataclass(frozen=True)
class PublicFigures:
    months: tuple[str, ...]
    per_month: Mapping[str, tuple[int, ...]]
    performance: tuple[Performance, ...]
    total: int
    finished: int
    on_time: float | None
    median_days: float | None
    ikm: Ikm | None


def count_for_dashboard(requests) -> Counters:
    """Count a scope by status. One query."""
    rows = dict(
        requests.select(Request.status, fn.COUNT(Request.id)).group_by(Request.status).tuples()
    )
    return Counters(
        waiting=rows.get(WAITING_VERIFICATION, 0),
        approved=sum(rows.get(status, 0) for status in APPROVED_STATUSES),
        rejected=rows.get(REJECTED, 0),
        total=sum(rows.values()),
    )


def public_figures(service_codes: list[str], *, today: date) -> PublicFigures:
    """What the public statistics page shows, over the last twelve months. Three queries."""
    months = last_months(today)
    per_month = _count_per_month(service_codes, months)
    finished = _finished_days(service_codes, months)
    performance = tuple(
        _performance(code, sum(per_month[code]), finished.get(code, {})) for code in service_codes
    )
    everything = _together(finished.values())
    whole = _performance("", sum(item.requests for item in performance), everything)
    return PublicFigures(
        months=months,
        per_month=per_month,
        performance=performance,
        total=whole.requests,
        finished=whole.finished,
        on_time=whole.on_time,
        median_days=whole.median_days,
        ikm=index_of_satisfaction(since=date(int(months[0][:4]), int(months[0][5:]), 1)),
    )


def last_months(today: date) -> tuple[str, ...]:
    """The last twelve months, this one included, as `2024-07`."""
    first = today.year * 12 + today.month - 1
    numbers = range(first - MONTHS_SHOWN + 1, first + 1)
    return tuple(f"{number // 12}-{number % 12 + 1:02d}" for number in numbers)


def _count_per_month(codes: list[str], months: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    rows = (
        Request.select(Request.service_code, Request.submitted_month, fn.COUNT(Request.id))
        .where(Request.service_code.in_(codes) & (Request.submitted_month >= months[0]))
        .group_by(Request.service_code, Request.submitted_month)
        .tuples()
    )
    counted = {(code, month): count for code, month, count in rows}
    return {code: tuple(counted.get((code, month), 0) for month in months) for code in codes}


# Working days that requests took -> (how many took so long, how many of them were on time).
Spread = Mapping[float, tuple[int, int]]


def _finished_days(codes: list[str], months: tuple[str, ...]) -> dict[str, Spread]:
    """Service -> how long its requests took whose clock has stopped.

    The database counts, by an index over these months: what is older costs nothing.
    """
    on_time = Case(None, ((Request.office_done_at <= Request.due_at, 1),), 0)
    rows = (
        Request.select(
            Request.service_code, Request.office_days, fn.COUNT(Request.id), fn.SUM(on_time)
        )
        .where(
            Request.service_code.in_(codes)
            & (Request.submitted_month >= months[0])
            & Request.office_done_at.is_null(False)
        )
        .group_by(Request.service_code, Request.office_days)
        .tuples()
    )
    found: dict[str, dict[float, tuple[int, int]]] = {}
    for code, days, count, timely in rows:
        found.setdefault(code, {})[days] = (count, timely)
    return found


def _together(spreads: Iterable[Spread]) -> Spread:
    found: dict[float, tuple[int, int]] = {}
    for spread in spreads:
        for days, (count, timely) in spread.items():
            before = found.get(days, (0, 0))
            found[days] = (before[0] + count, before[1] + timely)
    return found


def _performance(code: str, requests: int, spread: Spread) -> Performance:
    finished = sum(count for count, _ in spread.values())
    if not finished:
        return Performance(code, requests, 0, None, None)
    return Performance(
        service_code=code,
        requests=requests,
        finished=finished,
        median_days=_median(spread),
        on_time=sum(timely for _, timely in spread.values()) / finished,
    )


def _median(spread: Spread) -> float:
    """The middle one, or the mean of the two in the middle."""
    days = sorted(spread)
    upto = list(accumulate(spread[one][0] for one in days))
    low, high = (upto[-1] - 1) // 2, upto[-1] // 2
    return (days[bisect_right(upto, low)] + days[bisect_right(upto, high)]) / 2


def index_of_satisfaction(*, since: date | None = None) -> Ikm | None:
    """The IKM over the answers since a day; None for fewer people than may be published."""
    answers = SurveyResponse.select(SurveyResponse.scores)
    if since:
        answers = answers.where(SurveyResponse.answered_on >= since)
    # Equal scores are equal text, so the database counts them, however many answers there are.
    rows = answers.select(SurveyResponse.scores, fn.COUNT(SurveyResponse.id))
    patterns: Counter[str] = Counter()
    for scores, times in rows.group_by(SurveyResponse.scores).tuples():
        if pattern := pattern_of(scores):
            patterns[pattern] += times
    return ikm_of_patterns(patterns) if patterns.total() >= SMALLEST_GROUP else None


def share_words(share: float | None) -> str:
    """`91,5 %` on one line, or a dash when there is nothing to divide."""
    if share is None:
        return "–"
    return f"{Decimal(str(share * 100)).quantize(Decimal('0.1'))}\u00a0%".replace(".", ",")
