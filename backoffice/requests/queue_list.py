"""How the queue finds its rows: scopes, orders, counts, and the way that an engine is to take."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from peewee import JOIN, SQL, Expression, ModelSelect, Select, fn

from backoffice.requests.keyset import (
    MOST_COUNTED,
    Counted,
    Cursor,
    Few,
    Merged,
    Place,
    Split,
    Through,
    Way,
    count_all,
    keyset_page,
    number_of_merged,
    page_of,
    read_place,
    window,
)
from backoffice.requests.orders import (
    ASSIGNEE,
    BY_DEADLINE,
    BY_ID,
    BY_VALUE,
    DONE,
    HEADINGS,
    LEISURELY,
    NEWEST,
    OLDEST,
    SORTS,
    URGENT,
    WALKED,
)
from backoffice.requests.presence import open_elsewhere, present_since
from backoffice.requests.queue_filters import Filters
from config.office import office
from models import RUNNING, Participation, Presence, Request, User
from rules.roles import PELANGGAN
from rules.search_terms import Terms, category_terms, read_terms
from rules.statuses import CLOSED_STATUSES, LABELS
from search import lookup
from search.similar import similar_terms
from storage.database import database
from storage.fast import Bound, keys, prepared
from web.listing import Page, count_words, ordered_page, text_argument
from web.runtime import now
from workflow import Reader

MINE, POST, WORKED, ALL, CLOSED = "saya", "pos", "dikerjakan", "semua", "selesai"
# Before the code of a post that keeps in view what it had a hand in.
KEPT = "arsip-"
TABS = {
    MINE: "Menunggu saya",
    POST: "Pos saya",
    WORKED: "Riwayat saya",
    ALL: "Semua",
    CLOSED: "Selesai",
}
# The indexes that lists with filters are found by.
OF_STATUS = "request_status_submitted_at_id"
OF_SERVICE, OF_SERVICE_DONE = "request_service_code_status_submitted_at_id", "request_service_done"
OF_DONE = "request_done"
# What other tabs hold under filters is only a hint where to look.
MOST_ELSEWHERE = 99


@dataclass(frozen=True)
class Listed:
    """One page of a tab, how it is sorted, and the counts of the tabs that can be counted."""

    page: Page
    sort: str
    sorts: Sequence[str]
    counts: Mapping[str, int]
    # Headings by whose values it can be sorted.
    values: Collection[str] = ()
    is_dense: bool = False
    # Nothing is exactly what was typed; these are like it.
    is_similar: bool = False
    # All ids, of a list that was counted to its end.
    ids: Callable[[], list[int]] = list

    def order_of(self, heading: str) -> tuple[str, str]:
        """What a click on a heading sorts by, and how the list is sorted by it now, if it is."""
        rising, falling = HEADINGS[heading]
        if rising not in (*self.sorts, *self.values):
            return "", ""
        if self.sort == rising:
            return falling, "ascending"
        return rising, "descending" if self.sort == falling else ""

    def count_of(self, tab: str, *, is_whole: bool) -> str:
        """`55`, `999+`, or `99+` for one that isn't counted as a whole; empty for none at all."""
        if tab not in self.counts:
            return ""
        return count_words(self.counts[tab], MOST_COUNTED if is_whole else MOST_ELSEWHERE)


def tabs_of(reader: Reader) -> dict[str, str]:
    """Code and words of each tab that this person has, in their order."""
    posts = [power.role for power in reader.powers_to("works")]
    kept = {KEPT + role: office().keeps[role] for role in posts if role in office().keeps}
    # Who only holds posts that keep their work finds there what is their own.
    has_worked = len(kept) < len(set(posts))
    found = {}
    for code, words in TABS.items():
        if code == WORKED:
            found |= ({code: words} if has_worked else {}) | kept
        else:
            found[code] = words
    return found


def list_of(tab: str, filters: Filters, reader: Reader, *, size: int) -> Listed:
    """The page of a tab that the address asks for, and how many each tab holds."""
    sorts = _sorts_of(tab, filters)
    asked = text_argument("sort")
    sort = asked if asked in sorts or asked.removeprefix("-") in BY_VALUE else sorts[0]
    if not filters:
        return _unfiltered(tab, sort, sorts, reader, size)
    return _with_similar(tab, filters, sort, reader, size)


def _with_similar(tab: str, filters: Filters, sort: str, reader: Reader, size: int) -> Listed:
    """The page under filters, or what is like the words when nothing is exactly so."""
    listed = _listed(tab, filters, sort, read_terms(filters.text), reader, size)
    if any(listed.counts.values()) or not filters.text:
        return listed
    if not (similar := similar_terms(filters.text)):
        return listed
    others = _listed(tab, filters, sort, similar, reader, size)
    return replace(others, is_similar=True) if any(others.counts.values()) else listed


def _by_value(sort: str, ids: Sequence[int] | None, total: int, reader: Reader, size: int) -> Page:
    """What has these ids, or all there is, by what its rows say. One query, two beyond the first
    page."""
    rows = _shown(reader, present_since(now()))
    if ids is not None:
        rows = rows.where(Request.id.in_(keys(ids)))
    terms = (*BY_VALUE[sort.removeprefix("-")], Request.id)
    order = [term.desc() if sort.startswith("-") else term.asc() for term in terms]
    return ordered_page(rows, order, per_page=size, total=total, most=MOST_COUNTED)


def _listed(
    tab: str, filters: Filters, sort: str, terms: Terms, reader: Reader, size: int
) -> Listed:
    """The page under filters; `terms` are what the words are taken for."""
    sorts = _sorts_of(tab, filters)
    # As it is found; by its values it is sorted afterwards.
    shown_by = sort if sort in SORTS else sorts[0]
    shown = _as_sorted(filters, shown_by)
    query = _narrowed(tab, shown, reader)
    is_searched = bool(filters.text or filters.category)
    if filters.category and (terms or not filters.text):
        terms = Terms(terms.groups + category_terms(filters.category).groups)
    found = lookup.narrow(query, terms) if is_searched else lookup.Found(query)
    if found.is_dense:
        return _dense(tab, found, reader, size)
    # A handful of ids is looked up one by one; everything else finds more than it needs.
    way = Few() if found.terms else _way(tab, shown_by, shown, reader)
    counts = count_all(
        {tab: _counted(found.query, way, shown_by, MOST_COUNTED)}
        | _others(tab, filters, found, reader)
    )
    if sort != shown_by and counts[tab] <= MOST_COUNTED:
        ids = _all_ids(found.query, shown_by, way)
        page = _by_value(sort, ids, counts[tab], reader, size)
    else:
        sort = shown_by
        page = keyset_page(
            found.query,
            _shown(reader, present_since(now())),
            sort=SORTS[sort],
            total=counts[tab],
            per_page=size,
            way=way,
        )
    values = _values_of(counts[tab])
    return Listed(
        page, sort, sorts, counts, values, ids=lambda: _all_ids(found.query, shown_by, way)
    )


def _values_of(count: int, *, is_whole: bool = False) -> Collection[str]:
    """By which values a list of so many can be sorted."""
    if count <= MOST_COUNTED:
        return BY_VALUE
    return WALKED if is_whole else ()


def _all_ids(query: ModelSelect, sort: str, way: Way) -> list[int]:
    """Those of a list that was counted to its end. One query."""
    return [key for (key,) in _ids(query, sort, way)]


def _ids(query: ModelSelect, sort: str, way: Split | Few | Through | None) -> ModelSelect:
    shown, order = Request.select(Request.id), SORTS[sort]
    rows = window(query, shown, sort=order, place=Place(), limit=MOST_COUNTED, way=way)
    return rows.tuples()


def _as_sorted(filters: Filters, sort: str) -> Filters:
    """Only who waits for somebody is urgent; words are looked for everywhere."""
    is_urgent = sort in BY_DEADLINE and not (filters.text or filters.category)
    return replace(filters, is_running=filters.is_running or is_urgent)


def _others(tab: str, filters: Filters, found: lookup.Found, reader: Reader) -> dict[str, Counted]:
    """The other tabs under the same filters, as each would open.

    None where a word is so common that only the open tab was looked through, nor where that would
    look through the history once more.
    """
    is_unseen = (filters.text or filters.category) and found.by_ids is None
    if is_unseen or filters.is_of_history:
        return {}
    return {
        other: _elsewhere(other, filters, found, reader)
        for other in tabs_of(reader)
        if other != tab
    }


def _elsewhere(tab: str, filters: Filters, found: lookup.Found, reader: Reader) -> Counted:
    sort = _sorts_of(tab, filters)[0]
    opened = _as_sorted(filters, sort)
    query = _narrowed(tab, opened, reader)
    if found.by_ids is not None:
        return Counted(query.where(found.by_ids), Few(), MOST_ELSEWHERE)
    return _counted(query, _way(tab, sort, opened, reader), sort, MOST_ELSEWHERE)


def _counted(query: ModelSelect, way: Way, sort: str, most: int) -> Counted:
    """What is few has no order worth taking."""
    ordered = query if isinstance(way, Few) else query.order_by(*SORTS[sort].order(Request.id))
    return Counted(ordered, way, most, SORTS[sort])


def _unfiltered(tab: str, sort: str, sorts: Sequence[str], reader: Reader, size: int) -> Listed:
    """A page of a whole tab; the first one by a query that is built once."""
    [numbers] = _tab_counts(reader)
    counts = dict(zip(tabs_of(reader), numbers, strict=True))
    values = _values_of(counts[tab], is_whole=tab == ALL and Request.shows_all_to(reader))
    shown_by = sort if sort in SORTS else sorts[0]
    if sort != shown_by and sort.removeprefix("-") in values:
        ids = _whole(tab, shown_by, reader) if values is BY_VALUE else None
        page = _by_value(sort, ids, counts[tab], reader, size)
    else:
        sort, page = shown_by, _page_of(tab, shown_by, counts[tab], reader, size)
    return Listed(page, sort, sorts, counts, values, ids=lambda: _whole(tab, shown_by, reader))


def _page_of(tab: str, sort: str, total: int, reader: Reader, size: int) -> Page:
    since, place = present_since(now()), read_place(SORTS[sort])
    if place == Place():
        rows = _first_rows(tab, sort, reader, size, since=since)
    else:
        rows = list(_rows(tab, sort, reader, place, since, size))
    return page_of(rows, place, sort=SORTS[sort], total=total, per_page=size)


def _whole(tab: str, sort: str, reader: Reader) -> list[int]:
    return [key for (key,) in _whole_rows(tab, sort, reader)]


@prepared
def _whole_rows(tab: str, sort: str, reader: Reader) -> ModelSelect:
    query = _narrowed(tab, Filters(is_running=sort in BY_DEADLINE), reader)
    return _ids(query, sort, _way(tab, sort, Filters(), reader))


@prepared
def _first_rows(tab: str, sort: str, reader: Reader, size: int) -> ModelSelect:
    return _rows(tab, sort, reader, Place(), Bound("since", Presence.seen_at), size)


def _rows(
    tab: str, sort: str, reader: Reader, place: Place, since: datetime | Bound, size: int
) -> ModelSelect:
    urgent = Filters(is_running=sort in BY_DEADLINE)
    return window(
        _narrowed(tab, urgent, reader),
        _shown(reader, since),
        sort=SORTS[sort],
        place=place,
        limit=size + 1,
        way=_way(tab, sort, Filters(), reader),
    )


def _dense(tab: str, found: lookup.Found, reader: Reader, size: int) -> Listed:
    """A page of what a common word matches, newest first."""
    place = read_place(BY_ID)
    rows = lookup.newest(
        found,
        _shown(reader, present_since(now())),
        limit=size + 1,
        beyond=place.cursor.key if place.cursor else None,
        backwards=place.is_backwards,
    )
    page = page_of(rows, place, sort=BY_ID, total=MOST_COUNTED + 1, per_page=size)
    return Listed(page, NEWEST, [NEWEST], {tab: MOST_COUNTED + 1}, is_dense=True)


def _sorts_of(tab: str, filters: Filters) -> list[str]:
    """The orders on offer, the usual one first. Closed requests have no urgency."""
    dated = [DONE] if filters.is_done else []
    if tab == CLOSED:
        return [*dated, NEWEST, OLDEST]
    if tab not in (MINE, POST) and not filters.is_running:
        return [*dated, NEWEST, OLDEST, *BY_DEADLINE]
    return [*dated, URGENT, LEISURELY, NEWEST, OLDEST]


# -- scopes --------------------------------------------------------------------------------------


def _narrowed(tab: str, filters: Filters, reader: Reader) -> ModelSelect:
    """What a tab may show under the filters, as conditions: the scope is always among them."""
    found = _conditions_of(tab, filters)
    if tab == CLOSED:
        # A closed request waits for nobody. Asked so, the newest come straight off an index,
        # however many there are; four statuses would have to be sorted together first. Of a
        # narrow scope that index would find too much.
        waits_for = Request.waiting_role
        is_wide = Request.shows_all_to(reader)
        found.append((waits_for if is_wide else waits_for.concat("")) == "")
    scope = _scope_of(tab, reader)
    return scope.where(*found) if found else scope


def _conditions_of(tab: str, filters: Filters) -> list[Expression]:
    """What the filters say of the rows of a tab."""
    found = list(filters.conditions)
    if not _statuses_of(tab, filters):
        # Nothing; said so, lest everything of that status is looked through for it.
        found.append(SQL("1 = 0"))
    return [*found, Request.is_running()] if filters.is_running else found


def _every_role() -> list[str]:
    """Whoever can have the turn."""
    return list(dict.fromkeys((PELANGGAN, *office().posts)))


def _scope_of(tab: str, reader: Reader) -> ModelSelect:
    """What a tab may show without any filter."""
    if tab == MINE:
        return Request.waiting_for(reader)
    if tab == WORKED:
        return Request.taken_part_in_by(reader)
    if tab.startswith(KEPT):
        return Request.kept_by(reader, tab.removeprefix(KEPT))
    visible = Request.visible_to(reader)
    return visible.where(_at_my_posts(reader)) if tab == POST else visible


def _at_my_posts(reader: Reader) -> Expression:
    return Request.is_running() & Request.waiting_role.in_(sorted(reader.posts) or ["-"])


def _participation_of(tab: str, reader: Reader) -> Expression | None:
    """Condition: the rows of what the tab holds, in its order; None when they aren't all of it."""
    if tab == WORKED:
        return Participation.is_of_person(reader.id)
    role = tab.removeprefix(KEPT)
    if role != tab and any(power.role == role and power.is_for_all for power in reader.powers):
        return Participation.is_of_post(role)
    return None


def _way(tab: str, sort: str, filters: Filters, reader: Reader) -> Way:
    """How the list is best found, where the engine wouldn't find it by itself."""
    if filters.text or filters.category:
        return None
    if tab == WORKED or tab.startswith(KEPT):
        return _way_of_worked(tab, sort, filters, reader)
    is_mine = tab in (MINE, POST)
    roles = (sorted(reader.posts) or ["-"]) if is_mine else _every_role()
    is_by_filing = sort in (NEWEST, OLDEST) and not (is_mine or filters.is_running)
    if is_by_filing and (merged := _way_of_parts(tab, filters, reader)):
        return merged
    if not filters:
        return Split(Request.waiting_role, roles) if is_mine or sort in BY_DEADLINE else None
    if filters.is_running or is_mine:
        # Urgent ones lie in order post by post; by any other order they are sorted.
        by_post = Split(Request.waiting_role, roles, RUNNING)
        return by_post if sort in BY_DEADLINE else Few(RUNNING)
    if not Request.shows_all_to(reader):
        # Few, unless somebody acts for a post that sees all of a service.
        sees_much = reader.may("sees_all")
        return None if sees_much else Few()
    return _way_of_all(tab, sort, filters)


def _way_of_parts(tab: str, filters: Filters, reader: Reader) -> Merged | None:
    """Each part of a narrow scope in the order of filing, however much one of them holds."""
    if Request.shows_all_to(reader):
        return None
    conditions = _conditions_of(tab, filters)
    if tab == CLOSED:
        # Said plainly, so that Postgres knows how many these are.
        conditions.append(Request.waiting_role == "")
    return Merged(list(Request.parts_visible_to(reader)), conditions)


def _way_of_worked(tab: str, sort: str, filters: Filters, reader: Reader) -> Few | Through:
    """What was worked on lies in the order of filing; narrowed, it is few."""
    if filters.is_running:
        return Few(RUNNING)
    own = _participation_of(tab, reader)
    if filters or sort not in (NEWEST, OLDEST) or own is None:
        return Few()
    return Through(Participation.request, Participation.submitted_at, own)


def _way_of_all(tab: str, sort: str, filters: Filters) -> Split | None:
    """One part, or one for each status, that the index named gives in the order of the list."""
    if sort == DONE:
        if filters.service:
            return Split(Request.service_code, [filters.service], OF_SERVICE_DONE)
        # Left to itself, SQLite looks through everything that is closed for those of a month.
        return Split(Request.waiting_role, [""], OF_DONE) if tab == CLOSED else None
    statuses = _statuses_of(tab, filters)
    if not statuses:
        return None
    if filters.service:
        return Split(Request.status, statuses, OF_SERVICE)
    return Split(Request.status, statuses, OF_STATUS) if filters.statuses else None


def _statuses_of(tab: str, filters: Filters) -> Sequence[str]:
    """Where a tab's requests can lie. Whatever waits for nobody is closed."""
    asked = filters.statuses or list(LABELS)
    return [one for one in asked if one in CLOSED_STATUSES] if tab == CLOSED else asked


def _shown(reader: Reader, since: datetime | Bound) -> ModelSelect:
    """The columns that a list shows, with the customer and the assignee."""
    assignee, holder = ASSIGNEE, User.alias()
    return (
        Request.select(
            Request,
            User.id,
            User.name,
            User.institution_name,
            assignee.id,
            assignee.name,
            holder.id,
            holder.name,
            open_elsewhere(reader, since).alias("open_by"),
        )
        .join(User, on=Request.customer)
        .switch(Request)
        .join(assignee, JOIN.LEFT_OUTER, on=Request.assignee)
        .switch(Request)
        .join(holder, JOIN.LEFT_OUTER, on=Request.held_by)
    )


@prepared
def _tab_counts(reader: Reader) -> Select:
    """One row: how many each tab holds for this person, none counted beyond 999."""
    counted = [_number_in(tab, reader).alias(f"n_{n}") for n, tab in enumerate(tabs_of(reader))]
    return Select(columns=counted).bind(database).tuples()


def _ids_of(tab: str, reader: Reader) -> ModelSelect:
    """What a whole tab holds."""
    if (own := _participation_of(tab, reader)) is not None:
        return Participation.select(Participation.request.alias("id")).where(own)
    return _narrowed(tab, Filters(), reader).select(Request.id)


def _number_in(tab: str, reader: Reader) -> Select:
    if tab in (ALL, CLOSED) and (way := _way_of_parts(tab, Filters(), reader)):
        return number_of_merged(Request, way, SORTS[NEWEST], MOST_COUNTED + 1)
    few = _ids_of(tab, reader).order_by().limit(MOST_COUNTED + 1).alias("few")
    return Request.select(fn.COUNT(few.c.id)).from_(few)


# -- what comes next -----------------------------------------------------------------------------


def next_waiting(reader: Reader, after: Request | None = None) -> Request | None:
    """The most urgent request that waits for this person, past another one; round to the first."""
    if not reader.posts:
        return None
    mine, sort = Request.waiting_for(reader), SORTS[URGENT]
    way = _way(MINE, URGENT, Filters(), reader)
    places = [Place()]
    if after is not None:
        places.insert(0, Place(Cursor(after.stage_due_at, after.id)))
    for place in places:
        shown = Request.select()
        found = window(mine, shown, sort=sort, place=place, limit=1, way=way).first()
        if found is not None:
            return None if after is not None and found.id == after.id else found
    return None
