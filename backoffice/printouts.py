"""Papers that were issued with a check code, and taking one back."""

from flask import abort, flash, redirect, url_for
from flask_admin import expose
from flask_security import current_user

from backoffice.base import StaffView, card_posts
from models.documents import Printout
from models.people import User
from web.runtime import now
from workflow import printouts
from workflow.door import Refused

SHOWN = 50


class PrintoutView(StaffView):
    """Everybody sees what was issued in the name of an own post."""

    def __init__(self):
        super().__init__(name="Dokumen terbitan", url="/backoffice/terbitan", endpoint="printouts")

    @property
    def posts(self):
        return card_posts()

    def is_visible(self) -> bool:
        return False

    @expose("/")
    def index(self):
        me = current_user._get_current_object()
        rows = list(
            Printout.visible_to(me)
            .select(Printout, User)
            .join(User, on=Printout.created_by)
            .order_by(Printout.created_at.desc(), Printout.id.desc())
            .limit(SHOWN)
        )
        return self.render(
            "backoffice/printouts.html",
            rows=rows,
            in_force=printouts.in_force(rows),
            titles=printouts.TITLES,
            shown=SHOWN,
            may_withdraw=me.all_posts,
        )

    @expose("/<public_id>/cabut", methods=("POST",))
    def withdraw(self, public_id: str):
        me = current_user._get_current_object()
        mine = Printout.visible_to(me).where(Printout.public_id == public_id[:26])
        row = mine.first() or abort(404)
        try:
            printouts.withdraw(row, actor=me, now=now())
        except Refused as refusal:
            flash(str(refusal), "error")
        else:
            flash(f"{row.number} dicabut. Halaman pemeriksaannya sudah mengatakan demikian.",
                  "success")  # fmt: skip
        return redirect(url_for("printouts.index"))
