"""A recap that is ordered, made in the background and fetched by who ordered it."""

from datetime import timedelta

import pytest

import tasks
from administration.file_store import adopt
from models import Event, ExportJob, Message
from outputs.recap import jobs
from storage.files import LocalStorage
from tests.backoffice.reports.recap_samples import clock, make, open_book, ordered, table, take
from tests.people import (
    Person,
    enter,
)


def test_a_large_export_is_ordered_made_told_and_fetched(app, people, runtime, many):
    job = ordered(app, people)
    assert (job.state, job.total) == ("queued", many)
    client = enter(app, people.staf_tu)
    page = client.get(f"/backoffice/rekap/berkas/{job.public_id}").text
    assert "Menunggu giliran" in page
    assert '<meta http-equiv="refresh"' in page
    assert make(runtime) == 1
    assert make(runtime) == 0
    state = client.get(f"/backoffice/rekap/berkas/{job.public_id}/keadaan").json
    assert (state["state"], state["done"]) == ("ready", many)
    book = open_book(client.get(f"/backoffice/rekap/berkas/{job.public_id}/isi"))
    subjects = [row["PERIHAL"] for row in table(book["Data"])]
    assert len(subjects) == len(set(subjects)) == many
    message = Message.get(Message.template == "rekap_siap")
    assert message.recipient_id == people.staf_tu.id
    assert message.variables["tautan"] == f"/backoffice/rekap/berkas/{job.public_id}"
    assert Event.get(Event.kind == "recap_exported").data["rows"] == many


def test_the_recap_page_says_how_files_are_and_what_can_be_done(app, people, runtime, many):
    job = ordered(app, people, format="csv", status="waiting_verification")
    client = enter(app, people.staf_tu)
    base = f"/backoffice/rekap/berkas/{job.public_id}"
    waiting = client.get("/backoffice/rekap/").text
    assert f'action="{base}/batal"' in waiting and f'href="{base}/isi"' not in waiting
    assert "Status: Menunggu Verifikasi" in waiting
    make(runtime)
    ready = client.get("/backoffice/rekap/").text
    assert f'href="{base}/isi"' in ready and f'action="{base}/batal"' not in ready
    assert client.get(f"{base}/isi").status_code == 200


def test_only_the_owner_gets_the_file(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    make(runtime)
    for held in ("kasubag_tu", "kepala_balai", "auditor"):
        client = enter(app, people.staff[held])
        for part in ("", "/keadaan", "/isi"):
            assert client.get(f"/backoffice/rekap/berkas/{job.public_id}{part}").status_code == 404


def test_the_same_order_twice_is_one(app, people, many):
    first = take(enter(app, people.staf_tu)).headers["Location"]
    assert take(enter(app, people.staf_tu)).headers["Location"] == first
    assert ExportJob.select().count() == 1


def test_nobody_orders_without_end(app, people, many):
    client = enter(app, people.staf_tu)
    for column in ("number", "status", "subject"):
        assert take(client, column=[column]).status_code == 302
    refused = take(client, column=["customer"])
    assert refused.status_code == 422
    assert "Tunggu sampai selesai" in refused.text


def test_an_expired_file_goes_away(app, people, runtime, many):
    job = ordered(app, people, format="csv")
    make(runtime)
    sha256 = ExportJob.get().sha256
    storage: LocalStorage = runtime.storage
    adopt(storage)
    long_after = clock() + timedelta(days=2)
    tasks.clean_up(storage, now=long_after)
    assert storage.path(sha256).exists()
    tasks.clean_up(storage, now=clock() + jobs.KEPT_FOR + timedelta(minutes=1))
    assert not storage.path(sha256).exists()
    assert ExportJob.get().state == "expired"
    client = enter(app, people.staf_tu)
    gone = client.get(f"/backoffice/rekap/berkas/{job.public_id}/isi", follow_redirects=True)
    assert "Sudah dihapus" in gone.text


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_page_follows_the_export_and_hands_it_over(chromium, live, people, runtime, many):
    clerk = Person(chromium, live)
    clerk.logs_in(people.staf_tu.email)
    clerk.opens("/backoffice/rekap/?period=semua")
    clerk.presses("Unduh CSV")
    clerk.sees("Menunggu giliran")
    # The page isn't touched again: it asks by itself how far the export is.
    make(runtime)
    clerk.sees("Berkas siap")
    with clerk.page.expect_download() as taken:
        clerk.page.get_by_role("link", name="Unduh CSV").click()
    assert taken.value.suggested_filename.endswith(".csv")
    assert taken.value.path().read_text(encoding="utf-8-sig").count("\n") == many + 1
    clerk.leaves()
