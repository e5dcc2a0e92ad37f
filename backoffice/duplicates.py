"""Two accounts of one customer: found, compared, joined."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_security import current_user
from peewee import fn

from backoffice.base import StaffView
from models.people import User
from models.requests import Request
from rules.formats import day
from rules.phone import display_phone
from rules.roles import ADMIN_LAYANAN, ADMINISTRATOR
from web.listing import text_argument
from web.runtime import now
from workflow import customers
from workflow.movement import Refused


class DuplicatesView(StaffView):
    """For whoever keeps the customers' accounts."""

    posts = (ADMIN_LAYANAN, ADMINISTRATOR)

    def __init__(self):
        super().__init__(name="Akun Ganda", url="/backoffice/akun-ganda", endpoint="duplicates")

    def is_visible(self) -> bool:
        return self.is_accessible()

    @expose("/")
    def index(self):
        groups = customers.likely_duplicates()
        counts = _requests_of([person for group in groups for person in group])
        return self.render("backoffice/duplicates.html", groups=groups, counts=counts,
                           phone=display_phone, day=day)  # fmt: skip

    @expose("/gabung", methods=("GET", "POST"))
    def merge(self):
        """Compare two accounts side by side; join them on a POST."""
        kept, duplicate = _named("simpan"), _named("tutup")
        me = current_user._get_current_object()
        if request.method == "POST":
            try:
                count = customers.merge(duplicate, kept, actor=me, now=now())
            except Refused as refusal:
                flash(str(refusal), "error")
            else:
                flash(f"Akun digabungkan; {count} permohonan dialihkan.", "success")
                return redirect(url_for("duplicates.index"))
        return self.render(
            "backoffice/merge.html",
            kept=kept,
            duplicate=duplicate,
            counts=_requests_of([kept, duplicate]),
            phone=display_phone,
            day=day,
        )


def _named(argument: str) -> User:
    public_id = text_argument(argument)[:26]
    found = User.customers_visible_to(current_user._get_current_object())
    return found.where((User.public_id == public_id) & User.active).first() or abort(404)


def _requests_of(people: list[User]) -> dict[int, int]:
    """Id of a customer -> how many requests. One query."""
    ids = [person.id for person in people] or [0]
    rows = Request.select(Request.customer, fn.COUNT(Request.id)).where(Request.customer.in_(ids))
    return dict(rows.group_by(Request.customer).tuples())
