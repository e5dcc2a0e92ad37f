"""Connections that are held open by drops, and honest ones beside them, slow as they may be."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest
import requests
from flask import Flask, request

from config.settings import read_settings
from tests.web.serving.test_server import start  # noqa: F401
from web.accounts.limits import network_of
from web.serving import connections
from web.serving.connections import Connection
from web.serving.server import DrainingServer

pytestmark = pytest.mark.fault

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
MEGABYTE = 1_000_000


class Quick(Connection):
    """The same with seconds for minutes."""

    grace_seconds = 0.8
    slowest_bytes = 20_000


@pytest.fixture
def serve(tmp_path):
    """A server of connections of a kind; its address."""
    running = []

    def begin(kind: type[Connection], **changes):
        settings = read_settings({"DATA_DIR": str(tmp_path), "PORT": "0", "THREADS": "2"})
        app = Flask("kosong")
        app.add_url_rule("/", "all", lambda: str(len(request.get_data())), methods=["GET", "POST"])
        app.add_url_rule("/besar", "large", lambda: b"x" * 60_000_000)
        server = DrainingServer(app, replace(settings, **changes))
        if kind is not None:
            server._server.channel_class = kind
        server.start()
        running.append(server)
        return server

    yield begin
    for server in running:
        server.stop()


def connected(server: DrainingServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def is_ended(ours: socket.socket, within: float) -> bool:
    """Whether the other end closes it."""
    ours.settimeout(within)
    try:
        return ours.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def drip(ours: socket.socket, data: bytes, pause: float) -> None:
    with suppress(OSError):
        for place in range(len(data)):
            ours.sendall(data[place : place + 1])
            time.sleep(pause)


@pytest.mark.parametrize(
    ("begin", "drops"),
    [
        (b"", HEAD),
        (HEAD, b"X-A: " + b"a" * 100),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"x" * 100),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 30),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 99\r\n\r\n", b""),
        (HEAD + b"\r\n", HEAD),
    ],
    ids=["head", "header", "body", "chunks", "continue", "second request"],
)  # fmt: skip
def test_drops_keep_no_socket(serve, begin, drops):
    server = serve(Quick)
    with connected(server) as ours:
        ours.sendall(begin)
        threading.Thread(target=drip, args=(ours, drops, 0.1), daemon=True).start()
        until = time.monotonic() + 8
        ours.settimeout(8)
        with suppress(OSError):
            while ours.recv(4096) and time.monotonic() < until:
                pass
        assert time.monotonic() < until


def test_reader_that_takes_nothing_keeps_no_thread(serve):
    server = serve(Quick)
    readers = [connected(server) for _ in range(2)]
    for one in readers:
        one.sendall(b"GET /besar HTTP/1.1\r\nHost: localhost\r\n\r\n")
    time.sleep(0.2)
    assert requests.get(f"http://127.0.0.1:{server.port}/", timeout=15).status_code == 200
    for one in readers:
        one.close()


@pytest.mark.parametrize(
    ("bytes_a_second", "arrives"), [(60_000, True), (25_000, True), (4_000, False)]
)
def test_slow_upload_has_the_time_that_it_takes(serve, bytes_a_second, arrives):
    """Three times as long as any request has at the least, at the phone's own pace."""
    server, size = serve(Quick), int(bytes_a_second * 2.4)
    with connected(server) as ours:
        ours.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size)
        piece = bytes_a_second // 20
        with suppress(OSError):
            for sent in range(0, size, piece):
                ours.sendall(b"x" * min(piece, size - sent))
                time.sleep(0.05)
        ours.settimeout(5)
        answer = b""
        with suppress(OSError):
            answer = ours.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200") == arrives


@pytest.mark.parametrize("megabytes", [1, 20, 200])
@pytest.mark.parametrize("bytes_a_second", [8_000, 50_000, 1_000_000])
def test_honest_pace_is_never_too_slow(megabytes, bytes_a_second):
    """At each moment of an upload more time is left than the network may pause."""
    seconds = megabytes * MEGABYTE / bytes_a_second
    for part in (0.01, 0.1, 0.5, 1):
        allowed = (
            connections.GRACE_SECONDS + part * megabytes * MEGABYTE / connections.SLOWEST_BYTES
        )
        assert allowed > part * seconds + 20


class Crowded(Connection):
    most_per_address = 5


def test_one_address_has_so_many_and_the_oldest_goes(serve):
    server = serve(Crowded)
    sockets = [connected(server) for _ in range(9)]
    for one in sockets:
        one.sendall(HEAD)
    assert requests.get(f"http://127.0.0.1:{server.port}/", timeout=10).status_code == 200
    assert [is_ended(one, 0.5) for one in sockets[:4]] == [True] * 4
    assert not is_ended(sockets[-1], 0.2)


def test_proxy_may_have_as_many_as_there_are(serve):
    server = serve(None, trusted_proxies=1)
    sockets = [connected(server) for _ in range(150)]
    for one in sockets:
        one.sendall(HEAD)
    assert requests.get(f"http://127.0.0.1:{server.port}/", timeout=10).status_code == 200
    assert not is_ended(sockets[0], 0.2)
    for one in sockets:
        one.close()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_address_of_a_subscriber(one, other, alike):
    assert (network_of(one) == network_of(other)) == alike


@pytest.mark.slow
@pytest.mark.parametrize("proxies", ["0", "1"])
def test_six_hundred_sockets_leave_room_for_an_honest_one(start, proxies):  # noqa: F811
    server = start(1, TRUSTED_PROXIES=proxies)
    address = server.base.removeprefix("http://").split(":")
    sockets = []
    for _ in range(600):
        ours = socket.create_connection((address[0], int(address[1])), timeout=20)
        ours.sendall(HEAD)
        sockets.append(ours)
    took = []
    for _ in range(14):
        for one in sockets:
            with suppress(OSError):
                one.sendall(b"X")
        begun = time.monotonic()
        assert requests.get(f"{server.base}/masuk", timeout=10).status_code == 200
        took.append(time.monotonic() - begun)
    for one in sockets:
        one.close()
    print(f"{sorted(took)[7]:.3f} s in the middle, {max(took):.3f} s at most")
