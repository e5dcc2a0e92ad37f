"""Kill -9 of the worker at the three worst moments: nothing is lost, a repetition is known as one.

The ledger is the gateway's own: what it was sent, by our key. A gateway can't be asked to forget,
so a worker that dies between the answer and the mark sends again, with the same key.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, SAMPLE = 102, 12
MESSAGES = 160
BEFORE_SENDING, AFTER_SENDING, BEFORE_MARKING = range(3)
MOMENTS = {
    BEFORE_SENDING: "before the gateway had it",
    AFTER_SENDING: "after it had it, before its answer",
    BEFORE_MARKING: "after its answer, before the mark",
}


class Ledger:
    """A gateway that writes down what it took and, when told, kills the one who sends."""

    def __init__(self):
        self.taken: Counter[str] = Counter()
        self.keys_of: dict[str, set[str]] = {}
        self.pid = 0
        self.round = 0
        self.moment: int | None = None
        self.countdown = 0
        self.killed: Counter[int] = Counter()
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _kill_at(self, moment: int) -> bool:
        if self.moment != moment or self.countdown > 0:
            return False
        os.kill(self.pid, signal.SIGKILL)
        self.killed[moment] += 1
        self.moment = None
        return True

    def _handler(self):
        ledger = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                with ledger.lock:
                    # What a dead one sent with its last breath is taken, and kills nobody.
                    is_alive = self.path.startswith(f"/{ledger.round}/")
                    ledger.countdown -= is_alive
                    if is_alive and ledger._kill_at(BEFORE_SENDING):
                        return
                    body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                    key = self.headers["Idempotency-Key"]
                    assert body["biz_opaque_callback_data"] == key
                    about = body["template"]["components"][0]["parameters"][2]["text"]
                    ledger.taken[key] += 1
                    ledger.keys_of.setdefault(about, set()).add(key)
                    if is_alive and ledger._kill_at(AFTER_SENDING):
                        return
                    answer = json.dumps({"messages": [{"id": f"wamid.{key}"}]}).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                    self.wfile.flush()
                    if is_alive:
                        ledger._kill_at(BEFORE_MARKING)

            def log_message(self, *args) -> None:
                pass

        return Handler


@pytest.mark.fault
@pytest.mark.slow
def test_nothing_is_lost_by_kills(tmp_path, whole):
    rounds = ROUNDS if whole else SAMPLE
    ledger, luck = Ledger(), random.Random(20240729)
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.kill_worker", str(tmp_path), str(MESSAGES)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert nursery.stdout.readline() == "ready\n"
    # Each round is six minutes later: the lease of what the dead one held has run out.
    at = datetime(2024, 7, 29, 4, 30, tzinfo=UTC)

    def round_of(moment: int | None, countdown: int) -> None:
        nonlocal at
        with ledger.lock:
            ledger.round += 1
            ledger.moment, ledger.countdown = moment, countdown
            nursery.stdin.write(f"{at.isoformat()} {ledger.url}/{ledger.round}\n")
            nursery.stdin.flush()
            ledger.pid = int(nursery.stdout.readline())
        assert nursery.stdout.readline() == "ended\n"
        at += timedelta(minutes=6)

    for number in range(rounds):
        round_of(number % 3, luck.randint(1, 2))
    killed = dict(ledger.killed)
    for _ in range(3):
        round_of(None, 0)
    nursery.stdin.close()
    nursery.wait(timeout=60)
    ledger.server.shutdown()

    database = sqlite3.connect(tmp_path / "melasti.db")
    rows = database.execute("SELECT public_id, state FROM message").fetchall()
    assert sum(killed.values()) >= rounds - 2
    assert set(ledger.taken) == {key for key, _ in rows}
    assert {state for _, state in rows} == {"sent"}
    assert all(len(keys) == 1 for keys in ledger.keys_of.values())
    assert len(ledger.keys_of) == MESSAGES
    again = sum(count - 1 for count in ledger.taken.values())
    # Only a kill after the gateway had the message can repeat it.
    assert again <= killed[AFTER_SENDING] + killed[BEFORE_MARKING]
    assert again >= killed[AFTER_SENDING]
    for moment, words in MOMENTS.items():
        print(f"{killed[moment]} kills {words}")
    print(f"{MESSAGES} messages, 0 lost, {again} sent again, each with its own key as before")
