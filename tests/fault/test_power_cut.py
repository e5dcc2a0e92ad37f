"""Power that fails: what lies on the disk at any moment opens, whole, with all that was told."""

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from tests.fault.conftest import check_kept
from tests.waiting import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.long]
CUTS = 20


def cut(pid: int, folder: Path, to: Path) -> Path:
    """The folder as it is at one moment, while its server stands still."""
    os.kill(pid, signal.SIGSTOP)
    try:
        # What is shared in memory alone is lost with the power.
        return shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*-shm"))
    finally:
        os.kill(pid, signal.SIGCONT)


def test_power_fails_while_customers_file(serve, customer, folder, tmp_path):
    server = serve()
    filer = customer(server)
    thread = threading.Thread(target=filer.file_until_cut)
    thread.start()
    for number in range(CUTS):
        before = len(filer.acknowledged)
        wait_for(lambda least=before + 2: len(filer.acknowledged) >= least, seconds=120)
        told = set(filer.acknowledged)
        check_kept(cut(server.process.pid, folder, tmp_path / f"cut-{number}"), told)
    server.kill()
    thread.join(timeout=60)
    check_kept(folder, filer.acknowledged)
