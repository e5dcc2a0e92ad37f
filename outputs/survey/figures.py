"""The satisfaction survey of a period: counts from rows, and the figures made from the counts.

`Answers` hold counts only, so that they can be frozen as text; `Results` are what may be shown:
a group of fewer than five people isn't in them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from peewee import SQL, Case, ModelSelect, fn

from models import Request, SurveyPeriod, SurveyResponse
from rules.periods import Period, Span, end_of, parse_period, start_of
from rules.skm import (
    ELEMENTS,
    PRINTED_WEIGHT,
    SMALLEST_GROUP,
    Ikm,
    hidden_in_whole,
    ikm_from_totals,
    ikm_of_patterns,
    is_careless,
    is_whole_shown,
    krejcie_morgan,
    pattern_of,
    same_throughout,
    spread_of,
    totals_of,
)
from rules.survey import Questionnaire
from storage.database import canonical_json

SUGGESTIONS_SHOWN = 100
# Among the groups of a semester; no demographic has this code.
SERVICES = "*services"
VERSIONS = "*versions"


@dataclass(frozen=True)
class Answers:
    """The answers of a period as counts.

    `patterns`: service -> nine scores as text -> how often. `profile`: code of a demographic ->
    option -> how many. `population`: requests that the office finished in the period. `halves`:
    a year's semesters as sizes of groups (`_sizes_of`), which say what of the year may be shown.
    """

    patterns: Mapping[str, Mapping[str, int]]
    profile: Mapping[str, Mapping[str, int]]
    population: int
    suggestions: int
    bribes: int
    halves: Sequence[Mapping[str, Mapping[str, int]]] = ()
    # Name of a questionnaire -> how many answered it, then the sum of each element's scores.
    versions: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def sizes(self) -> dict[str, int]:
        """Service -> how many answered."""
        return {code: sum(patterns.values()) for code, patterns in self.patterns.items()}

    @property
    def all_patterns(self) -> dict[str, int]:
        """The patterns of every service together, in order, so that no row tells who came when."""
        found: Counter[str] = Counter()
        for patterns in self.patterns.values():
            found.update(patterns)
        return dict(sorted(found.items()))

    def to_text(self) -> str:
        return canonical_json(self.__dict__)

    @classmethod
    def from_text(cls, text: str) -> "Answers":
        return cls(**json.loads(text))


@dataclass(frozen=True)
class ServiceResult:
    """A service's index; None for a group too small to be shown."""

    code: str
    ikm: Ikm | None


@dataclass(frozen=True)
class VersionResult:
    """What was answered under one version of the questionnaire; None for a small group."""

    name: str
    ikm: Ikm | None


@dataclass(frozen=True)
class ProfileTable:
    """How many gave each option; None where the group is too small to be shown."""

    code: str
    label: str
    rows: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Results:
    """Everything a page, a report or a workbook may say about a period.

    `whole` is None, and every list empty, for fewer than five answers, and for a year beside
    whose one semester it would give the other away (`is_covered`). `printed` is the same index
    with the weight 0,11.
    """

    period: Period
    answers: Answers
    count: int
    needed: int
    whole: Ikm | None
    printed: Ikm | None
    services: tuple[ServiceResult, ...]
    spread: Mapping[str, tuple[int, int, int, int]]
    same: int
    is_careless: bool
    profile: tuple[ProfileTable, ...]
    # One for each questionnaire that was answered, the oldest name first.
    versions: tuple[VersionResult, ...] = ()
    is_locked: bool = False
    is_intact: bool = True
    digest: str = ""

    @property
    def is_covered(self) -> bool:
        return self.whole is None and self.count >= SMALLEST_GROUP


def collect(period: Period | Span, *, service_code: str = "") -> Answers:
    """Count the answers of a period, of all services or one. Five queries, ten for a year;
    their rows are patterns, not people.
    """
    if isinstance(period, Period) and period.halves:
        return _joined([collect(half, service_code=service_code) for half in period.halves])
    responses = given_in(period, service_code)
    suggested = SurveyResponse.extras.cast("TEXT").contains('"suggestion":')
    bribed = SurveyResponse.extras.cast("TEXT").contains('"bribe_asked":"ya"')
    said = responses.select(
        fn.SUM(suggested.cast("INTEGER")), fn.SUM(bribed.cast("INTEGER"))
    ).tuples()
    suggestions, bribes = next(iter(said))
    finished = Request.select(Request.id).where(
        (Request.office_done_at >= start_of(period.first))
        & (Request.office_done_at < end_of(period.last))
    )
    if service_code:
        finished = finished.where(Request.service_code == service_code)
    return Answers(
        patterns=patterns_of(responses),
        profile=_profile(responses),
        population=finished.count(),
        suggestions=suggestions or 0,
        bribes=bribes or 0,
        versions=_versions(responses),
    )


def given_in(days: Period | Span, service_code: str = "") -> ModelSelect:
    """The answers of some days, of all services or one."""
    responses = SurveyResponse.select().where(
        SurveyResponse.answered_on.between(days.first, days.last)
    )
    if service_code:
        responses = responses.where(SurveyResponse.service_code == service_code)
    return responses


def _joined(halves: Sequence[Answers]) -> Answers:
    """The year of two semesters."""
    patterns: dict[str, Counter[str]] = {}
    profile: dict[str, Counter[str]] = {}
    for half in halves:
        for found, given in ((patterns, half.patterns), (profile, half.profile)):
            for code, counts in given.items():
                found.setdefault(code, Counter()).update(counts)
    return Answers(
        patterns={code: dict(counts) for code, counts in patterns.items()},
        profile={code: dict(counts) for code, counts in profile.items()},
        population=sum(half.population for half in halves),
        suggestions=sum(half.suggestions for half in halves),
        bribes=sum(half.bribes for half in halves),
        halves=[_sizes_of(half) for half in halves],
        versions=_sum_of_versions(halves),
    )


def _sum_of_versions(halves: Sequence[Answers]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for half in halves:
        for name, counts in half.versions.items():
            before = found.get(name, [0] * len(counts))
            found[name] = [a + b for a, b in zip(before, counts, strict=True)]
    return found


def _sizes_of(half: Answers) -> dict[str, dict[str, int]]:
    """The groups of a semester and how large they are; SERVICES beside the demographics."""
    versions = {name: counts[0] for name, counts in half.versions.items()}
    return {
        SERVICES: half.sizes,
        VERSIONS: versions,
        **{code: dict(counts) for code, counts in half.profile.items()},
    }


def patterns_of(responses: ModelSelect) -> dict[str, dict[str, int]]:
    """Equal scores are equal text (`JsonField`), so the database counts them."""
    rows = responses.select(
        SurveyResponse.service_code, SurveyResponse.scores, fn.COUNT(SurveyResponse.id)
    ).group_by(SurveyResponse.service_code, SurveyResponse.scores)
    found: dict[str, dict[str, int]] = {}
    for code, scores, times in rows.tuples():
        if pattern := pattern_of(scores):
            found.setdefault(code, {})[pattern] = times
    return found


def _versions(responses: ModelSelect) -> dict[str, list[int]]:
    """Name of a questionnaire -> answers, and the sum of each element's scores."""
    rows = responses.select(
        SurveyResponse.questionnaire, SurveyResponse.scores, fn.COUNT(SurveyResponse.id)
    ).group_by(SurveyResponse.questionnaire, SurveyResponse.scores)
    patterns: dict[str, dict[str, int]] = {}
    for name, scores, times in rows.tuples():
        if pattern := pattern_of(scores):
            patterns.setdefault(name, {})[pattern] = times
    found = {}
    for name, given in patterns.items():
        totals, count = totals_of(given)
        found[name] = [count, *totals.values()]
    return found


def _profile(responses: ModelSelect) -> dict[str, dict[str, int]]:
    rows = responses.select(SurveyResponse.demographics, fn.COUNT(SurveyResponse.id)).group_by(
        SurveyResponse.demographics
    )
    found: dict[str, Counter[str]] = {}
    for given, times in rows.tuples():
        for code, option in given.items():
            found.setdefault(code, Counter())[option] += times
    return {code: dict(counts) for code, counts in found.items()}


def suggestions_of(period: Period) -> list[str]:
    """What people wrote, in an order that says nothing about when; at most SUGGESTIONS_SHOWN."""
    rows = (
        SurveyResponse.select(SurveyResponse.extras)
        .where(
            SurveyResponse.answered_on.between(period.first, period.last)
            & SurveyResponse.extras.cast("TEXT").contains('"suggestion":')
        )
        .order_by(SurveyResponse.id)
        .limit(SUGGESTIONS_SHOWN)
        .tuples()
    )
    return sorted(extras["suggestion"] for (extras,) in rows)


def results_of(
    period: Period, questionnaire: Questionnaire, *, kept: SurveyPeriod | None = None
) -> Results:
    """The figures of a period: from the frozen counts of a locked one, else from the rows."""
    if kept and kept.locked_at:
        return _frozen(period, kept, questionnaire)
    return calculate(period, collect(period), questionnaire)


def _frozen(period: Period, kept: SurveyPeriod, questionnaire: Questionnaire) -> Results:
    """The figures of a locked period."""
    found = _calculated_once(period, kept.figures, questionnaire)
    if period.halves and not found.answers.halves:
        # Locked before semesters were kept beside their year.
        answers = replace(found.answers, halves=collect(period).halves)
        found = calculate(period, answers, questionnaire)
    return replace(found, is_locked=True, is_intact=kept.is_intact, digest=kept.digest)


# What was locked stays, and its text is the key: whoever changes it gets other figures.
@lru_cache(maxsize=32)
def _calculated_once(period: Period, figures: str, questionnaire: Questionnaire) -> Results:
    """The figures of frozen counts. From thousands of answers they take longer than a page."""
    return calculate(period, Answers.from_text(figures), questionnaire)


def calculate(period: Period, answers: Answers, questionnaire: Questionnaire) -> Results:
    """The figures that the counts give. No query."""
    patterns = answers.all_patterns
    count = sum(patterns.values())
    shown = _may_show(answers, count)
    same = same_throughout(patterns)
    return Results(
        period=period,
        answers=answers,
        count=count,
        needed=krejcie_morgan(answers.population) if answers.population else 0,
        whole=ikm_of_patterns(patterns) if shown else None,
        printed=ikm_of_patterns(patterns, PRINTED_WEIGHT) if shown else None,
        services=_services(answers) if shown else (),
        spread=spread_of(patterns) if shown else {},
        same=same,
        is_careless=is_careless(same, count),
        profile=_profile_tables(answers, questionnaire) if shown else (),
        versions=_version_results(answers) if shown else (),
    )


def _may_show(answers: Answers, count: int) -> bool:
    if answers.halves:
        return is_whole_shown(_size(half) for half in answers.halves)
    return count >= SMALLEST_GROUP


def _size(half: Mapping[str, Mapping[str, int]]) -> int:
    return sum(half[SERVICES].values())


def _shown_halves(answers: Answers, group: str) -> list[Mapping[str, int]]:
    """How a group of the year divides in those semesters that may be shown."""
    return [half.get(group, {}) for half in answers.halves if _size(half) >= SMALLEST_GROUP]


@dataclass(frozen=True)
class Past:
    """A period's index among others; None where it may not be shown."""

    period: Period
    ikm: Ikm | None
    count: int
    is_locked: bool


def history_of(periods: Sequence[Period]) -> list[Past]:
    """The indices of periods of one kind, in their order. Two queries.

    The periods before the first answer are left out, though never the last period.
    """
    codes = [period.code for period in periods]
    locked = {
        row.code: Answers.from_text(row.figures)
        for row in SurveyPeriod.select().where(
            SurveyPeriod.code.in_(codes) & SurveyPeriod.locked_at.is_null(False)
        )
    }
    counted = _patterns_of([part for period in periods for part in period.halves or (period,)])
    found = []
    for period in periods:
        kept = locked.get(period.code)
        parts = [counted.get(part.code, {}) for part in period.halves or (period,)]
        sizes = [sum(part.values()) for part in parts]
        if kept and kept.halves:
            sizes = [_size(half) for half in kept.halves]
        patterns = kept.all_patterns if kept else sum_of(parts)
        count = sum(patterns.values())
        shown = count >= SMALLEST_GROUP and (not period.halves or is_whole_shown(sizes))
        ikm = ikm_of_patterns(patterns) if shown else None
        if count or kept or found or period == periods[-1]:
            found.append(Past(period, ikm, count, kept is not None))
    return found


def sum_of(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part)
    return dict(found)


def published(questionnaire: Questionnaire, *, code: str = "", limit: int = 8) -> list[Results]:
    """The locked periods that may be shown to everybody, or the one named.

    The newest year first, in it the second semester, the first, and the year they make up.

    One query, and eight for each year that was locked without its semesters.
    """
    rows = SurveyPeriod.select().where(SurveyPeriod.locked_at.is_null(False))
    if code:
        rows = rows.where(SurveyPeriod.code == code)
    found = []
    for row in rows.order_by(SurveyPeriod.code.desc()).limit(limit):
        period = parse_period(row.code)
        if period and row.is_intact:
            found.append(_frozen(period, row, questionnaire))
    return [results for results in found if results.whole]


def _patterns_of(periods: Sequence[Period]) -> dict[str, dict[str, int]]:
    """Period -> pattern -> how often, for several periods at once."""
    if not periods:
        return {}
    on = SurveyResponse.answered_on
    label = Case(None, [(on.between(item.first, item.last), item.code) for item in periods], "")
    first, last = min(item.first for item in periods), max(item.last for item in periods)
    rows = (
        SurveyResponse.select(label, SurveyResponse.scores, fn.COUNT(SurveyResponse.id))
        .where(on.between(first, last))
        .group_by(SQL("1"), SurveyResponse.scores)
        .tuples()
    )
    found: dict[str, dict[str, int]] = {}
    for code, scores, times in rows:
        if pattern := pattern_of(scores):
            found.setdefault(code, {})[pattern] = times
    return found


def _services(answers: Answers) -> tuple[ServiceResult, ...]:
    hidden = hidden_in_whole(answers.sizes, _shown_halves(answers, SERVICES))
    return tuple(
        ServiceResult(code, None if code in hidden else ikm_of_patterns(answers.patterns[code]))
        for code in sorted(answers.patterns)
    )


def _version_results(answers: Answers) -> tuple[VersionResult, ...]:
    sizes = {name: counts[0] for name, counts in answers.versions.items()}
    hidden = hidden_in_whole(sizes, _shown_halves(answers, VERSIONS))
    found = []
    for name, (count, *totals) in sorted(answers.versions.items()):
        ikm = ikm_from_totals(dict(zip(ELEMENTS, totals, strict=True)), count)
        found.append(VersionResult(name, None if name in hidden else ikm))
    return tuple(found)


def _profile_tables(answers: Answers, questionnaire: Questionnaire) -> tuple[ProfileTable, ...]:
    tables = []
    for demographic in questionnaire.demographics:
        counts = answers.profile.get(demographic.code, {})
        hidden = hidden_in_whole(counts, _shown_halves(answers, demographic.code))
        # Options of an older questionnaire come after the present ones.
        options = [*demographic.options, *sorted(set(counts) - set(demographic.options))]
        rows = tuple(
            (option, None if option in hidden else counts.get(option, 0)) for option in options
        )
        tables.append(ProfileTable(demographic.code, demographic.label, rows))
    return tuple(tables)
