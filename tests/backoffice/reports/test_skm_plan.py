"""Plans that follow from the survey: written and followed by the staff."""

from datetime import date

import pytest

from models import (
    ActionPlan,
    Event,
)
from outputs.survey import periods
from outputs.survey.periods import Plan
from rules.periods import Period, parse_period
from tests.backoffice.reports.skm_samples import AFTER, EVIL, PERIOD, golden_answers
from tests.people import enter, post
from workflow import Reader

PLAN = {
    "element": "U3",
    "program": "Menambah pemangku data",
    "due_on": "2025-06-30",
    "responsible": "Ketua Tim Layanan",
    "status": "rencana",
    "note": "",
}


def test_staff_write_and_follow_a_plan_even_after_the_lock(app, people):
    golden_answers()
    periods.lock_period(PERIOD, reader=Reader.at(people.kepala_balai, AFTER))
    client = enter(app, people.staf_tu)
    made = post(client, "/backoffice/skm/2024-S2/rencana", PLAN, follow_redirects=True)
    assert "Menambah pemangku data" in made.text
    plan = ActionPlan.get()
    assert (plan.element, plan.due_on, plan.updated_by) == ("U3", date(2025, 6, 30), people.staf_tu)
    address = f"/backoffice/skm/2024-S2/rencana/{plan.public_id}"
    assert 'value="2025-06-30"' in client.get(address).text
    changed = PLAN | {"status": "selesai", "note": EVIL}
    page = post(client, address, changed, follow_redirects=True).text
    assert 'data-label="Status">Selesai</td>' in page
    written = Event.select().where(Event.kind == "survey_plan_written").order_by(Event.id)
    events = [event.data for event in written]
    assert [event["status"] for event in events] == ["rencana", "selesai"]
    assert events[1]["fields"] == ["note", "status"]


@pytest.mark.parametrize("wrong", [{"due_on": "besok"}, {"due_on": "0025-01-30"},
                                   {"responsible": "  "}])  # fmt: skip
def test_a_wrong_plan_keeps_what_was_typed(app, people, wrong):
    client = enter(app, people.kasubag_tu)
    page = post(client, "/backoffice/skm/2024-S2/rencana", PLAN | wrong)
    assert page.status_code == 422
    assert "Menambah pemangku data" in page.text
    assert not ActionPlan.select().exists()


def test_a_plan_of_another_period_is_not_found(app, people, now):
    plan = periods.write_plan(
        PERIOD,
        Plan("U1", "Apa", date(2025, 1, 1), "Kasubag TU"),
        reader=Reader.at(people.kasubag_tu, now),
    )
    client = enter(app, people.kasubag_tu)
    assert client.get(f"/backoffice/skm/2024-S1/rencana/{plan.public_id}").status_code == 404


def test_leaders_read_and_do_not_plan(app, people):
    for held in ("ketua_tim", "kepala_balai", "auditor", "administrator"):
        client = enter(app, people.staff[held])
        assert client.get("/backoffice/skm/").status_code == 200
        assert client.get("/backoffice/skm/2024-S2/rencana").status_code == 403
    assert enter(app, people.penguji).get("/backoffice/skm/").status_code == 403


@pytest.mark.parametrize("code", ["2024-S3", "abc", "2024-S", "²024", "1999", "2024-S1'"])
def test_a_period_that_does_not_exist(app, people, code):
    client = enter(app, people.kepala_balai)
    assert client.get(f"/backoffice/skm/?periode={code}").status_code == 404
    assert post(client, f"/backoffice/skm/{code}/laporan", {}).status_code == 404
    assert parse_period("2024-S1") == Period(2024, 1)
