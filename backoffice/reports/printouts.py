"""Papers that were issued with a check code, and taking one back."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration import printouts
from backoffice.base import StaffView
from models import Printout, User
from web.errors import flashed_refusal
from web.listing import list_page, text_argument, with_arguments
from web.runtime import reader

SHOWN = 20


class PrintoutView(StaffView):
    """Everybody sees what was issued in the name of an own post."""

    name = "Dokumen terbitan"
    url = "/backoffice/terbitan"
    endpoint = "printouts"
    in_menu = False
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        kind = text_argument("jenis")
        query = (
            Printout.visible_to(reader()).select(Printout, User).join(User, on=Printout.created_by)
        )
        chips = []
        if kind in printouts.TITLES:
            query = query.where(Printout.kind == kind)
            chips.append((f"Jenis: {printouts.TITLES[kind]}", with_arguments(jenis=None)))
        newest = (Printout.created_at.desc(), Printout.id.desc())
        page = list_page(query, sorts={"": newest}, default_sort="", per_page=SHOWN)
        return self.render(
            "backoffice/reports/printouts.html",
            page=page,
            rows=page.rows,
            chips=chips,
            in_force=printouts.in_force(page.rows),
            titles=printouts.TITLES,
            may_withdraw=reader().posts,
        )

    @expose("/<public_id>/cabut", methods=("POST",))
    def withdraw(self, public_id: str) -> ResponseReturnValue:
        mine = Printout.visible_to(reader()).where(Printout.public_id == public_id[:26])
        row = mine.first() or abort(404)
        with flashed_refusal():
            printouts.withdraw(row, reader=reader())
            flash(
                f"{row.number} dicabut. Halaman pemeriksaannya sudah mengatakan demikian.",
                "success",
            )
        return redirect(url_for("printouts.index"))
