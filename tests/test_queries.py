"""How many queries each page runs, whatever the number of rows."""

from datetime import timedelta

import peewee
import pytest

from models import IncomingMessage
from storage.database import database, is_sqlite
from tests.backoffice.reports.bill_samples import bill_all
from tests.people import advance, enter, file_request
from workflow import Reader


class Counter:
    """Counts the statements that leave for the database, but for those that get a connection ready:
    when the pool takes a fresh one is a matter of its age."""

    READY = ("SELECT pg_backend_pid()", "SET SESSION ")

    def __init__(self, monkeypatch):
        self.statements: list[str] = []
        original = peewee.Database.execute_sql

        def counted(database, sql, *args, **kwargs):
            if not sql.startswith(self.READY):
                self.statements.append(sql)
            return original(database, sql, *args, **kwargs)

        monkeypatch.setattr(peewee.Database, "execute_sql", counted)

    def of(self, client, address: str) -> int:
        client.get(address)
        self.statements.clear()
        response = client.get(address)
        assert response.status_code == 200
        return len(self.statements)


def file_many(people, runtime, now):
    """Requests in several states; (a running one, a finished one)."""
    filed = [
        file_request(runtime, people.customer, now=now + timedelta(minutes=i), key=f"K{i}")
        for i in range(14)
    ]
    for request in filed[:4]:
        advance(request, people, runtime, now=now, until="VERIFIKASI_DATA")
    done = advance(filed[4], people, runtime, now=now)
    return filed[0], done


@pytest.fixture
def many(snapshots, people, runtime, now):
    return snapshots.of(file_many, people, runtime, now)


def test_a_connection_that_grew_too_old_counts_for_no_page(app, people, monkeypatch):
    counter, client = Counter(monkeypatch), enter(app, people.customer)
    usual = counter.of(client, "/dasbor")
    monkeypatch.setattr(database.obj, "_stale_timeout", 1e-9)
    assert counter.of(client, "/dasbor") == usual


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/", 4),
        ("/dasbor", 7),
        ("/layanan/proses", 6),
        ("/layanan/rekap", 6),
        ("/layanan/rekap?q=Uji&status=in_process", 7),
        ("/profil", 6),
        ("/profil/riwayat", 6),
        ("/pemberitahuan", 6),
    ],
)
def test_customer_pages(app, people, many, monkeypatch, address, most):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.customer), address) <= most


@pytest.mark.parametrize("address", ["/", "/faq", "/tentang", "/statistik", "/lacak", "/sop/data"])
def test_public_pages(app, many, monkeypatch, address):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, None), address) <= (6 if address == "/statistik" else 4)


def test_customer_detail(app, people, many, monkeypatch):
    counter = Counter(monkeypatch)
    for request in many:
        client = enter(app, people.customer)
        assert counter.of(client, f"/layanan/{request.public_id}") <= 12


@pytest.mark.parametrize("post", ["admin_layanan", "ketua_tim", "pemangku_data", "auditor"])
@pytest.mark.parametrize("tab", ["saya", "semua", "selesai"])
def test_queue(app, people, many, monkeypatch, post, tab):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.staff[post]), f"/backoffice/?tab={tab}") <= 13


@pytest.mark.parametrize(
    ("post", "tab"), [("ketua_tim", "dikerjakan"), ("pemangku_data", "dikerjakan"),
                      ("bendahara", "arsip-bendahara"), ("bendahara", "semua")],
)  # fmt: skip
def test_queue_of_what_was_worked_on(app, people, many, monkeypatch, post, tab):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.staff[post]), f"/backoffice/?tab={tab}") <= 13


@pytest.mark.parametrize("post", ["ketua_tim", "kasubag_tu", "auditor"])
def test_card(app, people, many, monkeypatch, post):
    counter = Counter(monkeypatch)
    for request in many:
        client = enter(app, people.staff[post])
        assert counter.of(client, f"/backoffice/permohonan/{request.public_id}") <= 23


@pytest.mark.parametrize(
    ("address", "most"),
    [("pelanggan/", 9), ("petugas/", 10), ("pesan/", 9), ("halaman/", 9), ("faq/", 9),
     ("hari-libur/", 9)],
)  # fmt: skip
def test_tables(app, people, many, monkeypatch, address, most):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.administrator), f"/backoffice/{address}") <= most


@pytest.mark.parametrize(
    ("address", "most"), [("surat-masuk/", 8), ("surat-keluar/", 8), ("tanda-tangan/", 6)]
)
def test_letters(app, people, many, monkeypatch, address, most):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.kasubag_tu), f"/backoffice/{address}") <= most


def test_incoming_messages(app, people, many, monkeypatch, now):
    for i in range(12):
        IncomingMessage.create(provider_id=f"{i}", channel="waha", phone="+6281234567890",
                               text="Halo", received_at=now, is_waiting=True,
                               sender=people.customer, request=many[0])  # fmt: skip
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.admin_layanan), "/backoffice/pesan-masuk/") <= 8


def test_recap(app, people, many, monkeypatch):
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.staf_tu), "/backoffice/rekap/?period=semua") <= 11


@pytest.mark.parametrize(
    ("address", "most"), [("", 9), ("?state=lapsed", 9), ("cetak", 9), ("realisasi", 10)]
)
def test_treasurers_book(app, people, runtime, now, snapshots, monkeypatch, address, most):
    snapshots.of(bill_all, people, runtime, now)
    counter = Counter(monkeypatch)
    assert counter.of(enter(app, people.bendahara), f"/backoffice/tagihan/{address}") <= most


def test_survey_of_a_period(app, people, many, monkeypatch):
    counter = Counter(monkeypatch)
    client = enter(app, people.kasubag_tu)
    assert counter.of(client, "/backoffice/skm/?periode=2024-S2") <= 17


def test_lists_use_an_index(app, people, many, runtime, now):
    """The first page of every list walks an index instead of sorting the table."""
    from backoffice.requests.queue_list import _shown
    from models import Participation, Request
    from web.listing import _steps

    newest = (Participation.submitted_at.desc(), Participation.request.desc())
    of = Participation.select(Participation.request).order_by(*newest)
    lists = {
        "worked on": of.where(Participation.is_of_person(people.pemangku_data.id)),
        "kept by a post": of.where(Participation.is_of_post("bendahara")),
        "customer": Request.visible_to(Reader.at(people.customer, now))
        .order_by(Request.submitted_at.desc(), Request.id.desc()),
        "closed": Request.visible_to(Reader.at(people.admin_layanan, now))
        .where(Request.waiting_role == "").order_by(Request.submitted_at.desc(), Request.id.desc()),
        "queue": Request.waiting_for(Reader.at(people.admin_layanan, now))
        .order_by(Request.stage_due_at, Request.id),
        "queue by the roster": Request.waiting_for(Reader.at(people.pemangku_data, now))
        .order_by(Request.stage_due_at, Request.id),
    }  # fmt: skip
    third = Request.select().order_by(Request.id).offset(2).first()
    seen = (Request.submitted_at == third.submitted_at) & (Request.id >= third.id)
    lists["newest, from a row on"] = (
        Request.visible_to(Reader.at(people.staf_tu, now))
        .where((Request.submitted_at <= third.submitted_at) & ~seen)
        .order_by(Request.submitted_at.desc(), Request.id.desc())
    )
    for name, order in (
        ("by subject", (Request.subject, Request.id)),
        ("by stage", (Request.service_code, Request.stage_code, Request.id)),
    ):
        shown = _shown(Reader.at(people.staf_tu, now), now)
        values = [getattr(third, field.name) for field in order]
        lists[name] = shown.order_by(*order)
        terms = [(field, False) for field in order]
        lists[f"{name}, from a row on"] = _steps(shown, terms, values)[0]
    for name, query in lists.items():
        sql, values = query.limit(20).sql()
        if is_sqlite():
            plan = database.execute_sql("EXPLAIN QUERY PLAN " + sql, values).fetchall()
            text = " ".join(str(row[-1]) for row in plan)
        else:
            # A few rows would rather be sorted; what is asked here is whether they need to be.
            for way in ("seqscan", "sort", "incremental_sort"):
                database.execute_sql(f"SET enable_{way} = off")
            plan = database.execute_sql("EXPLAIN " + sql, values).fetchall()
            database.execute_sql("RESET ALL")
            text = " ".join(row[0] for row in plan)
        assert "index" in text.casefold(), (name, text)
        assert "temp b-tree" not in text.casefold(), (name, text)
        assert "sort" not in text.casefold(), (name, text)
        assert "scan request" not in text.casefold().replace("scan request using", ""), (name, text)
