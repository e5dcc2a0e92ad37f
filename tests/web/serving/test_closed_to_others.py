"""What lies on the disk is for the office's own user: new data, and what lay open before."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def upgrade(tmp_path):
    """Run a command of the office with a mask that lets everybody read."""
    environ = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "MELASTI_MODE": "demo"}

    def run(*command: str, code: int = 0) -> Path:
        ran = subprocess.run([sys.executable, "run.py", *command], cwd=ROOT, env=environ,
                             check=False, capture_output=True, umask=0o022)  # fmt: skip
        assert ran.returncode == code, ran.stderr
        return tmp_path / "data"

    return run


def open_to_others(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in (folder, *folder.rglob("*"))
            if stat.S_IMODE(path.stat().st_mode) & 0o077]  # fmt: skip


def test_new_data_is_closed(upgrade):
    upgrade("db", "upgrade")
    # Opens the queue as well, and misses a worker.
    folder = upgrade("check", code=1)
    assert (folder / "melasti.db").exists() and (folder / "queue.db").exists()
    assert open_to_others(folder) == []


def test_what_lay_open_is_closed_at_the_next_start(upgrade):
    folder = upgrade("db", "upgrade")
    for left_open in ("melasti.db", "melasti.db-wal", "queue.db", "files"):
        path = folder / left_open
        path.mkdir(exist_ok=True) if left_open == "files" else path.touch()
        path.chmod(0o755 if left_open == "files" else 0o644)
    upgrade("audit")
    assert open_to_others(folder) == []
    assert sqlite3.connect(folder / "melasti.db").execute("SELECT count(*) FROM user").fetchone()


def test_folder_of_somebody_else_stays_as_it_is(upgrade, tmp_path):
    """Who gave the folder to a group for its backups meant that."""
    shared = tmp_path / "data"
    shared.mkdir()
    shared.chmod(0o750)
    upgrade("db", "upgrade")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o750
    assert set(open_to_others(shared)) <= {"."}
