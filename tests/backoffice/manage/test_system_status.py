"""Keadaan Sistem: what is wrong, what helps, and what an administrator can do about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

import tasks
from config.version import version
from messages.alarms import note, tell
from messages.watcher import beat
from models import (
    Document,
    DocumentFailure,
    ExportJob,
    Trouble,
)
from outputs.recap import jobs
from tests.people import enter, file_request, post
from tests.test_queries import Counter

PAGE = "/backoffice/keadaan-sistem/"


@pytest.fixture
def healthy(people, runtime, clock):
    for name in ("web:a", "worker:a", "work"):
        beat(name, clock.now)


@pytest.fixture
def administrator(app, people):
    return enter(app, people.administrator)


def test_all_parts_the_version_and_who_is_told(healthy, administrator):
    page = administrator.get(PAGE).text
    for words in ("Pekerja latar", "Penyimpanan berkas", "Cadangan", "Saluran WhatsApp", "Antrean",
                  f"MELASTI {version()}", "Belum ada yang diberi tahu",
                  "Belum ada gangguan yang tercatat"):  # fmt: skip
        assert words in page, words


def test_who_is_told_is_counted_and_not_named(healthy, administrator, app, runtime, monkeypatch):
    told = replace(runtime.settings, alarm_email=("budi@balai.go.id",), alarm_phone=("0812345678",))
    monkeypatch.setitem(app.extensions, "melasti", replace(runtime, settings=told))
    page = administrator.get(PAGE).text
    assert "1 alamat email dan 1 alamat WhatsApp" in page and "budi@" not in page


def test_a_trouble_says_what_helps_and_since_when(healthy, administrator, runtime, clock):
    clock.forward(minutes=2)
    from administration.system_checks import vital_checks

    checks = vital_checks(runtime.settings, runtime.storage, now=clock.now)
    note(checks, now=clock.now)
    page = administrator.get(PAGE).text
    assert "Pekerja latar tidak berjalan" in page and "run.py worker" in page
    assert "Terlihat sejak 29 Jul 2024 12:59 WITA" in page
    clock.forward(minutes=1)
    tell(runtime.settings, now=clock.now)
    beat("worker:a", clock.now)
    note([replace(check, trouble="") for check in checks], now=clock.now)
    page = administrator.get(PAGE).text
    assert "Pekerja latar tidak berjalan" in page.partition("Riwayat gangguan")[2]
    assert Trouble.get(Trouble.code == "worker").ended_at


def test_documents_are_tried_again(healthy, administrator, people, runtime, clock):
    file_request(runtime, people.customer, now=clock.now)
    Document.update(sha256="").where(Document.kind == "tanda_terima").execute()
    receipt = Document.get(Document.sha256 == "")
    later = clock.now + timedelta(hours=1)
    DocumentFailure.create(document=receipt, attempts=6, failed_at=clock.now,
                           next_attempt_at=later, error="ValueError di x.py:1")  # fmt: skip
    page = administrator.get(PAGE).text
    assert receipt.public_id in page and "6 kali" in page and "ValueError di x.py:1" in page
    make = {"base_url": "http://localhost", "now": clock.now}
    assert tasks.make_pending_documents(runtime.storage, **make) == 0
    answer = post(administrator, f"{PAGE}dokumen")
    assert answer.status_code == 302
    assert "1 dokumen dicoba lagi" in administrator.get(PAGE).text
    assert tasks.make_pending_documents(runtime.storage, **make) == 1
    assert receipt.public_id not in administrator.get(PAGE).text


@pytest.mark.parametrize("state", ["failed", "queued", "running"])
def test_an_export_is_begun_again(healthy, administrator, people, clock, state):
    long_ago = clock.now - timedelta(hours=2)
    job = ExportJob.create(owner=people.staf_tu, format="csv", arguments="period=semua",
                           created_at=long_ago, finished_at=long_ago, lease_until=long_ago,
                           state=state, attempts=3, error="Gangguan.")  # fmt: skip
    assert job.public_id in administrator.get(PAGE).text
    assert post(administrator, f"{PAGE}rekap/{job.public_id}").status_code == 302
    again = ExportJob.get_by_id(job.id)
    assert (again.state, again.attempts, again.error) == ("queued", 0, "")
    assert jobs.is_due(clock.now)
    assert post(administrator, f"{PAGE}rekap/{job.public_id}").status_code == 404


def test_a_healthy_export_is_nobody_elses(healthy, administrator, people, clock):
    job = ExportJob.create(owner=people.staf_tu, format="csv", arguments="period=semua",
                           created_at=clock.now)  # fmt: skip
    assert job.public_id not in administrator.get(PAGE).text
    assert post(administrator, f"{PAGE}rekap/{job.public_id}").status_code == 404


def test_it_asks_a_fixed_number_of_times(healthy, administrator, monkeypatch):
    assert Counter(monkeypatch).of(administrator, PAGE) <= 34
