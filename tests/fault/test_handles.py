"""Handles that run out: some connections are lost, the server isn't."""

import resource
import socket
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.waiting import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.long]


def test_a_server_without_a_handle_left(serve, customer, capfd):
    server = serve()
    filer = customer(server)
    filer.file()
    handles = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (handles + 5, most))
    host, port = server.base.removeprefix("http://").split(":")
    held = []
    for _ in range(40):
        with suppress(OSError):
            held.append(socket.create_connection((host, int(port)), timeout=5))
    with suppress(requests.RequestException):
        requests.get(server.base + "/lacak", timeout=5)
    for one in held:
        one.close()
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (most, most))
    wait_for(lambda: answers(server.base), seconds=60)
    filer.file()
    assert len(filer.acknowledged) == 2
    assert server.process.poll() is None
    server.kill()
    said = capfd.readouterr().err
    # A line, not one for each time that the loop came by.
    assert said.count("no connection can be taken in") == 1
    assert said.count("accept()") == 0


def answers(base: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(base + "/lacak", timeout=5).status_code == 200
    return False
