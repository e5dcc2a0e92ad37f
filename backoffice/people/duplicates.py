"""Two accounts of one customer: found or named, compared, joined."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import fn

from administration import customers
from backoffice.base import StaffView
from models import Request, User
from rules.email_addresses import email_key
from rules.formats import day
from rules.phone import BadPhone, display_phone, parse_phone
from web.errors import flashed_refusal
from web.listing import text_argument
from web.maintenance import only_looks
from web.runtime import me, now, reader

SIDES = {"simpan": "Akun yang tetap dipakai", "tutup": "Akun yang ditutup"}
NOBODY = "Tidak ada akun pelanggan yang aktif dengan email atau no HP ini."
NOTHING: Mapping = {}
MOST_FOUND = 20


class DuplicatesView(StaffView):
    """For whoever keeps the customers' accounts."""

    name = "Akun Ganda"
    url = "/backoffice/akun-ganda"
    endpoint = "duplicates"
    category = "Orang"
    reads = "customers_write"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._page()

    @expose("/cari", methods=("POST",))
    @only_looks
    def search(self) -> ResponseReturnValue:
        """Lead to the comparison of any two accounts, by e-mail or telephone.

        What is looked for stays out of addresses. Where a telephone is shared, one chooses.
        """
        typed = {
            side: request.form.get(side, "").replace("\x00", "").strip()[:160] for side in SIDES
        }
        found = {side: _accounts_with(words) for side, words in typed.items()}
        errors = {side: NOBODY for side, people in found.items() if not people}
        if not errors and len({one.id for side in SIDES for one in found[side]}) == 1:
            errors["tutup"] = "Kedua isian menunjuk akun yang sama. Isi dua akun yang berbeda."
        if errors:
            return self._page(typed, errors), 422
        if all(len(people) == 1 for people in found.values()):
            ids = {side: people[0].public_id for side, people in found.items()}
            return redirect(url_for("duplicates.merge", **ids))
        return self._page(typed, found=found)

    def _page(
        self,
        typed: Mapping[str, str] = NOTHING,
        errors: Mapping[str, str] = NOTHING,
        found: Mapping[str, Sequence[User]] = NOTHING,
    ):
        groups = customers.likely_duplicates()
        shown = [*groups, *found.values()]
        counts = _requests_of([person for group in shown for person in group])
        return self.render(
            "backoffice/people/duplicates.html",
            groups=groups,
            counts=counts,
            phone=display_phone,
            day=day,
            sides=SIDES,
            typed=typed,
            errors=errors,
            found=found,
        )

    @expose("/gabung", methods=("GET", "POST"))
    def merge(self) -> ResponseReturnValue:
        """Compare two accounts side by side; join them on a POST."""
        kept, duplicate = _named("simpan"), _named("tutup")
        if request.method == "POST":
            with flashed_refusal():
                count = customers.merge(duplicate, kept, actor=me(), now=now())
                flash(f"Akun digabungkan; {count} permohonan dialihkan.", "success")
                return redirect(url_for("duplicates.index"))
        return self.render(
            "backoffice/people/duplicates_merge.html",
            kept=kept,
            duplicate=duplicate,
            counts=_requests_of([kept, duplicate]),
            phone=display_phone,
            day=day,
        )


def _named(argument: str) -> User:
    public_id = text_argument(argument)[:26]
    found = User.customers_visible_to(reader())
    return found.where((User.public_id == public_id) & User.active).first() or abort(404)


def _accounts_with(words: str) -> list[User]:
    """Living customers with exactly this e-mail or telephone. One query."""
    if not words:
        return []
    condition = User.email == email_key(words)
    with suppress(BadPhone):
        condition |= User.phone == parse_phone(words)
    living = User.customers_visible_to(reader()).where(User.active)
    return list(living.where(condition).order_by(User.id).limit(MOST_FOUND))


def _requests_of(people: list[User]) -> dict[int, int]:
    """Id of a customer -> how many requests. One query."""
    ids = [person.id for person in people] or [0]
    rows = Request.select(Request.customer, fn.COUNT(Request.id)).where(Request.customer.in_(ids))
    return dict(rows.group_by(Request.customer).tuples())
