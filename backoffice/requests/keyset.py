"""Lists that cost the same on the first and the thousandth page.

A page begins after the last row of the one before, by the sort column and the id, which an index
finds at once; an OFFSET would walk everything in between.

`Split` and `Few` are only for speed: overdue 9.7, rare and finished 7.2 times as long without
them, on SQLite with 100,000 requests (docs/adr/0011-speed.md). `Merged` keeps a post that had a
hand in 33,000 requests as quick as one that had in 1,000; without it Postgres sorts them all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce

from flask import request
from peewee import SQL, Expression, Field, Model, ModelSelect, Node, NodeList, Select, fn

from storage.fast import ByIndex
from web.listing import AFTER, BEFORE, NUMBER, Page, with_arguments

CURSOR = re.compile(r"(\d{20}|)-(\d{1,18})")
STAMP = "%Y%m%d%H%M%S%f"
# What is counted of a list stops here: "999+".
MOST_COUNTED = 999


@dataclass(frozen=True)
class Sort:
    """A column that is never null in the list, with the id behind it; without one only the id."""

    words: str
    field: Field | None
    is_descending: bool = False

    def order(self, key: Field, *, is_backwards: bool = False) -> list[Node]:
        """The ORDER BY terms; `key` is the id."""
        fields = [key] if self.field is None else [self.field, key]
        is_falling = self.is_descending != is_backwards
        return [field.desc() if is_falling else field for field in fields]


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: the sort value and the id of its neighbour."""

    at: datetime | None
    key: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime(STAMP) if self.at else ''}-{self.key}"


@dataclass(frozen=True)
class Place:
    """What the address asks for: beyond which row, in which direction, and the page's number."""

    cursor: Cursor | None = None
    is_backwards: bool = False
    number: int = 1


def read_place(sort: Sort) -> Place:
    """The place that the address names; nonsense is the first page."""
    number = request.args.get(NUMBER, "1")
    number = int(number) if number.isdecimal() and len(number) < 7 else 1
    for name in (AFTER, BEFORE):
        found = CURSOR.fullmatch(request.args.get(name, ""))
        if found is None or bool(found[1]) != (sort.field is not None):
            continue
        try:
            at = datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found[1] else None
        except ValueError:
            continue
        return Place(Cursor(at, int(found[2])), name == BEFORE, max(1, number))
    return Place()


# -- how a list is found -------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """A column by whose values a list falls into parts, each of which an index gives in order."""

    field: Field
    values: Sequence[str]
    # By name, where an engine might take another one.
    index: str = ""


@dataclass(frozen=True)
class Few:
    """Says that a list holds few rows of a large table: found by one index, sorted afterwards.

    Engines may take them for many, above all SQLite without statistics, and walk everything
    that another condition finds, or that already lies in the order of the list. Without a name
    the rows are found by their ids. The conditions must say what a partial index holds.
    """

    index: str = ""


@dataclass(frozen=True)
class Through:
    """Another table whose index holds a list in its order: its key, sort column and condition."""

    key: Field
    field: Field
    condition: Expression


@dataclass(frozen=True)
class Merged:
    """Parts that a list falls into, which may overlap: ids of the model, or of rows that name it.

    The rows that name it lie in the order of the list if they have its sort column. `conditions`
    hold for every part.
    """

    parts: Sequence[ModelSelect]
    conditions: Sequence[Node] = ()


Way = Split | Few | Through | Merged | None


@dataclass(frozen=True)
class Counted:
    """A list to count, how it is found, and where counting stops.

    In the order of the list, if it has one: Postgres then takes the way of the list too, where it
    would read the whole table for what it takes for many.
    """

    query: ModelSelect
    way: Way = None
    most: int = 0
    sort: Sort | None = None


def count_all(lists: Mapping[str, Counted]) -> dict[str, int]:
    """How many rows each list holds; one more than its `most` where there are more. One query."""
    columns = [_number_of(one) for one in lists.values()]
    first = next(iter(lists.values())).query
    [numbers] = Select(columns=columns).bind(first.model._meta.database).tuples()
    return {
        name: min(number, one.most + 1)
        for (name, one), number in zip(lists.items(), numbers, strict=True)
    }


def _number_of(one: Counted) -> Select:
    """Split, every part of the list is counted as far as the whole."""
    query, way, most = one.query, one.way, one.most + 1
    if isinstance(way, Merged) and one.sort:
        return number_of_merged(query.model, way, one.sort, most)
    if isinstance(way, Few):
        query = query.from_(ByIndex(query.model, way.index))
    query = query.select(query.model.id).limit(most)
    if not isinstance(way, Split):
        return Select([query.alias("found")], [fn.COUNT(SQL("1"))])
    return Select([NodeList((_first_of_each(query, way), SQL("AS found")))], [fn.COUNT(SQL("1"))])


def keyset_page(
    query: ModelSelect,
    shown: ModelSelect,
    *,
    sort: Sort,
    total: int,
    per_page: int,
    way: Way = None,
) -> Page:
    """The page that the address asks for. One query.

    `query` is what the list holds, `shown` selects what the page needs of it.
    """
    place = read_place(sort)
    rows = list(window(query, shown, sort=sort, place=place, limit=per_page + 1, way=way))
    return page_of(rows, place, sort=sort, total=total, per_page=per_page)


def page_of(rows: list, place: Place, *, sort: Sort, total: int, per_page: int) -> Page:
    """A page from up to `per_page + 1` rows in the order of walking."""
    has_more = len(rows) > per_page
    rows = rows[:per_page]
    number = place.number
    if place.is_backwards:
        rows.reverse()
        if not has_more:
            # Back at the beginning, whatever the number said.
            number = 1
    is_begin = place.cursor is None or (place.is_backwards and not has_more)
    is_end = not has_more and not place.is_backwards
    return Page(
        rows,
        number,
        per_page,
        total,
        MOST_COUNTED,
        previous_url="" if is_begin or not rows else _beside(BEFORE, rows[0], sort, number - 1),
        next_url="" if is_end or not rows else _beside(AFTER, rows[-1], sort, number + 1),
    )


def _beside(direction: str, row: Model, sort: Sort, number: int) -> str:
    """The address of the page before or after the one that begins or ends with this row."""
    cursor = Cursor(getattr(row, sort.field.name) if sort.field else None, row.id)
    return with_arguments(**{direction: str(cursor), NUMBER: max(1, number)})


def window(
    query: ModelSelect,
    shown: ModelSelect,
    *,
    sort: Sort,
    place: Place,
    limit: int,
    way: Way = None,
) -> ModelSelect:
    """The rows beyond a place, in the order of walking.

    Split, the first rows of each part are merged, so that nothing is sorted that isn't shown.
    """
    model = shown.model
    is_falling = sort.is_descending != place.is_backwards
    keys = [model.id] if sort.field is None else [sort.field, model.id]
    order = sort.order(model.id, is_backwards=place.is_backwards)
    if isinstance(way, Through):
        merged = _by_other_table(way, place, is_falling, limit)
        return shown.where(model.id.in_(merged)).order_by(*order).limit(limit)
    if isinstance(way, Merged):
        parts = _first_of_parts(model, way, sort, place, limit)
        merged = reduce(lambda some, more: some.union_all(more), parts)
        return shown.where(model.id.in_(merged)).order_by(*order).limit(limit)
    if place.cursor:
        query = query.where(_beyond(model.id, sort.field, place.cursor, is_falling))
    if isinstance(way, Few):
        merged = _sorted_afterwards(query.select(*keys), way, is_falling, limit)
    elif way is None:
        merged = query.select(model.id).order_by(*order).limit(limit)
    else:
        merged = _first_of_each(query.select(model.id).order_by(*order).limit(limit), way)
    return shown.where(model.id.in_(merged)).order_by(*order).limit(limit)


def _sorted_afterwards(few: ModelSelect, way: Few, is_falling: bool, limit: int) -> ModelSelect:
    """The ids of the first of few rows. Neither engine carries an order past an OFFSET."""
    found = few.from_(ByIndex(few.model, way.index)).offset(0).alias("few")
    columns = [getattr(found.c, key.column_name) for key in few.selected_columns]
    order = [column.desc() if is_falling else column for column in columns]
    return few.model.select(found.c.id).from_(found).order_by(*order).limit(limit)


# Stands for the value of a part while its text is made.
PART = "\x00part"


def _first_of_each(ids: ModelSelect, split: Split) -> SQL:
    """One text for all parts: building each of a dozen would cost more than asking for them."""
    if split.index:
        ids = ids.from_(ByIndex(ids.model, split.index))
    text, values = ids.where(split.field == PART).sql()
    parts = [f"SELECT * FROM ({text}) AS w{number}" for number, _ in enumerate(split.values)]
    given = [part if value == PART else value for part in split.values for value in values]
    return SQL(f"({' UNION ALL '.join(parts)})", given)


def _by_other_table(way: Through, place: Place, is_falling: bool, limit: int) -> ModelSelect:
    """The ids of the first rows."""
    found = way.key.model.select(way.key).where(way.condition)
    if place.cursor:
        found = found.where(_beyond(way.key, way.field, place.cursor, is_falling))
    order = [field.desc() if is_falling else field for field in (way.field, way.key)]
    return found.order_by(*order).limit(limit)


def _first_of_parts(
    model: type[Model], way: Merged, sort: Sort, place: Place, limit: int
) -> Iterator[Select]:
    """The ids of the first rows of each part."""
    is_falling = sort.is_descending != place.is_backwards
    for number, part in enumerate(way.parts):
        key, field = model.id, sort.field
        if part.model is not model:
            key = part.model.request
            named = getattr(part.model, field.name, None) if field else None
            if way.conditions or named is None:
                # By their ids: SQLite would rather take what another condition finds.
                part = part.from_(part.model, ByIndex(model)).where(key == model.id)
            field = named or field
        if place.cursor:
            part = part.where(_beyond(key, field, place.cursor, is_falling))
        order = [column.desc() if is_falling else column for column in (field, key) if column]
        if way.conditions:
            part = part.where(*way.conditions)
        found = part.select(key.alias("id")).order_by(*order)
        first = found.limit(limit).alias(f"part_{number}")
        yield model.select(first.c.id).from_(first)


def number_of_merged(model: type[Model], way: Merged, sort: Sort, most: int) -> Select:
    """How many the parts hold together, each counted as far as the whole."""
    parts = _first_of_parts(model, way, sort, Place(), most)
    whole = reduce(lambda some, more: some.union(more), parts)
    return Select([whole.alias("found")], [fn.COUNT(SQL("1"))])


def _beyond(key: Field, field: Field | None, cursor: Cursor, is_falling: bool) -> Expression:
    """Rows past the cursor. The first comparison is what an index can use."""
    past_key = key < cursor.key if is_falling else key > cursor.key
    if field is None:
        return past_key
    if is_falling:
        return (field <= cursor.at) & ((field < cursor.at) | past_key)
    return (field >= cursor.at) & ((field > cursor.at) | past_key)
