"""What pages and moves cost as the tables grow, on both engines.

    python -m tests.bench.pages
    ROWS=10000,100000,1000000 ROUNDS=40 python -m tests.bench.pages
    ONLY=queue,news ENGINES=SQLite python -m tests.bench.pages

One client in the process of the application: the figures say what a page costs, not what a
network or a browser adds. Each size of each engine gets a process and a database of its own.
Beside the clock stands the processor time of that process: on a machine that others use too,
only it can be compared between sizes. “× bare” compares it with a page of one word. “× raw”
compares with the same statements, run by the bare driver on the same connection (by processor
time on SQLite, which works in this process, else by the clock); for what writes, with a durable
transaction of one UPDATE and four INSERTs, by the clock.
"""

import io
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.bench.engines import ENGINES, fresh_place, machine
from workflow import Reader

SIZES = [int(text) for text in os.environ.get("ROWS", "10000,100000,1000000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "40"))
ACTS = 40
# Beginnings of the names of pages, where not all are wanted.
ONLY = tuple(filter(None, os.environ.get("ONLY", "").split(",")))
QUEUE = "/backoffice/"
NEWS = "/backoffice/pemberitahuan/hitung?sejak=20240729045745000000"
PDF_BYTES = 200_000


class Bench:
    """One database of so many requests, and what is measured on it."""

    def __init__(self, rows: int):
        from administration import reference
        from config.settings import settings_of_process
        from models import User
        from run import create_app
        from storage.database import database, migrate, open_database
        from tests.bench.seeding import seed
        from tests.people import People, enter

        settings = settings_of_process()
        open_database(settings.database_url)
        database.connect()
        migrate()
        self.now = datetime.now(UTC)
        reference.seed_reference(now=self.now)
        self.database, self.app = database, create_app(settings)
        with self.app.app_context():
            self.people = People.create()
        offer = self.app.extensions["melasti"].catalogue["data"]
        seed(offer, rows, customers=max(10, rows // 5), now=self.now)
        self.app.add_url_rule("/halo", "halo", lambda: "halo")
        self.customer = User.get(User.fs_uniquifier == "bench-3")
        self.clients = {
            "visitor": enter(self.app, None),
            "customer": enter(self.app, self.customer),
            "filer": enter(self.app, self.people.customer),
            "admin": enter(self.app, self.people.admin_layanan),
            "scoped": enter(self.app, self.people.pemangku_data),
        }

    def run(self) -> dict[str, tuple[float, float, float]]:
        """Name -> (milliseconds by the clock, of CPU, × the raw counterpart or 0 for none)."""
        found = {"bare page": (*self.page("visitor", "/halo")[:2], 0.0)}
        rows = (row for row in self.addresses() if row[0].startswith(ONLY or ""))
        found |= {name: self.page(who, address) for name, who, address in rows}
        if ONLY:
            return found
        found["tracking, result"] = self.tracking()
        raw = self.raw_transaction()
        for name, spent in (("submit, PDF of 200 kB", self.submit()), ("act", self.act())):
            found[name] = (*spent, spent[0] / raw)
        return found

    def addresses(self) -> list[tuple[str, str, str]]:
        """(name, who asks, address)"""
        from models import Request

        waiting = Request.select().where(Request.waiting_role == "admin_layanan")
        request = waiting.order_by(Request.stage_due_at).first()
        mine = Request.select().where(Request.customer == self.customer).first()
        done = Request.select().where(Request.number.is_null(False))
        old = done.order_by(Request.id.desc()).first()
        name = self.customer.name.split()[1]
        misspelt = name[:2] + name[3] + name[2] + name[4:]
        from backoffice.requests.orders import HEADINGS

        orders = {order for pair in HEADINGS.values() for order in pair}
        sorted_by = [
            (f"queue{where}, by {order}", "admin", f"{QUEUE}?tab={tab}&sort={order}")
            for tab, where in (("saya", ""), ("semua", " of all"))
            for order in sorted(orders)
        ]
        deep = f"sesudah={old.submitted_at:%Y%m%d%H%M%S%f}-{old.id - 500}&n=26"
        return [
            ("home", "visitor", "/"),
            ("statistics", "visitor", "/statistik"),
            ("customer's list", "customer", "/layanan/rekap"),
            ("customer's detail", "customer", f"/layanan/{mine.public_id}"),
            ("queue, first page", "admin", QUEUE),
            *sorted_by,
            ("queue, as xlsx", "admin", f"{QUEUE}unduh?jenis=xlsx&tab=saya"),
            ("queue, as csv", "admin", f"{QUEUE}unduh?jenis=csv&tab=saya"),
            ("queue, all by urgency", "admin", f"{QUEUE}?tab=semua&sort=mendesak"),
            ("queue, all, newest", "admin", f"{QUEUE}?tab=semua"),
            ("queue, finished", "admin", f"{QUEUE}?tab=selesai"),
            ("queue, a page deep inside", "admin", f"{QUEUE}?tab=selesai&{deep}"),
            ("queue, overdue", "admin", f"{QUEUE}?tab=semua&service=data&overdue=1"),
            ("queue, stage and date", "admin",
             f"{QUEUE}?tab=semua&stage=data:DISPOSISI_KABALAI&since=2020-01-01"),
            # What hardly anything fits, so that nothing is found early.
            ("queue, rare, finished", "admin", f"{QUEUE}?tab=selesai&service=lab"),
            ("queue of a scoped post", "scoped", f"{QUEUE}?tab=semua"),
            ("search, number", "admin", f"{QUEUE}?q={old.number}"),
            ("search, name", "admin", f"{QUEUE}?q={self.customer.name.split()[1]}"),
            ("search, phone", "admin", f"{QUEUE}?q={self.customer.phone}"),
            ("search, two words", "admin", f"{QUEUE}?q=abrasi sanur"),
            ("search, common word", "admin", f"{QUEUE}?q=pantai"),
            ("search, common beginning", "admin", f"{QUEUE}?q=dat"),
            ("search, common, a filter", "admin", f"{QUEUE}?q=pantai&service=data&tab=semua"),
            ("search, common, scoped", "scoped", f"{QUEUE}?q=pantai&tab=semua"),
            ("search, nothing found", "admin", f"{QUEUE}?q=zzzzz"),
            ("search, last digits", "admin", f"{QUEUE}?q={self.customer.phone[-5:]}"),
            ("search, code", "admin", f"{QUEUE}?q={old.public_id[:20].lower()}"),
            ("search, misspelt", "admin", f"{QUEUE}?q=abrazi+sanurr"),
            ("search, misspelt name", "admin", f"{QUEUE}?q={misspelt}"),
            ("counter, name", "admin", f"/backoffice/loket/?q={name}"),
            ("counter, misspelt name", "admin", f"/backoffice/loket/?q={misspelt}"),
            ("customer's search", "customer", "/layanan/rekap?q=pantai"),
            ("customer's, misspelt", "customer", "/layanan/rekap?q=pamtai"),
            ("card", "admin", f"/backoffice/permohonan/{request.public_id}"),
            ("news of an open page", "admin", NEWS),
            ("news, scoped", "scoped", NEWS),
            ("unanswered", "admin", "/backoffice/belum-dijawab/"),
        ]  # fmt: skip

    # -- pages -------------------------------------------------------------------------------------

    def page(self, who: str, address: str) -> tuple[float, float, float]:
        client = self.clients[who]

        def ask() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return self.beside_raw(ask)

    def tracking(self) -> tuple[float, float, float]:
        """The public page of a number, each time from another address, since they are counted."""
        from models import Request

        number = Request.select(Request.number).where(Request.number.is_null(False)).scalar()
        client, token = self.clients["visitor"], self.token("visitor")
        form = {"csrf_token": token, "number": number}

        def ask() -> None:
            place = {"REMOTE_ADDR": ".".join(str(random.randrange(1, 255)) for _ in range(4))}
            answer = client.post("/lacak", data=form, environ_base=place)
            assert number in answer.text and answer.status_code == 200

        return self.beside_raw(ask)

    def beside_raw(self, ask: Callable[[], None]) -> tuple[float, float, float]:
        """Its figures, the last one against its own reading statements by the bare driver."""
        from storage.database import is_sqlite

        clock, cpu = measure(ask)
        statements, engine = [], self.database.obj
        execute = engine.execute_sql

        def noted(sql: str, params: object = None, *rest: object):
            statements.append((sql, params or ()))
            return execute(sql, params, *rest)

        engine.execute_sql = noted
        try:
            ask()
        finally:
            del engine.execute_sql
        reading = [one for one in statements if one[0].lstrip("( ").startswith(("SELECT", "WITH"))]
        self.database.connect(reuse_if_open=True)
        cursor = self.database.connection().cursor()

        def replay() -> None:
            for sql, params in reading:
                cursor.execute(sql, params).fetchall()

        raw_clock, raw_cpu = measure(replay)
        return clock, cpu, cpu / raw_cpu if is_sqlite() else clock / raw_clock

    def token(self, who: str) -> str:
        page = self.clients[who].get("/lacak").text
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)

    # -- what writes -------------------------------------------------------------------------------

    def submit(self) -> tuple[float, float]:
        """Form with a file, check page, and sending it: two POSTs through everything."""
        from models import RateBucket
        from tests.people import checked

        client, token, content = self.clients["filer"], self.token("filer"), large_pdf()
        form = {"csrf_token": token, "service": "data", "subclass": "data_informasi",
                "description": "Uji laju.", "statement": "y"}  # fmt: skip

        def file() -> None:
            data = {**form, "subject": f"Uji {random.random()}",
                    "file": (io.BytesIO(content), "surat.pdf")}  # fmt: skip
            answer = client.post("/ajukan", data=data, content_type="multipart/form-data")
            assert answer.status_code == 302, answer.status_code
            sent = client.post("/ajukan/kirim", data={"csrf_token": token, **checked(client)})
            assert sent.status_code == 302, sent.status_code

        found = measure(file, rounds=10)
        self.database.connect(reuse_if_open=True)
        RateBucket.delete().execute()
        return found

    def act(self) -> tuple[float, float]:
        """`workflow.act` at every desk of the data service, each a transaction on the disk."""
        import workflow
        from moves.catalogue import current_stage
        from tests.people import file_request, inputs_for

        self.database.connect(reuse_if_open=True)
        runtime, at = self.app.extensions["melasti"], self.now
        going = [file_request(runtime, self.people.customer, now=at, key=f"act-{number}")
                 for number in range(ACTS)]  # fmt: skip
        spent, worked = 0.0, 0.0
        count = 0
        while current_stage(going[0]).kind != "survey":
            at += timedelta(minutes=10)
            desk = current_stage(going[0])
            actor = self.people.staff[desk.role]
            given = [inputs_for(desk, self.people, runtime, one, at) for one in going]
            begun, busy = time.perf_counter(), time.process_time()
            going = [
                workflow.act(
                    one, "complete", reader=Reader.at(actor, at), inputs=inputs, version=one.version
                )
                for one, inputs in zip(going, given, strict=True)
            ]
            worked += time.process_time() - busy
            spent += time.perf_counter() - begun
            count += len(going)
        return spent / count * 1000, worked / count * 1000

    def raw_transaction(self) -> float:
        self.database.connect(reuse_if_open=True)
        mark = self.database.param
        execute = self.database.execute_sql
        execute("CREATE TABLE bench_raw (id INTEGER, body TEXT)")
        execute("CREATE INDEX bench_raw_id ON bench_raw (id)")
        body, numbers = "x" * 300, iter(range(10**9))

        def write() -> None:
            with self.database.atomic():
                cursor = self.database.cursor()
                last = next(numbers)
                cursor.execute(f"UPDATE bench_raw SET body = {mark} WHERE id = {mark}",
                               (body, last - 1))  # fmt: skip
                for _ in range(4):
                    cursor.execute(f"INSERT INTO bench_raw VALUES ({mark}, {mark})", (last, body))

        return measure(write)[0]


def large_pdf() -> bytes:
    """A plain PDF of some 200 kB."""
    from fpdf import FPDF

    document, words = FPDF(), random.Random(8)
    document.set_compression(False)
    document.set_font("helvetica", size=9)
    written = 0
    while written < PDF_BYTES:
        document.add_page()
        for _ in range(60):
            line = " ".join(f"{words.random():.10f}" for _ in range(8))
            document.cell(text=line, new_x="LMARGIN", new_y="NEXT")
            written += len(line) + 45
    return bytes(document.output())


def measure(do: Callable[[], None], *, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median milliseconds by the clock, and of CPU, after two rounds to warm up."""
    for _ in range(2):
        do()
    spent, worked = [], []
    for _ in range(rounds):
        begun, busy = time.perf_counter(), time.process_time()
        do()
        worked.append((time.process_time() - busy) * 1000)
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent), statistics.median(worked)


def run_apart(engine: str, rows: int) -> dict[str, list[float]]:
    """The figures of one size on one engine, from a process of its own."""
    with fresh_place(engine) as place:
        begun = time.perf_counter()
        command = [sys.executable, "-m", "tests.bench.pages", str(rows)]
        done = subprocess.run(command, env=os.environ | place, check=True, stdout=subprocess.PIPE)
        took = time.perf_counter() - begun
    print(f"# {engine}, {rows:,} requests: {took:.0f} s, {machine()}", flush=True)
    return json.loads(done.stdout)


def main() -> None:
    if len(sys.argv) == 2:
        json.dump(Bench(int(sys.argv[1])).run(), sys.stdout)
        return
    for engine in ENGINES:
        columns = {rows: run_apart(engine, rows) for rows in SIZES}
        print(f"\n{engine}: median milliseconds of {ROUNDS}, one client")
        heads = (f"{f'{rows:,}':>12}{'CPU':>8}{'× bare':>8}{'× raw':>8}" for rows in SIZES)
        print(f"{'':<27}" + "".join(heads) + f"{'CPU last/first':>16}")
        for name in columns[SIZES[0]]:
            line = f"{name:<27}"
            for rows in SIZES:
                clock, cpu, raw = columns[rows][name]
                bare = cpu / columns[rows]["bare page"][1]
                line += f"{clock:>12.2f}{cpu:>8.2f}{bare:>8.1f}{f'{raw:.1f}' if raw else '':>8}"
            growth = columns[SIZES[-1]][name][1] / columns[SIZES[0]][name][1]
            print(f"{line}{growth:>16.2f}")
        if ONLY:
            continue
        last = columns[SIZES[-1]]["act"]
        print(f"act: {1000 / last[0]:.0f} a second by the clock, {1000 / last[1]:.0f} of CPU\n",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
