"""The request card: everything about one request, and the next action at the same place."""

from flask import abort, flash, get_template_attribute, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

import workflow
from administration.phrases import REPLY
from backoffice.base import StaffView
from backoffice.requests.card_content import content_of, find_request, remember_ticks
from backoffice.requests.phrase_pickers import (
    attempt_with_phrase,
    remark_with_phrase,
)
from backoffice.requests.presence import leave, others_at
from backoffice.requests.queue_filters import queue_address
from backoffice.requests.queue_list import next_waiting
from messages.conversation import BACKOFFICE
from messages.mentions import names_to_mention
from models import Request
from moves.watchers import follow, unfollow
from web.listing import text_argument
from web.requests.actions import NO_ATTEMPT, Attempt, attempt, done_words, is_held
from web.requests.remarks import NOTHING_POSTED, PostedRemark, note_read, write_posted_remark
from web.runtime import me, now, reader

# A script asks for the request alone, to show it beside its list. After the last of a list it gets
# the page anew: what was done is said there.
PANE, LAST = "X-Pane", "last"


class CardView(StaffView):
    """One request, for those whose scope holds it."""

    name = "Permohonan"
    url = "/backoffice/permohonan"
    endpoint = "card"
    in_menu = False
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(url_for("queue.index", tab="semua"))

    @expose("/berikutnya")
    def following(self) -> ResponseReturnValue:
        """The next request that waits for this person, or the queue when none does."""
        name = text_argument("setelah")
        after = (
            Request.visible_to(reader()).where(Request.public_id == name).first() if name else None
        )
        return redirect(_next_address(after))

    @expose("/<public_id>")
    def card(self, public_id: str) -> ResponseReturnValue:
        return self._show(find_request(public_id))

    @expose("/<public_id>/samping")
    def beside(self, public_id: str) -> ResponseReturnValue:
        """The request as it stands beside the queue, without a page around it."""
        return self._pane(find_request(public_id))

    @expose("/<public_id>/<choice_code>", methods=("POST",))
    def act(self, public_id: str, choice_code: str) -> ResponseReturnValue:
        """Carry out one choice; what was typed comes back when something is wrong."""
        item = find_request(public_id)
        tried = attempt(item, choice_code)
        if tried.moved is not None:
            leave(item, me())
            remember_ticks(tried.choice)
            if not is_held():
                number = tried.moved.number
                words = done_words(item, tried.moved, tried.choice.code, number=number)
                flash(words, "success")
            if PANE in request.headers:
                is_last = request.headers[PANE] == LAST
                told = "" if is_last else self.render("backoffice/requests/_done.html")
                return told, {PANE: "1"}
            session["goes_on"] = bool(request.form.get("then"))
            back = queue_address(request.form.get("kembali", ""))
            return redirect(_next_address(back=back) if session["goes_on"] else back)
        if tried.refusal:
            flash(tried.refusal, "warning" if tried.code == 409 else "error")
            item = find_request(public_id)
        if PANE in request.headers:
            return self._pane(item, tried), tried.code, {PANE: "1"}
        return self._show(item, tried), tried.code

    @expose("/<public_id>/percakapan", methods=("POST",))
    def say(self, public_id: str) -> ResponseReturnValue:
        """Write to the customer, or a note that stays inside."""
        item = find_request(public_id)
        said = write_posted_remark(item, reader(), via=BACKOFFICE)
        if said.remark is None:
            return self._show(item, said=said), said.code
        words = "Catatan internal disimpan." if said.is_internal else "Pesan dikirim ke pelanggan."
        flash(words, "success")
        return redirect(url_for("card.card", public_id=item.public_id, _anchor="percakapan"))

    @expose("/<public_id>/ikuti", methods=("POST",))
    def watch(self, public_id: str) -> ResponseReturnValue:
        """Be told of the moves of a request, or not any more."""
        item = find_request(public_id)
        if request.form.get("ikuti"):
            follow(item, reader=reader())
            flash("Anda mengikuti permohonan ini dan diberi tahu setiap kali bergerak.", "success")
        else:
            unfollow(item, reader=reader())
            flash("Anda tidak lagi mengikuti permohonan ini.", "success")
        return redirect(url_for("card.card", public_id=item.public_id))

    @expose("/<public_id>/nama")
    def names(self, public_id: str) -> ResponseReturnValue:
        """Whom a note may name by `@`, for the list of the script."""
        find_request(public_id)
        return {"names": names_to_mention()}

    @expose("/<public_id>/kalimat/<place>", methods=("POST",))
    def insert_phrase(self, public_id: str, place: str) -> ResponseReturnValue:
        """A form comes back with a sentence that is kept ready; without a script."""
        item = find_request(public_id)
        if place == REPLY:
            return self._show(item, said=remark_with_phrase(item))
        offered = {choice.code: choice for choice in workflow.choices(item, reader())}
        return self._show(item, attempt_with_phrase(offered.get(place) or abort(404), item))

    @expose("/<public_id>/percakapan/dibaca", methods=("POST",))
    def read(self, public_id: str) -> ResponseReturnValue:
        """Note that the conversation was seen."""
        item = find_request(public_id)
        note_read(item, reader())
        place = url_for("card.card", public_id=item.public_id, _anchor="percakapan")
        return redirect(place, 303)

    @expose("/<public_id>/hadir", methods=("POST",))
    def present(self, public_id: str) -> ResponseReturnValue:
        """Note that the card is open still; the badge of whoever else has it open, or nothing."""
        item, at = find_request(public_id), now()
        names = others_at(item, me(), may_act=bool(workflow.choices(item, reader())), now=at)
        return {"badge": get_template_attribute("backoffice/requests/_keys.html", "opened")(names)}

    def _pane(self, item: Request, tried: Attempt = NO_ATTEMPT) -> str:
        return self.render("backoffice/requests/_pane.html", **content_of(item, tried))

    def _show(
        self, item: Request, tried: Attempt = NO_ATTEMPT, said: PostedRemark = NOTHING_POSTED
    ) -> str:
        return self.render("backoffice/requests/card.html", **content_of(item, tried, said))


def _next_address(after: Request | None = None, *, back: str = "") -> str:
    found = next_waiting(reader(), after)
    if found is None:
        flash("Tidak ada permohonan lain yang menunggu Anda.", "info")
        return back or url_for("queue.index")
    return url_for("card.card", public_id=found.public_id)
