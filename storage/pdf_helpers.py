"""Processes that keep a parser loaded and answer one question at a time.

A helper is started when one is needed and none is free; one that died or hangs is replaced, and
its question asked anew. It has no environment and none of our handles, ends when its asker is
gone, and is never shared: no fork of ours may write into its pipe.
"""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from select import POLLIN, poll
from typing import Any

# The helper ends a file by itself when its time is over; past this much more, it hangs.
GRACE_SECONDS = 3.0
MOST_IDLE = 2
MOST_TRIES = MOST_IDLE + 2


class _Lost(Exception):
    """The helper is gone, or says nothing."""


class _Helper:
    def __init__(self, program: Path):
        # A group of its own: Ctrl-C in a terminal is for us alone, and its fork ends with it.
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(program.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
        self._said = poll()
        self._said.register(self._process.stdout, POLLIN)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, question: object, within: float) -> dict[str, Any]:
        """Its answer. Raises _Lost."""
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise _Lost from None
        if not self._said.poll(1000 * within):
            raise _Lost
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise _Lost
        return json.loads(line)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()


class Helpers:
    """Helpers that run `program`, a Python file that reads a line of JSON and writes one."""

    def __init__(self, program: Path):
        self._program = program
        self._idle: deque[_Helper] = deque()
        os.register_at_fork(after_in_child=self._idle.clear)

    def ask(self, question: object, *, within: float) -> dict[str, Any] | None:
        """The answer of a helper; None when even a new one has none in time."""
        for _ in range(MOST_TRIES):
            helper = self._take()
            try:
                answer = helper.ask(question, within + GRACE_SECONDS)
            except _Lost:
                helper.end()
                continue
            self._give_back(helper)
            return answer
        return None

    def _take(self) -> _Helper:
        # The one that was asked last is the warmest.
        try:
            return self._idle.pop()
        except IndexError:
            return _Helper(self._program)

    def _give_back(self, helper: _Helper) -> None:
        if len(self._idle) < MOST_IDLE:
            self._idle.append(helper)
        else:
            helper.end()

    def end(self) -> None:
        """End those that are free; the next question starts new ones."""
        while self._idle:
            self._idle.pop().end()
