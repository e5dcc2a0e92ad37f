"""Recaps that are sent on a day of every month, whatever happens to the task that orders them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models import ChangeRecord, ExportJob, Message, RecapSchedule
from outputs.recap import jobs, schedules
from tests.backoffice.reports.recap_samples import SITE, open_book, table
from tests.people import enter, post

PAGE = "/backoffice/rekap/jadwal/"
ON = datetime(2024, 8, 5, 1, tzinfo=UTC)


@pytest.fixture
def monthly(app, people, clock):
    """Staf TU has last month's recap sent to Kasubag and to the head on the fifth of each month."""
    given = {"title": "Rekap bulanan", "period": "bulan-lalu", "by": "diajukan", "service": "",
             "format": "xlsx", "day_of_month": "5",
             "recipients": [one.public_id for one in (people.kasubag_tu, people.kepala_balai)],
             }  # fmt: skip
    made = post(enter(app, people.staf_tu), PAGE, given, follow_redirects=True)
    assert "dikirim mulai 5 Agu 2024" in made.text
    return RecapSchedule.get()


def test_it_comes_on_its_day_once_with_the_months_it_means(app, people, runtime, several, monthly):
    assert schedules.order_due(now=ON - timedelta(days=1)) == 0
    assert schedules.order_due(now=ON) == 2
    # Twice at once, and again later in the day.
    assert schedules.order_due(now=ON) == schedules.order_due(now=ON + timedelta(hours=9)) == 0
    assert {job.owner_id for job in ExportJob} == {people.kasubag_tu.id, people.kepala_balai.id}
    # Made late, it still holds July: what was filed since isn't in it.
    late = ON + timedelta(days=40)
    assert jobs.make_due(runtime.storage, base_url=SITE, clock=lambda: late) == 2
    told = Message.get((Message.template == "rekap_terjadwal")
                       & (Message.recipient == people.kasubag_tu))  # fmt: skip
    assert told.variables["judul"] == "Rekap bulanan" and told.variables["jumlah"] == "2"
    link = f"{told.variables['tautan']}/isi"
    assert "/masuk" in app.test_client().get(link).headers["Location"]
    assert enter(app, people.kepala_balai).get(link).status_code == 404
    ExportJob.update(expires_at=datetime(2100, 1, 1, tzinfo=UTC)).execute()
    rows = table(open_book(enter(app, people.kasubag_tu).get(link))["Data"])
    assert {f"{row['TANGGAL PENGAJUAN']:%Y-%m}" for row in rows} == {"2024-07"}


def test_days_without_a_worker_are_made_up(app, people, monthly):
    assert schedules.order_due(now=ON + timedelta(days=65)) == 6
    spans = sorted({job.arguments.split("since=")[1][:10] for job in ExportJob})
    assert spans == ["2024-07-01", "2024-08-01", "2024-09-01"]
    assert RecapSchedule.get().last_due_on == date(2024, 10, 5)


def test_who_may_see_it_no_more_gets_none(app, people, monthly):
    people.kasubag_tu.hold_posts(["penguji"])
    assert schedules.order_due(now=ON) == 1
    assert ExportJob.get().owner_id == people.kepala_balai.id


def test_anybody_who_may_ends_it_and_both_are_in_the_trail(app, people, monthly):
    client = enter(app, people.kasubag_tu)
    assert "Petugas kasubag_tu" in client.get(PAGE).text
    post(client, f"{PAGE}{monthly.public_id}/akhiri")
    assert "Belum ada rekap" in client.get(PAGE).text
    assert schedules.order_due(now=ON) == 0
    trail = [change.after for change in ChangeRecord.select().order_by(ChangeRecord.id)]
    assert trail[0]["recipients"] and trail[1] == {"ended": True}
    reader = enter(app, people.auditor)
    assert reader.get(PAGE).status_code == 200 and "Simpan jadwal" not in reader.get(PAGE).text


@pytest.mark.parametrize("day", [1, 28])
def test_the_next_day_follows_the_month(day):
    row = RecapSchedule(day_of_month=day)
    on = date(2024, 12, 31)
    assert schedules.next_day(row, on) == date(2025, 1, day)
    assert schedules.next_day(row, date(2025, 1, day)) == date(2025, 2, day)
