"""Rows as they once were: who needs a world that takes long to build gets a copy of it.

Each test has rows of its own all the same, and may do with them what it likes.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from models import TABLES, Document
from storage.database import database, is_sqlite

# Reference rows stay; everything else goes before each test.
KEPT = {"role", "flow_version", "survey_version", "holiday", "page", "faq_item", "installation"}
# Triggers write these when others are written.
TALLIES = ("request_figure", "answer_figure")
NAMES = [name for model in TABLES if (name := model._meta.table_name) not in {*KEPT, *TALLIES}]
# Versions that came with the program stay, what a test published or only put there does not: a
# file with the same text would be taken for one that was seen before.
OF_TESTS = [
    'DELETE FROM "flow_version" WHERE "published_by_id" IS NOT NULL OR "published_at" IS NULL',
    'DELETE FROM "survey_version" WHERE "published_by_id" IS NOT NULL',
]
UNLEARN = [
    'DELETE FROM "search_word"',
    """INSERT INTO "search_gram" ("search_gram") VALUES ('delete-all')""",
]

BEYOND = """SELECT setval(pg_get_serial_sequence('search_word', 'id'), MAX(id)) FROM search_word"""


def empty_tables() -> None:
    gone = [*OF_TESTS, *(f'DELETE FROM "{name}"' for name in (*reversed(NAMES), *TALLIES))]
    with database.atomic():
        if is_sqlite():
            for statement in ("PRAGMA defer_foreign_keys = 1", *gone, *UNLEARN):
                database.execute_sql(statement)
        else:
            # TRUNCATE … CASCADE would take the kept tables that refer to people along.
            # The triggers that keep the search index rest as well meanwhile.
            database.execute_sql(
                "DO $$ BEGIN SET LOCAL session_replication_role = replica; "
                'IF EXISTS (SELECT 1 FROM "user_search") '
                'THEN TRUNCATE "request_search", "user_search", "search_word"; END IF;'
                f"{';'.join(gone)}; END $$"
            )


@dataclass(frozen=True)
class Snapshot:
    """The rows of every table that isn't kept, and what the test was given beside them."""

    rows: dict[str, list[tuple] | str]
    value: bytes
    files: frozenset[str]

    @classmethod
    def take(cls, value: object) -> "Snapshot":
        files = {sha256 for (sha256,) in Document.select(Document.sha256).distinct().tuples()}
        # The search index of SQLite is no table of rows; there the triggers write it again.
        index = () if is_sqlite() else ("request_search", "user_search", "search_word")
        rows = {name: found for name in (*NAMES, *TALLIES, *index) if (found := _read(name))}
        return cls(rows, pickle.dumps(value), frozenset(files))

    def restore(self) -> object:
        """Put the rows into the empty tables."""
        with database.atomic():
            # Rows that refer to others of their own table come in any order.
            if is_sqlite():
                database.execute_sql("PRAGMA defer_foreign_keys = 1")
            else:
                database.execute_sql("SET LOCAL session_replication_role = replica")
            for name, rows in self.rows.items():
                if name in TALLIES:
                    database.execute_sql(f'DELETE FROM "{name}"')
                _write(name, rows)
            if "search_word" in self.rows:
                # A test that went back to an older schema began its keys anew.
                database.execute_sql(BEYOND)
        return pickle.loads(self.value)


def _read(name: str) -> list[tuple] | str:
    if is_sqlite():
        return database.execute_sql(f'SELECT {_columns(name)} FROM "{name}"').fetchall()
    (found,) = database.execute_sql(f'SELECT json_agg(row)::text FROM "{name}" AS row').fetchone()
    return found or ""


def _write(name: str, rows: list[tuple] | str) -> None:
    if is_sqlite():
        places = ", ".join("?" * len(rows[0]))
        insert = f'INSERT INTO "{name}" ({_columns(name)}) VALUES ({places})'
        database.connection().executemany(insert, rows)
    else:
        told = f'json_populate_recordset(NULL::"{name}", %s::json)'
        database.execute_sql(f'INSERT INTO "{name}" SELECT * FROM {told}', [rows])


@cache
def _columns(name: str) -> str:
    (model,) = (model for model in TABLES if model._meta.table_name == name)
    return ", ".join(f'"{field.column_name}"' for field in model._meta.sorted_fields)


class Snapshots:
    """What was built so far on the database of one application."""

    def __init__(self, storage):
        self._storage = storage
        self._taken: dict[object, Snapshot] = {}

    def of(self, build: Callable, *arguments: object) -> object:
        """What `build` gives, and the rows that it writes into empty tables or beside people.

        It is called when it is first asked for, and again when a file that it stored is gone. What
        it is given must be the same each time.
        """
        taken = self._taken.get(build)
        if taken and all(map(self._is_there, taken.files)):
            empty_tables()
            return taken.restore()
        value = build(*arguments)
        self._taken[build] = Snapshot.take(value)
        return value

    def _is_there(self, sha256: str) -> bool:
        return not sha256 or self._storage.path(sha256).exists()
