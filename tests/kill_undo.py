"""Somebody to be killed who accepts requests and takes some back: a run per line of its input.

    python -m tests.kill_undo FOLDER COUNT

Prints `ready`, then for each line the pid of a run, what it has done (`accepted` or `undone` and
the request), and `ended`. A line `rest` is a run that only carries out what is due, and ends.
"""

import os
import random
import sys
import time

import workflow
from administration import reference
from config.clock import utc_now
from config.settings import CONTENT
from models import Request, User
from moves import held_acts
from moves.catalogue import load_catalogue
from storage.database import database, migrate, new_public_id, open_database
from workflow import Grace, Reader, StoredFile, Submission


def prepare(folder: str, count: int) -> None:
    open_database(f"sqlite:///{folder}/melasti.db")
    with database.connection_context():
        migrate()
        now = utc_now()
        reference.seed_reference(now=now)
        offer = load_catalogue(CONTENT / "services", now=now)["data"]
        customer = User.create(email="pelanggan@contoh.test", name="Pelanggan", gender="P",
                               fs_uniquifier="x", email_confirmed_at=now)  # fmt: skip
        admin = User.create(email="admin@balai.test", name="Petugas", is_staff=True,
                            fs_uniquifier="y", email_confirmed_at=now, password="x")  # fmt: skip
        admin.hold_posts(["admin_layanan"])
        letter = StoredFile("0" * 64, 1, "surat.pdf")
        for index in range(count):
            said = Submission(
                "data", offer.flow.subclasses[0].code, f"Putus {index}", "-", "1", letter
            )
            workflow.submit(customer, offer, said, key=f"K{index}", now=now)


def work(luck: random.Random) -> None:
    """Accept what waits, each with a grace of a moment; take every third back."""
    admin = User.get(User.is_staff)
    while True:
        workflow.carry_out_due(utc_now())
        reader = Reader.at(admin, utc_now())
        waiting = list(Request.waiting_for(reader).limit(8))
        if not waiting:
            time.sleep(0.01)
            continue
        request, batch = luck.choice(waiting), new_public_id()
        [choice] = [one for one in workflow.choices(request, reader) if one.code == "complete"]
        given = {"checklist": list(choice.inputs[0].options)}
        grace = Grace(luck.choice((0, 1)), batch, lambda moved: "Selesai.")
        workflow.hold(request, "complete", reader=reader, inputs=given, version=request.version,
                      grace=grace)  # fmt: skip
        done = "accepted"
        if luck.random() < 0.4:
            held_acts.undo(batch, reader=Reader.at(admin, utc_now()))
            done = "undone"
        print(done, request.public_id, flush=True)


def rest() -> None:
    """Carry out what is left, as whoever comes next does."""
    deadline = time.monotonic() + 20
    while Request.select().where(Request.held_by.is_null(False)).exists():
        workflow.carry_out_due(utc_now())
        assert time.monotonic() < deadline
        time.sleep(0.05)


def main() -> None:
    folder, count = sys.argv[1:]
    prepare(folder, int(count))
    database.close_all()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            with database.connection_context():
                rest() if line.strip() == "rest" else work(random.Random(line))
            os._exit(0)
        print("pid", pid, flush=True)
        os.waitpid(pid, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
