"""Makers of a recap that are stopped, die or give back what they began."""

import signal
import threading
from datetime import datetime, timedelta

import pytest

import tasks
from config.background import huey
from models import ExportJob, Message
from outputs.recap import jobs
from storage.database import database
from tests.backoffice.reports.recap_samples import SITE, clock, make, ordered
from tests.people import (
    enter,
    post,
)


def test_a_cancelled_export_stops_and_leaves_nothing(app, people, runtime, many):
    job = ordered(app, people)

    def cancelling() -> datetime:
        """The owner thinks better of it while the rows are being written."""
        if ExportJob.get().state == "running":
            post(enter(app, people.staf_tu), f"/backoffice/rekap/berkas/{job.public_id}/batal")
        return clock()

    assert make(runtime, cancelling) == 0
    job = ExportJob.get()
    assert (job.state, job.sha256) == ("cancelled", "")
    assert not Message.select().where(Message.template == "rekap_siap").exists()
    client = enter(app, people.staf_tu)
    again = post(client, f"/backoffice/rekap/berkas/{job.public_id}/ulang", follow_redirects=True)
    assert "Menunggu giliran" in again.text
    assert make(runtime) == 1


def test_an_export_whose_maker_died_is_made_again(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    past = clock() - timedelta(seconds=1)

    def die(attempts: int) -> None:
        ExportJob.update(state="running", claim="x", lease_until=past, attempts=attempts).execute()

    ExportJob.update(state="running", claim="x", lease_until=clock() + jobs.LEASE).execute()
    assert not jobs.is_due(clock())
    assert make(runtime) == 0
    die(1)
    state = f"/backoffice/rekap/berkas/{job.public_id}/keadaan"
    assert "terhenti di tengah jalan" in enter(app, people.staf_tu).get(state).json["words"]
    assert jobs.is_due(clock())
    assert make(runtime) == 1
    # What kills its maker each time is given up in the end.
    die(jobs.MOST_ATTEMPTS)
    assert make(runtime) == 0
    job = ExportJob.get()
    assert job.state == "failed"
    page = enter(app, people.staf_tu).get(f"/backoffice/rekap/berkas/{job.public_id}").text
    assert "Persempit saringan" in page
    assert Message.select().where(Message.template == "rekap_gagal").count() == 1


def test_a_maker_whose_office_closes_gives_the_export_back(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    told: list[int] = []

    def is_ending() -> bool:
        """From the first rows on."""
        told.append(ExportJob.get_by_id(job.id).done)
        return len(told) > 1

    with pytest.raises(jobs.Ending):
        jobs.make_due(runtime.storage, base_url=SITE, clock=clock, is_ending=is_ending)
    job = ExportJob.get_by_id(job.id)
    assert (job.state, job.attempts, job.done, job.sha256) == ("queued", 0, 0, "")
    assert make(runtime) == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_maker_is_followed_by_another_at_once(app, people, runtime, many, how):
    job, makers = ordered(app, people), tasks.makers
    page = f"/backoffice/rekap/berkas/{job.public_id}/keadaan"
    maker = makers.start(runtime.settings)
    reaping = threading.Thread(target=tasks.reap_when_ended, args=(maker,))
    huey.flush()
    reaping.start()
    while ExportJob.get_by_id(job.id).state == "queued":
        assert maker.poll() is None
    # It waits with its next step for this row, so that it is killed halfway for certain.
    with database.atomic():
        ExportJob.update(error="").execute()
        assert ExportJob.get_by_id(job.id).state == "running"
        maker.send_signal(how)
        if how == signal.SIGKILL:
            maker.wait(60)
    assert maker.wait(60) == (-how if how == signal.SIGKILL else 1)
    reaping.join(60)
    # Whoever could give it back has done so, and leaves it to the sweep: it is about to end.
    rung = ["make_exports"] if how == signal.SIGKILL else []
    assert [task.name for task in huey.pending()] == rung
    huey.flush()
    assert jobs.is_due(clock())
    found = enter(app, people.staf_tu).get(page).json
    assert (found["state"], found["done"]) == ("queued", 0)
    assert ("tadi terhenti" in found["words"]) == (how == signal.SIGKILL)
    assert makers.start(runtime.settings).wait(60) == 0
    job = ExportJob.get_by_id(job.id)
    assert (job.state, job.done) == ("ready", many)
    assert Message.select().where(Message.template == "rekap_siap").count() == 1


@pytest.mark.slow
def test_a_process_of_its_own_makes_the_file(app, people, runtime, many):
    job = ordered(app, people)
    makers = jobs.Makers()
    assert makers.start(runtime.settings).wait(60) == 0
    assert makers.reap() == 0
    job = ExportJob.get_by_id(job.id)
    assert (job.state, job.done) == ("ready", many)
    assert runtime.storage.path(job.sha256).stat().st_size == job.size
