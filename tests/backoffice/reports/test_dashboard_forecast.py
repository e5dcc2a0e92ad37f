"""When a request will be done, from the history of its stages."""

from datetime import timedelta

import pytest

from models import Request, StageFigure
from moves.catalogue import work_calendar
from outputs.dashboards.figures import FEWEST_EXAMPLES, forecast_of
from rules.histogram import size
from tests.people import advance, enter, file_request


def test_forecast_is_a_range_from_the_history_of_the_stage(app, people, runtime, world, clock, now):
    running = Request.get(Request.waiting_role == "admin_layanan")
    row = StageFigure.get(StageFigure.stage_code == "TERIMA_ADMIN")
    assert size(row.rest) >= FEWEST_EXAMPLES
    found = forecast_of(running, work_calendar(), now=now + timedelta(minutes=5))
    assert found.examples <= size(row.rest) and now.date() <= found.early_on <= found.late_on
    # What took less than it has waited already says nothing about it.
    rest = sorted(int(k) / 10 for k, n in row.rest.items() for _ in range(n))
    later = forecast_of(running, work_calendar(), now=now + timedelta(minutes=200))
    if later:
        assert later.examples <= len(rest) and later.early_on >= found.early_on


def foreseen(first: int, step: int) -> None:
    """Five times in tenths of a working day, three requests each."""
    rows = {str(first + number * step): 3 for number in range(5)}
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=15, on_time=15, rest=rows)  # fmt: skip


def test_customer_reads_a_range_and_staff_the_percentiles(app, people, runtime, now, clock):
    foreseen(10, 5)
    clock.set(now)
    filed = file_request(runtime, people.customer, now=now)
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    # Half took up to 2 working days from Monday 29 July, four in five up to 2.5.
    assert "kemungkinan selesai antara Rabu, 31 Jul 2024 dan Kamis, 1 Agu 2024" in page
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{filed.public_id}").text
    assert "Rabu, 31 Jul 2024 (P50)" in card and "Kamis, 1 Agu 2024 (P80)" in card
    assert "15 permohonan sejenis" in card
    assert "melewati janji" not in card


@pytest.mark.parametrize(("first", "how"), [(10, "Berisiko"), (20, "Kemungkinan besar")])
def test_a_promise_that_will_break_is_told_to_staff_and_no_second_date_to_the_customer(
    app, people, runtime, now, clock, first, how
):
    """Promised for Thursday 1 August; half took up to 2 or 3 days, four in five one more."""
    foreseen(first, 10)
    clock.set(now)
    filed = file_request(runtime, people.customer, now=now)
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    assert "kemungkinan selesai" not in page and "Kamis, 1 Agu 2024" in page
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{filed.public_id}").text
    assert f"{how} melewati janji Kamis, 1 Agu 2024" in card
    assert "m-headline is-soon" in card


def test_no_forecast_from_a_handful_or_once_the_office_is_done(people, runtime, now):
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=3, on_time=3, rest={"20": 3})  # fmt: skip
    filed = file_request(runtime, people.customer, now=now)
    assert forecast_of(filed, work_calendar(), now=now) is None
    StageFigure.update(rest={"20": 30}).execute()
    assert forecast_of(filed, work_calendar(), now=now).examples == 30
    done = advance(filed, people, runtime, now=now, until="SURVEI")
    assert forecast_of(done, work_calendar(), now=now) is None
