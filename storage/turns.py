"""Taking turns: so many at once in the whole office, the rest in line, but not for ever.

A turn is a lock on a file of its own, which the system takes back from a process that dies.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOKED_FOR_EVERY = 0.01


class Busy(Exception):
    """The line is too long, or it took too long to get to its head."""


class Turns:
    """Turns that all processes share who name the same folder.

    `most_here` is how many of this process may have one or wait for one: a thread that waits
    serves nobody. `patience` in seconds is how long they wait.
    """

    def __init__(self, folder: Path, *, at_once: int, most_here: int, patience: float):
        folder.mkdir(parents=True, exist_ok=True)
        self._places = [folder / f".turn-{number}" for number in range(at_once)]
        self._patience = patience
        self._line = threading.BoundedSemaphore(most_here)
        # Who is next in this process; only they look for a free place.
        self._head = threading.Lock()

    @contextmanager
    def turn(self, *, is_patient: bool = True) -> Iterator[None]:
        """Wait for a turn, or, without patience, take one that is free. Raises Busy."""
        until = time.monotonic() + (self._patience if is_patient else 0)
        if not self._line.acquire(blocking=False):
            raise Busy
        try:
            place = self._take(until)
            try:
                yield
            finally:
                os.close(place)
        finally:
            self._line.release()

    def _take(self, until: float) -> int:
        if not self._head.acquire(timeout=max(0.0, until - time.monotonic())):
            raise Busy
        try:
            while True:
                for path in self._places:
                    if (place := _locked(path)) is not None:
                        return place
                if time.monotonic() >= until:
                    raise Busy
                time.sleep(LOOKED_FOR_EVERY)
        finally:
            self._head.release()


def _locked(path: Path) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    # The janitor takes what lies in this folder for long.
    os.utime(handle)
    return handle
