"""Page times while the WhatsApp gateway hangs: a real server, a real socket that never answers.

    python -m tests.bench.hang            # the gateway hangs for 60 seconds
    HANG=10 python -m tests.bench.hang

Sixty messages wait for the gateway, and the worker runs inside the web process, which is the
worst case. The last line says how often the dead gateway was asked at all.
"""

import os
import re
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import requests

from tests.gateway import Stub
from tests.test_crash import Server

HANG = int(os.environ.get("HANG", "60"))
QUIET = min(HANG, 15)
WAITING = 60
PASSWORD = "melasti-demo"


class Hanging(Stub):
    """Takes every message until it is told to hang; then it says nothing at all."""

    is_hanging = False

    def next_answer(self):
        return (
            "hang" if self.is_hanging else (200, {"messages": [{"id": f"wamid.{len(self.seen)}"}]})
        )


def log_in(base: str, email: str) -> requests.Session:
    session = requests.Session()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', session.get(f"{base}/masuk").text)
    form = {"csrf_token": token.group(1), "email": email, "password": PASSWORD}
    session.post(f"{base}/masuk", form).raise_for_status()
    return session


def queue_messages(folder: Path) -> None:
    """Let the latest messages wait for the gateway again."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
    with sqlite3.connect(folder / "melasti.db", timeout=20) as database:
        database.execute(
            "UPDATE message SET state = 'queued', attempts = 0, claim = '', provider_id = '', "
            "next_attempt_at = ?, queued_at = ? WHERE id IN "
            "(SELECT id FROM message WHERE channel = 'whatsapp' ORDER BY id DESC LIMIT ?)",
            (now, now, WAITING),
        )


def measure(pages, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each page, asked in turn for so long."""
    spent: dict[str, list[float]] = {name: [] for name, *_ in pages}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name, session, address in pages:
            begun = time.perf_counter()
            session.get(address, timeout=30).raise_for_status()
            spent[name].append((time.perf_counter() - begun) * 1000)
    return spent


def main() -> None:
    gateway = Hanging()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder)
        server.environ |= {
            "WHATSAPP_CHANNEL": "meta_cloud", "META_TOKEN": "x", "META_PHONE_NUMBER_ID": "1",
            "META_BASE_URL": gateway.url, "QUIET_HOURS": "",
        }  # fmt: skip
        server.run("db", "upgrade")
        server.run("seed")
        server.start()
        try:
            report(server.base, folder, gateway)
        finally:
            server.kill()
            gateway.close()


def report(base: str, folder: Path, gateway: Hanging) -> None:
    visitor = requests.Session()
    customer, admin = log_in(base, "pelanggan@contoh.test"), log_in(base, "admin@balai.test")
    detail = re.search(r'href="(/layanan/[0-9A-Z]{26})', customer.get(f"{base}/dasbor").text)
    card = re.search(r'href="(/backoffice/permohonan/[0-9A-Z]{26})',
                     admin.get(f"{base}/backoffice/?tab=semua").text)  # fmt: skip
    pages = [
        ("home", visitor, f"{base}/"),
        ("detail", customer, base + detail.group(1)),
        ("queue", admin, f"{base}/backoffice/"),
        ("card", admin, base + card.group(1)),
    ]
    measure(pages, 3)
    quiet = measure(pages, QUIET)
    gateway.is_hanging = True
    asked_before = len(gateway.seen)
    queue_messages(folder)
    # A POST that succeeds rings the worker.
    log_in(base, "dinas@contoh.test")
    hanging = measure(pages, HANG)
    print(f"the gateway answers for {QUIET} s, then hangs for {HANG} s; {WAITING} messages wait")
    print(f"{'page':<10}{'quiet ms':>10}{'p95':>10}{'hanging ms':>12}{'p95':>10}{'max':>10}")
    for page in quiet:
        calm, stuck = quiet[page], hanging[page]
        print(
            f"{page:<10}{statistics.median(calm):>10.1f}{p95(calm):>10.1f}"
            f"{statistics.median(stuck):>12.1f}{p95(stuck):>10.1f}{max(stuck):>10.1f}"
        )
    print(f"the gateway was asked {len(gateway.seen) - asked_before} times while it hung")


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
