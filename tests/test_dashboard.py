"""The dashboard says what the rows say, every figure opens its list, and nothing scans history."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from models.history import Event
from models.requests import Request
from models.workplace import StageFigure
from outputs.dashboard import FEWEST_EXAMPLES, forecast_of, load_of_desks, past_figures
from rules.histogram import size
from tests.people import advance, enter, file_request
from tests.test_queries import Counter
from workflow import figures
from workflow.catalogue import work_calendar

JULY = datetime(2024, 7, 1, tzinfo=UTC).date()


@pytest.fixture
def at(monkeypatch, now):
    """Pages believe that it is the day after the manual's example."""
    clock = {"now": now + timedelta(days=1)}
    for module in ("dashboard", "queue", "queue_filters", "card"):
        monkeypatch.setattr(f"backoffice.{module}.now", lambda: clock["now"])
    monkeypatch.setattr("portal.requests.now", lambda: clock["now"])
    return clock


@pytest.fixture
def world(people, runtime, now):
    """Finished requests of two weeks of July, some at a desk, one waiting for its customer."""
    for index in range(10):
        filed_at = now - timedelta(days=20 - index)
        filed = file_request(runtime, people.customer, now=filed_at, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        advance(filed, people, runtime, now=filed_at + timedelta(hours=index))
    for index, desk in enumerate(("", "DISPOSISI_KABALAI", "DISPOSISI_KABALAI", "SURVEI"), 20):
        filed = file_request(runtime, people.customer, now=now, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        if desk:
            advance(filed, people, runtime, now=now, until=desk)
    figures.refresh([JULY])


# -- figures -------------------------------------------------------------------------------------


def test_figures_equal_what_the_events_say(people, runtime, now, world):
    """Counted again from the events, by hand."""
    calendar, expected = work_calendar(), {}
    for request in Request.select():
        entered = request.submitted_at
        done = Event.select().where((Event.request == request) & (Event.kind == "stage_completed"))
        for event in done.order_by(Event.seq):
            days = float(calendar.working_days_between(entered, event.at))
            expected.setdefault(event.stage_code, []).append(round(days, 1))
            entered = event.at
    rows = {row.stage_code: row for row in StageFigure.select()}
    assert set(rows) == {*expected, ""}
    for stage, days in expected.items():
        row = rows[stage]
        assert row.passes == len(days)
        whole = [int(k) * n for part in (row.office, row.customer) for k, n in part.items()]
        assert sum(whole) / 10 == pytest.approx(sum(days), abs=0.11 * len(days)), stage
        mine = row.customer if stage == "SURVEI" else row.office
        assert sum(int(k) * n for k, n in mine.items()) == sum(whole), stage
    finished = Request.select().where(Request.office_done_at.is_null(False))
    assert rows[""].passes == finished.count() == size(rows[""].office)
    timely = finished.where(Request.office_done_at <= Request.due_at).count()
    assert rows[""].on_time == timely


def test_counting_twice_changes_nothing(people, runtime, now, world):
    before = list(
        StageFigure.select(StageFigure.stage_code, StageFigure.passes, StageFigure.office)
        .order_by(StageFigure.stage_code)
        .tuples()
    )
    figures.refresh(figures.recent_months(now, 3))
    after = list(
        StageFigure.select(StageFigure.stage_code, StageFigure.passes, StageFigure.office)
        .order_by(StageFigure.stage_code)
        .tuples()
    )
    assert after == before and before


def test_waiting_for_the_customer_is_not_the_offices_time(people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    waiting = advance(filed, people, runtime, now=now, until="SURVEI")
    advance(waiting, people, runtime, now=now + timedelta(days=7))
    figures.refresh([JULY, datetime(2024, 8, 1, tzinfo=UTC).date()])
    survey = StageFigure.get(StageFigure.stage_code == "SURVEI")
    assert survey.office == {"0": 1}
    assert [int(tenth) for tenth in survey.customer][0] >= 48


# -- load ----------------------------------------------------------------------------------------


def test_load_equals_the_rows(people, world, at):
    roles = ["admin_layanan", "kepala_balai", "pelanggan"]
    found = load_of_desks(Request.select(), roles, now=at["now"])
    desks = {desk.role: desk for desk in found}
    assert {role: desk.total for role, desk in desks.items()} == {
        "admin_layanan": 1, "kepala_balai": 2, "pelanggan": 1}  # fmt: skip
    assert desks["pelanggan"].ages["stopped"] == 1
    late = Request.select().where(
        (Request.waiting_role == "kepala_balai") & (Request.stage_due_at < at["now"])
    )
    assert desks["kepala_balai"].ages["late"] == late.count()


def links_with_figures(page: str) -> list[tuple[str, int]]:
    found = re.findall(r'<td class="m-num"><a href="([^"]+)">(\d+)</a>', page)
    return [(unescape(url), int(count)) for url, count in found]


def test_every_figure_opens_a_list_of_as_many(app, people, world, at):
    admin = enter(app, people.admin_layanan)
    page = admin.get("/backoffice/dasbor/").text
    links = links_with_figures(page)
    assert len(links) > 15
    for url, count in links:
        rows = re.search(r"of (\d+) records", admin.get(url).text)
        assert rows and int(rows[1]) == count, (url, count)
    for words in ("Hambatan terbesar Juli 2024", "Beban tiap pos sekarang", "Kepala Balai"):
        assert words in page
    assert page.count('role="img"') == 3 and page.count("<caption>") >= 4


def test_bottleneck_is_where_most_office_time_went(runtime, people, world, now):
    flows = [runtime.catalogue["data"].flow]
    past = past_figures(flows, today=now.date())
    assert past.bottleneck_month == "2024-07"
    assert past.bottleneck.office_total == max(one.office_total for one in past.stages)


def test_a_post_sees_its_own_desks_only(app, people, world, at):
    page = enter(app, people.pemangku_data).get("/backoffice/dasbor/").text
    assert "Pos Anda: Pemangku Data." in page
    assert "Disposisi Kepala Balai" not in page
    assert enter(app, people.administrator).get("/backoffice/dasbor/").status_code == 403


def test_dashboard_reads_no_history_and_a_fixed_number_of_queries(
    app, people, world, at, monkeypatch
):
    counter, client = Counter(monkeypatch), enter(app, people.kepala_balai)
    few = counter.of(client, "/backoffice/dasbor/")
    row = Request.select().dicts().first()
    Request.insert_many(
        {**{k: v for k, v in row.items() if k != "id"}, "public_id": f"P{n}", "number": f"P{n}",
         "number_key": f"P{n}", "idempotency_key": f"P{n}"} for n in range(200)
    ).execute()  # fmt: skip
    assert counter.of(client, "/backoffice/dasbor/") == few <= 9
    assert not [sql for sql in counter.statements if '"event"' in sql]
    of_requests = [sql for sql in counter.statements if 'FROM "request"' in sql]
    assert len(of_requests) == 1 and '"waiting_role" IN' in of_requests[0]


# -- forecasts -----------------------------------------------------------------------------------


def test_forecast_is_a_range_from_the_history_of_the_stage(app, people, runtime, world, at, now):
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


def test_customer_reads_a_range_and_staff_the_percentiles(app, people, runtime, now, at):
    rows = {str(10 + step * 10): 3 for step in range(5)}
    StageFigure.create(month="2024-06", service_code="data", subclass_code="data_informasi",
                       stage_code="TERIMA_ADMIN", passes=15, on_time=15, rest=rows)  # fmt: skip
    at["now"] = now
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
