"""Everybody who waits for an answer, the longest waiting first, answered where they stand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration.phrases import REPLY, phrases_for, ready
from backoffice.base import StaffView
from backoffice.messages.notices import news_of_page
from backoffice.requests.phrase_pickers import Picker, text_with_phrase
from backoffice.requests.queue_list import tabs_of
from messages import inbox
from messages.conversation import BACKOFFICE, WHATSAPP, why_closed
from messages.unanswered import (
    MOST_COUNTED,
    AnswerClock,
    Place,
    Waiting,
    clock_of,
    close_without_answer,
    said_by,
    who_waits,
)
from models import AwaitedReply, IncomingMessage, Phrase, Remark, Request, User
from moves.catalogue import work_calendar
from rules.calendar import WorkCalendar
from rules.formats import clock_time, office_time, weekday_day
from rules.phone import display_phone
from storage.database import new_public_id
from web.listing import AFTER, count_words, text_argument, with_arguments
from web.requests.remarks import PostedRemark, write_posted_remark
from web.requests.request_card import waiting_words
from web.runtime import me, now, reader
from workflow import InvalidInput, Refused

PER_PAGE = 20
# Of what somebody wrote in several pieces.
MOST_SHOWN = 3
CURSOR = re.compile(r"(\d{20})-([pw])-(\d{1,18})")
STAMP = "%Y%m%d%H%M%S%f"
TAB_WORDS = "Belum dijawab"


@dataclass(frozen=True)
class Tried:
    """An answer that couldn't be sent: under which row, what was typed, and why."""

    anchor: str = ""
    text: str = ""
    error: str = ""


NOTHING_TRIED = Tried()


class UnansweredView(StaffView):
    """For everybody who may answer; each sees whose requests they may see."""

    name = TAB_WORDS
    url = "/backoffice/belum-dijawab"
    endpoint = "unanswered"
    in_menu = False
    reads = "works"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._show()

    @expose("/<public_id>/jawab", methods=("POST",))
    def answer(self, public_id: str) -> ResponseReturnValue:
        """Write to the customer of a request."""
        item = _find_request(public_id)
        if answered := _answered_meanwhile(item):
            flash(answered, "warning")
            return self._show(Tried(item.public_id, request.form.get("text", "")), item), 409
        said = write_posted_remark(item, reader(), via=BACKOFFICE)
        if said.remark is None:
            return self._show(_tried(item.public_id, said), item), said.code
        flash(f"Jawaban dikirim ke {item.customer.name}.", "success")
        return redirect(url_for(".index"))

    @expose("/<public_id>/kalimat", methods=("POST",))
    def insert_phrase(self, public_id: str) -> ResponseReturnValue:
        """The page comes back with a sentence that is kept ready; without a script."""
        item = _find_request(public_id)
        return self._show(Tried(item.public_id, text_with_phrase(item)), item)

    @expose("/<public_id>/selesai", methods=("POST",))
    def close(self, public_id: str) -> ResponseReturnValue:
        """What the customer wrote needs no answer."""
        item = _find_request(public_id)
        try:
            close_without_answer(item, reader=reader())
        except Refused as refusal:
            flash(str(refusal), "warning")
        else:
            flash(f"Pesan {item.customer.name} ditandai tidak perlu dijawab.", "success")
        return redirect(url_for(".index"))

    @expose("/wa/<public_id>/jawab", methods=("POST",))
    def answer_whatsapp(self, public_id: str) -> ResponseReturnValue:
        """Answer a WhatsApp message that belongs to no request."""
        row, text = _find_incoming(public_id), request.form.get("text", "")
        try:
            inbox.answer(row, text, actor=me(), now=now())
        except InvalidInput as refusal:
            return self._show(Tried(row.public_id, text, refusal.errors["text"])), 422
        except Refused as refusal:
            return self._show(Tried(row.public_id, text, str(refusal))), 409
        flash("Jawaban dikirim lewat WhatsApp.", "success")
        return redirect(url_for(".index"))

    @expose("/wa/<public_id>/selesai", methods=("POST",))
    def close_whatsapp(self, public_id: str) -> ResponseReturnValue:
        try:
            inbox.close(_find_incoming(public_id), actor=me(), now=now())
        except Refused as refusal:
            flash(str(refusal), "warning")
        else:
            flash("Pesan ditandai selesai.", "success")
        return redirect(url_for(".index"))

    def _show(self, tried: Tried = NOTHING_TRIED, item: Request | None = None) -> str:
        found = who_waits(reader(), beyond=_read_place(), limit=PER_PAGE + 1)
        shown = found[:PER_PAGE]
        said = said_by([one.row for one in shown if isinstance(one.row, AwaitedReply)])
        calendar, at = work_calendar(), now()
        kept = phrases_for(reader(), {REPLY})[REPLY]
        rows = [_row(one, said, calendar, at) | _picker(one, kept) for one in shown]
        is_there = any(row["anchor"] == tried.anchor for row in rows)
        more = len(found) > PER_PAGE
        return self.render(
            "backoffice/messages/unanswered.html",
            rows=rows,
            tried=tried,
            is_there=is_there,
            written_about=item,
            tabs=[
                (words, url_for("queue.index", tab=code))
                for code, words in tabs_of(reader()).items()
            ],
            tab=tab_of_unanswered(),
            is_beyond=bool(text_argument(AFTER)),
            next_url=with_arguments(**{AFTER: _written(shown[-1].place)}) if more else "",
        )


def tab_of_unanswered() -> tuple[str, str, str] | None:
    """Words, address and count of the tab beside those of the queue; none for who can't answer."""
    if not reader().may("works"):
        return None
    news, _ = news_of_page()
    words = count_words(news.unanswered, MOST_COUNTED) if news.unanswered else ""
    return TAB_WORDS, url_for("unanswered.index"), words


# -- what the address and the form say -----------------------------------------------------------


def _read_place() -> Place | None:
    """Beyond whom the page begins; nonsense is the first page."""
    found = CURSOR.fullmatch(request.args.get(AFTER, ""))
    try:
        at = datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
    return Place(at, found[2], int(found[3])) if at else None


def _written(place: Place) -> str:
    return f"{place.at.astimezone(UTC).strftime(STAMP)}-{place.kind}-{place.key}"


def _find_request(public_id: str) -> Request:
    found = Request.visible_to(reader()).select(Request, User).join(User, on=Request.customer)
    return found.where(Request.public_id == public_id[:26]).first() or abort(404)


def _find_incoming(public_id: str) -> IncomingMessage:
    if not reader().may("incoming_write"):
        abort(403)
    return IncomingMessage.get_or_none(IncomingMessage.public_id == public_id[:26]) or abort(404)


def _answered_meanwhile(item: Request) -> str:
    """Who was quicker, as a sentence; empty while the customer of this form waits still."""
    seen = request.form.get("waits", "")
    if not seen.isdecimal() or len(seen) > 18:
        return ""
    row = AwaitedReply.get_or_none(
        (AwaitedReply.id == int(seen)) & (AwaitedReply.request == item) & ~AwaitedReply.is_open()
    )
    # The same form sent twice is answered once, by the key of the remark.
    if row is None or row.settled_by_id == reader().id:
        return ""
    who = row.settled_by.name if row.settled_by else "Rekan Anda"
    return f"{who} sudah menjawab pukul {clock_time(row.settled_at)}. Pesan Anda belum dikirim."


def _tried(anchor: str, said: PostedRemark) -> Tried:
    return Tried(anchor, said.text, said.error)


# -- rows ----------------------------------------------------------------------------------------


def _row(
    one: Waiting, said: Mapping[int, list[Remark]], calendar: WorkCalendar, at: datetime
) -> dict[str, object]:
    clock = clock_of(one.place.at, calendar, at)
    common = {"tone": clock.tone, "key": new_public_id(), **_clock_words(clock, calendar, at)}
    if isinstance(one.row, IncomingMessage):
        return common | _whatsapp_row(one.row, at)
    return common | _request_row(one.row, said.get(one.row.request_id, []))


def _picker(one: Waiting, kept: list[Phrase]) -> dict[str, Picker | None]:
    """Sentences for an answer; those for WhatsApp without a request would name none."""
    if isinstance(one.row, IncomingMessage):
        return {"picker": None}
    item = one.row.request
    phrases = [ready(phrase, item, reader()) for phrase in kept]
    address = url_for(".insert_phrase", public_id=item.public_id)
    return {"picker": Picker(f"jawab-{item.public_id}", phrases, address)}


def _request_row(row: AwaitedReply, said: list[Remark]) -> dict[str, object]:
    item = row.request
    return {
        "anchor": item.public_id,
        "who": item.customer.name,
        "institution": item.customer.institution_name,
        "about": f"{item.number or 'Belum bernomor'} · {item.subject}",
        "url": url_for("card.card", public_id=item.public_id, _anchor="percakapan"),
        "state": waiting_words(item) if item.is_open or item.pending else "",
        "status": item.status,
        "lines": [
            (line.at, line.text, "lewat WhatsApp" if line.via == WHATSAPP else "")
            for line in said[-MOST_SHOWN:]
        ],
        "earlier": max(0, len(said) - MOST_SHOWN),
        "waits": row.id,
        "closed": why_closed(item, reader()),
        "phone": display_phone(item.customer.phone) if item.customer.phone else "",
        "answer_url": url_for(".answer", public_id=item.public_id),
        "close_url": url_for(".close", public_id=item.public_id),
        "longest": 4096,
    }


def _whatsapp_row(row: IncomingMessage, at: datetime) -> dict[str, object]:
    phone = display_phone(row.phone) if row.phone else "Nomor disembunyikan"
    may_write = reader().may("incoming_write")
    if not may_write:
        closed = "Dijawab oleh petugas pesan masuk."
    else:
        late = "Batas 24 jam untuk membalas lewat WhatsApp sudah lewat; hubungi melalui telepon."
        closed = late if inbox.window_closed(row, at) else ""
    text = row.text if row.kind == "text" else f"[bukan teks] {row.text}"
    return {
        "anchor": row.public_id,
        "who": row.sender.name if row.sender else phone,
        "institution": row.sender.institution_name if row.sender else "",
        "about": "WhatsApp, belum masuk ke permohonan",
        "url": url_for("incoming_messages.message", public_id=row.public_id),
        "state": "",
        "status": "",
        "lines": [(row.received_at, text, "")],
        "earlier": 0,
        "waits": "",
        "closed": closed,
        "phone": phone,
        "answer_url": url_for(".answer_whatsapp", public_id=row.public_id),
        "close_url": url_for(".close_whatsapp", public_id=row.public_id) if may_write else "",
        "longest": 1000,
    }


def _clock_words(clock: AnswerClock, calendar: WorkCalendar, at: datetime) -> dict[str, str]:
    hours = Decimal(calendar.hours.full_day_seconds) / 3600
    waited = office_time(clock.waited, hours_per_day=hours)
    if clock.tone == "late":
        due = f"lewat batas {office_time(clock.over, hours_per_day=hours)}"
    else:
        same_day = (
            clock.due_at.astimezone(calendar.zone).date() == at.astimezone(calendar.zone).date()
        )
        on = "hari ini" if same_day else weekday_day(clock.due_at)
        due = f"batas {on} pukul {clock_time(clock.due_at)}"
    # Outside office hours nothing of them has passed yet.
    return {"waited": f"menunggu {waited}" if clock.waited else "baru masuk", "due": due}
