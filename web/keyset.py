"""Lists that cost the same on the first and the thousandth page.

A page begins after the last row of the one before, by the sort column and the id, which an index
finds at once; an OFFSET would walk everything in between.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request
from peewee import Expression, Field, Model, ModelSelect, Select

from web.listing import with_arguments

AFTER, BEFORE, NUMBER = "sesudah", "sebelum", "n"
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


@dataclass(frozen=True)
class KeysetPage:
    """One page of rows; `total` is capped, see `count_words`."""

    rows: Sequence
    place: Place
    total: int
    per_page: int
    sort: Sort
    has_more: bool

    @property
    def showing(self) -> str:
        """The manual's own line under a list."""
        first = (self.place.number - 1) * self.per_page + 1 if self.rows else 0
        last = first + len(self.rows) - 1 if self.rows else 0
        return f"Showing {first} to {last} of {count_words(self.total)} records"

    @property
    def previous_url(self) -> str:
        begins = self.place.cursor is None
        if begins or not self.rows or (self.place.is_backwards and not self.has_more):
            return ""
        number = max(1, self.place.number - 1)
        return with_arguments(**_moved(before=self._cursor(self.rows[0]), number=number))

    @property
    def next_url(self) -> str:
        if not self.rows or not (self.has_more or self.place.is_backwards):
            return ""
        cursor = self._cursor(self.rows[-1])
        return with_arguments(**_moved(after=cursor, number=self.place.number + 1))

    def _cursor(self, row: Model) -> str:
        field = self.sort.field
        return str(Cursor(getattr(row, field.name) if field else None, row.id))


def _moved(*, after: str | None = None, before: str | None = None, number: int) -> dict:
    return {AFTER: after, BEFORE: before, NUMBER: number, "page": None}


def first_page(**changes: object) -> str:
    """This address with some arguments changed, from the first page on."""
    return with_arguments(**{AFTER: None, BEFORE: None, NUMBER: None, **changes})


def count_words(total: int) -> str:
    return f"{MOST_COUNTED}+" if total > MOST_COUNTED else str(total)


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


def keyset_page(
    branches: Sequence[ModelSelect],
    shown: ModelSelect,
    *,
    sort: Sort,
    total: int,
    per_page: int,
) -> KeysetPage:
    """The page that the address asks for. One query.

    `branches` are conditions whose rows don't overlap, each of which an index gives in the order
    of the sort (one post each, say): the first rows of each are merged, so that nothing is
    sorted that isn't shown. `shown` selects what the page needs.
    """
    place = read_place(sort)
    rows = list(window(branches, shown, sort=sort, place=place, limit=per_page + 1))
    return page_of(rows, place, sort=sort, total=total, per_page=per_page)


def page_of(rows: list, place: Place, *, sort: Sort, total: int, per_page: int) -> KeysetPage:
    """A page from up to `per_page + 1` rows in the order of walking."""
    has_more = len(rows) > per_page
    rows = rows[:per_page]
    if place.is_backwards:
        rows.reverse()
        if not has_more:
            # Back at the beginning, whatever the number said.
            place = Place(place.cursor, True, 1)
    return KeysetPage(rows, place, total, per_page, sort, has_more)


def window(
    branches: Sequence[ModelSelect],
    shown: ModelSelect,
    *,
    sort: Sort,
    place: Place,
    limit: int,
) -> ModelSelect:
    """The rows beyond a place, in the order of walking."""
    model = shown.model
    is_falling = sort.is_descending != place.is_backwards
    keys = [model.id] if sort.field is None else [sort.field, model.id]
    order = [key.desc() if is_falling else key for key in keys]
    if place.cursor:
        beyond = _beyond(model, sort, place.cursor, is_falling)
        branches = [branch.where(beyond) for branch in branches]
    firsts = []
    for number, branch in enumerate(branches):
        ids = branch.select(model.id.alias("key")).order_by(*order).limit(limit)
        named = ids.alias(f"w{number}")
        firsts.append(Select([named], [named.c.key]))
    merged = firsts[0]
    for one in firsts[1:]:
        merged = merged.union_all(one)
    return shown.where(model.id.in_(merged)).order_by(*order).limit(limit)


def _beyond(model: type[Model], sort: Sort, cursor: Cursor, is_falling: bool) -> Expression:
    """Rows past the cursor. The first comparison is what an index can use."""
    past_key = model.id < cursor.key if is_falling else model.id > cursor.key
    if sort.field is None:
        return past_key
    if is_falling:
        return (sort.field <= cursor.at) & ((sort.field < cursor.at) | past_key)
    return (sort.field >= cursor.at) & ((sort.field > cursor.at) | past_key)
