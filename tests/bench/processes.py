"""The whole system as processes: how fast it starts, what it weighs, what it takes under load.

    python -m tests.bench.processes
    SECONDS=30 CONNECTIONS=16 python -m tests.bench.processes

The load client is a process of its own, but on the same machine: with two cores it takes its part
of what two web processes could have. So requests are counted per second and per second of
processor time of the server, all of its processes together.
"""

import json
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
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import requests

from tests.bench.engines import fresh_place, machine

SECONDS = float(os.environ.get("SECONDS", "20"))
# Each server is asked in so many turns.
TURNS = 5
CONNECTIONS = int(os.environ.get("CONNECTIONS", "16"))
STARTS = 5
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parents[2]
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


@dataclass(frozen=True)
class Burden:
    """A server, and the request that it is asked again and again."""

    served: Served
    request: bytes

    def bear(self, seconds: float) -> tuple[float, float]:
        """(requests a second, requests per second of the server's processor time)"""
        port = str(urlsplit(self.served.base).port)
        command = [sys.executable, "-m", "tests.bench.load", port, str(seconds), str(CONNECTIONS)]
        before = self.served.busy()
        said = subprocess.run(command, input=self.request, check=True, capture_output=True).stdout
        count, took = said.split()
        busy = max(self.served.busy() - before, 1 / TICKS)
        return int(count) / float(took), int(count) / busy


def calculate(seconds: float) -> int:
    """How often something small is done in so many seconds, without any waiting."""
    thing, count = {"a": [1, 2, {"b": "x" * 50}]}, 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for _ in range(200):
            json.loads(json.dumps(thing))
        count += 200
    return count


def scale_of_machine(seconds: float) -> float:
    """How much more than one two processes calculate: what two web processes could come to."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(calculate, (0.1, 0.1)))
        both = sum(pool.map(calculate, (seconds, seconds)))
        return both / next(pool.map(calculate, (seconds,)))


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
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.hello", str(port)], cwd=ROOT)
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
    """Needs the demo data. All servers stand side by side and are asked by turns, so that what
    else the machine does burdens each of them alike; the figures are medians.
    """
    with sqlite3.connect(Path(place["DATA_DIR"]) / "melasti.db") as database:
        [number] = database.execute(
            "SELECT number FROM request WHERE number IS NOT NULL"
        ).fetchone()
    environ = {"CONSUMER": "apart", "TRUSTED_PROXIES": "1"}
    with (
        bare_waitress() as bare,
        serving(place, **environ) as one,
        serving(place, WEB_PROCESSES="2", **environ) as two,
    ):
        hello = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        burdens = {
            "bare waitress, hello": Burden(bare, hello),
            "tracking, 1 process": Burden(one, tracking_request(one.base, number)),
            "tracking, 2 processes": Burden(two, tracking_request(two.base, number)),
        }
        found, scales = {words: [] for words in burdens}, []
        for burden in burdens.values():
            burden.bear(1)
        for _ in range(TURNS):
            for words, burden in burdens.items():
                found[words].append(burden.bear(SECONDS / TURNS))
            scales.append(scale_of_machine(1))
    print(f"{CONNECTIONS} connections, {TURNS} × {SECONDS / TURNS:.0f} s, SQLite")
    print(f"{'':<24}{'a second':>10}{'of bare':>10}{'per CPU s':>12}{'of bare':>10}")
    medians = {words: [statistics.median(column) for column in zip(*turns, strict=True)]
               for words, turns in found.items()}  # fmt: skip
    bare_rate, bare_cpu = medians["bare waitress, hello"]
    for words, (rate, per_cpu) in medians.items():
        print(f"{words:<24}{rate:>10.0f}{rate / bare_rate:>10.1%}{per_cpu:>12.0f}"
              f"{per_cpu / bare_cpu:>10.1%}")  # fmt: skip
    ratios = [more / fewer for (fewer, _), (more, _)
              in zip(*list(found.values())[1:], strict=True)]  # fmt: skip
    print(
        f"two processes: {statistics.median(ratios):.2f} × one by the clock "
        f"({min(ratios):.2f} to {max(ratios):.2f}); two that only calculate: "
        f"{statistics.median(scales):.2f} ({min(scales):.2f} to {max(scales):.2f})"
    )


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
