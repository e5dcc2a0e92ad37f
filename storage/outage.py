"""A database or a store of files that is away: told apart from faults of ours, and said once."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
from playhouse.pool import MaxConnectionsExceeded

from storage.files import StoreUnavailable

# What SQLite says when it can't be used just now; its other errors of this kind are faults of ours.
SQLITE_AWAY = (
    "database is locked",
    "database table is locked",
    "unable to open database",
    "disk i/o error",
    "database or disk is full",
    "attempt to write a readonly",
)
# While it lasts, one line in so many seconds says so.
REPEAT_SECONDS = 60.0
# So long after the last failure an answer counts as its end: while it goes, some still get one.
QUIET_SECONDS = 2.0


def is_unavailable(error: BaseException | None) -> bool:
    """Whether an error comes from a database that is away, locked, or takes too long."""
    for cause in _causes(error):
        if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
            return True
        if isinstance(cause, MaxConnectionsExceeded):
            return True
        if isinstance(cause, sqlite3.OperationalError):
            return str(cause).lower().startswith(SQLITE_AWAY)
    return False


def is_without_store(error: BaseException | None) -> bool:
    """Whether an error comes from a store of files that doesn't answer, or refuses."""
    return any(isinstance(cause, StoreUnavailable) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(6):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


class Outage(logging.Filter):
    """Makes one line of all that is broken by something which is away; ask `note_back` when it
    answers.

    As a filter of a handler it knows of every error, whoever logs it: pages, tasks, the queue.
    """

    def __init__(self, what: str, log: str, is_of: Callable[[BaseException | None], bool]) -> None:
        super().__init__()
        self._what, self._log, self._is_of = what, logging.getLogger(log), is_of
        self._lock = threading.Lock()
        self._since = self._last = self._told = 0.0
        self._count = 0

    @property
    def is_on(self) -> bool:
        return self._count > 0

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not self._is_of(error):
            return True
        record.msg, record.args = "%s can't be used (%d failures)", (self._what, self.note())
        at = time.monotonic()
        with self._lock:
            is_new = not self._told or at - self._told >= REPEAT_SECONDS
            if is_new:
                self._told = at
        return is_new

    def note(self) -> int:
        """Count one failure; return how many there were."""
        with self._lock:
            self._last = time.monotonic()
            self._since = self._since or self._last
            self._count += 1
            return self._count

    def note_back(self) -> None:
        """It answered. Cheap while nothing is wrong."""
        if not self._count or time.monotonic() - self._last < QUIET_SECONDS:
            return
        with self._lock:
            count, since = self._count, self._since
            self._since = self._last = self._told = 0.0
            self._count = 0
        if count:
            lasted = time.monotonic() - since
            said = "%s answers again, after %d s and %d failures"
            self._log.warning(said, self._what, lasted, count)


# Of this process.
outage = Outage("the database", "melasti.database", is_unavailable)
store_outage = Outage("the store of files", "melasti.files", is_without_store)
