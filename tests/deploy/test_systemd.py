"""The units, as systemd itself sees them, and the socket that stays open between two starts."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from config.settings import ROOT
from tests.deploy.production import SETTINGS, production_server
from tests.programs import find

UNITS = sorted((ROOT / "deploy/systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def test_systemd_takes_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text().replace("/opt/melasti/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        [find("systemd-analyze"), "verify", "--man=no", *(tmp_path / unit.name for unit in UNITS)],
        capture_output=True,
        text=True,
    )
    assert done.stdout + done.stderr == "" and done.returncode == 0


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_is_shut_in(unit):
    """systemd's own measure, from 0 (shut in) to 10."""
    command = [find("systemd-analyze"), "security", "--offline=true", "--threshold=20", unit]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:]


def test_units_and_example_settings_agree():
    named = set(re.findall(r"(?m)^([A-Z_]+)=", (ROOT / "deploy/melasti.env").read_text()))
    told = "".join((ROOT / "docs" / name).read_text() for name in ("settings.md", "production.md"))
    assert {name for name in named if f"`{name}`" not in told} == set()
    assert set(SETTINGS) - named == set()
    for unit in SERVICES:
        assert "EnvironmentFile=/etc/melasti/melasti.env" in unit.read_text(), unit.name


@pytest.mark.slow
def test_nobody_meets_a_closed_door_while_the_pages_start_again(tmp_path):
    server = production_server(tmp_path)

    def start(listening: socket.socket) -> subprocess.Popen:
        # As systemd does: the socket is the third file, its owner is named.
        said = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" run.py serve 3<&$1'
        return subprocess.Popen(
            ["bash", "-c", said, sys.executable, str(listening.fileno())],
            cwd=ROOT, env=server.environ, pass_fds=[listening.fileno()], stdout=subprocess.DEVNULL,
        )  # fmt: skip

    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = start(listening)
        assert _status(listening) == "200"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        with socket.create_connection(listening.getsockname()) as early:
            _ask(early)
            process = start(listening)
            try:
                assert _answer(early) == "200"
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


def _status(listening: socket.socket) -> str:
    with socket.create_connection(listening.getsockname()) as opened:
        _ask(opened)
        return _answer(opened)


def _ask(opened: socket.socket) -> None:
    opened.settimeout(60)
    opened.sendall(b"GET /masuk HTTP/1.0\r\nHost: layanan.example.go.id\r\n\r\n")


def _answer(opened: socket.socket) -> str:
    return opened.recv(4096).decode().split()[1]


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environ = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "PORT": port}
        done = subprocess.run(
            [sys.executable, "run.py", "start"],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2 and f"127.0.0.1:{port} can't be had" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    # It was looked for before anything was made.
    assert not (tmp_path / "data" / "melasti.db").exists()
