"""A worker that was killed is told of by the web processes, to people, within two minutes."""

import os
import subprocess
import sys
import time

import pytest

from tests.messages.mail_server import SENDER, MailServer
from tests.test_crash import ROOT
from tests.waiting import wait_for
from tests.web.test_outage import Process


def subjects(server: MailServer) -> list[str]:
    return [letter["Subject"] for _, letter in server.taken if "Pekerja" in letter["Subject"]]


@pytest.mark.long
def test_a_killed_worker_is_told_within_two_minutes(tmp_path, whole):
    server = MailServer()
    environ = {
        **os.environ, "DATA_DIR": str(tmp_path), "PORT": "0", "CONSUMER": "apart",
        "WEB_PROCESSES": "2", "ALARM_EMAIL": "baik-admin@balai.go.id", "EMAIL_CHANNEL": "smtp",
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_SECURITY": "none",
        "EMAIL_SENDER": SENDER,
    }  # fmt: skip
    environ.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "run.py", "db", "upgrade"], cwd=ROOT, env=environ, check=True)
    worker = Process(environ, "worker")
    web = Process(environ, "serve")
    try:
        web.base()
        # It has been seen alive.
        began = time.monotonic()
        wait_for(lambda: time.monotonic() > began + 25)
        assert subjects(server) == []
        if not whole:
            return
        worker.kill()
        killed = time.monotonic()
        wait_for(lambda: subjects(server), seconds=120)
        print(f"told after {time.monotonic() - killed:.0f} s")
        worker = Process(environ, "worker")
        wait_for(lambda: len(subjects(server)) > 1, seconds=120)
        assert subjects(server) == ["Peringatan MELASTI: Pekerja latar", "Pulih: Pekerja latar"]
    finally:
        web.end()
        worker.end()
        server.close()
