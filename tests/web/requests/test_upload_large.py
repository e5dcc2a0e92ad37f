"""A large file cut three times: its digest is right, and nobody else notices that it came."""

import hashlib
import html
import re
import socket
import statistics
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from storage.files import LocalStorage
from tests.test_crash import Server

MEBIBYTE = 1024 * 1024
PIECE = MEBIBYTE
# A hundred megabits a second: more than an office's line carries.
LINE = 12.5 * MEBIBYTE
CUTS = (0.2, 0.5, 0.8)
PASSWORD = "melasti-demo"
LINES = b"2024-07-29 12:00:00;BULELENG;1,25;7,5;180\n"


class Visitor:
    """Somebody of the office at a real server."""

    def __init__(self, server: Server, email: str):
        self.base, self.session = server.base, requests.Session()
        self.post("/masuk", "/masuk", email=email, password=PASSWORD)

    def get(self, path: str) -> str:
        answer = self.session.get(self.base + path, timeout=60)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, page: str, path: str, **form: object) -> requests.Response:
        form["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))[1]
        return self.session.post(self.base + path, data=form, timeout=120)


class Uploader(Visitor):
    """Sends a file in pieces at the pace of a line, and loses the line three times."""

    def open_card(self) -> None:
        """A test that waits for its raw data."""
        cards = re.findall(r"/backoffice/permohonan/\w{26}", self.get("/backoffice/"))
        for card in dict.fromkeys(cards):
            page = self.get(card)
            if found := re.search(r'data-pieces="([^"]+)"', page):
                self.card, self.permit = card, html.unescape(found[1])
                self.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
                return
        raise AssertionError("no request waits for files")

    def begin(self, name: str, size: int) -> dict:
        answer = self.post(self.card, "/unggahan", untuk=self.permit, nama=name, ukuran=size)
        return answer.json()

    def send(self, key: str, at: int, piece: bytes) -> dict:
        answer = self.session.post(
            f"{self.base}/unggahan/{key}?dari={at}", data=piece, timeout=120,
            headers={"X-CSRFToken": self.token, "Content-Type": "application/octet-stream"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.json()

    def break_off(self, key: str, at: int, piece: bytes) -> None:
        """Half a piece, and the line is gone."""
        place = urlsplit(self.base)
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.session.cookies)
        head = (
            f"POST /unggahan/{key}?dari={at} HTTP/1.1\r\nHost: {place.netloc}\r\n"
            f"Cookie: {cookies}\r\nX-CSRFToken: {self.token}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(piece)}\r\n\r\n"
        )
        with socket.create_connection((place.hostname, place.port)) as line:
            line.sendall(head.encode() + piece[: len(piece) // 2])

    def upload(self, path: Path, pace: float) -> dict:
        size, cuts = path.stat().st_size, list(CUTS)
        with path.open("rb") as file:
            begun = self.begin(path.name, size)
            there, answer = begun["there"], begun
            while "kept" not in answer:
                since = time.monotonic()
                file.seek(there)
                piece = file.read(PIECE)
                if cuts and there >= cuts[0] * size:
                    cuts.pop(0)
                    self.break_off(begun["id"], there, piece)
                    assert self.begin(path.name, size) == {"id": begun["id"], "there": there}
                    continue
                answer = self.send(begun["id"], there, piece)
                there = answer["there"]
                time.sleep(max(0.0, len(piece) / pace - (time.monotonic() - since)))
        return answer


def measurements(path: Path, size: int) -> str:
    """A table of so many bytes; its digest."""
    block = LINES * (MEBIBYTE // len(LINES))
    digest, left = hashlib.sha256(), size
    with path.open("wb") as file:
        while left:
            piece = block[:left]
            file.write(piece)
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest()


class Watch:
    """How long pages take one after the other, for as long as it runs."""

    def __init__(self, visitor: Visitor):
        self.visitor, self.times, self.ended = visitor, [], threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.ended.is_set():
            since = time.monotonic()
            self.visitor.get("/backoffice/")
            self.times.append(time.monotonic() - since)
            time.sleep(0.05)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
        self.median = statistics.median(self.times)


def memory(pid: int, name: str) -> int:
    """Bytes, by a line of /proc: VmRSS now, VmHWM at most since the last look."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("besar"))
    server.run("db", "upgrade")
    server.run("seed")
    server.start()
    yield server
    server.kill()


@pytest.mark.long
@pytest.mark.parametrize(
    "megabytes", [pytest.param(12, id="small"), pytest.param(200, marks=pytest.mark.slow)]
)
def test_a_file_cut_three_times_arrives_whole_and_nobody_notices(server, tmp_path, megabytes):
    path = tmp_path / f"deret-{megabytes}.csv"
    wanted, size = measurements(path, megabytes * MEBIBYTE), megabytes * MEBIBYTE
    uploader = Uploader(server, "penguji@balai.test")
    uploader.open_card()
    reader = Visitor(server, "admin@balai.test")
    warm_up = tmp_path / f"hangat-{megabytes}.csv"
    measurements(warm_up, 3 * MEBIBYTE)
    uploader.upload(warm_up, LINE)
    pid = server.process.pid
    with Watch(reader) as before:
        time.sleep(megabytes / 12.5)
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    at_rest = memory(pid, "VmRSS")
    with Watch(reader) as meanwhile:
        answer = uploader.upload(path, LINE)
    grown = memory(pid, "VmHWM") - at_rest
    with Watch(reader) as afterwards:
        time.sleep(megabytes / 25)
    # The machine has other things to do as well, before or afterwards.
    usual = max(before.median, afterwards.median)
    print(f"{megabytes} MB: memory +{grown / MEBIBYTE:.1f} MB; median of the queue in ms: "
          f"{usual * 1000:.1f}, meanwhile {meanwhile.median * 1000:.1f}")  # fmt: skip
    assert path.name in answer["kept"]
    storage = LocalStorage(Path(server.environ["DATA_DIR"]) / "files")
    assert storage.path(wanted).stat().st_size == size
    with storage.open(wanted) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == wanted
    assert grown <= 10 * MEBIBYTE
    # Of twelve megabytes there are too few pages to say much.
    assert meanwhile.median <= usual * (1.5 if megabytes >= 100 else 3)
