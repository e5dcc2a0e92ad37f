"""A worker to be killed: forks one delivery run per line of its input, so that a start is cheap.

    python -m tests.kill_worker FOLDER COUNT

Prints `ready`, then for each line `INSTANT GATEWAY_URL` of its input the pid of the run and,
once that ended, `ended`. The runs share nothing but the database, as workers do.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from config.settings import DeliveryRules
from messages.compose import read_message_templates
from messages.gateways.meta_cloud import MetaCloud
from messages.sending import Postman, deliver_due
from models import Message, User
from storage.database import database, migrate, open_database

BEGIN = datetime(2024, 7, 29, 4, tzinfo=UTC)


def prepare(folder: str, count: int) -> None:
    open_database(f"sqlite:///{folder}/melasti.db")
    with database.connection_context():
        migrate()
        customer = User.create(email="pelanggan@contoh.test", name="Pelanggan", phone="+6281234567",
                               fs_uniquifier="x", gender="P", phone_confirmed_at=BEGIN)  # fmt: skip
        for index in range(count):
            Message.enqueue(
                "tahap_maju",
                recipient=customer,
                channel="whatsapp",
                at=BEGIN + timedelta(seconds=index),
                dedupe_key=f"putus-{index}",
                variables={"sapaan": "Ibu", "nama": "Pelanggan", "nomor": f"nomor-{index}.",
                           "tahap": "Survei", "waktu": "-", "tautan": "/layanan/x"},
            )  # fmt: skip


def run(url: str, now: datetime) -> None:
    environ = {"META_TOKEN": "x", "META_PHONE_NUMBER_ID": "1", "META_BASE_URL": url}
    gateway = MetaCloud(environ, timeout=5)
    with database.connection_context():
        # The hundred rounds go on through the night.
        rules = DeliveryRules(quiet_hours=None)
        words = read_message_templates("https://layanan.contoh.test")
        postman = Postman({"whatsapp": gateway}, words, rules)
        while deliver_due(postman, now=now, limit=5):
            pass


def main() -> None:
    folder, count = sys.argv[1:]
    prepare(folder, int(count))
    database.close_all()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            at, url = line.split()
            run(url, datetime.fromisoformat(at))
            os._exit(0)
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
