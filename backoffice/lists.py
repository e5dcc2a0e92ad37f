"""Lists by Flask-Admin's own machinery: headings that sort, filters, columns, actions, files.

What it does, it does: this only keeps its rows within a scope, its pages by their neighbours, its
addresses harmless, and what was typed out of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from operator import and_
from types import MappingProxyType
from urllib.parse import urlencode

from flask import abort, flash, get_template_attribute, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from flask_admin.model import template
from flask_admin.model.base import ViewArgs
from jinja2.runtime import Context
from markupsafe import Markup
from peewee import SQL, DateField, Expression, Field, IntegerField, Model, ModelSelect, chunked, fn
from wtforms import Form

from backoffice.exports import FORMATS, MEDIA, write_list
from backoffice.filters import SPAN, ColumnFilter
from models import Event
from outputs.workbooks import Column
from rules.events import LIST_EXPORTED
from rules.formats import ZONE, day, moment_short
from rules.search_terms import parts_of
from search.lookup import Index
from storage.database import InstantField
from web.listing import PLACE, ordered_page, text_argument
from web.requests.uploads import send_bytes
from web.runtime import is_looking_ahead, me, now
from web.searched_words import KEY, TYPED, find_in, searched_words

# Fits a signed 64-bit integer; int() itself is slow, and then refuses, on thousands of digits.
LONGEST_ID = 18
# More lines than this are asked for by narrower filters.
MOST_EXPORTED = 20_000
WIDTHS = {"date": 18, "day": 14, "integer": 10, "money": 16, "text": 30}
TOO_LONG = (
    "Berkas tidak dibuat: lebih dari {} baris cocok. Persempit dengan saringan, misalnya per bulan "
    "atau per tahun, lalu unduh kembali."
)
VIEW_ARGS = "melasti.view_args"


# By endpoint, once there is a backoffice.
LISTS: dict[str, "ListView"] = {}


def moment_of(view: object, value: datetime, name: str) -> str:
    return moment_short(value)


def note_export(endpoint: str, kind: str) -> None:
    """Say in the history that somebody took a list out."""
    if is_looking_ahead():
        return
    said = {"list": endpoint, "format": kind}
    Event.record(LIST_EXPORTED, at=now(), actor=me(), data=said)


def badge(words: str, tone: str) -> Markup:
    return get_template_attribute("backoffice/_row_actions.html", "badge")(words, tone)


def is_too_long(lines: Sequence[object]) -> bool:
    """Whether a file would leave out rows; then a sentence says so on the next page."""
    if len(lines) <= MOST_EXPORTED:
        return False
    flash(TOO_LONG.format(f"{MOST_EXPORTED:,}".replace(",", ".")), "warning")
    return True


class RowLink(template.LinkRowAction):
    """A way from a row to a page of its own; none where the address is empty."""

    def __init__(self, title: str, url: Callable[[Model], str]):
        super().__init__("", url, title)

    def render(self, context: Context, row_id: str, row: Model) -> str:
        url = self.url(row)
        return context["row_actions"].link(self, url, row) if url else ""


class RowAct(template.BaseListRowAction):
    """An action of the actions menu for one row, where it makes sense."""

    def __init__(self, name: str, title: str, is_offered: Callable[[Model], bool]):
        super().__init__(title)
        self.name, self.is_offered = name, is_offered

    def render(self, context: Context, row_id: str, row: Model) -> str:
        if self.name not in dict(context["actions"]) or not self.is_offered(row):
            return ""
        return context["row_actions"].act(self, row)


@expose("/action/", methods=("POST",))
def take_actions(view: "ListView") -> ResponseReturnValue:
    """Of views that have actions: what is to be done with the ticked rows."""
    view.writers_only()
    return view.handle_action()


class ListView(ModelView):
    """A table that is only read here; `get_query` is the scope, whatever is asked for."""

    list_template = "backoffice/list.html"
    details_template = "backoffice/details.html"
    named_filter_urls = True
    can_set_page_size = True
    can_create = can_edit = can_delete = can_view_details = False
    export_types = tuple(FORMATS)
    can_export = True
    # Without a function Flask-Admin registers no address.
    delete_view = ajax_lookup = ajax_update = action_delete = None
    # These are given to views that have any: `take_actions`, Flask-Admin's own `details_view`.
    action_view = details_view = None
    column_type_formatters = MappingProxyType({
        type(None): lambda view, value, name: "-",
        bool: lambda view, value, name: "Ya" if value else "Tidak",
        datetime: moment_of,
        date: lambda view, value, name: day(value),
        str: lambda view, value, name: value or "-",
    })  # fmt: skip
    column_type_formatters_detail = column_type_formatters
    column_type_formatters_export = MappingProxyType({
        bool: lambda view, value, name: "Ya" if value else "Tidak",
        Markup: lambda view, value, name: value.striptags(),
    })  # fmt: skip
    column_formatters_detail = None
    column_filters: Sequence[ColumnFilter] = ()
    column_searchable_list: Sequence[Field] = ()
    # Columns that are offered, but not shown until they are chosen.
    column_folded: Sequence[str] = ()
    # Columns of long texts, of which a list shows the beginning.
    column_clipped: Sequence[str] = ()
    # Kind and width of a column in a file, where they don't follow from the field.
    export_kinds: Mapping[str, tuple[str, int]] = MappingProxyType({})
    export_default_sort: tuple[str, bool] | None = None
    # What is searched by an index: the columns that name its rows.
    found_in: Mapping[Index, Field] = MappingProxyType({})
    model: type[Model]
    # The heading, where it isn't the menu's word.
    title = ""
    lead = ""
    # Title and sentence of a list without anything in it.
    empty_words = ("Tidak ada data", "Yang tercatat akan tampil di sini.")
    # Parts of the list, the first of which opens: code and words.
    tabs: Sequence[tuple[str, str]] = ()
    # Of the files; else the endpoint.
    filename = ""

    def scaffold_form(self) -> type[Form]:
        """Forms are written, not derived: a derived one would offer every column."""
        return Form

    def scaffold_list_form(self, *args: object, **kwargs: object) -> type[Form]:
        return Form

    def init_search(self) -> bool:
        return bool(self.found_in or self.column_searchable_list)

    def get_one(self, id: object) -> Model:
        """The row of the scope with this key; 404 for any other and for nonsense."""
        text = str(id)
        if not text.isdecimal() or len(text) > LONGEST_ID:
            abort(404)
        return self.get_query().where(self.model.id == int(text)).first() or abort(404)

    def picked(self, ids: Sequence[str]) -> list[Model]:
        """The rows of the scope among those that were ticked."""
        keys = [int(one) for one in ids if one.isdecimal() and len(one) <= LONGEST_ID]
        return list(self.get_query().where(self.model.id.in_(keys or [0])))

    def is_action_allowed(self, name: str) -> bool:
        return self.may_write and super().is_action_allowed(name)

    def get_list_row_actions(self) -> list[template.BaseListRowAction]:
        found = [template.ViewRowAction()] if self.can_view_details else []
        if self.can_edit and self.may_write:
            found.append(template.EditRowAction())
        return [*found, *(self.column_extra_row_actions or ())]

    # -- rows --

    def get_list(
        self,
        page: int | None,
        sort_column: str | None,
        sort_desc: bool | None,
        search: str | None,
        filters: Sequence[tuple[int, str, str]] | None,
        execute: bool = True,
        page_size: int | None = None,
    ) -> tuple[None, object]:
        """The page of the address; it counts by itself, and no further than anybody reads."""
        query = self._chosen(search, filters)
        order = self._order(sort_column, bool(sort_desc))
        found = ordered_page(query, order, per_page=page_size or self.page_size)
        self.prepare(found.rows)
        return None, found

    def _chosen(
        self, search: str | None, filters: Sequence[tuple[int, str, str]] | None
    ) -> ModelSelect:
        query = self.narrowed(self.get_query())
        if search and self.init_search():
            query = self._found(query, search)
        for place, _, value in filters or ():
            chosen = self.column_filters[place]
            query = chosen.apply(query, chosen.clean(value))
        return query

    @property
    def tab(self) -> str:
        """The part of the list that is open."""
        asked = text_argument("tab")
        return asked if asked in dict(self.tabs) else self.tabs[0][0]

    def tab_url(self, code: str) -> str:
        asked = self._get_list_extra_args()
        return self._get_list_url(
            asked.clone(sort=None, extra_args=asked.extra_args | {"tab": code})
        )

    def narrowed(self, query: ModelSelect) -> ModelSelect:
        """What a tab of the list leaves of the scope: here all of it."""
        return query

    def prepare(self, rows: Sequence[Model]) -> None:
        """Fetch what the columns show beside the rows, in one go: nothing here."""

    def _found(self, query: ModelSelect, words: str) -> ModelSelect:
        """Every word somewhere: by the index, or in the columns of a small table."""
        if self.found_in:
            return find_in(query, words, self.found_in)
        said = fn.melasti_fold(
            reduce(lambda one, more: one.concat(" ").concat(more), self.column_searchable_list)
        )
        pieces = [piece for part in parts_of(words) for piece in part]
        return query.where(reduce(and_, (said.contains(piece) for piece in pieces), SQL("1 = 1")))

    def default_sort(self) -> tuple[str, bool]:
        """Column and direction without a click."""
        return self.column_default_sort

    def _order(self, name: str | None, is_falling: bool) -> list[Expression]:
        """The ORDER BY terms of a heading; a sort stands for one column or for several."""
        if name is None:
            name, is_falling = self.default_sort()
        field = self.get_sortable_columns()[name]
        terms = [getattr(self.model, one) if isinstance(one, str) else one
                 for one in (field if isinstance(field, tuple) else (field,))]  # fmt: skip
        if terms[-1] is not self.model.id:
            terms.append(self.model.id)
        return [term.desc() if is_falling else term.asc() for term in terms]

    def sorted_by(self) -> tuple[int, bool]:
        """Place of the column that the list is sorted by, and whether it falls."""
        asked = self._get_list_extra_args()
        if asked.sort is not None:
            return asked.sort, bool(asked.sort_desc)
        name, is_falling = self.default_sort()
        return list(self.column_list).index(name), is_falling

    # -- addresses --

    def _get_list_extra_args(self) -> ViewArgs:
        """Those of the address, read once; what can't be sorted by sorts as usual."""
        if (known := request.environ.get(VIEW_ARGS)) is not None:
            return known
        found = super()._get_list_extra_args()
        column = self._column_at(found.sort)
        aliases = {one.alias for one in self.column_filters} | {"since", "until"}
        extra = {
            name: value
            for name, value in found.extra_args.items()
            if name not in PLACE and name not in aliases and "\x00" not in value
        }
        known = ViewArgs(
            page_size=found.page_size,
            sort=found.sort if column in self.get_sortable_columns() else None,
            sort_desc=1 if found.sort_desc else None,
            search=searched_words(),
            filters=found.filters,
            extra_args=extra,
        )
        request.environ[VIEW_ARGS] = known
        return known

    def _get_list_filter_args(self) -> list[tuple[int, str, str]]:
        """Flask-Admin's arguments, and the plain ones by which other pages lead here."""
        found = super()._get_list_filter_args() or []
        given = request.args.to_dict()
        if span := (given.get("since", "").strip(), given.get("until", "").strip()):
            given["since"] = SPAN.join(span) if any(span) else ""
        for place, one in enumerate(self.column_filters):
            value = given.get(one.alias, "")[:100] if one.alias else ""
            if value and one.validate(value):
                found.append((place, one.name, value))
        return found

    def get_invalid_value_msg(self, value: str, filter: ColumnFilter) -> str:
        return f"Saringan “{filter.name}” tidak dipakai: nilainya tidak dikenal."

    def _get_list_url(self, view_args: ViewArgs) -> str:
        return self._address(".index_view", view_args)

    def _address(self, endpoint: str, view_args: ViewArgs, **more: object) -> str:
        """Built by hand: url_for takes some names of an address (_method, endpoint) as its own."""
        size = self.get_safe_page_size(view_args.page_size)
        arguments = {
            **view_args.extra_args,
            "sort": view_args.sort,
            "desc": 1 if view_args.sort_desc else None,
            "page_size": size if size != self.page_size else None,
            **self._filter_arguments(view_args),
            **more,
        }
        said = urlencode({name: value for name, value in arguments.items() if value is not None})
        return f"{self.get_url(endpoint)}?{said}" if said else self.get_url(endpoint)

    def _column_at(self, place: int | None) -> str | None:
        known = place is not None and 0 <= place < len(self.column_list)
        return self.column_list[place] if known else None

    def _filter_arguments(self, asked: ViewArgs) -> dict[str, str]:
        return {
            f"flt{place}_{self.argument_of(self.column_filters[number])}": value
            for place, (number, _, value) in enumerate(asked.filters or ())
        }

    def chips(self) -> list[tuple[str, str]]:
        """What narrows the list in words, each with the address without it."""
        asked, found = self._get_list_extra_args(), []
        if asked.search and self.init_search():
            rest = {name: value for name, value in asked.extra_args.items()
                    if name not in (KEY, TYPED)}  # fmt: skip
            found.append(
                (f"Cari: {asked.search}", self._get_list_url(asked.clone(extra_args=rest)))
            )
        for place, (number, name, value) in enumerate(asked.filters or ()):
            one = self.column_filters[number]
            rest = [*asked.filters[:place], *asked.filters[place + 1 :]]
            found.append((_chip(one, name, value), self._get_list_url(asked.clone(filters=rest))))
        return found

    def kept_arguments(self) -> list[tuple[str, str]]:
        """What stays in the address when a filter is added."""
        asked = self._get_list_extra_args()
        kept = {name: value for name, value in asked.extra_args.items() if name not in (KEY, TYPED)}
        return [*kept.items(), *self._filter_arguments(asked).items()] + [
            (name, str(value))
            for name, value in (("sort", asked.sort), ("desc", asked.sort_desc),
                                ("page_size", asked.page_size))
            if value
        ]  # fmt: skip

    def filter_fields(self) -> list[tuple[int, str, list[ColumnFilter]]]:
        """Number, column and operators of each column that can be filtered by."""
        groups: dict[str, list[ColumnFilter]] = {}
        for one in self.column_filters:
            groups.setdefault(one.name, []).append(one)
        first = len(self._get_list_extra_args().filters or ())
        return [(first + place, name, group) for place, (name, group) in enumerate(groups.items())]

    def argument_of(self, one: ColumnFilter) -> str:
        return self.get_filter_arg(0, one)

    def shown_columns(self) -> list[str]:
        """The columns that this person chose; the first one always shows."""
        names = list(self.column_list)
        usual = [name for name in names if name not in self.column_folded]
        chosen = (me().preferences or {}).get("lists", {}).get(self.endpoint, usual)
        return [name for name in names if name in chosen or name == names[0]]

    # -- files --

    def export_url(self, kind: str) -> str:
        return self._address(".export", self._get_list_extra_args(), jenis=kind)

    @expose("/unduh")
    def export(self) -> ResponseReturnValue:
        """The rows under the filters of the page, in its order, with all columns."""
        kind = text_argument("jenis")
        if not self.can_export or kind not in self.export_types:
            abort(404)
        columns = [self._column(name, str(title)) for name, title in self.get_export_columns()]
        lines = list(self._lines())
        if is_too_long(lines):
            return redirect(self._address(".index_view", self._get_list_extra_args()))
        content = write_list(kind, self.title, columns, lines)
        note_export(self.endpoint, kind)
        name = f"{self.filename or self.endpoint}-{now().astimezone(ZONE):%Y-%m-%d}.{kind}"
        return send_bytes(content, name, MEDIA[kind])

    def export_rows(self) -> Iterable[Model]:
        """The chosen rows in the order of the page, or of the book where none was asked for."""
        asked = self._get_list_extra_args()
        if asked.sort is None:
            order = self._order(*(self.export_default_sort or self.default_sort()))
        else:
            order = self._order(self.column_list[asked.sort], bool(asked.sort_desc))
        query = self._chosen(asked.search, asked.filters)
        return query.order_by(*order).limit(MOST_EXPORTED + 1).iterator()

    def _lines(self) -> Iterator[list[object]]:
        for rows in chunked(self.export_rows(), 500):
            self.prepare(rows)
            for row in rows:
                yield [self.get_export_value(row, name) for name in self.column_list]

    def _column(self, name: str, title: str) -> Column:
        kind, width = self.export_kinds.get(name, ("", 0))
        field = None if name in self.column_formatters_export else getattr(self.model, name, None)
        if not kind:
            kinds = {InstantField: "date", DateField: "day", IntegerField: "integer"}
            kind = next((said for cls, said in kinds.items() if isinstance(field, cls)), "text")
        return Column(title.upper(), width or WIDTHS[kind], kind)


def _chip(one: ColumnFilter, name: str, value: str) -> str:
    if one.widget == "none":
        return f"{name}: {'kosong' if value == '1' else 'terisi'}"
    operator = "" if one.words in ("adalah", "antara") else f" {one.words}"
    return f"{name}{operator}: {one.said(value)}"
