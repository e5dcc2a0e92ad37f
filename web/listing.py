"""Lists: one page of a scope, sorted by a whitelist, with addresses for the other pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import request
from peewee import Expression, Field, Model, ModelSelect, Node, Ordering

from rules.formats import day
from rules.periods import end_of, start_of

PER_PAGE = 10
# Counting is what makes a list slow in a large table, so it stops here.
COUNT_LIMIT = 1000
# Where a page begins: beyond which row, or before which; and its number, as two lists call it.
AFTER, BEFORE, NUMBER = "sesudah", "sebelum", "n"
PLACE = ("page", AFTER, BEFORE, NUMBER)


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
        return self.first, last, self.total_words

    @property
    def total_words(self) -> str:
        return count_words(self.total, self.most)


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
    """The page that the address asks for. Two queries, a few more beyond the first page.

    `sorts` maps a name to the ORDER BY terms it stands for, the last one unique; nothing else can
    be sorted by.
    """
    order = sorts.get(request.args.get("sort", ""), sorts[default_sort])
    return ordered_page(query, order, per_page=per_page)


def ordered_page(
    query: ModelSelect,
    order: Sequence[Node],
    *,
    per_page: int,
    total: int | None = None,
    most: int = COUNT_LIMIT,
) -> Page:
    """The page that the address asks for, in this order, the last term of which is unique.

    A page begins beyond a row that was shown, so that no row comes twice or is left out when
    others are added meanwhile; the address names that row by its id, and only rows of the query
    are looked for. Nonsense in the address is page one. What is empty comes last, whichever way
    the first term goes. Who has counted the rows already says how many, and where counting stopped.
    """
    if total is None:
        total = query.select(1).limit(most + 1).order_by().count()
    terms = [_term(one) for one in order]
    asked = request.args.get("page", "1")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
    values, is_backwards = _neighbour(query, terms)
    if values:
        parts = _beyond(query, terms, values, is_backwards)
    else:
        # As a number alone, of a page that was opened before or is asked for by hand.
        number = min(number, max(1, -(-min(total, most) // per_page)))
        parts = (
            _parts(query, terms) if number == 1 else [_by_number(query, terms, number, per_page)]
        )
    rows = _first_of(parts, per_page + 1)
    has_more, rows = len(rows) > per_page, rows[:per_page]
    if is_backwards:
        rows.reverse()
        # Back at the beginning, whatever the number said; or rows were added before it.
        number = max(2, number) if has_more else 1
    has_previous = has_more if is_backwards else bool(values) or number > 1
    has_next = is_backwards or has_more
    return Page(
        rows,
        number,
        per_page,
        total,
        most,
        previous_url=_beside(BEFORE, rows[0], number - 1) if rows and has_previous else "",
        next_url=_beside(AFTER, rows[-1], number + 1) if rows and has_next else "",
    )


# A term of an order: the field, and whether it falls.
Term = tuple[Node, bool]


def _term(term: Node) -> Term:
    """A term of an order as its field, and whether it falls."""
    is_ordering = isinstance(term, Ordering)
    return (term.node, term.direction == "DESC") if is_ordering else (term, False)


def _neighbour(query: ModelSelect, order: Sequence[Term]) -> tuple[tuple, bool]:
    """What the row that the address names is sorted by, and whether the page lies before it."""
    for name in (AFTER, BEFORE):
        key = request.args.get(name, "")
        if key.isdecimal() and len(key) <= 18:
            rows = query.select(*(field for field, _ in order)).order_by()
            found = rows.where(query.model.id == int(key)).tuples().first()
            return found or (), bool(found) and name == BEFORE
    return (), False


def _ordered(query: ModelSelect, terms: Sequence[Term]) -> ModelSelect:
    return query.order_by(*(field.desc() if is_falling else field for field, is_falling in terms))


def _parts(query: ModelSelect, terms: Sequence[Term]) -> list[ModelSelect]:
    """The rows in their order: those with a value and then the empty ones, each by an index.

    The engines disagree where an empty one stands, and follow no index where they are told.
    """
    field = terms[0][0]
    if not getattr(field, "null", False):
        return [_ordered(query, terms)]
    filled, empty = query.where(field.is_null(False)), query.where(field.is_null())
    return [_ordered(filled, terms), _ordered(empty, terms[1:])]


def _beyond(
    query: ModelSelect, terms: Sequence[Term], values: Sequence[object], is_backwards: bool
) -> list[ModelSelect]:
    """The rows on one side of the one that these values are of, in the order of walking."""
    walked = [(field, is_falling != is_backwards) for field, is_falling in terms]
    field = terms[0][0]
    if values[0] is not None:
        near = _steps(query, walked, values)
        return near if is_backwards else [*near, *_parts(query, walked)[1:]]
    rest = query.where(field.is_null() & _past(walked[1:], values[1:]))
    near = _ordered(rest, walked[1:])
    return [near, _parts(query, walked)[0]] if is_backwards else [near]


def _by_number(
    query: ModelSelect, terms: Sequence[Term], number: int, per_page: int
) -> ModelSelect:
    """The rows from a page on; no further than what is counted."""
    ordered = [
        field.desc(nulls="last")
        if is_falling
        else field.asc(nulls="last")
        if getattr(field, "null", False)
        else field
        for field, is_falling in terms
    ]
    return query.order_by(*ordered).offset((number - 1) * per_page)


def _first_of(parts: Sequence[ModelSelect], most: int) -> list[Model]:
    rows: list[Model] = []
    for part in parts:
        if len(rows) < most:
            rows.extend(part.limit(most - len(rows)))
    return rows


def _past(order: Sequence[Term], values: Sequence[object]) -> Expression:
    """Rows past these values. The first comparison is what an index can use."""
    (field, is_falling), value = order[0], values[0]
    past = field < value if is_falling else field > value
    if len(order) == 1:
        return past
    reached = field <= value if is_falling else field >= value
    return reached & (past | _past(order[1:], values[1:]))


def _steps(
    query: ModelSelect, order: Sequence[Term], values: Sequence[object]
) -> list[ModelSelect]:
    """The rows past these values: first those that agree with them in all terms but the last.

    By two terms hardly any rows agree in the first, and one query is enough. By more, as many as
    have one state do, and each step is found by the whole of an index.
    """
    if len(order) < 3:
        return [_ordered(query.where(_past(order, values)), order)]
    found = []
    for length in reversed(range(len(order))):
        agreeing = [
            field == value
            for (field, _), value in zip(order[:length], values[:length], strict=True)
        ]
        past = _past(order[length : length + 1], values[length:])
        found.append(_ordered(query.where(*agreeing, past), order[length:]))
    return found


def _beside(direction: str, row: Model, number: int) -> str:
    return with_arguments(**{direction: row.id, "page": number})


def with_arguments(**changes: object) -> str:
    """This address with some arguments changed; None removes one. Filters go back to page 1."""
    arguments = {name: value for name, value in request.args.to_dict().items() if name not in PLACE}
    kept = {name: value for name, value in (arguments | changes).items() if value not in (None, "")}
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
