"""Lists: one page of a scope, sorted by a whitelist, with addresses for the other pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import request
from peewee import Field, ModelSelect

from rules.formats import day
from rules.periods import end_of, start_of

PER_PAGE = 10
# Counting is what makes a list slow in a large table, so it stops here.
COUNT_LIMIT = 1000


@dataclass(frozen=True)
class Page:
    """One page of a list, however it was found; `total` is exact up to `most`.

    An empty address says that there is no such page.
    """

    rows: Sequence
    number: int
    per_page: int
    total: int
    most: int
    previous_url: str = ""
    next_url: str = ""

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.rows else 0

    @property
    def showing(self) -> str:
        """`Menampilkan 1–20 dari 55`"""
        return "Menampilkan {}–{} dari {}".format(*self._place)

    @property
    def showing_in_manual(self) -> str:
        """The same as the manual words it on the customer's pages."""
        return "Showing {} to {} of {} records".format(*self._place)

    @property
    def _place(self) -> tuple[int, int, str]:
        last = self.first + len(self.rows) - 1 if self.rows else 0
        return self.first, last, count_words(self.total, self.most)


def count_words(total: int, most: int) -> str:
    """`55`, or `999+` where counting stopped at 999."""
    return f"{most}+" if total > most else str(total)


def list_page(
    query: ModelSelect,
    *,
    sorts: Mapping[str, Sequence],
    default_sort: str,
    per_page: int = PER_PAGE,
) -> Page:
    """The page that the address asks for. Two queries; nonsense in the address is page one.

    `sorts` maps a name to the ORDER BY terms it stands for; nothing else can be sorted by.
    """
    total = query.select(1).limit(COUNT_LIMIT + 1).order_by().count()
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    last = max(1, -(-min(total, COUNT_LIMIT) // per_page))
    if total <= COUNT_LIMIT:
        number = min(number, last)
    number = max(1, number)
    order = sorts.get(request.args.get("sort", ""), sorts[default_sort])
    rows = list(query.order_by(*order).limit(per_page).offset((number - 1) * per_page))
    is_uncounted = total > COUNT_LIMIT and len(rows) == per_page
    has_more = is_uncounted or number * per_page < min(total, COUNT_LIMIT)
    return Page(
        rows,
        number,
        per_page,
        total,
        COUNT_LIMIT,
        previous_url=with_arguments(page=number - 1) if number > 1 else "",
        next_url=with_arguments(page=number + 1) if has_more else "",
    )


def with_arguments(**changes: object) -> str:
    """This address with some arguments changed; None removes one. Filters go back to page 1."""
    arguments = {**request.args.to_dict(), **changes}
    if "page" not in changes:
        arguments.pop("page", None)
    kept = {name: value for name, value in arguments.items() if value not in (None, "")}
    # Built by hand: url_for takes some of these names (_method, endpoint) as its own options.
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def text_argument(name: str, longest: int = 100) -> str:
    """An argument as safe text: no NUL (Postgres refuses it), not too long."""
    return request.args.get(name, "").replace("\x00", "").strip()[:longest]


def date_argument(name: str) -> date | None:
    """A day of this century; anything else would overflow when its zone is turned."""
    try:
        found = date.fromisoformat(text_argument(name))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def are_days_backwards() -> bool:
    """Whether the days in the address end before they begin, so that nothing can be in between."""
    since, until = date_argument("since"), date_argument("until")
    return bool(since and until and until < since)


def between_dates(query: ModelSelect, column: Field) -> tuple[ModelSelect, list[tuple[str, str]]]:
    """The query narrowed to the days that the address names, and the chips that say so."""
    chips, since, until = [], date_argument("since"), date_argument("until")
    if since:
        query = query.where(column >= start_of(since))
        chips.append((f"Sejak {day(since)}", with_arguments(since=None)))
    if until:
        query = query.where(column < end_of(until))
        chips.append((f"Sampai {day(until)}", with_arguments(until=None)))
    return query, chips
