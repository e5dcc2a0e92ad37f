"""The database: engines, migrations, and the field types that both engines share."""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from peewee import DatabaseProxy, Field, TextField
from playhouse.migrations import Runner
from ulid import ULID

from storage.engines import PostgresEngine, SqliteEngine

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

database = DatabaseProxy()
# What SQLite asks the program for, by name: (function of one argument). Triggers use them.
sql_functions: dict[str, Callable[[str | None], str]] = {"reverse": lambda text: (text or "")[::-1]}


def open_database(url: str, *, max_connections: int = 20) -> None:
    """Point every model at `url` (sqlite:///file or postgresql://…); connects at first use."""
    if url.startswith("sqlite:///"):
        engine = SqliteEngine(
            url.removeprefix("sqlite:///"),
            max_connections=max_connections,
            timeout=30,
            check_same_thread=False,
            # With the default BEGIN nearly every concurrent read-then-write fails at once.
            lock_type="IMMEDIATE",
            pragmas={
                "journal_mode": "wal",
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
        engine = PostgresEngine(
            url,
            max_connections=max_connections,
            stale_timeout=300,
            timeout=30,
            prefer_psycopg3=True,
        )
    database.initialize(engine)


# Migrations by the names under which they landed first -> those they have now. What a database of
# those days wrote down is read so; else it would be built a second time.
RENUMBERED = {
    "0012_questionnaires": "0013_questionnaires",
    "0015_running": "0017_running",
    "0017_shown_questions": "0018_shown_questions",
}


def migrations() -> Runner:
    """The migrations and what of them is applied, by the names that they have now. Writes these."""
    runner = Runner(database.obj, str(MIGRATIONS))
    applied = runner.applied()
    for earlier, name in RENUMBERED.items():
        if earlier in applied and name not in applied:
            history = runner.History
            history.update(name=name).where(history.name == earlier).execute()
    return runner


def migrate() -> list[str]:
    """Apply the pending migrations; return their names."""
    return migrations().up()


def downgrade(name: str) -> list[str]:
    """Take the migrations back to `name`, it included; return their names. Rows are lost."""
    return migrations().down(name)


@dataclass(frozen=True)
class SchemaState:
    """Names of migrations in their order: of this program in the database, of this program still
    missing there, and of another program."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return not self.pending and not self.unknown


def schema_state() -> SchemaState:
    rows = migrations().status()
    return SchemaState(
        applied=tuple(row.name for row in rows if row.applied and row.path),
        pending=tuple(row.name for row in rows if not row.applied),
        unknown=tuple(row.name for row in rows if not row.path),
    )


def is_sqlite() -> bool:
    return isinstance(database.obj, SqliteEngine)


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
