"""Leap days, ends of years and months; tabs of one survey; officials who left with a mandate."""

from datetime import UTC, datetime

import pytest

from models import LoginSession, Mandate, SurveyReceipt, SurveyResponse
from tests.people import enter, file_request, post
from tests.web import kept_steps as steps
from tests.web.kept_steps import opens, sends

# In UTC; the office is eight hours ahead.
EDGES = (
    datetime(2028, 2, 28, 16, 0, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 15, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC),
    datetime(2027, 3, 31, 3, 0, tzinfo=UTC),
    datetime(2028, 8, 31, 15, 59, 59, tzinfo=UTC),
    datetime(2025, 2, 28, 20, 0, tzinfo=UTC),
    datetime(2032, 2, 29, 3, 0, tzinfo=UTC),
    datetime(2028, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC),
    datetime(2027, 1, 2, 13, 0, tzinfo=UTC),
)


@pytest.mark.parametrize("at", EDGES)
def test_pages_that_count_months_stand_at_the_edges(app, people, runtime, clock, at):
    clock.set(at)
    file_request(runtime, people.customer, now=at)
    head, visitor = enter_at(app, people.kepala_balai), app.test_client()
    for address in (
        "/backoffice/dasbor/",
        "/backoffice/rekap/",
        "/backoffice/skm/",
        "/backoffice/",
    ):
        assert head.get(address, follow_redirects=True).status_code == 200, address
    assert visitor.get("/statistik").status_code == 200
    assert enter_at(app, people.customer).get("/layanan/rekap").status_code == 200


def enter_at(app, user):
    """Log-ins of the tests begin by the machine's clock, which may be years before."""
    client = enter(app, user)
    LoginSession.update(expires_at=datetime(2040, 1, 1, tzinfo=UTC)).execute()
    return client


@pytest.mark.parametrize("tabs", [2, 3, 4])
def test_survey_of_several_tabs_counts_once(app, people, runtime, now, clock, tabs):
    case = steps.survey(people, runtime, now)
    client = enter(app, people.customer)
    forms = [opens(client, case) for _ in range(tabs)]
    answers = [sends(client, case, form) for form in forms]
    assert {answer.status_code for answer in answers} == {302}
    assert "sudah Anda isi" in client.get(answers[-1].headers["Location"]).text
    assert SurveyReceipt.select().count() == SurveyResponse.select().count() == 1


@pytest.mark.parametrize("post_name", ["kasubag_tu", "ketua_tim", "kepala_balai"])
def test_official_with_a_mandate_is_not_closed_without_a_word(app, people, now, clock, post_name):
    acting = people.pemangku_data
    on = now.date()
    Mandate.create(role_code=post_name, kind="plt", acting=acting, letter="SP/1", from_on=on,
                   until_on=on, created_at=now)  # fmt: skip
    client = enter(app, people.administrator)
    address = f"/backoffice/petugas/edit/?id={acting.id}"
    form = {"name": acting.name, "email": acting.email, "posts": "pemangku_data", "phone": ""}
    page = post(client, address, form)
    assert page.status_code == 200 and "Plt." in page.text
    acting = type(acting).get_by_id(acting.id)
    assert acting.active
