"""Turns: two at a time among all threads and processes; a dead one's goes to the next."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.turns import Busy, Turns

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time; from pathlib import Path; from storage.turns import Turns
with Turns(Path(sys.argv[1]), at_once=2, most_here=1, patience=10).turn():
    print("held", flush=True); time.sleep(60)
"""


@pytest.fixture
def turns(tmp_path):
    def make(**changes) -> Turns:
        return Turns(tmp_path, **{"at_once": 2, "most_here": 8, "patience": 5.0, **changes})

    return make


@pytest.fixture
def elsewhere(tmp_path):
    """Another process that has a turn."""
    started = []

    def hold() -> subprocess.Popen:
        other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT,
                                 stdout=subprocess.PIPE)  # fmt: skip
        started.append(other)
        assert other.stdout.readline() == b"held\n"
        return other

    yield hold
    for other in started:
        other.kill()
        other.communicate()


@pytest.mark.parametrize("most", [2, 5, 8])
def test_two_at_a_time_and_the_others_after_them(turns, most):
    own, lock, here, seen = turns(), threading.Lock(), [0], []

    def work() -> None:
        with own.turn():
            with lock:
                here[0] += 1
                seen.append(here[0])
            time.sleep(0.03)
            with lock:
                here[0] -= 1

    with ThreadPoolExecutor(most) as pool:
        for done in [pool.submit(work) for _ in range(most)]:
            done.result()
    assert len(seen) == most and max(seen) <= 2


def test_line_that_is_full_says_so_at_once(turns):
    own = turns(most_here=1)
    begun = time.monotonic()
    with own.turn(), pytest.raises(Busy), own.turn():
        pass
    assert time.monotonic() - begun < 2


def test_other_processes_count(turns, elsewhere):
    elsewhere(), elsewhere()
    with pytest.raises(Busy), turns(patience=0.1).turn():
        pass
    with pytest.raises(Busy), turns().turn(is_patient=False):
        pass


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_turn_of_a_dead_process_is_free(turns, elsewhere, number):
    first, _ = elsewhere(), elsewhere()
    os.kill(first.pid, number)
    with turns().turn():
        pass


def test_turn_comes_back_after_an_error(turns):
    own = turns(at_once=1, most_here=1)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), own.turn():
            raise ZeroDivisionError
    assert len(os.listdir("/proc/self/fd")) == before
