"""Kill -9 at random moments while customers file: what was acknowledged is there, once."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.people import pdf

ROUNDS, SAMPLE = 30, 5
ROOT = Path(__file__).resolve().parent.parent
FORM = {
    "service": "data",
    "subclass": "data_informasi",
    "description": "Uji putus daya.",
    "statement": "y",
}


class Server:
    """A real `run.py` in a process of its own."""

    def __init__(self, folder: Path):
        self.environ = {**os.environ, "DATA_DIR": str(folder), "PORT": "0"}
        self.environ.pop("DATABASE_URL", None)
        self.process: subprocess.Popen | None = None
        self.base = ""

    def run(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "run.py", *arguments], cwd=ROOT, env=self.environ, check=True
        )

    def start(self) -> None:
        self.launch(sys.executable, "run.py", "serve")

    def launch(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        first = self.process.stdout.readline()
        self.base = re.search(r"http://\S+:\d+", first).group(0)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class WarmServer(Server):
    """The same, forked from a process that has read the program: thirty starts cost as much."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.kill_server"], cwd=ROOT, env=self.environ,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.pid = 0
        self._read_until("ready")

    def _tell(self, *arguments: str) -> None:
        self.nursery.stdin.write(f"{' '.join(arguments)}\n")
        self.nursery.stdin.flush()
        self.pid = int(self._read_until(r"pid (\d+)"))

    def _read_until(self, words: str) -> str:
        """The last group of the first line that fits."""
        for line in self.nursery.stdout:
            if found := re.search(words, line):
                return found[found.re.groups]
        raise EOFError(f"the server ended without saying {words}")

    def run(self, *arguments: str) -> None:
        self._tell(*arguments)
        self._read_until("ended")

    def start(self) -> None:
        self._tell("serve")
        self.base = self._read_until(r"http://\S+:\d+")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._read_until("ended")

    def close(self) -> None:
        self.nursery.stdin.close()
        self.nursery.wait(timeout=60)


class Filer:
    """A customer who files over and over and notes what was acknowledged."""

    def __init__(self, server: Server):
        self.server = server
        self.session = requests.Session()
        self.acknowledged: set[str] = set()
        self.count = 0
        self.is_logged_in = False
        self.filed = threading.Event()

    def post(self, path: str, data: dict, **kwargs) -> requests.Response:
        page = self.session.get(self.server.base + "/lacak", timeout=60).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        return self.session.post(
            self.server.base + path, data={"csrf_token": token, **data}, timeout=60, **kwargs
        )

    def log_in(self) -> None:
        # The database is the same after a kill, and so is the key: the cookie still holds. But a
        # kill may come before the answer to the log-in, with a visitor's cookie in the hand.
        if not self.is_logged_in:
            account = {"email": "pelanggan@contoh.test", "password": "melasti-demo"}
            self.is_logged_in = "/masuk" not in self.post("/masuk", account).url

    def file_until_cut(self) -> None:
        try:
            self.log_in()
            while True:
                self.file()
        except requests.RequestException:
            return

    def file(self) -> None:
        self.count += 1
        subject = f"Putus {os.getpid()}-{self.count}-{random.random()}"
        check = self.post(
            "/ajukan",
            {**FORM, "subject": subject},
            files={"file": ("surat.pdf", pdf(subject), "application/pdf")},
        )
        form = dict(re.findall(r'name="(key|seal)" value="([^"]+)"', check.text))
        if "seal" not in form:
            return
        sent = self.post("/ajukan/kirim", form)
        if "Permohonan Anda sudah kami terima" in sent.text:
            self.acknowledged.add(subject)
            self.filed.set()


@pytest.mark.fault
@pytest.mark.slow
def test_what_was_acknowledged_survives_kills(tmp_path, whole):
    rounds = ROUNDS if whole else SAMPLE
    server = WarmServer(tmp_path)
    server.run("db", "upgrade")
    server.run("seed")
    # The limit on uploads is per customer and hour; it isn't what is tested here.
    filer = Filer(server)
    luck = random.Random(20240729)
    for number in range(rounds):
        server.start()
        forget_limits(tmp_path)
        filer.filed.clear()
        worker = threading.Thread(target=filer.file_until_cut)
        worker.start()
        # The random moment of the kill: in every second round soon after an acknowledgement, so
        # that there is something to lose on a slow machine too.
        try:
            if number % 2:
                assert filer.filed.wait(timeout=120)
            time.sleep(luck.uniform(0, 1.0))
        finally:
            # A server that lived on would keep the filer going, and the whole run from ending.
            server.kill()
            worker.join(timeout=90)
    server.close()

    assert len(filer.acknowledged) > rounds / 3
    database = sqlite3.connect(tmp_path / "melasti.db")
    filed = database.execute(
        "SELECT subject, sha256 FROM request JOIN document ON document.request_id = request.id "
        "WHERE document.kind = 'pendukung' AND subject LIKE 'Putus %'"
    ).fetchall()
    subjects = [subject for subject, _ in filed]
    assert len(subjects) == len(set(subjects))
    assert filer.acknowledged <= set(subjects)
    for _, sha256 in filed:
        stored = tmp_path / "files" / sha256[:2] / sha256[2:4] / sha256
        assert stored.read_bytes().startswith(b"%PDF-")
    broken = database.execute(
        "SELECT count(*) FROM request WHERE "
        "(SELECT count(*) FROM event WHERE event.request_id = request.id) = 0 OR "
        "(SELECT count(*) FROM message WHERE message.request_id = request.id) = 0"
    ).fetchone()
    assert broken == (0,)
    print(f"{len(filer.acknowledged)} acknowledged, {len(subjects)} filed, {rounds} kills")


def forget_limits(folder: Path) -> None:
    with sqlite3.connect(folder / "melasti.db", timeout=60) as database:
        database.execute("DELETE FROM rate_bucket")
