"""When a request will be done, from the history of its stages."""

from datetime import timedelta

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


def test_customer_reads_a_range_and_staff_the_percentiles(app, people, runtime, now, clock):
    rows = {str(10 + step * 10): 3 for step in range(5)}
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=15, on_time=15, rest=rows)  # fmt: skip
    clock.set(now)
    filed = file_request(runtime, people.customer, now=now)
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    # Half took up to 3 working days from Monday 29 July, four in five up to 4.
    assert "kemungkinan selesai antara Kamis, 1 Agu 2024 dan Jumat, 2 Agu 2024" in page
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{filed.public_id}").text
    assert "Kamis, 1 Agu 2024 (P50)" in card and "Jumat, 2 Agu 2024 (P80)" in card
    assert "15 permohonan sejenis" in card


def test_no_forecast_from_a_handful_or_once_the_office_is_done(people, runtime, now):
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=3, on_time=3, rest={"20": 3})  # fmt: skip
    filed = file_request(runtime, people.customer, now=now)
    assert forecast_of(filed, work_calendar(), now=now) is None
    StageFigure.update(rest={"20": 30}).execute()
    assert forecast_of(filed, work_calendar(), now=now).examples == 30
    done = advance(filed, people, runtime, now=now, until="SURVEI")
    assert forecast_of(done, work_calendar(), now=now) is None
