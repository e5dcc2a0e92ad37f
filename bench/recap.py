"""Measure the recap of many requests beside a raw xlsxwriter dump of the same cells.

    python -m bench.recap                 # 100,000 requests on SQLite
    ROWS=20000 python -m bench.recap

Each export runs in a process of its own, as in production, so that its peak memory is its own.
Compared is processor time: wall time depends on who else is at work.
"""

import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xlsxwriter

from config.settings import CONTENT, read_settings
from database import database, migrate, open_database

ROWS = int(os.environ.get("ROWS", "100000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
KINDS = ("raw", "xlsx", "csv")
CUSTOMERS = 1000


def open_place(folder: Path) -> None:
    settings = read_settings({"DATA_DIR": str(folder), "BASE_URL": "http://localhost"})
    open_database(settings.database_url)
    database.connect()


def seed(folder: Path) -> None:
    """ROWS requests of many customers, nearly all finished, each with the events of its stages."""
    from models import Event, Request, User
    from run import create_app
    from tests.people import make_customer, make_staff

    migrate_place(folder)
    settings = read_settings({"DATA_DIR": str(folder), "BASE_URL": "http://localhost"})
    app, at = create_app(settings), datetime.now(UTC)
    with app.app_context():
        staff = make_staff("staf_tu", email="tu@balai.test")
        first = make_customer("p0@contoh.test", "Pelanggan 0")
    User.insert_many(
        {
            "email": f"p{n}@contoh.test", "name": f"Pelanggan Contoh {n}", "fs_uniquifier": f"p{n}",
            "institution_category": "perguruan_tinggi",
            "institution_name": f"Universitas Contoh {n}",
        }
        for n in range(1, CUSTOMERS)
    ).execute()  # fmt: skip
    offer = app.extensions["melasti"].catalogue["data"]
    for start in range(0, ROWS, 2000):
        numbers = range(start, min(start + 2000, ROWS))
        with database.atomic():
            for half in (numbers[:1000], numbers[1000:]):
                rows = [request_row(offer, first.id, number, at) for number in half]
                Request.insert_many(rows).execute()
            last = Request.select(Request.id).order_by(Request.id.desc()).limit(1).scalar()
            events = [
                event
                for index, number in enumerate(numbers)
                for event in event_rows(offer, last - len(numbers) + 1 + index, number, at, staff)
            ]
            for begin in range(0, len(events), 2000):
                Event.insert_many(events[begin : begin + 2000]).execute()
    database.close_all()


def migrate_place(folder: Path) -> None:
    import seeding

    open_place(folder)
    migrate()
    seeding.seed_reference(now=datetime.now(UTC))


def request_row(offer, customer: int, number: int, at: datetime) -> dict[str, object]:
    filed_at = at - timedelta(minutes=10 * number + 60 * 24 * 30)
    return {
        "idempotency_key": f"B{number}",
        "customer": customer + number % CUSTOMERS,
        "flow": offer.version_id,
        "service_code": "data",
        "subclass_code": "data_informasi",
        "subject": f"Permohonan data gelombang Pantai Contoh {number}",
        "description": "Isi.",
        "statement_version": "2024-1",
        "number": f"{number}/L.Data/29/VII/24",
        "number_key": f"{number}/l.data/29/vii/24",
        "status": "done",
        "stage_code": offer.flow.stages[-1].code,
        "waiting_role": "",
        "submitted_at": filed_at,
        "submitted_month": filed_at.strftime("%Y-%m"),
        "stage_entered_at": filed_at,
        "stage_due_at": filed_at + timedelta(days=1),
        "due_at": filed_at + timedelta(days=3),
        "accepted_at": filed_at + timedelta(hours=3),
        "office_done_at": filed_at + timedelta(days=2),
        "office_days": 1.75,
        "closed_at": filed_at + timedelta(days=2, hours=number % 40),
    }


def event_rows(offer, request: int, number: int, at: datetime, staff) -> list[dict[str, object]]:
    filed_at = at - timedelta(minutes=10 * number + 60 * 24 * 30)
    return [
        {
            "stream": f"request:{number}",
            "seq": seq,
            "kind": "submitted" if seq == 1 else "stage_completed",
            "request": request,
            "stage_code": stage.code,
            "actor": staff,
            "acted_for": "",
            "at": filed_at + timedelta(hours=5 * (seq - 1) + number % 7),
            "data": {},
            "prev_hash": "",
            "hash": "",
        }
        for seq, stage in enumerate(offer.flow.stages, start=1)
    ]


def order_of_everything():
    from catalogue import flows_on_offer
    from models import User
    from outputs.recap import Choice
    from outputs.recap_order import Order
    from rules.survey import load_questionnaire

    return Order(
        choice=Choice(period="semua"),
        reader=User.get(User.email == "tu@balai.test"),
        flows=flows_on_offer(),
        questionnaire=load_questionnaire(CONTENT / "survey" / "skm-2024.toml"),
        now=datetime.now(UTC),
    )


def keep_cells(folder: Path) -> None:
    """Write down the cells of the data sheet for the raw dump, instants as it would get them."""
    from outputs.recap import COLUMNS, DATE, Reading

    open_place(folder)
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
        from outputs.recap_files import write_file

        begun = time.process_time(), time.perf_counter()
        open_place(folder)
        write_file(kind, order_of_everything(), target)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.process_time() - begun[0], time.perf_counter() - begun[1], peak)


def measure(kind: str, folder: Path) -> tuple[float, float, float]:
    """The best of some rounds, each in a fresh process."""
    command = [sys.executable, "-m", "bench.recap", kind, str(folder)]
    found = []
    for _ in range(ROUNDS):
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found.append(tuple(float(figure) for figure in said.split()))
    return min(found)


def main() -> None:
    if len(sys.argv) == 3:
        command, folder = sys.argv[1], Path(sys.argv[2])
        {"seed": seed, "cells": keep_cells}.get(command, lambda place: run_one(command, place))(
            folder
        )
        return
    with tempfile.TemporaryDirectory(prefix="melasti-bench-") as name:
        for step in ("seed", "cells"):
            subprocess.run([sys.executable, "-m", "bench.recap", step, name], check=True)
        print(f"recap of {ROWS} requests, SQLite, best of {ROUNDS} by processor time")
        print(f"{'export':<22}{'cpu s':>8}{'wall s':>8}{'peak MB':>9}{'× raw':>8}")
        base = 0.0
        for kind in KINDS:
            cpu, wall, peak = measure(kind, Path(name))
            base = base or cpu
            print(f"{kind:<22}{cpu:>8.2f}{wall:>8.2f}{peak:>9.0f}{cpu / base:>8.2f}")


if __name__ == "__main__":
    main()
