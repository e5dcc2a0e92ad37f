"""Pages beside strangers: nine heavy PDFs at once, then six hundred sockets held open by drops.

    python -m tests.bench.strangers

A PDF is 408 kB and holds a stream of 400 MB. The sockets get a byte each some times a second; an
honest visitor reads the log-in page meanwhile. Before, what a normal letter's check costs.
"""

import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import requests

from storage.pdf_policy import check_pdf, helpers
from tests.bench.hang import log_in, measure, p95
from tests.people import pdf
from tests.storage.test_pdf_helpers import bomb
from tests.story_forms import FORM
from tests.test_crash import Server

HEAVY, SOCKETS, SECONDS, LETTERS = 9, 600, 20, 100
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "


def letters(folder: Path) -> None:
    path = folder / "surat.pdf"
    path.write_bytes(pdf("Surat permohonan"))
    check_pdf(path)
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for _ in range(LETTERS):
        check_pdf(path)
    took = (time.perf_counter() - begun) * 1000 / LETTERS
    # The helper is counted once it has ended.
    helpers.end()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
    print(f"a letter: {took:.1f} ms, {cpu / LETTERS:.1f} ms of CPU with its part of the start")


def beside_heavy_files(base: str) -> None:
    senders = [log_in(base, "pelanggan@contoh.test") for _ in range(HEAVY)]
    tokens = [
        one.get(f"{base}/ajukan")
        .text.split('name="csrf_token"')[1]
        .split('value="')[1]
        .split('"')[0]
        for one in senders
    ]
    content, ended = bomb(400 * 1024 * 1024), []

    def sends(session: requests.Session, token: str) -> None:
        files = {"file": ("berat.pdf", content, "application/pdf")}
        answer = session.post(f"{base}/ajukan", data={**FORM, "csrf_token": token}, files=files)
        ended.append(answer.status_code)

    threads = [
        threading.Thread(target=sends, args=pair) for pair in zip(senders, tokens, strict=True)
    ]
    begun, spent = time.perf_counter(), []
    for thread in threads:
        thread.start()
    visitor = requests.Session()
    while any(thread.is_alive() for thread in threads):
        spent += measure([("log-in", visitor, f"{base}/masuk")], 0.01)["log-in"]
    print(f"{HEAVY} heavy files: through in {time.perf_counter() - begun:.1f} s {sorted(ended)}; "
          f"{told(spent)}")  # fmt: skip


def hold(port: int) -> None:
    """Hold sockets by a byte each now and then; whoever is cut off comes again."""
    held: list[socket.socket] = []
    while True:
        for one in list(held):
            try:
                one.sendall(b"a")
            except OSError:
                held.remove(one)
                one.close()
        while len(held) < SOCKETS:
            with suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", port), timeout=5))
                held[-1].sendall(HEAD)
        time.sleep(1)


def beside_sockets(base: str) -> None:
    port = base.rpartition(":")[2]
    stranger = subprocess.Popen([sys.executable, "-m", "tests.bench.strangers", "hold", port])
    time.sleep(3)
    spent, failed, until = [], 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        # Each from a socket of its own, as somebody who comes for the first time.
        try:
            spent += measure([("log-in", requests, f"{base}/masuk")], 0.01)["log-in"]
        except requests.ConnectionError:
            failed += 1
        time.sleep(0.05)
    stranger.kill()
    stranger.wait()
    print(f"{SOCKETS} sockets held by drops: {told(spent)}, {failed} cut off")


def told(spent: list[float]) -> str:
    middle = statistics.median(spent)
    return f"{len(spent)} pages, median {middle:.0f} ms, p95 {p95(spent):.0f}, max {max(spent):.0f}"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        letters(Path(name))
        server = Server(Path(name) / "data")
        server.run("db", "upgrade")
        server.run("seed")
        server.start()
        try:
            beside_heavy_files(server.base)
            beside_sockets(server.base)
        finally:
            server.kill()


if __name__ == "__main__":
    hold(int(sys.argv[2])) if sys.argv[1:2] == ["hold"] else main()
