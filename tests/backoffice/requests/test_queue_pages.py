"""The queue page by page: nothing twice, nothing left out, and by an index."""

import peewee
import pytest

from models import Request
from search import lookup
from storage.database import database, is_sqlite
from tests.backoffice.requests.queue_pages import colleague_of, link, subjects
from tests.people import advance, enter
from tests.test_queries import Counter


@pytest.mark.parametrize(
    "query",
    ["tab=saya", "tab=semua", "tab=semua&sort=mendesak", "tab=saya&running=1",
     "tab=semua&running=1&sort=terlama", "tab=semua&service=data&since=2024-07-01",
     "tab=semua&service=data&sort=terlama"],
)  # fmt: skip
def test_pages_cover_everything_once_both_ways(app, people, filed, runtime, now, clock, query):
    rows = filed(46)
    # Two posts have the turn, so that two branches are merged; and some are equally due.
    for row in rows[:6]:
        advance(row, people, runtime, now=now, until="DISPOSISI_KABALAI")
    Request.update(stage_due_at=now).where(Request.id.in_([r.id for r in rows[6:30]])).execute()
    staff = colleague_of(app, "admin_layanan", "kepala_balai", email="rangkap@balai.test")
    client, address = enter(app, staff), f"/backoffice/?{query}"
    seen, addresses = [], []
    while address:
        addresses.append(address)
        seen.append(subjects(client, address))
        address = link(client.get(address).text, "next")
    flat = [one for page in seen for one in page]
    assert [len(page) for page in seen] == [20, 20, 6]
    assert len(set(flat)) == 46
    second = link(client.get(addresses[-1]).text, "prev")
    assert subjects(client, second) == seen[1]
    first = link(client.get(second).text, "prev")
    assert subjects(client, first) == seen[0]
    assert link(client.get(first).text, "prev") == ""
    assert "Menampilkan 41–46 dari 46" in client.get(addresses[-1]).text


@pytest.mark.parametrize(
    "query",
    ["sesudah=x", "sesudah=-1", "sesudah=20240101000000000000-9999999999999999999",
     "sesudah=99999999999999999999-1", "sebelum=20240729045745000000-1&n=0", "n=-3",
     "stage=data:X&role=x&assignee=%00&done=2024-13&outcome=x&instansi=y",
     "done=2024-07&outcome=terlambat&tab=selesai", "done=9999-12", "sort=selesai"],
)  # fmt: skip
def test_hostile_places_do_no_harm(app, people, filed, clock, query):
    filed(1)
    assert enter(app, people.admin_layanan).get(f"/backoffice/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "most"),
    [("tab=saya", 13), ("tab=semua&sort=mendesak", 13), ("tab=semua", 13), ("q=perihal", 14),
     ("tab=semua&service=data&overdue=1", 13)],
)  # fmt: skip
def test_ten_rows_and_two_hundred_cost_the_same_queries(
    app, people, filed, clock, monkeypatch, query, most
):
    if not is_sqlite():
        # A sample counts on keys that lie close together; tests before this one left a gap.
        database.execute_sql("ALTER SEQUENCE request_id_seq RESTART WITH 1")
    counter, client = Counter(monkeypatch), enter(app, people.admin_layanan)
    filed(10)
    few = counter.of(client, f"/backoffice/?{query}")
    row = Request.select().dicts().first()
    Request.insert_many(
        {**{k: v for k, v in row.items() if k != "id"}, "public_id": f"P{n}",
         "idempotency_key": f"P{n}"} for n in range(190)
    ).execute()  # fmt: skip
    many = counter.of(client, f"/backoffice/?{query}")
    assert many == few <= most


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("tab=semua&running=1", "request_running"),
        ("tab=semua&service=data&overdue=1", "request_running"),
        ("tab=semua&stage=data:DISPOSISI_KABALAI&since=2020-01-01&sort=terbaru", "request_running"),
        ("tab=semua&role=kepala_balai&status=in_process", "request_running"),
        ("tab=semua&assignee=kosong&sort=terlama", "request_running"),
        ("tab=semua&service=data", "request_service_code_status_submitted_at_id"),
        ("tab=semua&service=data&status=done&until=2024-12-31",
         "request_service_code_status_submitted_at_id"),
        ("tab=selesai&service=data", "request_service_code_status_submitted_at_id"),
        ("tab=selesai&status=rejected", "request_status_submitted_at_id"),
        ("tab=semua&status=disetujui&since=2020-01-01", "request_status_submitted_at_id"),
        ("tab=semua&status=disetujui&service=data", "request_service_code_status_submitted_at_id"),
        ("tab=semua&service=data&done=2024-07&outcome=terlambat", "request_service_done"),
        ("tab=semua&done=2024-07&outcome=tepat", "request_done"),
        ("tab=selesai&done=2024-07", "request_done"),
    ],
)  # fmt: skip
def test_filters_are_found_by_an_index_and_never_by_walking(
    app, people, filed, clock, monkeypatch, query, index
):
    """SQLite says how it means to go, even for few rows; Postgres would rather read them all."""
    filed(2)
    plans = Plans(monkeypatch)
    assert enter(app, people.admin_layanan).get(f"/backoffice/?{query}").status_code == 200
    if is_sqlite():
        assert len(plans.of_requests) >= 3
        # The tabs that hold what runs are counted beside it by the small index over that.
        known = (index, "request_running", "INTEGER PRIMARY KEY")
        assert all(any(name in line for name in known) for line in plans.of_requests)
        assert any(index in line for line in plans.of_requests)


def test_common_words_are_found_by_key_whatever_else_is_asked(
    app, people, filed, clock, monkeypatch
):
    filed(6)
    monkeypatch.setattr(lookup, "ENOUGH", 3)
    plans = Plans(monkeypatch)
    page = enter(app, people.admin_layanan).get("/backoffice/?tab=semua&q=perihal&service=data")
    assert "Lebih dari seribu permohonan cocok" in page.text and page.text.count("Perihal ") >= 6
    if is_sqlite():
        # Only how much there is of the service is asked through the service.
        assert [line for line in plans.of_requests if "INTEGER PRIMARY KEY" not in line] == [
            "SEARCH t1 USING COVERING INDEX request_service_code_status_submitted_at_id "
            "(service_code=?)"
        ]


class Plans:
    """How the engine finds requests, a line for each time that a statement looks for some."""

    def __init__(self, monkeypatch):
        self.of_requests: list[str] = []
        original = peewee.Database.execute_sql

        def explained(database, sql, *args, **kwargs):
            if sql.startswith("SELECT") and '"request" AS "t1"' in sql and is_sqlite():
                plan = original(database, f"EXPLAIN QUERY PLAN {sql}", *args).fetchall()
                lines = [row[3] for row in plan]
                self.of_requests += [line for line in lines if line.split()[1:2] == ["t1"]]
            return original(database, sql, *args, **kwargs)

        monkeypatch.setattr(peewee.Database, "execute_sql", explained)
