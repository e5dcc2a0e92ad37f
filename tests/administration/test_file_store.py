"""Kept files: whose they are, what is swept and what never is, what was lost or altered."""

import os
from datetime import timedelta

import pytest

import tasks
from administration.file_store import FEW, MOST, adopt, bind, is_own, sweep_files, verify_files
from models import Document, Event, Installation, Upload
from rules.events import FILE_DAMAGED, SWEEP_REFUSED, SWEPT
from storage.files import LocalStorage
from tests.people import enter, file_request

LATER = timedelta(days=2)


@pytest.fixture
def unbound(db, runtime):
    """A database that no folder of files belongs to, as before the first `db upgrade`."""
    Installation.delete().execute()
    yield
    Installation.delete().execute()
    Installation.create(store_id=runtime.storage.store_id)


@pytest.fixture
def own(unbound, tmp_path):
    """A database and a folder of files that know each other."""
    storage = LocalStorage(tmp_path / "files")
    assert bind(storage)
    return storage


def put(storage, count, *, now, start=0):
    """So many files that no row names, old enough to be swept."""
    put = []
    for number in range(start, start + count):
        content = tmp_file(storage, f"berkas {number}".encode())
        storage.keep(content)
        at = (now - LATER).timestamp()
        os.utime(storage.path(content.sha256), (at, at))
        put.append(content.sha256)
    return put


def tmp_file(storage, content):
    path = storage.root / "tmp" / "new"
    path.write_bytes(content)
    with path.open("rb") as file:
        return storage.stage(file, max_bytes=1000)


def name_them(digests, user, now):
    for sha256 in digests:
        Upload.create(
            user=user, purpose="", kinds="pdf", max_mb=2, filename="x.pdf", size=1,
            sha256=sha256, updated_at=now,
        )  # fmt: skip


def kept(storage):
    return {sha256 for sha256, _ in storage.digests()}


def last_event(kind):
    return Event.select().where(Event.kind == kind).order_by(Event.id.desc()).first()


def test_a_few_strays_go_to_the_trash_and_come_back_from_it(own, now):
    strays = put(own, FEW, now=now)
    assert sweep_files(own, released=(), now=now) == FEW
    assert kept(own) == set()
    assert {path.name for path in (own.root / "trash").iterdir()} == set(strays)
    assert last_event(SWEPT).data["stray"] == sorted(strays)
    # Thirty days later they are gone for good, and the history says that too.
    assert sweep_files(own, released=(), now=now + timedelta(days=29)) == 0
    assert len(list((own.root / "trash").iterdir())) == FEW
    sweep_files(own, released=(), now=now + timedelta(days=31))
    assert list((own.root / "trash").iterdir()) == []
    assert last_event(SWEPT).data["emptied"] == FEW


@pytest.mark.parametrize(
    ("named", "strays"), [(0, FEW + 1), (0, 41), (100, FEW + 1), (1100, MOST + 1)]
)
def test_more_strays_than_a_mistake_explains_stop_the_sweep(own, people, now, named, strays):
    name_them(put(own, named, now=now), people.administrator, now)
    there = set(put(own, strays, now=now, start=named))
    assert sweep_files(own, released=(), now=now) == 0
    assert there <= kept(own) and not (own.root / "trash").exists()
    assert last_event(SWEEP_REFUSED).data == {"why": "too_many", "stray": strays}
    # Whoever has looked may say that it is right.
    assert sweep_files(own, released=(), now=now, without_brake=True) == strays


def test_what_ended_rows_named_is_no_stray(own, now):
    ended = put(own, 30, now=now)
    strays = set(put(own, FEW + 1, now=now, start=30))
    assert sweep_files(own, released=ended, now=now) == 30
    assert kept(own) == strays


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_the_files_of_another_database_are_left_alone(own, now, whose):
    put(own, 1, now=now)
    if whose == "another's":
        own.mark("0123456789abcdef")
    else:
        (own.root / "store-id").unlink()
        Installation.delete().execute()
    assert not bind(own) and not is_own(own)
    assert sweep_files(own, released=(), now=now, without_brake=True) == 0
    assert len(kept(own)) == 1
    assert last_event(SWEEP_REFUSED).data["why"] == "foreign"
    adopt(own)
    assert is_own(own) and bind(own)


def test_an_installation_from_before_takes_its_own_files(unbound, people, tmp_path, now):
    storage = LocalStorage(tmp_path / "files")
    name_them(put(storage, 6, now=now), people.administrator, now)
    put(storage, 5, now=now, start=6)
    assert bind(storage) and is_own(storage)


def test_the_night_on_another_database_takes_no_file(own, now):
    put(own, 41, now=now)
    own.mark("0123456789abcdef")
    assert tasks.clean_up(own, now=now)["files"] == 0
    assert len(kept(own)) == 41


# -- lost and altered ------------------------------------------------------------------------------


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


@pytest.fixture
def paper(filed):
    return Document.get((Document.request == filed) & (Document.kind == "pendukung"))


def damage(runtime, paper, how):
    path = runtime.storage.path(paper.sha256)
    before = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    return before


@pytest.mark.fault
@pytest.mark.parametrize("how", ["missing", "altered"])
def test_a_damaged_file_is_a_page_and_an_alarm(app, people, filed, runtime, paper, how, caplog):
    before = damage(runtime, paper, how)
    client = enter(app, people.customer)
    try:
        answers = [client.get(f"/dokumen/{paper.public_id}") for _ in range(3)]
        verified, faults = verify_files(runtime.storage)
    finally:
        runtime.storage.path(paper.sha256).write_bytes(before)
    for answer in answers:
        assert answer.status_code == 500
        assert "sedang tidak dapat dibuka" in answer.text and "Kode rujukan" in answer.text
    (event,) = Event.select().where(Event.kind == FILE_DAMAGED)
    assert event.data["document"] == paper.public_id
    assert event.data["is_missing"] == (how == "missing")
    assert paper.public_id in caplog.text and "ref=" in caplog.text
    assert [(fault.public_id, fault.is_missing) for fault in faults] == [
        (paper.public_id, how == "missing")
    ]
    assert client.get(f"/dokumen/{paper.public_id}").data == before


@pytest.mark.fault
@pytest.mark.parametrize("how", ["missing", "altered"])
def test_an_archive_says_which_file_it_lacks(app, people, filed, runtime, paper, how):
    before = damage(runtime, paper, how)
    try:
        answer = enter(app, people.admin_layanan).get(f"/layanan/{filed.public_id}/berkas.zip")
    finally:
        runtime.storage.path(paper.sha256).write_bytes(before)
    assert answer.status_code == 200
    assert "tidak disertakan" in answer.data.decode("latin-1")
    assert Event.select().where(Event.kind == FILE_DAMAGED).count() == 1


def test_commands_for_whoever_keeps_the_files(command, tmp_path):
    def run(*words):
        return command(tmp_path / "data", *words)

    assert run("db", "upgrade")[0] == 0
    assert run("verify", "files") == (0, "0 files whole, 0 missing or altered\n", "")
    mark = tmp_path / "data" / "files" / "store-id"
    mark.write_text("another")
    code, _, said = run("store", "sweep")
    assert code == 2 and "belong to another database" in said and "Traceback" not in said
    assert run("store", "adopt")[0] == 0
    assert run("store", "sweep")[:2] == (
        0, "0 files moved to the trash, where they stay for 30 days\n"
    )  # fmt: skip
