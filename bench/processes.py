"""The whole system as processes: how fast it starts, what it weighs, what it takes under load.

    python -m bench.processes
    SECONDS=20 CONNECTIONS=16 python -m bench.processes

The load client is a process of its own, but on the same machine: with two cores it takes its part
of what two web processes could have. So requests are counted per second and per second of
processor time of the server, all of its processes together.
"""

import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import requests

from bench.engines import fresh_place, machine

SECONDS = float(os.environ.get("SECONDS", "10"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "16"))
STARTS = 5
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent
# passlib takes cryptography along when it is there. Only tools of the tests bring it.
RUN = (
    "import runpy, sys; sys.modules['cryptography'] = None; sys.argv[0] = 'run.py'; "
    "runpy.run_path('run.py', run_name='__main__')"
)


@dataclass(frozen=True)
class Served:
    """A server that has answered once, the address of it, and after how many seconds."""

    process: subprocess.Popen
    base: str
    took: float

    def family(self) -> list[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def busy(self) -> float:
        """Seconds of processor time so far."""
        spent = 0
        for pid in self.family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += int(fields[11]) + int(fields[12])
        return spent / TICKS

    def memory(self) -> tuple[float, float]:
        """(resident, proportional) megabytes of all its processes."""
        rss = pss = 0.0
        for pid in self.family():
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            rss += int(re.search(r"^Rss:\s+(\d+)", text, re.M).group(1)) / 1024
            pss += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1)) / 1024
        return rss, pss

    def settle(self) -> None:
        """Wait until it has nothing to do any more."""
        before = -1.0
        while (busy := self.busy()) > before + 0.02:
            before = busy
            time.sleep(3)


@contextmanager
def serving(place: dict[str, str], **environ: str) -> Iterator[Served]:
    """`run.py serve` at a free port until the block ends."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "serve"],
        cwd=ROOT,
        env=os.environ | place | {"PORT": "0", "HOST": "127.0.0.1"} | environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline()
        base = re.search(r"http://\S+:\d+", first).group(0)
        requests.get(f"{base}/", timeout=60).raise_for_status()
        yield Served(process, base, time.perf_counter() - begun)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def run(place: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "run.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | place, check=True, stdout=sys.stderr)


# -- start and weight ------------------------------------------------------------------------------


def report_start(place: dict[str, str]) -> None:
    """From exec to the first page; processor time too, which a busy machine leaves as it is."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask, peewee, waitress"], check=True)
    libraries = time.perf_counter() - begun
    starts, busy = [], []
    for _ in range(STARTS):
        with serving(place) as served:
            starts.append(served.took)
            busy.append(served.busy())
    print(
        f"start, from exec to the first page: {statistics.median(starts):.2f} s, the best of "
        f"{STARTS} {min(starts):.2f} s, of CPU {min(busy):.2f} s; Flask, peewee and waitress "
        f"alone {libraries:.2f} s"
    )


def report_memory(place: dict[str, str]) -> None:
    for words, environ in (
        ("web and consumer in one process", {}),
        ("two web processes and the consumer", {"WEB_PROCESSES": "2"}),
    ):
        with serving(place, **environ) as served:
            served.settle()
            rss, pss = served.memory()
        print(f"idle, {words}: {rss:.0f} MB resident, {pss:.0f} MB without what they share")
    run(place, "seed")
    with serving(place) as served:
        served.settle()
        rss, pss = served.memory()
    print(f"idle, in one process that has made documents: {rss:.0f} MB resident, {pss:.0f} MB")


# -- load ------------------------------------------------------------------------------------------


def load(port: int, request: bytes, served: Served | None = None) -> tuple[float, float]:
    """(requests a second, requests per second of the server's processor time)"""
    command = [sys.executable, "-m", "bench.load", str(port)]

    def ask(seconds: float) -> tuple[int, float]:
        given = [*command, str(seconds), str(CONNECTIONS)]
        said = subprocess.run(given, input=request, check=True, capture_output=True).stdout.split()
        return int(said[0]), float(said[1])

    ask(1)
    before = served.busy() if served else 0.0
    count, took = ask(SECONDS)
    busy = (served.busy() if served else 0.0) - before
    return count / took, count / busy if busy else 0.0


def tracking_request(base: str, number: str) -> bytes:
    """A visitor asks for a number; each time from another address, since they are counted."""
    visitor = requests.Session()
    page = visitor.get(f"{base}/lacak", timeout=20).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
    body = urlencode({"csrf_token": token, "number": number})
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    return (
        f"POST /lacak HTTP/1.1\r\nHost: {urlsplit(base).netloc}\r\nCookie: {cookies}\r\n"
        f"X-Forwarded-For: {'@' * 15}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


@contextmanager
def bare_waitress() -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.hello", str(port)], cwd=ROOT)
    try:
        base, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
        while True:
            try:
                requests.get(base, timeout=5)
                break
            except requests.ConnectionError:
                assert time.monotonic() < until
                time.sleep(0.05)
        yield Served(process, base, 0.0)
    finally:
        process.terminate()
        process.wait()


def report_load(place: dict[str, str]) -> None:
    """Needs the demo data."""
    with sqlite3.connect(Path(place["DATA_DIR"]) / "melasti.db") as database:
        [number] = database.execute(
            "SELECT number FROM request WHERE number IS NOT NULL"
        ).fetchone()
    found = {}
    with bare_waitress() as bare:
        hello = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        found["bare waitress, hello"] = load(urlsplit(bare.base).port, hello, bare)
    for processes in (1, 2):
        environ = {"WEB_PROCESSES": str(processes), "CONSUMER": "apart", "TRUSTED_PROXIES": "1"}
        with serving(place, **environ) as served:
            request = tracking_request(served.base, number)
            words = f"tracking, {processes} process{'es' * (processes > 1)}"
            found[words] = load(urlsplit(served.base).port, request, served)
    bare_rate, bare_cpu = found["bare waitress, hello"]
    print(f"{CONNECTIONS} connections, {SECONDS:.0f} s, SQLite")
    print(f"{'':<24}{'a second':>10}{'of bare':>10}{'per CPU s':>12}{'of bare':>10}")
    for words, (rate, per_cpu) in found.items():
        print(f"{words:<24}{rate:>10.0f}{rate / bare_rate:>10.1%}{per_cpu:>12.0f}"
              f"{per_cpu / bare_cpu:>10.1%}")  # fmt: skip
    one, two = found["tracking, 1 process"], found["tracking, 2 processes"]
    print(f"two processes: {two[0] / one[0]:.2f} × one by the clock")


def main() -> None:
    print(f"# the whole system on SQLite, {machine()}", flush=True)
    with fresh_place("SQLite") as place:
        run(place, "db", "upgrade")
        report_start(place)
        report_memory(place)
        report_load(place)
    print(f"# {machine()}\n", flush=True)


if __name__ == "__main__":
    main()
