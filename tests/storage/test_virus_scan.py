"""The scanner is asked over a socket; what isn't a verdict is none."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.virus_scan import Infected, Unreachable, scan
from tests.scanner import scanner
from tests.storage.file_samples import EICAR, archive, workbook
from tests.waiting import wait_for


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


@contextmanager
def clamd(tmp_path: Path) -> Iterator[str]:
    """ClamAV's own daemon with one signature of ours; yields where it listens."""
    signatures, place = tmp_path / "db", tmp_path / "clamd.sock"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Own.Eicar:0:*:{EICAR[:40].hex()}\n")
    settings = tmp_path / "clamd.conf"
    settings.write_text(
        f"LocalSocket {place}\nDatabaseDirectory {signatures}\nForeground yes\n"
        f"LogFile {tmp_path}/log\nPidFile {tmp_path}/pid\nUser root\nOfficialDatabaseOnly no\n"
    )
    daemon = subprocess.Popen(["clamd", "-c", str(settings)], stdout=subprocess.DEVNULL)

    def listens() -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            return place.exists() and line.connect_ex(str(place)) == 0

    try:
        wait_for(listens)
        yield str(place)
    finally:
        daemon.terminate()
        daemon.wait()


@contextmanager
def stand_in(tmp_path: Path) -> Iterator[str]:
    with scanner() as server:
        yield server.address


# ClamAV comes with no Python package: where a machine has it, it is asked as well.
DAEMONS = [stand_in, clamd] if shutil.which("clamd") else [stand_in]


@pytest.mark.parametrize("daemon", DAEMONS)
def test_whoever_scans_names_what_is_infected_and_lets_the_rest_pass(file, tmp_path, daemon):
    with daemon(tmp_path) as address:
        scan(file(workbook()), address)
        # In an archive that we never unpack as well.
        for infected in (EICAR, archive({"a.txt": b"x" * 500 + EICAR}, packed=False)):
            with pytest.raises(Infected, match="Eicar"):
                scan(file(infected), address)
