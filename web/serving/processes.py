"""Several processes of one office, forked by a parent that only looks after them.

The parent has one thread and no connection of any kind, so that it can fork again at any time;
whatever needs either is begun in the children.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence

log = logging.getLogger("melasti.processes")

ENDINGS = (signal.SIGTERM, signal.SIGINT)
# A process that lived shorter is started again later, and each time later still.
SHORT_LIFE = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0

# What a process does until the event is set.
Work = Callable[[threading.Event], None]


def until_ended() -> threading.Event:
    """An event that SIGTERM or Ctrl-C sets, for the main thread of a process."""
    ended = threading.Event()
    for number in ENDINGS:
        signal.signal(number, lambda *_: ended.set())
    return ended


def keep_running(works: Sequence[Work], listening: socket.socket) -> None:
    """Do each work in a process of its own until SIGTERM or Ctrl-C; return when all have ended.

    One that ends by itself is started again; all end when the parent dies. `listening` is
    closed as soon as they are to end, so that nobody connects to an office that closes.
    """
    family = _Family()
    # They are waited for: a handler might run between two lines, or in a child just born.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, family.watched)
    for work in works:
        family.start(work)
    while family.is_there:
        number = family.wait()
        if number in ENDINGS:
            listening.close()
            family.end()
        elif number == signal.SIGCHLD:
            family.reap()
        family.start_due()


class _Family:
    watched = (*ENDINGS, signal.SIGCHLD)

    def __init__(self) -> None:
        self._children: dict[int, tuple[Work, float]] = {}
        # Works to be started again, each with its moment.
        self._due: list[tuple[float, Work]] = []
        self._pause = 0.0
        self._is_ending = False
        # Nobody ever writes into it: reading ends when the parent is gone.
        self._lifeline, self._parents_end = os.pipe()

    @property
    def is_there(self) -> bool:
        return bool(self._children or self._due)

    def wait(self) -> int | None:
        """The next signal; None when it is time to start a work again."""
        if not self._due:
            return signal.sigwait(self.watched)
        left = min(at for at, _ in self._due) - time.monotonic()
        found = signal.sigtimedwait(self.watched, max(0.0, left))
        return found.si_signo if found else None

    def start(self, work: Work) -> None:
        sys.stdout.flush()
        if child := os.fork():
            self._children[child] = (work, time.monotonic())
            return
        status = 1
        try:
            work(self._begin_life())
            status = 0
        except Exception:
            log.exception("a process broke")
        finally:
            sys.stdout.flush()
            # The parent's own way out is not for its children.
            os._exit(status)

    def _begin_life(self) -> threading.Event:
        os.close(self._parents_end)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        ended = until_ended()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self.watched)
        threading.Thread(target=self._end_with_parent, name="lifeline", daemon=True).start()
        return ended

    def _end_with_parent(self) -> None:
        os.read(self._lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def reap(self) -> None:
        """Note which children have ended: one signal may stand for several."""
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            work, born_at = self._children.pop(child)
            if self._is_ending:
                continue
            log.error(
                "process %d ended (%d); it is started again",
                child,
                os.waitstatus_to_exitcode(status),
            )
            at = time.monotonic()
            if at - born_at < SHORT_LIFE:
                self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
            else:
                self._pause = 0.0
            self._due.append((at + self._pause, work))

    def start_due(self) -> None:
        at = time.monotonic()
        ready = [work for moment, work in self._due if moment <= at]
        self._due = [(moment, work) for moment, work in self._due if moment > at]
        for work in ready:
            self.start(work)

    def end(self) -> None:
        self._is_ending = True
        self._due = []
        for child in self._children:
            os.kill(child, signal.SIGTERM)
