"""What the tests of this folder begin with."""

from datetime import date

import pytest

from models import (
    SurveyPeriod,
)
from outputs.survey import periods
from outputs.survey.figures import results_of
from outputs.survey.periods import Plan
from rules.periods import Period
from tests.backoffice.reports.dashboard_samples import build_world
from tests.backoffice.reports.recap_samples import file_many, file_several
from tests.backoffice.reports.skm_samples import AFTER, EVIL, PERIOD, answer, golden_answers
from workflow import Reader


@pytest.fixture
def several(snapshots, people, runtime, now):
    return snapshots.of(file_several, people, runtime, now)


@pytest.fixture
def many(snapshots, people, runtime, now):
    return snapshots.of(file_many, people, runtime, now)


@pytest.fixture
def results(runtime, people):
    """The figures of a period, as the page gets them."""

    def calculate(period: Period = PERIOD):
        kept = SurveyPeriod.get_or_none(SurveyPeriod.code == period.code)
        return results_of(period, runtime.questionnaire, kept=kept)

    return calculate


@pytest.fixture
def filled(people, runtime):
    """A locked period with plans in it and before it, and a summary with a formula's look."""
    golden_answers()
    answer([3] * 9, suggestion="Mohon dipercepat")
    for period, text in ((PERIOD, EVIL), (PERIOD.previous, "Loket dibuka lebih awal")):
        plan = Plan("U3", text, date(2025, 6, 30), "Kasubag TU")
        periods.write_plan(period, plan, reader=Reader.at(people.kasubag_tu, AFTER))
    periods.write_summary(PERIOD, "Pelanggan meminta waktu lebih singkat – ’tepat’ ✓",
                               reader=Reader.at(people.staf_tu, AFTER))  # fmt: skip
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))


@pytest.fixture
def clock(clock):
    """It is the day after the manual's example."""
    clock.forward(days=1)
    return clock


@pytest.fixture
def world(snapshots, people, runtime, now):
    return snapshots.of(build_world, people, runtime, now)
