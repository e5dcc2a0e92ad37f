"""WhatsApp messages that wait for a human: read, answered, put into a request, or set aside."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.actions import action
from peewee import JOIN, ModelSelect

from backoffice.base import SafeView
from backoffice.filters import filters_for
from backoffice.lists import RowLink, badge, take_actions
from messages.inbox import WINDOW, answer, assign, close, window_closed
from models import IncomingMessage, Request, User
from rules.formats import moment_short
from rules.phone import display_phone
from search.lookup import PEOPLE, REQUESTS
from web.errors import flashed_refusal
from web.runtime import me, now
from workflow import InvalidInput, Refused

OUTCOMES = {
    "inbox": "Menunggu jawaban",
    "unknown": "Menunggu, tanpa akun",
    "stop": "Berhenti dari WhatsApp",
    "start": "Kembali ke WhatsApp",
    "status": "Status dijawab otomatis",
    "remark": "Masuk ke percakapan",
    "assigned": "Dimasukkan ke permohonan",
    "answered": "Dijawab",
    "done": "Selesai",
}
KINDS = {
    "text": "Teks",
    "image": "Gambar",
    "audio": "Suara",
    "video": "Video",
    "document": "Dokumen",
    "location": "Lokasi",
    "sticker": "Stiker",
}
WAITING, ALL = "menunggu", "semua"


class IncomingView(SafeView):
    """The inbox of the admin; the auditor reads it."""

    model = IncomingMessage
    name = "Pesan Masuk"
    url = "/backoffice/pesan-masuk"
    endpoint = "incoming_messages"
    category = "Komunikasi"
    lead = "Pesan WhatsApp yang tidak dapat dijawab atau dimasukkan ke percakapan secara otomatis."
    reads = "incoming"
    writes = "incoming_write"
    empty_words = (
        "Tidak ada pesan masuk di sini",
        "Pesan baru dari WhatsApp tampil di sini bila perlu dijawab petugas.",
    )
    tabs = ((WAITING, "Menunggu"), (ALL, "Semua"))
    filename = "pesan-masuk"
    found_in = MappingProxyType({PEOPLE: IncomingMessage.sender, REQUESTS: IncomingMessage.request})
    column_list = ("received_at", "sender", "text", "outcome", "request.number", "handled_by.name")
    column_folded = ("request.number", "handled_by.name")
    column_labels = MappingProxyType({
        "received_at": "Diterima",
        "sender": "Dari",
        "text": "Isi",
        "outcome": "Keadaan",
        "request.number": "Permohonan",
        "handled_by.name": "Ditangani oleh",
    })  # fmt: skip
    column_sortable_list = ("received_at",)
    column_formatters = MappingProxyType({
        "sender": lambda view, context, row, name: _who(row),
        "text": lambda view, context, row, name: _text(row),
        "outcome": lambda view, context, row, name: badge(
            OUTCOMES.get(row.outcome, row.outcome), "soon" if row.is_waiting else "muted"
        ),
    })  # fmt: skip
    column_formatters_export = MappingProxyType({
        **column_formatters,
        "outcome": lambda view, context, row, name: OUTCOMES.get(row.outcome, row.outcome),
    })  # fmt: skip
    export_kinds = MappingProxyType({"text": ("text", 60)})
    column_filters = (
        *filters_for(IncomingMessage.outcome, "Keadaan", tuple(OUTCOMES.items())),
        *filters_for(IncomingMessage.kind, "Jenis", tuple(KINDS.items())),
        *filters_for(IncomingMessage.received_at, "Diterima"),
        *filters_for(IncomingMessage.text, "Isi"),
    )
    column_extra_row_actions = (
        RowLink("Buka", lambda row: url_for("incoming_messages.message", public_id=row.public_id)),
    )
    action_view = take_actions

    def get_query(self) -> ModelSelect:
        return _with_people()

    def narrowed(self, query: ModelSelect) -> ModelSelect:
        return query.where(IncomingMessage.is_waiting) if self.tab == WAITING else query

    def default_sort(self) -> tuple[str, bool]:
        """Who waits longest stands on top, else what came last."""
        return "received_at", self.tab == ALL

    @action("close", "Tandai selesai yang dipilih")
    def close_picked(self, ids: Sequence[str]) -> None:
        closed = 0
        for row in self.picked(ids):
            with flashed_refusal("warning"):
                close(row, actor=me(), now=now())
                closed += 1
        if closed:
            flash(f"{closed} pesan ditandai selesai.", "success")

    @expose("/<public_id>")
    def message(self, public_id: str) -> ResponseReturnValue:
        return self._show(_find(public_id))

    @expose("/<public_id>/jawab", methods=("POST",))
    def answer(self, public_id: str) -> ResponseReturnValue:
        """Answer by WhatsApp."""
        row, text = self._writable(public_id), request.form.get("text", "")
        return self._try(row, "Jawaban dikirim.", text, answer, row, text)

    @expose("/<public_id>/masukkan", methods=("POST",))
    def assign(self, public_id: str) -> ResponseReturnValue:
        """Put it into the conversation of a request of the same phone."""
        row = self._writable(public_id)
        wanted = Request.public_id == request.form.get("request", "")[:26]
        found = next((one for one in _requests_of(row).where(wanted)), None)
        if found is None:
            return self._show(row, {"request": "Pilih permohonannya."}), 422
        return self._try(row, "Pesan masuk ke percakapan permohonan.", "", assign, row, found)

    @expose("/<public_id>/selesai", methods=("POST",))
    def close(self, public_id: str) -> ResponseReturnValue:
        """Set it aside."""
        row = self._writable(public_id)
        return self._try(row, "Pesan ditandai selesai.", "", close, row)

    def _writable(self, public_id: str) -> IncomingMessage:
        self.writers_only()
        return _find(public_id)

    def _try(
        self,
        row: IncomingMessage,
        outcome: str,
        text: str,
        deed: Callable[..., object],
        *arguments: object,
    ) -> ResponseReturnValue:
        try:
            deed(*arguments, actor=me(), now=now())
        except InvalidInput as refusal:
            return self._show(row, refusal.errors, text), 422
        except Refused as refusal:
            flash(str(refusal), "warning")
            return self._show(_find(row.public_id), {}, text), 409
        flash(outcome, "success")
        return redirect(url_for(".index_view"))

    def _show(
        self, row: IncomingMessage, errors: Mapping[str, str] | None = None, text: str = ""
    ) -> str:
        at, errors = now(), errors or {}
        choices = [
            (one.public_id, f"{one.number or 'Belum bernomor'} – {one.subject}")
            for one in (_requests_of(row) if row.kind == "text" else ())
        ]
        is_open = row.is_waiting and self.may_write
        is_late = window_closed(row, at)
        fields = (("jawaban", "text", not is_late), ("permohonan", "request", choices))
        return self.render(
            "backoffice/messages/incoming_message.html",
            row=row,
            facts=_facts(row),
            is_open=is_open,
            is_late=is_late,
            until=row.received_at + WINDOW,
            choices=choices,
            text=text,
            errors=errors,
            # Only what stands on the page can be linked to.
            problems=[
                (field_id, errors[name])
                for field_id, name, is_there in fields
                if is_open and is_there and errors.get(name)
            ],
        )


def _with_people() -> ModelSelect:
    handler = User.alias()
    return (
        IncomingMessage.select(IncomingMessage, User, Request, handler)
        .join(User, JOIN.LEFT_OUTER, on=IncomingMessage.sender)
        .switch(IncomingMessage)
        .join(Request, JOIN.LEFT_OUTER, on=IncomingMessage.request)
        .switch(IncomingMessage)
        .join(handler, JOIN.LEFT_OUTER, on=IncomingMessage.handled_by)
    )


def _find(public_id: str) -> IncomingMessage:
    found = _with_people().where(IncomingMessage.public_id == public_id[:26]).first()
    return found or abort(404)


def _requests_of(row: IncomingMessage) -> ModelSelect:
    """The requests of customers with this phone, newest first, with their customers."""
    theirs = Request.select(Request, User).join(User, on=Request.customer)
    theirs = theirs.where((User.phone == row.phone) & (User.phone != ""))
    return theirs.order_by(Request.submitted_at.desc()).limit(20)


def _who(row: IncomingMessage) -> str:
    phone = display_phone(row.phone) if row.phone else "Nomor disembunyikan"
    return f"{row.sender.name} ({phone})" if row.sender else phone


def _text(row: IncomingMessage) -> str:
    text = row.text if len(row.text) <= 160 else f"{row.text[:160]} …"
    return text if row.kind == "text" else f"[{KINDS.get(row.kind, 'Berkas')}] {text}"


def _facts(row: IncomingMessage) -> list[tuple[str, str]]:
    handled = f"{row.handled_by.name}, " if row.handled_by else ""
    return [
        ("Dari", _who(row)),
        ("Diterima", moment_short(row.received_at)),
        ("Jenis", KINDS.get(row.kind, "Berkas")),
        ("Isi", row.text or "Tanpa teks; buka di ponsel balai."),
        ("Keadaan", OUTCOMES.get(row.outcome, row.outcome)),
        ("Ditangani", f"{handled}{moment_short(row.handled_at)}" if row.handled_at else "Belum"),
        ("Jawaban", row.answer),
        ("Permohonan", (row.request.number or row.request.subject) if row.request else ""),
    ]
