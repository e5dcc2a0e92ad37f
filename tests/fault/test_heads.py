"""Heads and bodies of a size or a shape that no browser sends end their own connection alone."""

import socket
from contextlib import suppress

import pytest
import requests

from tests.web.serving.test_connections import HEAD, connected, serve  # noqa: F401
from web.serving.connections import Connection

pytestmark = pytest.mark.fault
MEGABYTE = 1024 * 1024

HEADS = {
    "ten megabytes in one line": HEAD + b"X-A: " + b"a" * 10 * MEGABYTE + b"\r\n\r\n",
    "a hundred thousand lines": HEAD + b"X-A: a\r\n" * 100_000 + b"\r\n",
    "an address of ten megabytes": b"GET /" + b"a" * 10 * MEGABYTE + b" HTTP/1.1\r\n\r\n",
    "no lines at all": b"\x00\xff" * MEGABYTE,
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
    "a length that is none": HEAD + b"Content-Length: -1\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "pieces of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("head", HEADS)
def test_hostile_heads(serve, head):  # noqa: F811
    server = serve(Connection)
    with connected(server) as ours:
        ours.settimeout(20)
        with suppress(OSError):
            ours.sendall(HEADS[head])
            ours.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(OSError):
            while more := ours.recv(65536):
                answer += more
    status = answer.split(b" ")[1:2]
    assert not status or b"400" <= status[0] < b"502", answer[:200]
    assert b"Traceback" not in answer
    assert requests.get(f"http://127.0.0.1:{server.port}/", timeout=20).status_code == 200
