"""The figures of the survey: computed from rows, hidden where few answered."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from administration import questionnaires
from administration.drafts import stamp_of
from models import (
    SurveyDraft,
    SurveyResponse,
)
from outputs.survey import periods
from outputs.survey.figures import collect, history_of
from rules.periods import Period
from tests.backoffice.reports.skm_samples import (
    AFTER,
    PERIOD,
    answer,
    golden_answers,
    independent_extremes,
    independent_index,
)
from tests.papers import read_pdf
from tests.people import advance, enter, file_request, post
from workflow import Reader


def test_the_golden_vector_from_rows(results):
    golden_answers()
    found = results()
    assert (found.count, found.whole.value, found.whole.grade) == (29, Decimal("91.48"), "A")
    assert found.whole.value == independent_index()
    assert (found.whole.nrr["U1"], found.whole.nrr["U3"]) == (Decimal("3.6207"), Decimal("3.4483"))
    # 955 / 29 × 0,11 × 25
    assert found.printed.value == Decimal("90.56")
    assert (found.whole.lowest, found.whole.highest) == independent_extremes()
    assert found.whole.lowest == ("U3",)
    assert sum(found.spread["U1"]) == 29


def test_only_the_days_of_the_period_count(results):
    for on in (date(2024, 6, 30), date(2024, 7, 1), date(2024, 12, 31), date(2025, 1, 1)):
        for _ in range(5):
            answer([3] * 9, on=on)
    assert results().count == 10
    assert results(Period(2024)).count == 15
    history = history_of([Period(2024, 1), PERIOD, Period(2025, 1)])
    assert [past.count for past in history] == [5, 10, 5]


def test_fewer_than_five_answers_show_nothing(app, people, results):
    for _ in range(4):
        answer([1] * 9, suggestion="Rahasia orang sedikit")
    found = results()
    assert (found.whole, found.services, found.profile, found.spread) == (None, (), (), {})
    client = enter(app, people.kepala_balai)
    page = client.get("/backoffice/skm/?periode=2024-S2").text
    assert "Responden belum cukup" in page
    assert "Rahasia orang sedikit" not in page
    assert post(client, "/backoffice/skm/2024-S2/laporan", {}).status_code == 302
    assert client.get("/backoffice/skm/2024-S2/data").status_code == 302


def test_small_services_hide_and_take_another_along(results):
    for service, count in (("data", 9), ("lab", 6), ("advis", 3)):
        for _ in range(count):
            answer([4] * 9, service=service)
    shown = {item.code: item.ikm for item in results().services}
    # What is hidden can't be had by subtracting what is shown from the whole.
    assert shown["advis"] is None
    assert shown["lab"] is None
    assert shown["data"].count == 9


def test_small_groups_of_people_hide(results):
    golden_answers()
    answer([4] * 9, gender="Memilih tidak menjawab")
    gender = dict(next(t for t in results().profile if t.code == "gender").rows)
    assert gender["Memilih tidak menjawab"] is None
    assert sorted(str(count) for count in gender.values()) == ["20", "None", "None"]


def test_uniform_answers_raise_a_warning_and_count_all_the_same(app, people, results):
    for _ in range(5):
        answer([3] * 9)
    for _ in range(5):
        answer([3, 3, 3, 3, 4, 3, 3, 3, 3])
    found = results()
    assert (found.count, found.same, found.is_careless) == (10, 5, True)
    answer([4, 4, 4, 4, 4, 4, 4, 4, 3])
    assert not results().is_careless


def test_population_is_what_the_office_finished(people, runtime, now, results):
    advance(file_request(runtime, people.customer, now=now, key="A"), people, runtime, now=now)
    file_request(runtime, people.customer, now=now, key="B")
    assert collect(PERIOD).population == 1
    assert collect(Period(2024, 1)).population == 0


@pytest.fixture
def two_versions(people, now):
    """Another questionnaire from 1 October on: six answered the old one, nine the new one."""
    old = questionnaires.version_in_force(now)
    draft = questionnaires.open_draft(old, actor=people.administrator, now=now)
    given = {"actor": people.administrator, "now": now}
    questionnaires.rewrite_entry(draft, "question", "U3", {"text": "Apakah tepat waktu?"},
                                 seen=stamp_of(draft), **given)  # fmt: skip
    draft = SurveyDraft.get()
    new = questionnaires.publish_draft(draft, seen=stamp_of(draft), note="Jelas",
                                       starts_on=date(2024, 10, 1), **given)  # fmt: skip
    for number in range(6):
        answer([3] * 8 + [1 + number % 4])
    for number in range(9):
        answer([4] * 8 + [1 + number % 4], on=date(2024, 10, 2), version=new.name)
    return new


# -- a period with two questionnaires ------------------------------------------------------------


def test_both_questionnaires_of_a_period_are_told_and_counted_together(
    app, people, results, two_versions
):
    found = results()
    assert (found.count, found.whole.value) == (15, independent_index())
    assert {item.name: item.ikm.count for item in found.versions} == {
        "skm-2024-1": 6, two_versions.name: 9}  # fmt: skip
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    assert results().versions == found.versions
    client = enter(app, people.kasubag_tu)
    assert "Per versi kuesioner" in client.get("/backoffice/skm/?periode=2024-S2").text
    text = read_pdf(post(client, "/backoffice/skm/2024-S2/laporan", {}).data)[1]
    for words in ("berlaku 2 versi", "3.4 IKM per versi kuesioner", "Versi skm-2024-1",
                  f"Versi {two_versions.name}", "Apakah tepat waktu?",
                  "batas waktu yang dijanjikan"):  # fmt: skip
        assert words in text, words
    book = openpyxl.load_workbook(io.BytesIO(client.get("/backoffice/skm/2024-S2/data").data))
    rows = list(book["Per Kuesioner"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert rows == [("skm-2024-1", 6), (two_versions.name, 9)]


def test_a_questionnaire_of_few_hides_with_the_other(results, two_versions):
    SurveyResponse.delete().where(SurveyResponse.questionnaire == "skm-2024-1").execute()
    for _ in range(3):
        answer([1] * 9)
    assert [item.ikm for item in results().versions] == [None, None]
    assert results().whole.count == 12
