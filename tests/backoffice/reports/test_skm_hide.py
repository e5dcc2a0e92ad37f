"""A year beside its semesters gives nothing away that one of them hides."""

import hashlib
import json
from datetime import date

from models import (
    SurveyPeriod,
)
from outputs.survey import periods
from outputs.survey.days import index_of_days
from outputs.survey.figures import history_of
from rules.periods import Period, Span
from storage.database import canonical_json
from tests.backoffice.reports.skm_samples import AFTER, PERIOD, answer
from tests.people import enter, post
from workflow import Reader


def many(count: int, *, on: date, score: int = 3, service: str = "data") -> None:
    for number in range(count):
        scores = [score] * 8 + [1 + number % 4]
        answer(scores, on=on, service=service)


def test_a_year_that_would_give_a_small_semester_away_is_hidden_everywhere(app, people):
    many(4, on=date(2024, 3, 1), score=1)
    many(30, on=date(2024, 9, 1))
    for period in (Period(2024, 1), Period(2024, 2), Period(2024)):
        periods.lock_period(period, reader=Reader.at(people.kepala_balai, AFTER))
    client, public = enter(app, people.kepala_balai), enter(app, None)
    page = client.get("/backoffice/skm/?periode=2024").text
    assert "Angka tahun ini disamarkan" in page
    assert "Nilai per unsur" not in page
    assert "disamarkan" in page[page.index("IKM per periode") :]
    assert post(client, "/backoffice/skm/2024/laporan", {}).status_code == 302
    assert "kurang dari lima responden" in client.get("/backoffice/skm/?periode=2024").text
    refused = client.get("/backoffice/skm/2024/data", follow_redirects=True)
    assert "kurang dari lima responden" in refused.text
    assert client.get("/backoffice/skm/2024-S2/data").mimetype.endswith("sheet")
    assert "Semester II Tahun 2024" in public.get("/statistik").text
    assert "Tahun 2024</a>" not in public.get("/statistik").text.replace("Semester II Tahun", "")
    assert public.get("/statistik/skm/2024").status_code == 404
    assert public.get("/statistik/skm/2024-S2").status_code == 200


def test_a_year_shows_no_service_where_a_semester_hides_one(results):
    many(10, on=date(2024, 3, 1))
    many(6, on=date(2024, 3, 1), service="lab")
    many(10, on=date(2024, 9, 1))
    many(3, on=date(2024, 9, 1), service="lab")
    year = results(Period(2024))
    assert year.count == 29 and year.whole
    assert [item.ikm for item in year.services] == [None, None]
    assert all(item.ikm for item in results(Period(2024, 1)).services)


def test_two_small_semesters_keep_each_others_secret(results):
    many(3, on=date(2024, 3, 1))
    many(4, on=date(2024, 9, 1))
    assert results(Period(2024)).whole.count == 7
    assert [past.ikm for past in history_of([Period(2024, 1), PERIOD])] == [None, None]
    assert history_of([Period(2024)])[0].ikm.count == 7


def test_a_year_that_was_locked_without_its_semesters_learns_of_them(people, results):
    many(4, on=date(2024, 3, 1))
    many(9, on=date(2024, 9, 1))
    year = Period(2024)
    row = periods.lock_period(year, reader=Reader.at(people.kepala_balai, AFTER))
    old = json.loads(row.figures)
    del old["halves"]
    text = canonical_json(old)
    digest = hashlib.sha256(text.encode()).hexdigest()
    SurveyPeriod.update(figures=text, digest=digest).execute()
    assert results(year).is_intact
    assert results(year).is_covered
    assert history_of([year])[0].ikm is None


def test_figures_changed_together_with_their_digest_are_found_by_the_audit(people, results):
    many(9, on=date(2024, 9, 1))
    row = periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    assert periods.altered_periods() == []
    better = row.figures.replace('"33333333', '"44444444')
    digest = hashlib.sha256(better.encode()).hexdigest()
    SurveyPeriod.update(figures=better, digest=digest).execute()
    assert SurveyPeriod.get_by_id(row.id).is_intact
    assert periods.altered_periods() == ["2024-S2"]


def test_days_of_a_recap_leave_nobody_alone(people):
    many(20, on=date(2024, 8, 1))
    many(3, on=date(2024, 8, 20))
    many(6, on=date(2024, 10, 1), service="lab")
    assert index_of_days(Span(date(2024, 7, 1), date(2024, 12, 31))).count == 29
    assert index_of_days(Span(date(2024, 9, 1), date(2024, 12, 31))).count == 6
    # Three people lie between these days and the semester that everybody sees.
    assert index_of_days(Span(date(2024, 8, 1), date(2024, 8, 19))) is not None
    assert index_of_days(Span(date(2024, 8, 20), date(2024, 9, 30))) is None
    assert index_of_days(Span(date(2024, 8, 20), date(2024, 12, 31))) is not None
    assert index_of_days(Span(date(2024, 7, 1), date(2024, 12, 31)), service_code="lab").count == 6
