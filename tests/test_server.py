"""The process: starts, greets, ends cleanly, refuses nonsense."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from flask import Flask

from config.settings import BadSetting, read_settings
from tests.test_crash import ROOT, Server
from web.server import DrainingServer


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_seeds_serves_and_ends_cleanly(tmp_path, number):
    server = Server(tmp_path)
    server.run("db", "upgrade")
    server.start()
    assert requests.get(server.base + "/", timeout=10).status_code == 200
    begun = time.monotonic()
    server.process.send_signal(number)
    assert server.process.wait(timeout=10) == 0
    assert time.monotonic() - begun < 5


def test_flow_check_names_what_is_wrong(tmp_path):
    text = (ROOT / "config/services/data.toml").read_text()
    (tmp_path / "data.toml").write_text(text.replace('role = "kasubag_tu"', 'role = "juru_kunci"'))
    environ = {**os.environ, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "run.py", "flow", "check", "--folder", str(tmp_path)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pos tidak dikenal: juru_kunci" in done.stderr


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"PORT": "delapan"}, "PORT"),
        ({"MELASTI_MODE": "produksi"}, "MELASTI_MODE"),
        ({"BASE_URL": "balai"}, "BASE_URL"),
        ({"MELASTI_MODE": "production"}, "SECRET_KEY"),
        (
            {
                "MELASTI_MODE": "production",
                "SECRET_KEY": "x" * 40,
                "PASSWORD_SALT": "y" * 40,
                "BASE_URL": "http://balai.go.id",
            },
            "https",
        ),
    ],
)
def test_nonsense_in_the_environment_is_named(tmp_path, environ, names):
    with pytest.raises(BadSetting, match=names):
        read_settings({"DATA_DIR": str(tmp_path), **environ})


def test_production_refuses_demo_accounts(app, people, runtime):
    from dataclasses import replace

    import seeding

    with pytest.raises(BadSetting, match="demo accounts"):
        seeding.refuse_demo_accounts(replace(runtime.settings, mode="production"))


def test_demo_key_is_kept_between_starts(tmp_path: Path):
    first = read_settings({"DATA_DIR": str(tmp_path)})
    assert read_settings({"DATA_DIR": str(tmp_path)}).secret_key == first.secret_key
    assert len(first.secret_key) > 40


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
