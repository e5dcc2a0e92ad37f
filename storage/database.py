"""The database: engines, migrations, and the field types that both engines share."""

import base64
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from peewee import DatabaseProxy, Field, TextField
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase
from ulid import ULID

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

database = DatabaseProxy()
# What SQLite asks the program for, by name: (function of one argument). Triggers use them.
sql_functions: dict[str, Callable[[str | None], str]] = {"reverse": lambda text: (text or "")[::-1]}


def open_database(url: str, *, max_connections: int = 20) -> None:
    """Point every model at `url` (sqlite:///file or postgresql://…); connects at first use."""
    if url.startswith("sqlite:///"):
        engine = PooledSqliteDatabase(
            url.removeprefix("sqlite:///"),
            max_connections=max_connections,
            timeout=30,
            check_same_thread=False,
            # With the default BEGIN nearly every concurrent read-then-write fails at once.
            lock_type="IMMEDIATE",
            pragmas={
                "journal_mode": "wal",
                "busy_timeout": 10_000,
                "foreign_keys": 1,
                "synchronous": "full",
                "cache_size": -16_000,
                # Triggers call `sql_functions`, which SQLite may be built to refuse.
                "trusted_schema": 1,
            },
        )
        for name, function in sql_functions.items():
            engine.register_function(function, name, 1, deterministic=True)
    else:
        engine = PooledPostgresqlDatabase(
            url,
            max_connections=max_connections,
            stale_timeout=300,
            timeout=30,
            prefer_psycopg3=True,
        )
    database.initialize(engine)


def migrate() -> list[str]:
    """Apply the pending migrations; return their names."""
    return Runner(database.obj, str(MIGRATIONS)).up()


def is_sqlite() -> bool:
    return isinstance(database.obj, PooledSqliteDatabase)


class InstantField(Field):
    """An aware UTC instant, written as fixed-width text so that SQLite sorts it rightly."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC).isoformat(" ", "microseconds")

    def python_value(self, value: str | datetime | None) -> datetime | None:
        if value is None:
            return None
        # Text is as `db_value` wrote it, in UTC; Postgres answers in the zone of its session.
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class JsonField(TextField):
    """A small JSON value, written with sorted keys so that equal values are equal text."""

    def db_value(self, value: object) -> str | None:
        return None if value is None else canonical_json(value)

    def python_value(self, value: str | None) -> object:
        return None if value is None else json.loads(value)


def canonical_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def new_public_id() -> str:
    return str(ULID())


def new_check_code() -> str:
    """128 random bits in 26 letters and digits, none of which is taken for another (RFC 4648)."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
