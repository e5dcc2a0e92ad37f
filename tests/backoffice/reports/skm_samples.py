"""Answers to the survey, and its figures counted in another way."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from models import (
    SurveyResponse,
)
from rules.periods import Period
from rules.skm import ELEMENTS

PERIOD = Period(2024, 2)


AFTER = datetime(2025, 1, 6, 2, tzinfo=UTC)


GOLDEN = (105, 101, 100, 116, 102, 105, 106, 105, 115)


EVIL = '=HYPERLINK("https://jahat.test","klik")'


def answer(
    scores: Iterable[int],
    *,
    on: date = date(2024, 8, 1),
    service: str = "data",
    gender: str = "Laki-laki",
    version: str = "skm-2024-1",
    **extras: str,
) -> None:
    SurveyResponse.create(
        questionnaire=version,
        service_code=service,
        answered_on=on,
        scores=dict(zip(ELEMENTS, scores, strict=True)),
        demographics={"gender": gender, "age": "26–35"},
        extras=extras,
    )


def golden_answers(count: int = 29, totals: Iterable[int] = GOLDEN) -> None:
    """Answers of `count` people whose scores add up to the golden totals."""
    left = list(totals)
    for people in range(count, 0, -1):
        scores = [round(total / people) for total in left]
        left = [total - score for total, score in zip(left, scores, strict=True)]
        answer(scores, gender="Perempuan" if people % 3 else "Laki-laki")
    assert left == [0] * 9


def independent_index() -> Decimal:
    """The index by the shortest other way: the mean of all scores there are, times 25."""
    scores = [score for row in SurveyResponse.select() for score in row.scores.values()]
    exact = Decimal(sum(scores)) * 25 / len(scores)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def independent_extremes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All lowest and all highest elements, from means of the rows; none where all are equal."""
    rows = [row.scores for row in SurveyResponse.select()]
    means = {code: Fraction(sum(row[code] for row in rows), len(rows)) for code in ELEMENTS}
    low, high = min(means.values()), max(means.values())
    if low == high:
        return (), ()
    return tuple(c for c in means if means[c] == low), tuple(c for c in means if means[c] == high)
