"""Figures from rows: queries into small frozen dataclasses. No writes."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from operator import or_

from peewee import SQL, Case, ModelSelect, fn

from models import FILED, WHOLE_DAY, AnswerFigure, Request, RequestFigure
from rules.skm import SMALLEST_GROUP, Ikm, ikm_from_totals
from rules.statuses import (
    APPROVED_STATUSES,
    CANCELLED,
    EXPIRED,
    NEEDS_COMPLETION,
    REJECTED,
    WAITING_VERIFICATION,
)

MONTHS_SHOWN = 12

# Whole working days that requests took -> (how many took so long, how many of them were on time).
Spread = Mapping[int, tuple[int, int]]


@dataclass(frozen=True)
class Counters:
    """The boxes of the dashboard. All but the total add up to it."""

    waiting: int
    incomplete: int
    approved: int
    rejected: int
    ended: int
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


def count_for_dashboard(requests: ModelSelect) -> Counters:
    """Count a scope by status. One query."""
    rows = dict(
        requests.select(Request.status, fn.COUNT(Request.id)).group_by(Request.status).tuples()
    )
    return Counters(
        waiting=rows.get(WAITING_VERIFICATION, 0),
        incomplete=rows.get(NEEDS_COMPLETION, 0),
        approved=sum(rows.get(status, 0) for status in APPROVED_STATUSES),
        rejected=rows.get(REJECTED, 0),
        ended=rows.get(CANCELLED, 0) + rows.get(EXPIRED, 0),
        total=sum(rows.values()),
    )


def public_figures(service_codes: list[str], *, today: date) -> PublicFigures:
    """What the public statistics page shows, over the last twelve months. Three queries.

    They read kept figures, not requests: it costs the same with a million of them.
    """
    months = last_months(today)
    filed, done = _sums(service_codes, months)
    medians = _medians(done, months)
    performance = tuple(
        _performance(code, sum(filed[code]), done[code], medians) for code in service_codes
    )
    total = sum(item.requests for item in performance)
    whole = _performance("", total, _together(done.values()), medians)
    return PublicFigures(
        months=months,
        per_month=filed,
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


def _sums(
    codes: list[str], months: tuple[str, ...]
) -> tuple[dict[str, tuple[int, ...]], dict[str, Spread]]:
    """Service -> how many were filed in each month; and service -> how long the done ones took.

    Reads one row for each month and each whole working day, however many requests there are.
    """
    month = Case(None, ((RequestFigure.days == FILED, RequestFigure.month),), "")
    rows = (
        RequestFigure.select(
            RequestFigure.service_code,
            RequestFigure.days,
            month,
            fn.SUM(RequestFigure.requests),
            fn.SUM(RequestFigure.on_time),
        )
        .where(
            (RequestFigure.hundredths == WHOLE_DAY)
            & (RequestFigure.month >= months[0])
            & RequestFigure.service_code.in_(codes)
        )
        # By position: Postgres takes a CASE with parameters for another one when it is repeated.
        .group_by(RequestFigure.service_code, RequestFigure.days, SQL("3"))
        .tuples()
    )
    filed: dict[str, dict[str, int]] = {code: {} for code in codes}
    done: dict[str, Spread] = {code: {} for code in codes}
    for code, days, name, count, timely in rows:
        if days == FILED:
            filed[code][name] = count
        elif count:
            done[code][days] = (count, timely)
    return {code: tuple(filed[code].get(name, 0) for name in months) for code in codes}, done


def _together(spreads: Iterable[Spread]) -> Spread:
    found: dict[int, tuple[int, int]] = {}
    for spread in spreads:
        for days, (count, timely) in spread.items():
            before = found.get(days, (0, 0))
            found[days] = (before[0] + count, before[1] + timely)
    return found


# -- the median ----------------------------------------------------------------------------------


def _medians(done: Mapping[str, Spread], months: tuple[str, ...]) -> dict[str, float]:
    """Service -> the middle of what its requests took, to the hundredth; "" for all together.

    The whole days say on which day the middle lies; only of these days the hundredths are read.
    """
    counts = {
        code: {days: count for days, (count, _) in spread.items()}
        for code, spread in (*done.items(), ("", _together(done.values())))
        if spread
    }
    middles = {code: _middle(spread) for code, spread in counts.items()}
    found = _hundredths(done, middles, months)
    return {
        code: sum(_exact(found[code].get(days, {}), days, rank) for days, rank in ranks) / 2
        for code, ranks in middles.items()
    }


def _middle(counts: Mapping[int, int]) -> list[tuple[int, int]]:
    """The two in the middle, which may be one: key, and the place within it from 0."""
    size = sum(counts.values())
    return [_placed(counts, (size - 1) // 2), _placed(counts, size // 2)]


def _placed(counts: Mapping[int, int], rank: int) -> tuple[int, int]:
    """The key under which the one at `rank` lies, and its place there."""
    keys = sorted(counts)
    upto = list(accumulate(counts[key] for key in keys))
    # Requests may have moved since the other level was read: then the last one will do.
    at = min(bisect_right(upto, rank), len(keys) - 1)
    return keys[at], rank - (upto[at - 1] if at else 0)


def _exact(counts: Mapping[int, int], days: int, rank: int) -> float:
    hundredths = _placed(counts, rank)[0] if counts else 0
    return (days * 100 + hundredths) / 100


def _hundredths(
    done: Mapping[str, Spread],
    middles: Mapping[str, Sequence[tuple[int, int]]],
    months: tuple[str, ...],
) -> dict[str, dict[int, Counter[int]]]:
    """Service, or "" -> day -> hundredths -> how many. One query, or none."""
    found = {code: {days: Counter() for days, _ in ranks} for code, ranks in middles.items()}
    wanted = {
        code: sorted(
            {days for key in (code, "") for days in found.get(key, ())} & done[code].keys()
        )
        for code in done
    }
    parts = [
        (RequestFigure.service_code == code) & RequestFigure.days.in_(days)
        for code, days in wanted.items()
        if days
    ]
    if not parts:
        return found
    rows = (
        RequestFigure.select(
            RequestFigure.service_code,
            RequestFigure.days,
            RequestFigure.hundredths,
            fn.SUM(RequestFigure.requests),
        )
        .where(
            reduce(or_, parts)
            & (RequestFigure.hundredths > WHOLE_DAY)
            & (RequestFigure.month >= months[0])
        )
        .group_by(RequestFigure.service_code, RequestFigure.days, RequestFigure.hundredths)
        .tuples()
    )
    for code, days, hundredths, count in rows:
        for key in (code, ""):
            if days in found[key]:
                found[key][days][hundredths] += count
    return found


def _performance(
    code: str, requests: int, spread: Spread, medians: Mapping[str, float]
) -> Performance:
    finished = sum(count for count, _ in spread.values())
    timely = sum(timely for _, timely in spread.values())
    return Performance(
        service_code=code,
        requests=requests,
        finished=finished,
        median_days=medians.get(code),
        on_time=timely / finished if finished else None,
    )


# -- satisfaction --------------------------------------------------------------------------------


def index_of_satisfaction(*, since: date | None = None) -> Ikm | None:
    """The IKM over the answers from the month of a day on; None for fewer people than may be
    published. One query, over nine rows a month."""
    rows = AnswerFigure.select(
        AnswerFigure.element, fn.SUM(AnswerFigure.answers), fn.SUM(AnswerFigure.total)
    ).group_by(AnswerFigure.element)
    if since:
        rows = rows.where(AnswerFigure.month >= f"{since:%Y-%m}")
    counted = {element: (answers, total) for element, answers, total in rows.tuples()}
    count = next((answers for answers, _ in counted.values()), 0)
    if count < SMALLEST_GROUP:
        return None
    return ikm_from_totals({element: total for element, (_, total) in counted.items()}, count)


def share_words(share: float | None) -> str:
    """`91,5 %` on one line, or a dash when there is nothing to divide."""
    if share is None:
        return "–"
    return f"{Decimal(str(share * 100)).quantize(Decimal('0.1'))}\u00a0%".replace(".", ",")
