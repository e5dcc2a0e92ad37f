"""The scanner is asked over a socket; what isn't a verdict is none."""

import shutil
import socket
import subprocess
import time

import pytest

from storage.virus_scan import Infected, Unreachable, scan
from tests.scanner import scanner
from tests.storage.file_samples import EICAR, archive, workbook


@pytest.fixture
def file(tmp_path):
    def write(content: bytes):
        path = tmp_path / "isi"
        path.write_bytes(content)
        return path

    return write


def test_a_clean_file_passes_whole(file):
    content = workbook() + b"\x00" * 300_000
    with scanner() as server:
        scan(file(content), server.address)
        assert server.seen == [len(content)]


def test_an_infected_one_is_named(file):
    with scanner() as server, pytest.raises(Infected, match="^Eicar-Test-Signature$"):
        scan(file(b"x" * 100_000 + EICAR), server.address)


def test_no_verdict_is_none(file):
    with scanner() as server:
        server.longest = 1000
        with pytest.raises(Unreachable, match="size limit"):
            scan(file(b"x" * 5_000_000), server.address)
        gone = server.address
    for address in (gone, "/tidak/ada/clamd.sock"):
        with pytest.raises(Unreachable):
            scan(file(b"x"), address)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("clamd"), reason="ClamAV's daemon isn't installed")
def test_the_real_daemon_with_a_signature_of_our_own(file, tmp_path):
    """Plain, and inside an archive that we never unpack ourselves."""
    signatures, place = tmp_path / "db", tmp_path / "clamd.sock"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Own.Eicar:0:*:{EICAR[:40].hex()}\n")
    settings = tmp_path / "clamd.conf"
    settings.write_text(
        f"LocalSocket {place}\nDatabaseDirectory {signatures}\nForeground yes\n"
        f"LogFile {tmp_path}/log\nPidFile {tmp_path}/pid\nUser root\nOfficialDatabaseOnly no\n"
    )
    daemon = subprocess.Popen(["clamd", "-c", str(settings)], stdout=subprocess.DEVNULL)
    try:
        _wait_for(place)
        scan(file(workbook()), str(place))
        for infected in (EICAR, archive({"a.txt": b"x" * 500 + EICAR})):
            with pytest.raises(Infected, match="Own.Eicar"):
                scan(file(infected), str(place))
    finally:
        daemon.terminate()
        daemon.wait()


def _wait_for(place) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as line:
            if place.exists() and line.connect_ex(str(place)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("the daemon doesn't listen")
