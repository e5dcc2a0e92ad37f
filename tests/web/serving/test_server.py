"""The server as a process, and several of them: start, stop, and what happens between."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from flask import Flask

from config.settings import read_settings
from tests.test_crash import Server
from tests.waiting import wait_for
from web.serving.server import DRAIN_SECONDS, DrainingServer


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_seeds_serves_and_ends_cleanly(tmp_path, number):
    server = Server(tmp_path)
    server.run("db", "upgrade")
    server.start()
    assert requests.get(server.base + "/", timeout=60).status_code == 200
    begun = time.monotonic()
    server.process.send_signal(number)
    assert server.process.wait(timeout=60) == 0
    # Nobody was there to wait for.
    assert time.monotonic() - begun < DRAIN_SECONDS


@pytest.fixture
def start(tmp_path):
    """Start a server of so many web processes; it ends with the test."""
    started = []

    def start_one(processes: int, **environ: str) -> Server:
        server = Server(tmp_path)
        server.environ |= {"WEB_PROCESSES": str(processes), **environ}
        server.run("db", "upgrade")
        server.start()
        started.append(server)
        if processes > 1:
            count = processes + (environ.get("CONSUMER") != "apart")
            wait_for(lambda: len(children_of(server.process)) == count)
        return server

    yield start_one
    for server in started:
        server.kill()


def children_of(process: subprocess.Popen) -> list[int]:
    """The ids of its living children, the oldest first."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children")
            .read_text().split()]  # fmt: skip


def state_of(stat: Path) -> str:
    """R for running, S for sleeping, T for stopped, Z for dead and not taken leave of."""
    return stat.read_text().rpartition(")")[2].split()[0] if stat.exists() else "Z"


def is_alive(pid: int) -> bool:
    return state_of(Path(f"/proc/{pid}/stat")) != "Z"


def stop(pid: int) -> None:
    """Let a process stand still, with all its threads."""
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: {state_of(stat) for stat in Path("/proc").glob(f"{pid}/task/*/stat")} == {"T"})


def is_refused(server: Server) -> bool:
    parts = urlsplit(server.base)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        # It closed in between.
        pass
    return False


def answers_without(server: Server, other: int) -> bool:
    """Whether the home page comes while `other` stands still."""
    stop(other)
    try:
        return requests.get(server.base + "/", timeout=60).status_code == 200
    finally:
        os.kill(other, signal.SIGCONT)


# -- several processes -----------------------------------------------------------------------------


@pytest.mark.fault
@pytest.mark.slow
def test_each_of_two_processes_answers_and_one_that_dies_is_replaced(start):
    server = start(2, CONSUMER="apart")
    first, second = children_of(server.process)
    assert answers_without(server, first)
    assert answers_without(server, second)

    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(set(children_of(server.process)) - {first}) == 2)
    assert answers_without(server, second)


@pytest.mark.slow
def test_messages_leave_by_one_consumer_beside_two_processes(start, tmp_path):
    server = start(2)
    server.run("seed")
    # The third is the consumer; while it stands still nothing leaves.
    *_, consumer = children_of(server.process)
    stop(consumer)
    with sqlite3.connect(tmp_path / "melasti.db", timeout=60) as database:
        database.execute("UPDATE message SET state = 'queued', next_attempt_at = queued_at")
    filed = requests.Session()
    page = filed.get(f"{server.base}/masuk", timeout=60).text
    form = {"csrf_token": token_in(page), "email": "pelanggan@contoh.test",
            "password": "melasti-demo"}  # fmt: skip
    filed.post(f"{server.base}/masuk", form, timeout=60).raise_for_status()

    def states() -> set[str]:
        with sqlite3.connect(tmp_path / "melasti.db", timeout=60) as database:
            return {state for (state,) in database.execute("SELECT state FROM message")}

    assert states() == {"queued"}
    os.kill(consumer, signal.SIGCONT)
    wait_for(lambda: "sent" in states())


def token_in(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_stop_lets_the_running_request_finish(start, tmp_path, processes):
    server = start(processes)
    visitor = requests.Session()
    token = token_in(visitor.get(f"{server.base}/lacak", timeout=60).text)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    connection = http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=60)
    held = sqlite3.connect(tmp_path / "melasti.db", timeout=60, isolation_level=None)
    # Every visitor is counted before anything else, which has to wait now.
    held.execute("BEGIN IMMEDIATE")
    connection.request(
        "POST",
        "/lacak",
        urlencode({"csrf_token": token, "number": "1/L.Data/29/VII/24"}),
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies},
    )
    wait_for(lambda: was_read(connection.sock))

    server.process.terminate()
    wait_for(lambda: is_refused(server))
    held.execute("ROLLBACK")

    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.read().rstrip().endswith(b"</html>")
    assert server.process.wait(timeout=60) == 0


def was_read(ours: socket.socket) -> bool:
    """Whether the other end on this machine has taken everything that was sent to it."""
    theirs, mine = ours.getpeername()[1], ours.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        ports = [int(fields[at].partition(":")[2], 16) for at in (1, 2)]
        if ports == [theirs, mine]:
            return int(fields[4].partition(":")[2], 16) == 0
    return False


@pytest.mark.fault
@pytest.mark.slow
def test_no_process_outlives_its_parent(start):
    server = start(2)
    children = children_of(server.process)
    server.kill()
    wait_for(lambda: not any(map(is_alive, children)))
    assert is_refused(server)


# -- settings --------------------------------------------------------------------------------------


def test_stop_is_not_hurt_by_a_loop_that_is_quicker(tmp_path):
    """Another thread's pull may let the loop do what it was given before it is pulled for it."""
    settings = read_settings({"DATA_DIR": str(tmp_path), "PORT": "0", "THREADS": "1"})
    server = DrainingServer(Flask("kosong"), settings)
    trigger, pull = server._server.trigger, server._server.trigger._physical_pull

    def pull_after_another():
        pull()
        server._thread.join(timeout=0.3)
        pull()

    server.start()
    trigger._physical_pull = pull_after_another
    server.stop()
    assert not server._thread.is_alive()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{server.port}/", timeout=5)


def test_a_form_that_is_still_arriving_is_answered(tmp_path):
    settings = read_settings({"DATA_DIR": str(tmp_path), "PORT": "0", "THREADS": "1"})
    app = Flask("kosong")
    app.add_url_rule("/", view_func=lambda: "diterima", methods=["POST"])
    server = DrainingServer(app, settings)
    server.start()
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as sender:
        sender.sendall(head + b"12345")
        wait_for(lambda: any(one.request for one in server._server.active_channels.values()))
        ending = threading.Thread(target=server.stop)
        ending.start()
        wait_for(lambda: not server._server.accepting or server._server.socket is None)
        sender.sendall(b"67890")
        assert sender.recv(4096).startswith(b"HTTP/1.1 200")
    ending.join()
