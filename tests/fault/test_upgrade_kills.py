"""An upgrade that is killed is run again: the schema ends as it should, and nothing is lost."""

import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.test_crash import ROOT, Server

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.long]
KILLS = 12


def schema(folder) -> list[tuple]:
    with sqlite3.connect(folder / "melasti.db", timeout=60) as database:
        return database.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' "
            "AND name NOT LIKE '%_fts_%' ORDER BY type, name"
        ).fetchall()


def test_upgrade_killed_again_and_again(tmp_path, planted):
    """From nothing: every migration there is may be the one that is cut."""
    server, luck = Server(tmp_path), random.Random(1731)
    for _ in range(KILLS):
        upgrade = subprocess.Popen(
            [sys.executable, "run.py", "db", "upgrade"], cwd=ROOT, env=server.environ,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        # After as many migrations as luck has it, and somewhere within the next.
        for _ in range(luck.randrange(1, 6)):
            if not upgrade.stdout.readline():
                break
        time.sleep(luck.uniform(0, 0.02))
        upgrade.send_signal(signal.SIGKILL)
        upgrade.communicate()
    server.run("db", "upgrade")
    server.run("db", "upgrade")
    assert schema(tmp_path) == schema(planted)
    with sqlite3.connect(tmp_path / "melasti.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
