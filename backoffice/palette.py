"""Find anything from anywhere: requests, customers and pages, by what somebody half remembers.

What is typed comes by POST and stands in no address. A script shows the answer in a dialog; without
one it is a page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import ModelSelect

from backoffice.base import ANY_POST, StaffView
from models import Request, User
from rules.phone import display_phone
from rules.search_terms import Terms, parts_of, read_terms
from rules.statuses import LABELS
from rules.text import fold
from search import lookup
from search.similar import ALIKE, SHORTEST, narrowed, similar_terms
from storage.fast import keys
from web.access import may
from web.runtime import me, reader
from web.searched_words import LONGEST

MOST_REQUESTS, MOST_PEOPLE, MOST_PAGES, MOST_RECENT = 8, 4, 5, 8
# As scripts name themselves.
SCRIPT = "fetch"


@dataclass(frozen=True)
class Hit:
    """Something found: its words, what is said beside it, and where it is."""

    title: str
    note: str
    url: str


@dataclass(frozen=True)
class Found:
    """Hits under their headings; `is_similar` where nothing is exactly what was typed."""

    groups: tuple[tuple[str, list[Hit]], ...]
    is_similar: bool = False

    def __bool__(self) -> bool:
        return any(hits for _, hits in self.groups)


class PaletteView(StaffView):
    """Everybody finds what they may see."""

    name = "Temukan"
    url = "/backoffice/temukan"
    endpoint = "palette"
    in_menu = False
    reads = ANY_POST

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render("backoffice/palette.html", words="", found=None)

    @expose("/", methods=("POST",))
    def find(self) -> ResponseReturnValue:
        """What was found: a page, or for the script of the dialog a list of options."""
        words = request.form.get("q", "").strip()[:LONGEST]
        found = self._found(words) if words else self._recent()
        if request.headers.get("X-Requested-With") == SCRIPT:
            return render_template("backoffice/_found.html", words=words, found=found)
        return self.render("backoffice/palette.html", words=words, found=found)

    def _found(self, words: str) -> Found:
        pages = [hit for hit in self._pages() if _is_meant(hit.title, words)][:MOST_PAGES]
        requests, is_similar = _requests(words)
        return Found(
            (("Permohonan", requests), ("Pelanggan", _people(words)), ("Halaman", pages)),
            is_similar,
        )

    def _recent(self) -> Found:
        """What the script remembers of this window, by its ids; as far as it may still be seen."""
        ids = [one for one in request.form.get("recent", "").split(",") if one.isalnum()]
        ids = [one[:26] for one in ids[:MOST_RECENT]]
        rows = {}
        if ids and may("requests"):
            query = _shown(Request.visible_to(reader()))
            rows = {row.public_id: row for row in query.where(Request.public_id.in_(ids))}
        recent = [_request_hit(rows[one]) for one in ids if one in rows]
        return Found((("Terakhir dibuka", recent), ("Halaman", list(self._pages()))))

    def _pages(self) -> Iterator[Hit]:
        """The pages of this person's menu, and those beside it."""
        if may("works"):
            yield Hit("Belum dijawab", "", url_for("unanswered.index"))
        yield Hit("Pemberitahuan", "", url_for("notices.index"))
        for item in self.admin.menu():
            if not item.is_category():
                if item.is_accessible() and item.is_visible():
                    yield Hit(item.name, "", item.get_url())
                continue
            for child in item.get_children():
                yield Hit(child.name, item.name, child.get_url())
        yield Hit("Ubah password", me().name, url_for("security.change_password"))


def _is_meant(title: str, words: str) -> bool:
    """Whether every word that was typed begins a word of the title, or is like one."""
    known = fold(title).split()
    return all(
        any(one.startswith(piece) for one in known)
        or (len(piece) >= SHORTEST and get_close_matches(piece, known, n=1, cutoff=ALIKE))
        for piece in ("".join(part) for part in parts_of(words))
    )


def _requests(words: str) -> tuple[list[Hit], bool]:
    """The newest requests that match, or else those that are like it; and whether these are."""
    if not may("requests"):
        return [], False
    terms = read_terms(words)
    if hits := _matching(terms):
        return hits, False
    similar = similar_terms(words)
    hits = _matching(similar) if similar else []
    return hits, bool(hits)


def _matching(terms: Terms) -> list[Hit]:
    if not terms and not terms.signs:
        return []
    scope = Request.visible_to(reader())
    found = lookup.narrow(scope, terms)
    if found.is_dense:
        rows = lookup.newest(found, _shown(Request.select()), limit=MOST_REQUESTS)
    else:
        order = (Request.submitted_at.desc(), Request.id.desc())
        ids = found.query.select(Request.id).order_by(*order).limit(MOST_REQUESTS).tuples()
        rows = _shown(Request.select()).where(Request.id.in_(keys(key for (key,) in ids)))
        rows = rows.order_by(*order)
    return [_request_hit(row) for row in rows]


def _shown(query: ModelSelect) -> ModelSelect:
    return query.select(Request, User).join(User, on=Request.customer)


def _request_hit(row: Request) -> Hit:
    institution = row.customer.institution_name
    who = f"{row.customer.name}, {institution}" if institution else row.customer.name
    note = " · ".join((row.number or "Belum bernomor", who, LABELS[row.status].title))
    return Hit(row.subject, note, url_for("card.card", public_id=row.public_id))


def _people(words: str) -> list[Hit]:
    """Customers by name, institution, telephone or e-mail, for who may read their accounts."""
    if not reader().may_by_own_post("customers"):
        return []
    query, _ = narrowed(User.customers_visible_to(reader()), words, {lookup.PEOPLE: User.id})
    return [_person_hit(row) for row in query.order_by(User.id.desc()).limit(MOST_PEOPLE)]


def _person_hit(row: User) -> Hit:
    if may("requests"):
        url = url_for("queue.index", tab="semua", pelanggan=row.public_id)
    else:
        url = url_for("customers.edit_view", id=row.id)
    reached = [row.institution_name, display_phone(row.phone) if row.phone else row.shown_email]
    return Hit(row.name, " · ".join(filter(None, reached)), url)
