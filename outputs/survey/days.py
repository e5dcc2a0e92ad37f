"""The satisfaction survey over days that aren't a period, as far as the periods leave it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from peewee import fn

from models import SurveyResponse
from outputs.survey.figures import Results, calculate, collect, given_in, patterns_of, sum_of
from rules.periods import Period, Span, semester_of
from rules.skm import SMALLEST_GROUP, Ikm, ikm_of_patterns, is_small
from rules.survey import Questionnaire


def index_of_days(span: Span, *, service_code: str = "") -> Ikm | None:
    """The index over any days, of all services or one; None where it may not be shown.

    Two queries.
    """
    patterns = patterns_of(given_in(span, service_code))
    all_of_it = sum_of(patterns.values())
    if sum(all_of_it.values()) < SMALLEST_GROUP or _is_hidden(_cut(span), service_code):
        return None
    return ikm_of_patterns(all_of_it)


def results_of_days(span: Span, questionnaire: Questionnaire, *, service_code: str = "") -> Results:
    """The figures of any days, of all services or one, as far as the periods leave them."""
    found = calculate(
        Period(span.first.year), collect(span, service_code=service_code), questionnaire
    )
    cut = _cut(span)
    if _is_hidden(cut, service_code):
        return replace(
            found, whole=None, printed=None, services=(), spread={}, profile=(), versions=()
        )
    if any(map(is_small, cut.values())):
        services = tuple(replace(item, ikm=None) for item in found.services)
        return replace(found, services=services, profile=(), versions=())
    return found


def _is_hidden(cut: Mapping[tuple[str, bool, str], int], service_code: str) -> bool:
    """Whether figures of some days would tell about fewer than five people.

    Whoever reads them may read the semesters too. So nothing is shown of days that leave one to
    four people on either side of a cut through a semester, and nothing of a single service
    where one of its own or of another's is that small.
    """
    if service_code:
        return any(map(is_small, cut.values()))
    wholes: Counter[tuple[str, bool]] = Counter()
    for (semester, inside, _), size in cut.items():
        wholes[semester, inside] += size
    return any(map(is_small, wholes.values()))


def _cut(span: Span) -> dict[tuple[str, bool, str], int]:
    """(semester, whether inside the span, service) -> answers, of the semesters it touches."""
    on, service = SurveyResponse.answered_on, SurveyResponse.service_code
    first, last = semester_of(span.first).first, semester_of(span.last).last
    rows = SurveyResponse.select(on, service, fn.COUNT(SurveyResponse.id)).where(
        on.between(first, last)
    )
    found: Counter[tuple[str, bool, str]] = Counter()
    for day, code, size in rows.group_by(on, service).tuples():
        found[semester_of(day).code, span.first <= day <= span.last, code] += size
    return dict(found)
