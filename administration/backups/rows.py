"""All rows of the database as lines of JSON, the same on both engines: written, read, compared.

A table is a line that names it and its columns, and a line for each row in the order of the key;
instants, dates and truth values are written as SQLite keeps them. What the rows are searched by is
no part of it: that is built anew from them.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
from peewee import BooleanField, CharField, DateField, Field, Model, PeeweeException, sort_models

from models import TABLES
from search import lookup
from storage.database import InstantField, database, is_sqlite

# Table -> {"rows": how many, "sha256": of their lines}.
Counts = dict[str, dict[str, int | str]]
AT_ONCE = 2000

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BadRows(Exception):
    """Rows that can't be read, or that the database doesn't take; one line that says which."""


def tables() -> list[type[Model]]:
    """Every table after those that it refers to."""
    return sort_models(TABLES)


# -- out ------------------------------------------------------------------------------------------


@contextmanager
def snapshot() -> Iterator[None]:
    """One state of the whole database, whatever others write meanwhile; they wait for nothing."""
    way = "DEFERRED" if is_sqlite() else "REPEATABLE READ"
    with database.obj.transaction(way) as transaction:
        yield
        transaction.rollback()


def write_rows(write: Callable[[bytes], object]) -> Counts:
    """Hand every line to `write`, within a snapshot or a transaction; return what was written."""
    counts: Counts = {}
    for model in tables():
        digest, count = hashlib.sha256(), 0
        columns = [field.column_name for field in model._meta.sorted_fields]
        write(_line({"table": model._meta.table_name, "columns": columns}))
        for rows in _batches(_select(model)):
            lines = b"".join([_line(row) for row in rows])
            digest.update(lines)
            write(lines)
            count += len(rows)
        counts[model._meta.table_name] = {"rows": count, "sha256": digest.hexdigest()}
    write(_line({"end": len(counts)}))
    return counts


def count_rows() -> Counts:
    """What `write_rows` would return now, in the transaction that is open or in a snapshot."""
    if database.in_transaction():
        return write_rows(len)
    with snapshot():
        return write_rows(len)


def _line(value: object) -> bytes:
    return (_encode(value) + "\n").encode()


def _batches(rows: Iterator) -> Iterator[list]:
    while batch := list(islice(rows, AT_ONCE)):
        yield batch


def _select(model: type[Model]) -> Iterator[tuple]:
    key = model._meta.primary_key
    # By the letters themselves, as SQLite does it.
    in_order = ' COLLATE "C"' if isinstance(key, CharField) and not is_sqlite() else ""
    columns = ", ".join(map(_said, model._meta.sorted_fields))
    sql = f'SELECT {columns} FROM "{model._meta.table_name}" ORDER BY "{key.column_name}"{in_order}'
    connection = database.connection()
    if is_sqlite():
        yield from connection.execute(sql)
        return
    # By the server's own cursor, or all rows would be fetched at once.
    with connection.cursor(name="backup") as cursor:
        cursor.itersize = AT_ONCE
        yield from cursor.execute(sql)


def _said(field: Field) -> str:
    """A column as SQLite keeps it."""
    column = f'"{field.column_name}"'
    if is_sqlite():
        return column
    if isinstance(field, InstantField):
        text = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return f"{text} || '+00:00'"
    if isinstance(field, DateField):
        return f"to_char({column}, 'YYYY-MM-DD')"
    return f"{column}::int" if isinstance(field, BooleanField) else column


# -- in -------------------------------------------------------------------------------------------


def read_rows(lines: Iterable[bytes]) -> Counts:
    """Replace the rows of every table by those of the lines; return what was read.

    The caller's transaction holds it all. Raises BadRows, also for lines that end too early.
    """
    by_name = {model._meta.table_name: model for model in TABLES}
    counts: Counts = {}
    with _resting_triggers():
        for model in reversed(tables()):
            database.execute_sql(f'DELETE FROM "{model._meta.table_name}"')
        for head, rows in _parts(lines):
            name = head["table"]
            if name not in by_name:
                raise BadRows(f"the rows are of a table that isn't here: {name}")
            digest = hashlib.sha256()
            count = _put_in(by_name[name], head["columns"], rows, digest)
            counts[name] = {"rows": count, "sha256": digest.hexdigest()}
    if missing := sorted(by_name.keys() - counts.keys()):
        raise BadRows(f"the rows of {missing[0]} are missing")
    if not is_sqlite():
        _set_sequences()
        database.execute_sql("ANALYZE")
    lookup.rebuild()
    return counts


def check_lines(lines: Iterable[bytes]) -> Counts:
    """What `read_rows` would return, put nowhere. Raises BadRows."""
    counts: Counts = {}
    for head, rows in _parts(lines):
        digest, count = hashlib.sha256(), 0
        for line in rows:
            digest.update(line)
            count += 1
        counts[head["table"]] = {"rows": count, "sha256": digest.hexdigest()}
    return counts


def _parts(lines: Iterable[bytes]) -> Iterator[tuple[dict[str, Any], Iterator[bytes]]]:
    """(what a table says of itself, its lines); these must be read before the next one."""
    rest = iter(lines)
    head = next(rest, b"")
    while head:
        told = _decoded(head)
        if "end" in told:
            return
        following: list[bytes] = []

        def rows(following: list[bytes] = following) -> Iterator[bytes]:
            for line in rest:
                if line.startswith(b"{"):
                    following.append(line)
                    return
                yield line

        yield told, rows()
        head = following[0] if following else b""
    raise BadRows("the rows end too early")


def _decoded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise BadRows("the rows hold a line that can't be read") from None


def _put_in(
    model: type[Model], columns: list[str], lines: Iterator[bytes], digest: "hashlib._Hash"
) -> int:
    """Put the rows in; return how many."""
    table, names = model._meta.table_name, ", ".join(f'"{column}"' for column in columns)
    if set(columns) != {field.column_name for field in model._meta.sorted_fields}:
        raise BadRows(f"the rows of {table} have other columns than the table")
    count = 0

    def rows() -> Iterator[list]:
        nonlocal count
        for line in lines:
            digest.update(line)
            count += 1
            yield _decoded(line)

    try:
        if is_sqlite():
            places = ", ".join("?" * len(columns))
            given = rows()
            for batch in _batches(given):
                sql = f'INSERT INTO "{table}" ({names}) VALUES ({places})'
                database.connection().executemany(sql, batch)
        else:
            cursor = database.connection().cursor()
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows():
                    copy.write_row(row)
    except (PeeweeException, sqlite3.Error, psycopg.Error) as error:
        raise BadRows(f"{table}, about row {count}: {error}") from error
    return count


@contextmanager
def _resting_triggers() -> Iterator[None]:
    """Tallies come with the rows, and the index is built afterwards: no trigger is to do it."""
    if is_sqlite():
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = database.execute_sql(found).fetchall()
        # Rows that refer to others of their own table come in any order.
        gone = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
        before, after = ["PRAGMA defer_foreign_keys = 1", *gone], [sql for _, sql in triggers]
    else:
        names = [model._meta.table_name for model in TABLES]
        before = [f'ALTER TABLE "{name}" DISABLE TRIGGER USER' for name in names]
        after = [f'ALTER TABLE "{name}" ENABLE TRIGGER USER' for name in names]
    for sql in before:
        database.execute_sql(sql)
    yield
    for sql in after:
        database.execute_sql(sql)


def _set_sequences() -> None:
    """Let the next row have the number after the last one."""
    for model in TABLES:
        table, key = model._meta.table_name, model._meta.primary_key
        if not isinstance(key, CharField):
            database.execute_sql(
                f"""SELECT setval(pg_get_serial_sequence('"{table}"', '{key.column_name}'),
                coalesce(max("{key.column_name}"), 1), count(*) > 0) FROM "{table}" """
            )


def differences(one: Counts, other: Counts) -> list[str]:
    """Tables whose rows aren't the same, in words."""
    found = []
    for name in sorted(one.keys() | other.keys()):
        left, right = one.get(name, {}), other.get(name, {})
        if left.get("rows") != right.get("rows"):
            found.append(f"{name} ({left.get('rows', 0)} rows and {right.get('rows', 0)})")
        elif left != right:
            found.append(f"{name} (other contents)")
    return found
