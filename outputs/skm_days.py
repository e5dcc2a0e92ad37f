"""The satisfaction in days that aren't a period, as far as the periods leave them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from outputs.skm import (
    Results,
    calculate,
    collect,
    given_in,
    last_told,
    patterns_of,
    per_day_of,
    size_of,
    sum_of,
)
from rules.periods import Period, Span, semester_of
from rules.skm import SMALLEST_GROUP, Ikm, blocks_of, ikm_of_patterns, is_small
from rules.survey import Questionnaire


@dataclass(frozen=True)
class Piece:
    """A block of a semester as some days cut it: answers of each service inside and outside."""

    semester: Period
    inside: Counter[str]
    outside: Counter[str]

    @property
    def is_cut(self) -> bool:
        return bool(self.inside and self.outside)

    @property
    def is_small(self) -> bool:
        return is_small(sum((self.inside + self.outside).values()))


def index_of_days(span: Span, *, today: date, service_code: str = "") -> Ikm | None:
    """The index over any days, of all services or one; None where it may not be shown.

    Two queries, three while its last semester runs.
    """
    pieces = _pieces(span, today)
    if _is_hidden(pieces, service_code, today):
        return None
    patterns = sum_of(patterns_of(given_in(span, service_code, _told(span, today))).values())
    return ikm_of_patterns(patterns) if sum(patterns.values()) >= SMALLEST_GROUP else None


def results_of_days(
    span: Span, questionnaire: Questionnaire, *, today: date, service_code: str = ""
) -> Results:
    """The figures of any days, of all services or one, as far as the periods leave them."""
    answers = collect(span, service_code=service_code, until=_told(span, today))
    found = calculate(Period(span.first.year), answers, questionnaire)
    pieces = _pieces(span, today)
    if _is_hidden(pieces, service_code, today):
        return replace(found, whole=None, printed=None, services=(), spread={}, profile=(),
                       versions=())  # fmt: skip
    if _is_hidden(pieces, "*", today):
        services = tuple(replace(item, ikm=None) for item in found.services)
        return replace(found, services=services, profile=(), versions=())
    return found


def _told(span: Span, today: date) -> date:
    """The last day of a span whose answers figures may tell."""
    running = semester_of(today)
    return span.last if span.last < running.first else min(span.last, last_told(running, today))


def _is_hidden(pieces: Sequence[Piece], service_code: str, today: date) -> bool:
    """Whether figures of some days would tell about fewer than five people.

    Whoever reads them may read the semesters too, and other days. So days are told that hold
    whole blocks, and a single service only of whole semesters that are over and in which neither
    it nor another is small.
    """
    if any(piece.is_cut or piece.is_small for piece in pieces if piece.inside):
        return True
    if not service_code:
        return False
    semesters = {piece.semester for piece in pieces if piece.inside}
    for semester in semesters:
        mine = [piece for piece in pieces if piece.semester == semester]
        sizes = sum((piece.inside + piece.outside for piece in mine), Counter())
        if not semester.has_ended(today) or any(piece.outside for piece in mine):
            return True
        if any(map(is_small, sizes.values())):
            return True
    return False


def _pieces(span: Span, today: date) -> list[Piece]:
    """The blocks of the semesters that a span touches, as far as they are told."""
    answered = per_day_of(Span(semester_of(span.first).first, semester_of(span.last).last))
    by_semester: dict[Period, dict[tuple[date, str], int]] = {}
    for (on, service), size in answered.items():
        by_semester.setdefault(semester_of(on), {})[on, service] = size
    found = []
    for semester, per_day in by_semester.items():
        months = [month for month in semester.months if month.last < today]
        sizes = [size_of(month, per_day) for month in months]
        for block in blocks_of(sizes, is_over=semester.has_ended(today)):
            inside, outside = Counter[str](), Counter[str]()
            first, last = months[block.start].first, months[block.stop - 1].last
            for (on, service), size in per_day.items():
                if first <= on <= last:
                    side = inside if span.first <= on <= span.last else outside
                    side[service] += size
            found.append(Piece(semester, inside, outside))
    return found
