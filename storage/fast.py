"""Only for speed. What pays for each, without it ÷ with it (all figures: docs/adr/0011-speed.md):

prepared: queue 1.8, act 1.5 · Selection: customer's detail 1.2, card 1.2 · Insertion: submit 1.1
ByIndex: queue, done in a month 8.5; search, number 2.0 · keys: search, two words 1.2
epoch: recap, csv 1.09 · relaxed_durability: tracking, by the clock 1.3
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Self

from peewee import (
    SQL,
    Cast,
    Context,
    Field,
    Model,
    ModelInsert,
    ModelSelect,
    Node,
    NodeList,
    Query,
    fn,
)

from storage.database import database, is_sqlite


class Bound(Node):
    """Stands in a prepared query for a value that each run gives, stored as `field` stores it.

    With an `index` it is one of several values given as a sequence.
    """

    def __init__(self, name: str, field: Field | None = None, index: int | None = None):
        self.name, self.field, self.index = name, field, index

    def __sql__(self, ctx: Context) -> Context:
        return ctx.value(self.of, converter=False)

    def of(self, given: dict[str, object]) -> object:
        value = given[self.name] if self.index is None else given[self.name][self.index]
        return self.field.db_value(value) if self.field else value


def bound_each(name: str, count: int) -> list[Bound]:
    """Stands for a sequence of `count` values, as `in_` takes it."""
    return [Bound(name, index=index) for index in range(count)]


@dataclass
class Statement:
    """A query with its SQL, ready to run, by several threads at once."""

    query: Query
    text: str
    params: Sequence[object]
    of_row: Callable[[tuple], object] | None = None

    def rows(self, given: dict[str, object]) -> list:
        values = [param(given) if callable(param) else param for param in self.params]
        cursor = database.execute_sql(self.text, values)
        found = cursor.fetchall()
        if self.of_row is None:
            self.of_row = self._learn(cursor)
        return [self.of_row(row) for row in found]

    def _learn(self, cursor: object) -> Callable[[tuple], object]:
        """How a row of this query becomes what it returns, looked up in what the cursor says.

        The same each time, and for few rows longer than reading them.
        """
        # Private, since peewee's public ways build the SQL anew before they read rows.
        wrapper = self.query._get_cursor_wrapper(cursor)
        wrapper.initialize()
        # The connection goes back to the pool, and with it whatever the cursor holds.
        wrapper.cursor = None
        return wrapper.process_row


def prepared(make: Callable[..., Query]) -> Callable[..., list]:
    """Build a query's SQL once for each shape, and run it with changing values.

    Building costs several times what running does, on every page anew. The decorated function
    takes what changes the text, all hashable, and puts a `Bound` where a value changes; called
    with the same arguments and those values by name, it returns the rows.
    """

    @lru_cache(maxsize=256)
    def built(_engine: type, *shape: Hashable) -> Statement:
        query = make(*shape)
        return Statement(query, *query.sql())

    @wraps(make)
    def rows(*shape: Hashable, **given: object) -> list:
        return built(type(database.obj), *shape).rows(given)

    return rows


class Selection(ModelSelect):
    """A SELECT that names plain columns at once.

    peewee asks each column through six calls, which for a wide table takes longer than the
    database does; what comes out is the same to the letter.
    """

    def __sql_selection__(self, ctx: Context, is_subquery: bool = False) -> Context:
        if is_subquery:
            return super().__sql_selection__(ctx, is_subquery)
        for number, node in enumerate(self.selected_columns):
            if number:
                ctx.literal(", ")
            # Not the field of an alias, which writes itself in its own way.
            if isinstance(node, Field) and type(node).__sql__ is Field.__sql__:
                ctx.literal(f'"{ctx.alias_manager[node.model._meta.table]}"."{node.column_name}"')
            else:
                ctx.sql(node)
        return ctx


class Insertion(ModelInsert):
    """An INSERT of one row of plain values, written at once for the same reason.

    By two private names: peewee has no public word for a row that is to be written.
    """

    def _simple_insert(self, ctx: Context) -> Context:
        row = {
            field: default() if callable(default) else default
            for field, default in self.get_default_data().items()
            if field not in self._insert
        } | self._insert
        if any(isinstance(part, Node) for part in row.values()):
            return super()._simple_insert(ctx)
        columns = ", ".join(f'"{field.column_name}"' for field in row)
        ctx.literal(f"({columns}) VALUES (")
        for number, (field, value) in enumerate(row.items()):
            if number:
                ctx.literal(", ")
            ctx.value(value, field.db_value)
        return ctx.literal(")")


class ByIndex(Node):
    """A table with the index to use in FROM; without a name, rows are found by their keys.

    Postgres has no such words, and keeps statistics itself.
    """

    def __init__(self, model: type[Model], index: str = ""):
        self.model, self.index = model, index

    def __sql__(self, ctx: Context) -> Context:
        ctx.sql(self.model)
        if is_sqlite():
            ctx.literal(f' INDEXED BY "{self.index}"' if self.index else " NOT INDEXED")
        return ctx


def keys(ids: Iterable[int]) -> SQL:
    """Ids as what `in_` takes, given as one value.

    As a list, a thousand of them take longer to write down than to look up.
    """
    if is_sqlite():
        return SQL("(SELECT value FROM json_each(?))", [json.dumps(list(ids))])
    return SQL("(SELECT unnest(%s::bigint[]))", [list(ids)])


def epoch(column: Field) -> Cast:
    """An instant as whole seconds since 1970, counted by the database.

    Long exports read instants so: a number costs nothing to convert.
    """
    if is_sqlite():
        return fn.strftime("%s", column).cast("INTEGER")
    return fn.FLOOR(fn.EXTRACT(NodeList((SQL("EPOCH FROM"), column)))).cast("BIGINT")


@contextmanager
def relaxed_durability() -> Iterator[None]:
    """Let a power cut undo the one statement within, so that nobody waits for the disk.

    For what is counted, not for what is promised. Within a transaction it is as durable as that.
    """
    if database.in_transaction():
        yield
    elif is_sqlite():
        # By the bare driver: the two settings would otherwise take as long as what they surround.
        run = database.connection().execute
        [usual] = run("PRAGMA synchronous").fetchone()
        # With a write-ahead log still safe from being torn.
        run("PRAGMA synchronous = normal")
        try:
            yield
        finally:
            run(f"PRAGMA synchronous = {usual}")
    else:
        with database.atomic():
            database.execute_sql("SET LOCAL synchronous_commit = off")
            yield


class Quick(Model):
    """What every table of `models` builds its queries by."""

    @classmethod
    def select(cls, *fields: object) -> Selection:
        return Selection(cls, fields or cls._meta.sorted_fields, is_default=not fields)

    @classmethod
    def insert(cls, __data: dict | None = None, **values: object) -> Insertion:
        return Insertion(cls, super().insert(__data, **values)._insert)

    @classmethod
    def get_by_id(cls, pk: object) -> Self:
        for row in _by_id(cls, pk=pk):
            return row
        raise cls.DoesNotExist(f"no {cls.__name__} with the key {pk!r}")


@prepared
def _by_id(model: type[Quick]) -> Selection:
    key = model._meta.primary_key
    return model.select().where(key == Bound("pk", key))
