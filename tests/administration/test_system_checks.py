"""Would the administrator find out? Each failure is a trouble of its own part, and no other is."""

import os
import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import timedelta

import pytest

import tasks
from administration.system_checks import further_checks, vital_checks
from config import sightings
from messages.health import note_down
from messages.watcher import Watcher, beat
from models import (
    Backup,
    Document,
    DocumentFailure,
    ExportJob,
    Heartbeat,
    Holiday,
    Installation,
    Maintenance,
)
from storage.database import database
from storage.files import LocalStorage
from storage.outage import outage
from tests.messages.carriers import customer, tell
from tests.people import enter, file_request


@pytest.fixture
def healthy(people, runtime, now):
    """All lives, nothing waits."""
    for name in ("web:a", "worker:a", "work"):
        beat(name, now)
    runtime.storage.root.joinpath("tmp").mkdir(exist_ok=True)


def troubles(runtime, now, **changed) -> dict[str, str]:
    settings = replace(runtime.settings, **changed)
    checks = vital_checks(settings, runtime.storage, now=now)
    checks += further_checks(settings, runtime.storage, now=now)
    assert all(check.advice for check in checks if check.trouble)
    return {check.code.partition(":")[0]: check.trouble for check in checks if check.trouble}


def test_nothing_is_wrong_with_what_is_well(healthy, runtime, now):
    # The holidays of the test's year aren't all there.
    assert troubles(runtime, now).keys() <= {"holidays"}


@pytest.mark.parametrize("seconds", [61, 3600, 100_000])
def test_a_dead_worker(healthy, runtime, now, seconds):
    Heartbeat.update(seen_at=now - timedelta(seconds=seconds)).where(
        Heartbeat.name == "worker:a"
    ).execute()
    assert "Pekerja latar tidak berjalan" in troubles(runtime, now)["worker"]


def test_one_of_two_workers_and_one_of_two_hosts(healthy, runtime, now):
    for part in ("web", "worker"):
        beat(f"{part}:b", now - timedelta(minutes=2))
    found = troubles(runtime, now)
    assert "di b berhenti" in found["worker"] and "di b berhenti" in found["web"]


def test_a_worker_that_lives_and_does_nothing(healthy, runtime, now):
    beat("work", now - timedelta(minutes=6))
    assert "tidak bekerja" in troubles(runtime, now)["work"]


def test_what_rests_in_a_maintenance_is_no_trouble_until_it_had_time_again(healthy, runtime, now):
    beat("work", now - timedelta(minutes=31))
    running = Maintenance.create(began_at=now - timedelta(minutes=32))
    assert "work" not in troubles(runtime, now)
    # A worker that is dead, though, is one then too.
    assert "worker" in troubles(runtime, now + timedelta(minutes=2))
    running.ended_at = now - timedelta(minutes=4)
    running.save()
    assert "work" not in troubles(runtime, now)
    running.ended_at = now - timedelta(minutes=6)
    running.save()
    assert "tidak bekerja" in troubles(runtime, now)["work"]


def test_a_channel_that_is_down_tells_in_place_of_its_messages(healthy, runtime, now):
    person = customer("baik@contoh.test", "+628120000001")
    waiting = tell(person, "email", "E1", now - timedelta(minutes=11))
    waiting.queued_at = now - timedelta(minutes=11)
    waiting.save()
    assert "1 pesan menunggu" in troubles(runtime, now)["messages"]
    note_down("email", "SMTP menolak kredensial (535).", now=now, faults=3)
    found = troubles(runtime, now)
    assert "SMTP menolak kredensial" in found["channel"] and "messages" not in found


def test_little_disk(healthy, runtime, now, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 2**20))
    assert "Ruang disk" in troubles(runtime, now)["disk"]


def test_another_databases_files_and_a_folder_that_takes_none(healthy, runtime, now, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "tidak dapat ditulisi" in troubles(runtime, now)["store"]
    Installation.update(store_id="lain").execute()
    assert "bukan milik" in troubles(runtime, now)["store"]


def test_a_lost_file(healthy, app, people, runtime, now, clock):
    filed = file_request(runtime, people.customer, now=now)
    letter = Document.get((Document.request == filed) & (Document.kind == "pendukung"))
    path = runtime.storage.path(letter.sha256)
    kept = path.read_bytes()
    path.unlink()
    assert enter(app, people.admin_layanan).get(f"/dokumen/{letter.public_id}").status_code == 500
    assert "1 berkas hilang atau berubah" in troubles(runtime, clock.now)["damage"]
    path.write_bytes(kept)
    assert "damage" not in troubles(runtime, clock.now)


def test_a_sweep_that_refused(healthy, runtime, now, tmp_path):
    foreign = LocalStorage(tmp_path / "lain")
    foreign.mark("lain")
    tasks.sweep_files(foreign, released=(), now=now)
    assert "menolak menghapus" in troubles(runtime, now)["sweep"]
    assert "sweep" not in troubles(runtime, now + timedelta(hours=27))


def test_backups(healthy, runtime, now):
    assert "backup" not in troubles(runtime, now)  # a demo needs none
    assert "Belum pernah" in troubles(runtime, now, mode="production")["backup"]
    at = now - timedelta(hours=37)
    Backup.create(began_at=at, finished_at=at, target="/cadangan")
    assert "yang terakhir dari" in troubles(runtime, now, mode="production")["backup"]
    assert "backup" not in troubles(runtime, now, mode="production", backup_hours=0)
    Backup.create(began_at=now, finished_at=now, target="/cadangan", error="disk penuh")
    assert "backup" in troubles(runtime, now, mode="production")
    Backup.create(began_at=now, finished_at=now, target="/cadangan")
    assert "backup" not in troubles(runtime, now, mode="production")


def test_stuck_exports(healthy, people, runtime, now):
    ExportJob.create(owner=people.staf_tu, format="csv", arguments="",
                     created_at=now - timedelta(minutes=31))  # fmt: skip
    assert "1 berkas Rekap" in troubles(runtime, now)["exports"]


def test_missing_holidays(healthy, runtime, now):
    with database.atomic() as kept:
        Holiday.delete().execute()
        assert "2024" in troubles(runtime, now)["holidays"]
        kept.rollback()


def test_documents_that_fail_and_documents_nobody_makes(healthy, people, runtime, now):
    file_request(runtime, people.customer, now=now)
    later = now + timedelta(minutes=31)
    for name in ("web:a", "worker:a", "work"):
        for second in range(0, 31 * 60 + 1, 20):
            beat(name, now + timedelta(seconds=second))
    assert "belum dibuat" in troubles(runtime, later)["documents"]
    receipt = Document.get(Document.sha256 == "")
    DocumentFailure.create(document=receipt, attempts=6, failed_at=now, next_attempt_at=later)
    assert "1 dokumen tidak dapat dibuat" in troubles(runtime, later)["documents"]


def test_what_waited_before_the_worker_began_is_given_time(healthy, people, runtime, now):
    """A demo that was just written, a backup brought back, a server that was off for a night."""
    file_request(runtime, people.customer, now=now)
    began = now + timedelta(hours=9)
    for name in ("web:a", "worker:a", "work"):
        beat(name, began)
    assert "documents" not in troubles(runtime, began)
    for second in range(0, 31 * 60 + 1, 20):
        at = began + timedelta(seconds=second)
        for name in ("web:a", "worker:a", "work"):
            beat(name, at)
    assert "belum dibuat" in troubles(runtime, at)["documents"]


def test_a_clock_that_is_set_crashes_and_slow_pages(db, runtime, clock):
    sightings.take()
    watcher = Watcher(runtime.settings, {})
    watcher._clock.jumped(clock.now)
    clock.forward(days=765)
    sightings.note(sightings.CRASHED)
    sightings.note(sightings.BUSY)
    found = {check.code.partition(":")[0]: check.trouble for check in watcher._seen_here(clock.now)}
    assert "meloncat maju 765 hari" in found["clock"]
    assert "1 halaman gagal" in found["crash"] and "sibuk atau terkunci" in found["slow"]
    clock.forward(days=-765)
    again = {check.code.partition(":")[0]: check.trouble for check in watcher._seen_here(clock.now)}
    assert "mundur" in again["clock"] and not again["crash"]
    outage.note_back()
