"""The two engines with their time-outs, and Postgres behind a pooler.

A pooler that lends its connections by the transaction (pgbouncer's `pool_mode = transaction`)
gives each statement to whichever connection is free: nothing that a session remembers can be relied
on, no prepared statement and no SET. It is noticed by itself, and then each transaction, and each
statement outside of one, brings its time-outs along in the same message to the server.
"""

import sqlite3
import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from peewee import OperationalError, PeeweeException
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase, PooledSqliteDatabase

# How long SQLite waits for whoever writes, where no limit is asked for.
PATIENT_SECONDS = 60
# After an attempt to connect that took longer than this nobody else tries for as long: they stand
# in one line for it, each with a time-out of their own.
SLOW_SECONDS, DOWN_SECONDS = 1.0, 1.0
# What says that the database was busy, and will be there again: cancelled, lock not to be had,
# deadlock, serialisation, a transaction that idled, and too many connections.
BUSY_STATES = {"57014", "55P03", "40P01", "40001", "25P03", "53300"}
BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@dataclass(frozen=True)
class TimeOuts:
    """How many seconds a statement may take, and of these wait for a lock; 0 for ever."""

    statement: int = 0
    lock: int = 0


NONE = TimeOuts()
# Those of this thread. Whoever serves a visitor sets them; migrations, exports and what runs at
# night take the time they need.
time_outs: ContextVar[TimeOuts] = ContextVar("time_outs", default=NONE)


def is_busy(error: BaseException) -> bool:
    """Whether the database was busy or locked, so that the same may well succeed a little later."""
    if isinstance(error, MaxConnectionsExceeded):
        return True
    original = getattr(error, "orig", None) if isinstance(error, PeeweeException) else error
    if isinstance(original, sqlite3.Error):
        return (getattr(original, "sqlite_errorcode", 0) or 0) & 0xFF in BUSY_CODES
    return isinstance(original, psycopg.Error) and original.sqlstate in BUSY_STATES


class SqliteEngine(PooledSqliteDatabase):
    """SQLite, which waits for whoever writes as long as the time-outs of the thread say."""

    def connect(self, reuse_if_open: bool = False) -> bool:
        is_taken = super().connect(reuse_if_open)
        if is_taken:
            seconds = time_outs.get().lock or PATIENT_SECONDS
            self.connection().execute(f"PRAGMA busy_timeout = {1000 * seconds}")
        return is_taken


class PostgresEngine(PooledPostgresqlDatabase):
    """Postgres, directly or behind a pooler, with the time-outs of the thread."""

    _down: tuple[float, Exception] | None = None

    def _connect(self) -> psycopg.Connection:
        if self._down and time.monotonic() < self._down[0]:
            raise OperationalError(str(self._down[1]))
        begun = time.monotonic()
        try:
            return super()._connect()
        except psycopg.OperationalError as error:
            if time.monotonic() - begun > SLOW_SECONDS:
                self._down = (time.monotonic() + DOWN_SECONDS, error)
            raise

    def connect(self, reuse_if_open: bool = False) -> bool:
        is_taken = super().connect(reuse_if_open)
        if is_taken:
            self._get_ready(self.connection())
        return is_taken

    def _get_ready(self, conn: Any) -> None:
        """Each time that a thread takes a connection, new or not."""
        if not hasattr(conn, "is_lent"):
            conn.is_lent, conn.time_outs = False, NONE
            # A pooler gives a number of its own, that of the server stays behind it.
            [server] = self.execute_sql("SELECT pg_backend_pid()").fetchone()
            if server != conn.info.backend_pid:
                conn.is_lent, conn.prepare_threshold = True, None
                # Values go into the text here, so that several statements make one message.
                conn.cursor_factory = psycopg.ClientCursor
        wanted = time_outs.get()
        if not conn.is_lent and conn.time_outs != wanted:
            self.execute_sql(_settings(wanted, "SESSION", is_transaction=True))
            conn.time_outs = wanted

    def begin(self, isolation_level: Any = None) -> None:
        wanted = self._to_bring_along()
        if isolation_level or not wanted:
            super().begin(isolation_level)
        else:
            settings = _settings(wanted, "LOCAL", is_transaction=True)
            super().execute_sql(f"BEGIN; {settings}")

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        wanted = None if self.in_transaction() else self._to_bring_along()
        if not wanted:
            return super().execute_sql(sql, params)
        settings = _settings(wanted, "LOCAL", is_transaction=False)
        cursor = super().execute_sql(f"{settings}{sql}", params)
        while cursor.nextset():
            pass
        return cursor

    def _to_bring_along(self) -> TimeOuts | None:
        """The time-outs that a session can't remember, where there are any."""
        wanted = time_outs.get()
        return wanted if wanted != NONE and self.connection().is_lent else None


@cache
def _settings(wanted: TimeOuts, scope: str, *, is_transaction: bool) -> str:
    text = f"SET {scope} statement_timeout = '{wanted.statement}s'; "
    text += f"SET {scope} lock_timeout = '{wanted.lock}s'; "
    if is_transaction:
        # A process that hangs, or whose host is gone, keeps nobody else waiting.
        idle = 2 * wanted.statement
        text += f"SET {scope} idle_in_transaction_session_timeout = '{idle}s'; "
    return text
