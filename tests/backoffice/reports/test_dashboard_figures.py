"""The dashboard's figures, against a second count of events and rows."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

import workflow
from administration import figures
from backoffice.requests.queue_filters import OUTCOMES
from models import Event, Request, StageFigure
from moves.catalogue import work_calendar
from outputs.dashboards.figures import load_of_desks, past_figures
from rules.histogram import size
from tests.backoffice.reports.dashboard_samples import FIGURE, JULY
from tests.people import advance, enter, file_request
from workflow import Reader

REASON = "Disposisinya keliru alamat."


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


def test_load_equals_the_rows(people, world, clock):
    roles = ["admin_layanan", "kepala_balai", "pelanggan"]
    found = load_of_desks(Request.select(), roles, now=clock.now)
    desks = {desk.role: desk for desk in found}
    assert {role: desk.total for role, desk in desks.items()} == {
        "admin_layanan": 1, "kepala_balai": 2, "pelanggan": 1}  # fmt: skip
    assert desks["pelanggan"].ages["stopped"] == 1
    late = Request.select().where(
        (Request.waiting_role == "kepala_balai") & (Request.stage_due_at < clock.now)
    )
    assert desks["kepala_balai"].ages["late"] == late.count()


LINK = re.compile(r'href="(/backoffice/[?][^"]+)" title="(\d+) permohonan"')


def count_behind(client, url: str) -> int:
    rows = re.search(r"Menampilkan \d+–\d+ dari (\d+)", client.get(unescape(url)).text)
    return int(rows[1]) if rows else 0


def test_every_figure_opens_a_list_of_as_many(app, people, world, clock):
    admin = enter(app, people.admin_layanan)
    page = admin.get("/backoffice/dasbor/").text
    bare = {words for url, _, words in FIGURE.findall(page) if not url}
    # What isn't there has no list.
    assert bare <= {"0", "–", "0,0\u00a0%"}, bare
    links = LINK.findall(page)
    assert len(links) == 53
    behind = {url: count_behind(admin, url) for url in {url for url, _ in links}}
    wrong = [(url, count) for url, count in links if behind[url] != int(count)]
    assert wrong == []
    shown = [
        (count, words) for url, count, words in FIGURE.findall(page) if words.isdigit() and url
    ]
    assert shown and all(count == words for count, words in shown)
    for label in ("sedang berjalan", "terlambat di tahapnya"):
        url, count = re.search(rf'href="([^"]+)"><strong>(\d+)</strong>{label}', page).groups()
        assert count_behind(admin, url) == int(count), label
    for words in ("Hambatan terbesar Juli 2024", "Beban tiap pos sekarang", "Kepala Balai"):
        assert words in page
    assert page.count('role="img"') == 3 and page.count("<caption>") >= 4


def test_the_share_of_a_stage_opens_what_was_in_time_and_what_was_late(
    app, people, runtime, world, clock, now
):
    for index, desk in enumerate(("DISPOSISI_KABALAI", "LAPORAN_KE_PETUGAS"), 90):
        filed_at = now - timedelta(days=18)
        filed = file_request(runtime, people.customer, now=filed_at, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        filed = advance(filed, people, runtime, now=filed_at, until=desk)
        advance(filed, people, runtime, now=filed_at + timedelta(days=7))
    figures.refresh([JULY])
    flow, calendar = runtime.catalogue["data"].flow, work_calendar()
    client = enter(app, people.kepala_balai)
    page = unescape(client.get("/backoffice/dasbor/").text)
    seen = 0
    for stage in flow.stages[1:]:
        done = Event.select(Event, Request).join(Request)
        done = done.where((Event.kind == "stage_completed") & (Event.stage_code == stage.code))
        took = {event.request.subject: float(calendar.working_days_between(
            event.request.submitted_at, event.at)) for event in done}  # fmt: skip
        promised = float(flow.stage_days(stage, "data_informasi"))
        for outcome, expected in (
            ("tepat", {subject for subject, days in took.items() if days <= promised}),
            ("terlambat", {subject for subject, days in took.items() if days > promised}),
        ):
            # The bottleneck's month is all there is, so that its list is the same.
            place = rf"passed=data%3A{stage.code}%40[\d_-]+&passed_as={outcome}"
            found = re.findall(rf'href="(/backoffice/[^"]*{place})" title="(\d+) perm', page)
            assert len(found) >= bool(expected), (stage.code, outcome)
            for url, count in found:
                listed = client.get(url).text
                assert set(re.findall(r"<strong>(Perihal \d+)</strong>", listed)) == expected
                assert len(expected) == int(count)
                assert OUTCOMES[outcome] + " di tahap itu" in listed
                seen |= 1 << (outcome == "tepat")
    # Both were there, or this would prove nothing.
    assert seen == 3


def test_what_was_sent_back_counts_once_where_it_passed_last(app, people, runtime, now, clock):
    filed = file_request(runtime, people.customer, now=now)
    filed = advance(filed, people, runtime, now=now, until="VERIFIKASI_DATA")
    farthest = next(choice for choice in workflow.choices(filed, Reader.at(people.ketua_tim, now))
                    if choice.code == "return").inputs[0].options[-2]  # fmt: skip
    filed = workflow.act(
        filed,
        "return",
        reader=Reader.at(people.ketua_tim, now),
        version=filed.version,
        inputs={"reason": REASON, "to": farthest, "tell": "Tidak"},
    )
    figures.refresh([JULY])
    assert StageFigure.get(StageFigure.stage_code == "DISPOSISI_KABALAI").month == "2024-07"
    clock.set(now + timedelta(days=40))
    advance(filed, people, runtime, now=now + timedelta(days=35), until="VERIFIKASI_DATA")
    months = figures.months_to_recount(clock.now)
    assert [f"{month:%Y-%m}" for month in months] == ["2024-07", "2024-08", "2024-09"]
    figures.refresh(months)
    again = StageFigure.select().where(StageFigure.stage_code == "DISPOSISI_KABALAI")
    assert [(row.month, row.passes) for row in again] == [("2024-09", 1)]
    client = enter(app, people.kepala_balai)
    links = LINK.findall(client.get("/backoffice/dasbor/").text)
    assert links and all(count_behind(client, url) == int(count) for url, count in links)


def test_lists_of_the_past_are_not_offered_to_a_post_that_may_not_read_them(
    app, people, world, clock
):
    client = enter(app, people.pemangku_data)
    page = client.get("/backoffice/dasbor/").text
    assert "daftarnya tidak dibuka di sini" in page
    links = LINK.findall(page)
    assert all(count_behind(client, url) == int(count) for url, count in links)
    assert "passed=" not in page and "done=" not in page
    for label in ("sedang berjalan", "terlambat di tahapnya"):
        url, count = re.search(rf'href="([^"]+)"><strong>(\d+)</strong>{label}', page).groups()
        assert count_behind(client, url) == int(count), label


# -- paper ---------------------------------------------------------------------------------------


def test_bottleneck_is_where_most_office_time_went(runtime, people, world, now):
    flows = [runtime.catalogue["data"].flow]
    past = past_figures(flows, today=now.date())
    assert past.bottleneck_month == "2024-07"
    assert past.bottleneck.office_total == max(one.office_total for one in past.stages)
