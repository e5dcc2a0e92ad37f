"""Measure the main pages in one process on SQLite, beside a page that does nothing.

    make bench                     # 10,000 requests
    ROWS=100000 make bench

Rows are written straight into the tables; the figures say what a page costs, not what a network
or a browser adds.
"""

import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta

from workflow.catalogue import work_calendar

ROWS = int(os.environ.get("ROWS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "60"))
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="melasti-bench-")

import seeding
from config.settings import read_settings
from database import database, migrate, open_database
from models.history import Event
from models.people import User
from models.requests import Request
from run import create_app
from tests.people import enter, make_customer, make_staff


def prepare():
    """An application with ROWS finished requests of many customers, and a few open ones."""
    settings = read_settings({"DATA_DIR": os.environ["DATA_DIR"], "BASE_URL": "http://localhost"})
    open_database(settings.database_url)
    database.connect()
    migrate()
    at = datetime.now(UTC)
    seeding.seed_reference(now=at)
    app = create_app(settings)
    with app.app_context():
        customer = make_customer("pelanggan@contoh.test", "Pelanggan Bench")
        admin = make_staff("admin_layanan")
    flow = app.extensions["melasti"].catalogue["data"]
    with database.atomic():
        for start in range(0, ROWS, 500):
            Request.insert_many(
                row(flow, customer, index, at) for index in range(start, start + 500)
            ).execute()
    request = Request.select().order_by(Request.id.desc()).first()
    for stage in flow.flow.stages[:3]:
        Event.record(
            "stage_completed", at=at, actor=customer, request=request, stage_code=stage.code
        )
    return app, customer, admin, request


def row(offer, customer: User, index: int, at: datetime) -> dict[str, object]:
    """Every hundredth request is open and waits for the admin; one customer owns every fiftieth."""
    is_open = index % 100 == 0
    filed_at = at - timedelta(minutes=index)
    return {
        "idempotency_key": f"B{index}",
        "customer": customer,
        "flow": offer.version_id,
        "service_code": "data",
        "subclass_code": "data_informasi",
        "subject": f"Permohonan {index}",
        "description": "Isi.",
        "statement_version": "2024-1",
        "number": None if is_open else f"{index}/L.Data/01/I/24",
        "number_key": None if is_open else f"{index}/l.data/01/i/24",
        "status": "waiting_verification" if is_open else "done",
        "stage_code": "TERIMA_ADMIN" if is_open else "SERAH_PELANGGAN",
        "waiting_role": "admin_layanan" if is_open else "",
        "submitted_at": filed_at,
        "submitted_month": filed_at.strftime("%Y-%m"),
        "stage_entered_at": filed_at,
        "stage_due_at": filed_at + timedelta(days=1),
        "due_at": filed_at + timedelta(days=3),
        "closed_at": None if is_open else filed_at,
    }


def measure(client, address: str) -> float:
    """Median milliseconds of ROUNDS requests, after one to warm up."""
    client.get(address)
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = client.get(address)
        spent.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return statistics.median(spent)


def main() -> None:
    app, customer, admin, request = prepare()
    app.add_url_rule("/halo", "halo", lambda: "halo")
    visitor, mine, staff = enter(app, None), enter(app, customer), enter(app, admin)
    bare = measure(visitor, "/halo")
    pages = [
        ("home", visitor, "/"),
        ("tracking form", visitor, "/lacak"),
        ("statistics", visitor, "/statistik"),
        ("customer's list", mine, "/layanan/rekap"),
        ("detail", mine, f"/layanan/{request.public_id}"),
        ("queue", staff, "/backoffice/"),
        ("queue, all running", staff, "/backoffice/?tab=semua"),
        ("queue, finished", staff, "/backoffice/?tab=selesai"),
        ("card", staff, f"/backoffice/permohonan/{request.public_id}"),
    ]
    print(f"{ROWS} requests, SQLite, one client, median of {ROUNDS}; bare page {bare:.2f} ms")
    print(f"{'page':<22}{'ms':>8}{'× bare':>9}")
    for name, client, address in pages:
        cost = measure(client, address)
        print(f"{name:<22}{cost:>8.2f}{cost / bare:>9.1f}")
    begun = time.perf_counter()
    work_calendar()
    print(f"{'calendar':<22}{(time.perf_counter() - begun) * 1000:>8.2f}")


if __name__ == "__main__":
    main()
