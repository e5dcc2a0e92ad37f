"""A period of the survey is locked by the head, once, and never changes."""

from datetime import timedelta

import pytest

from administration.audit import verify_history
from models import (
    Event,
    SurveyPeriod,
    SurveyResponse,
)
from outputs.survey import periods
from outputs.survey.figures import history_of
from tests.backoffice.reports.skm_samples import AFTER, PERIOD, answer, golden_answers
from tests.people import Person, enter, post
from workflow import Reader, Refused


def test_a_locked_period_never_changes(people, results):
    golden_answers()
    row = periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    before = results()
    for _ in range(10):
        answer([1] * 9)
    SurveyResponse.delete().where(SurveyResponse.demographics.contains("Laki")).execute()
    after = results()
    assert after.is_locked and after.is_intact
    assert after.whole == before.whole
    assert after.profile == before.profile
    assert history_of([PERIOD])[0].ikm == before.whole
    event = Event.get(Event.kind == "survey_locked")
    assert event.data["sha256"] == row.digest
    assert (event.actor_id, event.acted_for) == (people.kepala_balai.id, "kepala_balai")
    assert verify_history()[1] == []


def test_changed_frozen_figures_are_noticed(app, people, results):
    golden_answers()
    row = periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    better = row.figures.replace('"population":0', '"population":7')
    SurveyPeriod.update(figures=better).where(SurveyPeriod.id == row.id).execute()
    assert not results().is_intact
    page = enter(app, people.auditor).get("/backoffice/skm/?periode=2024-S2").text
    assert "Jangan gunakan angka ini" in page


@pytest.mark.parametrize("post_held", ["kasubag_tu", "staf_tu", "administrator", "auditor"])
def test_only_the_head_locks(people, post_held):
    with pytest.raises(Refused, match="Kepala Balai"):
        periods.lock_period(PERIOD, reader=Reader.at(people.staff[post_held], AFTER))
    assert not SurveyPeriod.select().where(SurveyPeriod.locked_at.is_null(False)).exists()


def test_a_period_is_locked_once_and_after_its_end(people):
    with pytest.raises(Refused, match="31 Des 2024"):
        periods.lock_period(
            PERIOD, reader=Reader.at(people.kepala_balai, AFTER - timedelta(days=30))
        )
    with pytest.raises(Refused, match="Belum ada jawaban"):
        periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    answer([3] * 9)
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    with pytest.raises(Refused, match="sudah dikunci"):
        periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    assert Event.select().where(Event.kind == "survey_locked").count() == 1


def test_head_locks_on_the_page_only_after_the_tick(app, people, results):
    golden_answers()
    client = enter(app, people.kepala_balai)
    refused = post(client, "/backoffice/skm/2024-S2/kunci")
    assert refused.status_code == 422
    assert "Centang pernyataan ini" in refused.text
    assert not results().is_locked
    done = post(client, "/backoffice/skm/2024-S2/kunci", {"sure": "y"}, follow_redirects=True)
    assert "Dikunci" in done.text
    assert results().is_locked


def test_an_empty_period_offers_no_lock(app, people):
    client = enter(app, people.kepala_balai)
    page = client.get("/backoffice/skm/?periode=2024-S2").text
    assert "tidak ada angka yang dapat dikunci" in page
    assert "Kunci Semester II" not in page
    post(client, "/backoffice/skm/2024-S2/kunci", {"sure": "y"})
    assert not Event.select().where(Event.kind == "survey_locked").exists()


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_missing_tick_is_noticed_before_the_question(chromium, live, people):
    golden_answers()
    head = Person(chromium, live)
    head.logs_in(people.kepala_balai.email)
    head.opens("/backoffice/skm/?periode=2024-S2")
    head.presses("Kunci Semester II Tahun 2024")
    assert head.page.evaluate("document.activeElement.id") == "sure"
    assert not head.page.locator("dialog[open]").count()
    head.page.check("#sure")
    head.presses("Kunci Semester II Tahun 2024")
    head.sees("Kunci tidak dapat dibuka lagi.")
    head.presses("Ya, lanjutkan")
    head.sees("sudah dikunci. Angkanya")
    head.leaves()
