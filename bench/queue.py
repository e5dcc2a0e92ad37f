"""What queue, search and card cost as the table grows: `make bench`.

    ROWS=10000,100000,1000000 python -m bench.queue
    BENCH_DATABASE=postgresql://… ROWS=10000,100000 python -m bench.queue

Each size gets a database of its own; one client, one process, the median of ROUNDS. The figures
say what a page costs, not what a network or a browser adds.
"""

import os
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

SIZES = [int(text) for text in os.environ.get("ROWS", "10000,100000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "40"))
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="melasti-bench-")

import seeding
from bench.seeding import seed
from config.settings import read_settings
from database import database, migrate, open_database
from models.people import User
from models.requests import Request
from run import create_app
from tests.people import enter, make_staff

QUEUE = "/backoffice/"


def prepare(rows: int, folder: Path):
    """(application, member of staff, a scoped one, an open request) over `rows` requests."""
    given = {"DATA_DIR": str(folder), "BASE_URL": "http://localhost"}
    if url := os.environ.get("BENCH_DATABASE"):
        given["DATABASE_URL"] = url
    settings = read_settings(given)
    open_database(settings.database_url)
    database.connect(reuse_if_open=True)
    if "DATABASE_URL" in given:
        database.execute_sql("DROP SCHEMA public CASCADE")
        database.execute_sql("CREATE SCHEMA public")
    migrate()
    now = datetime.now(UTC)
    seeding.seed_reference(now=now)
    app = create_app(settings)
    with app.app_context():
        admin, scoped = make_staff("admin_layanan"), make_staff("pemangku_data")
    offer = app.extensions["melasti"].catalogue["data"]
    seed(offer, rows, customers=max(10, rows // 5), now=now)
    mine = Request.select().where(Request.waiting_role == "admin_layanan")
    return app, admin, scoped, mine.order_by(Request.stage_due_at).first()


def pages(request: Request) -> list[tuple[str, str, str]]:
    """(name, who asks, address)"""
    customer = User.get_by_id(request.customer_id)
    old = Request.select().where(Request.number.is_null(False)).order_by(Request.id.desc()).first()
    deep = f"sesudah={old.submitted_at:%Y%m%d%H%M%S%f}-{old.id - 500}&n=26"
    return [
        ("queue, first page", "admin", QUEUE),
        ("queue, all running by urgency", "admin", f"{QUEUE}?tab=semua&sort=mendesak"),
        ("queue, all, newest", "admin", f"{QUEUE}?tab=semua"),
        ("queue, finished", "admin", f"{QUEUE}?tab=selesai"),
        ("queue, a page deep inside", "admin", f"{QUEUE}?tab=selesai&{deep}"),
        ("queue, filtered (overdue)", "admin", f"{QUEUE}?tab=semua&service=data&overdue=1"),
        ("queue, filtered (stage, date)", "admin",
         f"{QUEUE}?tab=semua&stage=data:DISPOSISI_KABALAI&since=2020-01-01"),
        ("queue of a scoped post", "scoped", f"{QUEUE}?tab=semua"),
        ("search, number", "admin", f"{QUEUE}?q={old.number}"),
        ("search, name", "admin", f"{QUEUE}?q={customer.name.split()[1]}"),
        ("search, phone", "admin", f"{QUEUE}?q={customer.phone}"),
        ("search, two words", "admin", f"{QUEUE}?q=abrasi sanur"),
        ("search, common word", "admin", f"{QUEUE}?q=pantai"),
        ("search, common beginning", "admin", f"{QUEUE}?q=dat"),
        ("search, common, scoped post", "scoped", f"{QUEUE}?q=pantai&tab=semua"),
        ("search, nothing found", "admin", f"{QUEUE}?q=zzzzz"),
        ("card", "admin", f"/backoffice/permohonan/{request.public_id}"),
    ]  # fmt: skip


def measure(client, address: str) -> tuple[float, float]:
    """Median milliseconds of ROUNDS requests after two to warm up: by the clock, and of CPU.

    On a machine that others use too, only the second can be compared between sizes.
    """
    for _ in range(2):
        client.get(address)
    spent, worked = [], []
    for _ in range(ROUNDS):
        begun, busy = time.perf_counter(), time.process_time()
        answer = client.get(address)
        worked.append((time.process_time() - busy) * 1000)
        spent.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return statistics.median(spent), statistics.median(worked)


def run(rows: int) -> dict[str, tuple[float, float]]:
    folder = Path(tempfile.mkdtemp(prefix="melasti-bench-"))
    try:
        begun = time.perf_counter()
        app, admin, scoped, request = prepare(rows, folder)
        app.add_url_rule("/halo", "halo", lambda: "halo")
        print(f"# {rows} requests seeded in {time.perf_counter() - begun:.0f} s", flush=True)
        clients = {"admin": enter(app, admin), "scoped": enter(app, scoped)}
        found = {"bare page": measure(enter(app, None), "/halo")}
        for name, who, address in pages(request):
            found[name] = measure(clients[who], address)
        return found
    finally:
        database.close_all()
        shutil.rmtree(folder)


def main() -> None:
    columns = {rows: run(rows) for rows in SIZES}
    engine = "Postgres" if os.environ.get("BENCH_DATABASE") else "SQLite"
    for number, unit in enumerate(("by the clock", "of CPU in this process")):
        print(f"\n{engine}, one client, median of {ROUNDS}, milliseconds {unit}")
        heads = [f"{rows:,}" for rows in SIZES]
        print(f"{'page':<32}" + "".join(f"{head:>12}" for head in heads) + f"{'last/first':>12}")
        for name in columns[SIZES[0]]:
            costs = [columns[rows][name][number] for rows in SIZES]
            print(f"{name:<32}" + "".join(f"{cost:>12.2f}" for cost in costs)
                  + f"{costs[-1] / costs[0]:>12.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
