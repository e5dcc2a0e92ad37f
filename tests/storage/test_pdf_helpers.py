"""Helpers that look at PDFs: warm, replaced when they die or hang, without a trace of a file."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import pdf_policy
from storage.pdf_helpers import MOST_IDLE, Helpers
from storage.pdf_policy import PdfRejected, check_pdf
from tests.storage.pdf_samples import acting_pdf, letter, raw_pdf, stream
from tests.storage.test_pdf_mischief import zeros

PROGRAM = Path(pdf_policy.__file__)
HUNDRED = 100 * 1024 * 1024


@pytest.fixture
def helpers():
    own = Helpers(PROGRAM)
    yield own
    own.end()


@pytest.fixture
def good(tmp_path) -> list:
    path = tmp_path / "surat.pdf"
    path.write_bytes(letter(2))
    return [str(path), 0]


def bomb(size: int = HUNDRED) -> bytes:
    """A letter with one stream that is small here and large inside."""
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        stream(zeros(size), b"/Filter /FlateDecode"),
    )


def pids(helpers: Helpers) -> list[int]:
    return [helper.pid for helper in helpers._idle]


def test_second_file_finds_the_helper_of_the_first(helpers, good):
    assert helpers.ask(good, within=10) == {"pages": 2}
    [first] = pids(helpers)
    assert helpers.ask(good, within=10) == {"pages": 2}
    assert pids(helpers) == [first]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_helper_that_died_is_replaced(helpers, good, number):
    helpers.ask(good, within=10)
    [first] = pids(helpers)
    os.kill(first, number)
    assert helpers.ask(good, within=10) == {"pages": 2}
    assert pids(helpers) != [first]


def test_helper_that_hangs_is_replaced(helpers, good):
    helpers.ask(good, within=10)
    [first] = pids(helpers)
    os.kill(first, signal.SIGSTOP)
    assert helpers.ask(good, within=0.1) == {"pages": 2}
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_helper_killed_at_work_loses_no_file(helpers, good, tmp_path):
    heavy = tmp_path / "berat.pdf"
    heavy.write_bytes(bomb())
    helpers.ask(good, within=10)
    [first] = pids(helpers)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(helpers.ask, [str(heavy), 0], within=10)
        time.sleep(0.02)
        os.kill(first, signal.SIGKILL)
        assert asked.result() == {"rejected": "too_complex"}


def test_files_that_break_it_are_refused_and_leave_it_whole(tmp_path):
    """A hundred times: a bomb, a letter cut short, nesting, nonsense; none is accepted."""
    breaking = (
        bomb(),
        letter()[:300] + b"%%EOF",
        acting_pdf(b"/X " + b"[" * 50_000 + b"]" * 50_000),
        b"%PDF-1.7\n" + os.urandom(2000) + b"\n%%EOF",
    )
    before = len(os.listdir("/proc/self/fd"))
    path = tmp_path / "berkas.pdf"
    for number in range(100):
        path.write_bytes(breaking[number % len(breaking)])
        with pytest.raises(PdfRejected):
            check_pdf(path)
    path.write_bytes(letter())
    assert check_pdf(path).pages == 1
    # The pipes of those that are free now.
    assert len(os.listdir("/proc/self/fd")) <= before + 2 * MOST_IDLE


def test_handles_stay_few_however_many_helpers_die(helpers, good):
    helpers.ask(good, within=10)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(12):
        os.kill(pids(helpers)[0], signal.SIGKILL)
        assert helpers.ask(good, within=10) == {"pages": 2}
    assert len(os.listdir("/proc/self/fd")) == before


def test_helpers_end_with_their_asker(tmp_path, good):
    script = (
        "import sys; from pathlib import Path; from storage.pdf_helpers import Helpers\n"
        f"own = Helpers(Path({str(PROGRAM)!r})); own.ask({good!r}, within=10)\n"
        "print(own._idle[0].pid, flush=True); sys.stdin.read()"
    )
    asker = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, cwd=PROGRAM.parent.parent)  # fmt: skip
    helper = int(asker.stdout.readline())
    asker.kill()
    asker.communicate()
    for _ in range(100):
        if not is_there(helper):
            return
        time.sleep(0.05)
    pytest.fail("the helper outlived its asker")


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("size", [65, 100, 400])
def test_sixty_four_megabytes_inside_are_the_most(tmp_path, size):
    path = tmp_path / "berkas.pdf"
    path.write_bytes(bomb(size * 1024 * 1024))
    with pytest.raises(PdfRejected) as refused:
        check_pdf(path)
    assert refused.value.code == "too_complex"


def test_what_a_letter_may_hold_inside(tmp_path):
    path = tmp_path / "berkas.pdf"
    path.write_bytes(bomb(63 * 1024 * 1024))
    assert check_pdf(path).pages == 1
