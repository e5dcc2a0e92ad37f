"""Measure the recap of many requests beside a raw xlsxwriter dump of the same cells.

    python -m tests.bench.recap                       # 100,000 requests on both engines
    RECAP_ROWS=20000 RECAP_ROUNDS=1 python -m tests.bench.recap

Each export runs in a process of its own, as in production, so that its peak memory is its own.
Compared is processor time: wall time depends on who else is at work. Last comes what the export
of a maker beside it does to the pages of a web process.
"""

import os
import pickle
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xlsxwriter

from config.settings import CONTENT, settings_of_process
from storage.database import database, is_sqlite, migrate, open_database
from tests.bench.engines import ENGINES, fresh_place, machine
from workflow import Reader

ROWS = int(os.environ.get("RECAP_ROWS", "100000"))
ROUNDS = int(os.environ.get("RECAP_ROUNDS", "2"))
KINDS = ("raw", "xlsx", "csv")
CUSTOMERS = 1000
CLERK = "tu@balai.test"


def open_place() -> None:
    open_database(settings_of_process().database_url)
    database.connect(reuse_if_open=True)


def seed(_: Path) -> None:
    """ROWS requests, nearly all finished, each of these with an event for every stage."""
    from administration import reference
    from models import Event
    from run import create_app
    from tests.bench.seeding import seed as seed_requests
    from tests.bench.seeding import write
    from tests.people import make_staff

    open_place()
    migrate()
    now = datetime.now(UTC)
    reference.seed_reference(now=now)
    app = create_app(settings_of_process())
    with app.app_context():
        make_staff("staf_tu", email=CLERK)
    offer = app.extensions["melasti"].catalogue["data"]
    seed_requests(offer, ROWS, customers=CUSTOMERS, now=now)
    write(Event, _later_events(offer.flow))
    if not is_sqlite():
        database.execute_sql("ANALYZE")
    database.close_all()


def _later_events(flow) -> Iterator[dict[str, object]]:
    """The stages after the first two, which the requests have already, some hours apart."""
    from models import Request

    finished = Request.select(Request.id, Request.submitted_at).where(Request.waiting_role == "")
    for key, filed_at in list(finished.tuples()):
        for seq, stage in enumerate(flow.stages[2:], start=3):
            yield {
                "stream": f"request:later-{key}",
                "seq": seq,
                "kind": "stage_completed",
                "request": key,
                "stage_code": stage.code,
                "at": filed_at + timedelta(hours=5 * seq + key % 7),
                "prev_hash": "",
                "hash": "0" * 64,
            }


def order_of_everything():
    from models import User
    from moves.catalogue import flows_on_offer
    from outputs.recap.choice import Choice
    from outputs.recap.order import Order
    from rules.survey import parse_questionnaire, read_definition
    from workflow import Reader

    return Order(
        choice=Choice(period="semua"),
        reader=Reader.at(User.get(User.email == CLERK), datetime.now(UTC)),
        flows=flows_on_offer(),
        questionnaire=parse_questionnaire(read_definition(CONTENT / "survey" / "skm-2024.toml")),
    )


def keep_cells(folder: Path) -> None:
    """Write down the cells of the data sheet for the raw dump, instants as it would get them."""
    from outputs.recap.columns import COLUMNS, DATE
    from outputs.recap.rows import Reading

    open_place()
    order = order_of_everything()
    reading = Reading(order.query(), order.choice.columns)
    dates = [COLUMNS[code].kind == DATE for code in order.choice.columns]
    rows = [
        [number, *(
            datetime.fromtimestamp(value + 8 * 3600, UTC).replace(tzinfo=None)
            if is_date and value is not None else value
            for is_date, value in zip(dates, cells, strict=True)
        )]
        for number, cells in enumerate(reading.rows(), start=1)
    ]  # fmt: skip
    with (folder / "cells").open("wb") as file:
        pickle.dump(rows, file)
    database.close_all()


def dump_raw(rows: list[list[object]], path: Path) -> None:
    """What anybody would write with xlsxwriter in constant memory, and nothing else."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        date = book.add_format({"num_format": "dd mmm yyyy hh:mm:ss"})
        text, number = book.add_format({"text_wrap": True}), book.add_format({"num_format": "0.00"})
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(row, column, value, text)
                elif isinstance(value, datetime):
                    sheet.write_datetime(row, column, value, date)
                elif value is not None:
                    sheet.write_number(row, column, value, number)


def run_one(kind: str, folder: Path) -> None:
    """In a process of its own: print processor seconds, wall seconds and peak memory in MB."""
    target = folder / f"out.{kind}"
    if kind == "raw":
        with (folder / "cells").open("rb") as file:
            rows = pickle.load(file)
        begun = time.process_time(), time.perf_counter()
        dump_raw(rows, target)
    else:
        from outputs.recap.files import write_file

        begun = time.process_time(), time.perf_counter()
        open_place()
        write_file(kind, order_of_everything(), target)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.process_time() - begun[0], time.perf_counter() - begun[1], peak)


def measure(kind: str, place: dict[str, str]) -> tuple[float, float, float]:
    """The best of some rounds, each in a fresh process."""
    found = []
    for _ in range(ROUNDS):
        said = run_apart(kind, place, stdout=subprocess.PIPE).stdout
        found.append(tuple(float(figure) for figure in said.split()))
    return min(found)


def pages_beside(_: Path) -> None:
    """Print the median of a page alone, and while a maker writes the workbook beside it."""
    from models import ExportJob, User
    from outputs.recap import jobs
    from outputs.recap.choice import Choice
    from run import create_app
    from tests.people import enter

    settings = settings_of_process()
    app = create_app(settings)
    database.connect(reuse_if_open=True)
    clerk = User.get(User.email == CLERK)
    client = enter(app, clerk)

    def median(going_on: Callable[[int], bool]) -> float:
        spent: list[float] = []
        while going_on(len(spent)):
            begun = time.perf_counter()
            assert client.get("/lacak").status_code == 200
            spent.append((time.perf_counter() - begun) * 1000)
        return statistics.median(spent)

    before = median(lambda count: count < 300)
    job = jobs.order_export("xlsx", Choice("semua"), reader=Reader.at(clerk, datetime.now(UTC)))
    maker = jobs.Makers().start(settings)
    beside = median(lambda _: maker.poll() is None)
    after = median(lambda count: count < 300)
    alone = (before + after) / 2
    state = ExportJob.get_by_id(job.id).state
    print(f"page before {before:.1f} ms, after {after:.1f} ms, while the export runs "
          f"{beside:.1f} ms (× {beside / alone:.2f}); the export is {state}")  # fmt: skip


def run_apart(command: str, place: dict[str, str], **kwargs) -> subprocess.CompletedProcess:
    given = [sys.executable, "-m", "tests.bench.recap", command, place["DATA_DIR"]]
    return subprocess.run(given, env=os.environ | place, check=True, text=True, **kwargs)


def report(engine: str) -> None:
    with fresh_place(engine) as place:
        for step in ("seed", "cells"):
            run_apart(step, place)
        print(f"\nrecap of {ROWS:,} requests, {engine}, best of {ROUNDS} by processor time")
        print(f"{'export':<22}{'cpu s':>8}{'wall s':>8}{'peak MB':>9}{'× raw':>8}", flush=True)
        base = 0.0
        for kind in KINDS:
            cpu, wall, peak = measure(kind, place)
            base = base or cpu
            print(f"{kind:<22}{cpu:>8.2f}{wall:>8.2f}{peak:>9.0f}{cpu / base:>8.2f}", flush=True)
        run_apart("pages", place)


def main() -> None:
    if len(sys.argv) == 3:
        command, folder = sys.argv[1], Path(sys.argv[2])
        if command in KINDS:
            run_one(command, folder)
        else:
            {"seed": seed, "cells": keep_cells, "pages": pages_beside}[command](folder)
        return
    print(f"# recap, {machine()}", flush=True)
    for engine in ENGINES:
        report(engine)
    print(f"# {machine()}\n", flush=True)


if __name__ == "__main__":
    main()
