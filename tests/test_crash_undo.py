"""Kill -9 at random moments while somebody acts and takes back: never half, nothing untrue told."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PER_ROUND = 40
COUNTS = """
SELECT request.public_id, number IS NOT NULL, held_by_id IS NOT NULL,
  (SELECT count(*) FROM held_act WHERE request_id = request.id),
  (SELECT count(*) FROM event WHERE request_id = request.id AND kind = 'stage_completed'),
  (SELECT count(*) FROM message WHERE request_id = request.id
     AND template = 'permintaan_bernomor'),
  (SELECT count(*) FROM event WHERE request_id = request.id AND kind = 'act_begun'),
  (SELECT count(*) FROM event WHERE request_id = request.id AND kind = 'act_undone')
FROM request
"""


class Victim:
    """`tests.kill_undo` with what it said it had done."""

    def __init__(self, folder: Path, count: int):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill_undo", str(folder), str(count)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.accepted: set[str] = set()
        self.undone: Counter[str] = Counter()
        self.worked = threading.Event()
        assert self.line() == ["ready"]

    def line(self) -> list[str]:
        return self.process.stdout.readline().split()

    def start(self, line: str) -> int:
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        [word, pid] = self.line()
        assert word == "pid"
        return int(pid)

    def listen(self) -> None:
        while (said := self.line()) != ["ended"]:
            done, name = said
            if done == "undone":
                self.undone[name] += 1
                self.accepted.discard(name)
            else:
                self.accepted.add(name)
            self.worked.set()


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.parametrize("rounds", [3, pytest.param(30, marks=pytest.mark.long)])
def test_kills_leave_no_act_half_and_no_message_of_an_undone_one(tmp_path, rounds):
    victim, luck = Victim(tmp_path, PER_ROUND * rounds), random.Random(16)
    for number in range(rounds):
        victim.worked.clear()
        pid = victim.start(str(number))
        listening = threading.Thread(target=victim.listen)
        listening.start()
        try:
            # There is something to lose; then in the middle of whatever comes next.
            assert victim.worked.wait(timeout=60)
            time.sleep(luck.uniform(0, 0.3))
        finally:
            os.kill(pid, signal.SIGKILL)
            listening.join(timeout=60)
        check(tmp_path, victim)
    victim.start("rest")
    victim.listen()
    victim.process.stdin.close()
    assert victim.process.wait(timeout=60) == 0

    check(tmp_path, victim)
    kept = {row[0]: row for row in rows_of(tmp_path, COUNTS)}
    assert not any(is_held for _, _, is_held, *_ in kept.values())
    assert victim.undone and victim.accepted and all(kept[one][1] for one in victim.accepted)
    # Every number once, and none spent on what was undone or cut off.
    numbers = rows_of(tmp_path, "SELECT number FROM request WHERE number IS NOT NULL")
    assert sorted(int(one.split("/")[0]) for (one,) in numbers) == [*range(1, len(numbers) + 1)]
    print(f"{rounds} kills, {len(numbers)} accepted, {sum(victim.undone.values())} undone")


def rows_of(folder: Path, query: str) -> list[tuple]:
    with sqlite3.connect(folder / "melasti.db", timeout=60) as database:
        return database.execute(query).fetchall()


def check(folder: Path, victim: Victim) -> None:
    """Each is held, or done as a whole, or as it was; and what was undone says so in a pair."""
    for one, has_number, is_held, held, completed, told, begun, undone in rows_of(folder, COUNTS):
        assert (is_held, has_number) in ((0, 0), (1, 0), (0, 1)), one
        assert held == is_held and completed == told == has_number and begun == undone, one
        assert undone >= victim.undone[one], one
