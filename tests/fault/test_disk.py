"""A disk that is full, and one that fails to write: nothing is acknowledged that isn't kept."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fault.conftest import check_kept
from tests.people import pdf
from tests.test_crash import FORM, ROOT, Server
from tests.waiting import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.long]
MEGABYTE = 1024 * 1024
FLOOR = 16


class SmallDisk(Server):
    """The same on a disk of its own, a little larger than what lies on it.

    The disk is mounted in a name space of the server's, which needs no rights of the tests.
    """

    def start(self) -> None:
        source = Path(self.environ["DATA_DIR"])
        place = source.parent / "disk"
        place.mkdir(exist_ok=True)
        megabytes = sum(each.stat().st_size for each in source.rglob("*")) // MEGABYTE + 40
        self.environ |= {"DATA_DIR": str(place), "FREE_DISK_MB": str(FLOOR)}
        script = (
            f"mount -t tmpfs -o size={megabytes}m none {place} && cp -a {source}/. {place}/ "
            f'&& exec "$@"'
        )
        self.launch("unshare", "-rm", "sh", "-c", script, "sh", sys.executable, "run.py", "serve")
        self.disk = Path(f"/proc/{self.process.pid}/root{place}")

    def fill(self, *, free: int) -> None:
        """Leave so many megabytes, or nothing."""
        with (self.disk / "ballast").open("ab", buffering=0) as file, suppress(OSError):
            while self.free() > free * MEGABYTE:
                file.write(bytes(min(MEGABYTE, self.free())))
        assert self.free() <= free * MEGABYTE

    def free(self) -> int:
        found = os.statvfs(self.disk)
        return found.f_bavail * found.f_frsize

    def empty(self) -> None:
        (self.disk / "ballast").unlink()


def files(filer) -> object:
    """The answer to the first step of filing."""
    return filer.post(
        "/ajukan",
        {**FORM, "subject": "Putus di disk"},
        files={"file": ("surat.pdf", pdf("Surat"), "application/pdf")},
    )


def test_a_full_disk(serve, customer, tmp_path):
    server = serve(SmallDisk)
    filer = customer(server)
    filer.file()
    assert len(filer.acknowledged) == 1

    server.fill(free=FLOOR - 4)
    page = files(filer)
    assert page.status_code == 507
    assert "hampir penuh" in page.text and FORM["description"] in page.text

    server.fill(free=0)
    for path in ("/", "/lacak", "/dasbor"):
        assert filer.session.get(server.base + path, timeout=60).status_code == 200
    page = files(filer)
    assert page.status_code in (500, 503, 507) and "<h1>" in page.text
    assert "Traceback" not in page.text

    server.empty()
    filer.file()
    assert len(filer.acknowledged) == 2
    assert not [each for each in (server.disk / "files" / "tmp").iterdir() if each.stat().st_size]
    # The disk is gone with its server: what it holds is looked at from a copy.
    os.kill(server.process.pid, signal.SIGSTOP)
    copied = shutil.copytree(server.disk, tmp_path / "copied")
    check_kept(copied, filer.acknowledged)


def test_a_disk_that_does_not_keep(serve, customer, folder, tmp_path):
    """Each flush fails for a while, as on a disk that dies."""
    server = serve()
    filer = customer(server)
    filer.file()
    said = tmp_path / "strace"
    failing = subprocess.Popen(
        ["strace", "-f", "-p", str(server.process.pid), "-o", str(said), "-e",
         "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"],
        stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        assert b"attached" in failing.stderr.readline()
        page = files(filer)
        assert page.status_code in (500, 503), page.status_code
        assert "kode rujukan" in page.text.lower()
        wait_for(lambda: "EIO" in said.read_text())
    finally:
        failing.terminate()
        failing.wait(timeout=60)
    filer.file()
    assert len(filer.acknowledged) == 2
    server.kill()
    check_kept(folder, filer.acknowledged)
