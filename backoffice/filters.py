"""Column filters in our words: Flask-Admin's classes, where its own would fail or tell too much.

Its texts have no Indonesian, its LIKE takes `%` and `_` for wildcards, its moments want hours and
a zone, and a NUL or a huge number ends in an error of the engine.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce
from operator import or_

from flask import request
from flask_admin.contrib.peewee.filters import (
    BasePeeweeFilter,
    FilterEmpty,
    FilterEqual,
    FilterInList,
    FilterLike,
    FilterNotEqual,
    FilterNotInList,
    FilterNotLike,
    IntEqualFilter,
    IntGreaterFilter,
    IntNotEqualFilter,
    IntSmallerFilter,
)
from peewee import BooleanField, DateField, Expression, Field, IntegerField, ModelSelect, Node, fn

from rules.formats import day
from rules.periods import end_of, start_of
from rules.text import fold
from storage.database import InstantField
from web.searched_words import typed_words

# Between the two days of a span, as Flask-Admin writes them; either may be missing.
SPAN = " to "
LARGEST = 10**15
CHOICES = "melasti.choices"
LONGEST = 200
Options = Sequence[tuple[str, str]]


class ColumnFilter(BasePeeweeFilter):
    """A filter of a list. `alias` is the plain argument that addresses name it by, if any."""

    # How its value is given: choice, words, days, number or none.
    widget = "words"
    words = ""

    def __init__(
        self,
        column: Node,
        name: str,
        options: Options | Callable[[], Iterable[tuple[str, str]]] = (),
        alias: str = "",
    ):
        super().__init__(column, name)
        # Not Flask-Admin's `options`: it asks for them once, before there is a database.
        self.choices = options
        self.alias = alias

    def operation(self) -> str:
        return self.words

    def offered(self) -> list[tuple[str, str]]:
        """Values to choose from, with their words."""
        if not callable(self.choices):
            return list(self.choices)
        known = request.environ.setdefault(CHOICES, {})
        if self not in known:
            known[self] = list(self.choices())
        return known[self]

    def said(self, value: str) -> str:
        """The value as the chip says it."""
        return value


class _Typed(ColumnFilter):
    """Takes what somebody typed, which is kept out of the address."""

    def clean(self, value: str) -> str:
        words = typed_words(value).replace("\x00", "").strip()[:LONGEST]
        if not words:
            raise ValueError("nothing is asked for")
        return words

    def said(self, value: str) -> str:
        return f"“{typed_words(value)}”"

    @property
    def folded(self) -> Expression:
        return fn.melasti_fold(self.column)


class Like(_Typed, FilterLike):
    words = "mengandung"

    def apply(self, query: ModelSelect, value: str) -> ModelSelect:
        return query.where(self.folded.contains(fold(value)))


class NotLike(_Typed, FilterNotLike):
    words = "tidak mengandung"

    def apply(self, query: ModelSelect, value: str) -> ModelSelect:
        return query.where(~self.folded.contains(fold(value)))


class Equal(_Typed, FilterEqual):
    words = "sama dengan"

    def apply(self, query: ModelSelect, value: str) -> ModelSelect:
        return query.where(self.folded == fold(value))


class NotEqual(_Typed, FilterNotEqual):
    words = "tidak sama dengan"

    def apply(self, query: ModelSelect, value: str) -> ModelSelect:
        return query.where(self.folded != fold(value))


class AnyOf(_Typed, FilterInList):
    words = "salah satu dari (pisahkan dengan koma)"

    def apply(self, query: ModelSelect, value: str) -> ModelSelect:
        given = [fold(one.strip()) for one in value.split(",") if one.strip()]
        return query.where(self.folded.in_(given))


class Empty(ColumnFilter, FilterEmpty):
    """Without a value, or with one; an empty text is none."""

    widget, words = "none", "kosong"

    def validate(self, value: str) -> bool:
        return value in ("0", "1")

    def apply(self, query: ModelSelect, value: str) -> ModelSelect:
        empty = self.column.is_null() if self.column.null else self.column == ""
        return query.where(empty if value == "1" else ~empty)


class _Chosen(ColumnFilter):
    """Takes codes of a known list."""

    widget = "choice"

    def clean(self, value: str) -> list[str]:
        known = {code for code, _ in self.offered()}
        given = [one for one in value.split(",") if one in known]
        if not given:
            raise ValueError("none of the choices")
        return given

    def said(self, value: str) -> str:
        titles = dict(self.offered())
        return " atau ".join(titles[code] for code in self.clean(value))

    def condition(self, codes: list[str]) -> Expression:
        if isinstance(self.column, BooleanField):
            return self.column.in_([code == "ya" for code in codes])
        return self.column.in_(codes)


class OneOf(_Chosen, FilterInList):
    words = "adalah"

    def apply(self, query: ModelSelect, value: list[str]) -> ModelSelect:
        return query.where(self.condition(value))


class ByCondition(OneOf):
    """A choice whose codes stand for conditions; (code, words, condition) of each."""

    def __init__(self, name: str, options: Sequence[tuple[str, str, Expression]], alias: str = ""):
        super().__init__(None, name, [(code, words) for code, words, _ in options], alias)
        self.conditions = {code: condition for code, _, condition in options}

    def condition(self, codes: list[str]) -> Expression:
        return reduce(or_, (self.conditions[code] for code in codes))


class NoneOf(_Chosen, FilterNotInList):
    words = "bukan"

    def apply(self, query: ModelSelect, value: list[str]) -> ModelSelect:
        return query.where(~self.condition(value))


class Between(ColumnFilter):
    """Days, both included; of moments those of the office's zone."""

    widget, words = "days", "antara"

    def clean(self, value: str) -> tuple[date | None, date | None]:
        first, _, last = value.partition(SPAN.strip())
        found = _day(first), _day(last)
        if found == (None, None) or (all(found) and found[0] > found[1]):
            raise ValueError("no span of days")
        return found

    def apply(self, query: ModelSelect, value: tuple[date | None, date | None]) -> ModelSelect:
        for condition in self._conditions(*value):
            query = query.where(condition)
        return query

    def _conditions(self, first: date | None, last: date | None) -> list[Expression]:
        is_moment = isinstance(self.column, InstantField)
        found = []
        if first:
            found.append(self.column >= (start_of(first) if is_moment else first))
        if last:
            found.append(self.column < end_of(last) if is_moment else self.column <= last)
        return found

    def said(self, value: str) -> str:
        first, last = self.clean(value)
        if first and last:
            return f"{day(first)} – {day(last)}" if first != last else day(first)
        return f"sejak {day(first)}" if first else f"sampai {day(last)}"


class NotBetween(Between):
    words = "di luar"

    def apply(self, query: ModelSelect, value: tuple[date | None, date | None]) -> ModelSelect:
        inside = self._conditions(*value)
        return query.where(~inside[0] | ~inside[1] if len(inside) > 1 else ~inside[0])


class _Number(ColumnFilter):
    widget = "number"

    def clean(self, value: str) -> int:
        digits = value.strip().replace(".", "")
        number = int(digits) if digits.isdecimal() and len(digits) < 16 else LARGEST
        if number >= LARGEST:
            raise ValueError("no number")
        return number


class NumberEqual(_Number, IntEqualFilter):
    words = "sama dengan"


class NumberNotEqual(_Number, IntNotEqualFilter):
    words = "tidak sama dengan"


class Greater(_Number, IntGreaterFilter):
    words = "lebih dari"


class Smaller(_Number, IntSmallerFilter):
    words = "kurang dari"


YES_NO = (("ya", "Ya"), ("tidak", "Tidak"))


def filters_for(
    column: Field,
    name: str,
    options: Options | Callable[[], Iterable[tuple[str, str]]] = (),
    *,
    alias: str = "",
) -> list[ColumnFilter]:
    """Every operator that suits a column: its choices, days, numbers or words."""
    kinds: tuple[type[ColumnFilter], ...] = (Like, NotLike, Equal, NotEqual, AnyOf)
    if isinstance(column, BooleanField):
        options = options or YES_NO
    if options:
        kinds = (OneOf, NoneOf)
    elif isinstance(column, DateField | InstantField):
        kinds = (Between, NotBetween)
    elif isinstance(column, IntegerField):
        kinds = (NumberEqual, NumberNotEqual, Greater, Smaller)
    found = [kind(column, name, options, alias if kind is kinds[0] else "") for kind in kinds]
    is_text = kinds[0] is Like
    return [*found, Empty(column, name)] if is_text or getattr(column, "null", False) else found


def _day(text: str) -> date | None:
    """A day of this century; None for none. Raises ValueError for nonsense."""
    if not text.strip():
        return None
    found = date.fromisoformat(text.strip())
    if not 2000 <= found.year <= 2100:
        raise ValueError("too far away")
    return found
