"""Customers whom no message reached: to be phoned, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from peewee import JOIN, ModelSelect, fn
from wtforms import RadioField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from administration.addresses import change
from backoffice.base import SafeView, record_change
from backoffice.filters import filters_for
from backoffice.lists import RowLink
from messages import by_hand
from models import CallTask, Message, Request, User
from rules.formats import moment_short
from rules.phone import BadPhone, display_phone, parse_phone
from search.lookup import PEOPLE, REQUESTS
from storage.database import database
from web.requests.delivery_status import plain, words_for_staff
from web.runtime import me, now
from web.translations import OfficeForm

WAITING, DONE = "menunggu", "selesai"


class CallForm(OfficeForm):
    """How the call ended."""

    outcome = RadioField(
        "Hasil",
        choices=list(by_hand.OUTCOMES.items()),
        validators=[InputRequired("Pilih hasil panggilan.")],
    )
    phone = TelField("Nomor WhatsApp yang benar")
    note = TextAreaField(
        "Catatan", validators=[Length(max=500, message="Paling banyak 500 huruf.")]
    )

    def validate_phone(self, field: TelField) -> None:
        if self.outcome.data != by_hand.CORRECTED:
            return
        try:
            field.data = parse_phone(field.data or "")
        except BadPhone as refusal:
            raise ValidationError(str(refusal)) from None


class CallsView(SafeView):
    """The list of people to be phoned, the longest waiting first, and those that are done."""

    model = CallTask
    name = "Telepon Pelanggan"
    url = "/backoffice/telepon"
    endpoint = "calls"
    category = "Komunikasi"
    title = "Telepon pelanggan"
    lead = "Pelanggan yang tidak terjangkau lewat WhatsApp maupun email."
    reads = "messages"
    writes = "messages_write"
    empty_words = (
        "Tidak ada panggilan di sini",
        "Semua pesan sampai, atau masih dalam pengiriman.",
    )
    tabs = ((WAITING, "Perlu ditelepon"), (DONE, "Selesai"))
    filename = "telepon-pelanggan"
    found_in = MappingProxyType({PEOPLE: CallTask.recipient, REQUESTS: CallTask.request})
    column_list = (
        "recipient.name", "recipient.institution_name", "phone", "about", "reason", "created_at",
        "outcome", "done_at", "done_by.name", "note",
    )  # fmt: skip
    column_folded = ("note",)
    column_labels = MappingProxyType({
        "recipient.name": "Pelanggan",
        "recipient.institution_name": "Instansi",
        "phone": "No HP",
        "about": "Perihal",
        "reason": "Sebab",
        "created_at": "Sejak",
        "outcome": "Hasil",
        "done_at": "Ditelepon",
        "done_by.name": "Oleh",
        "note": "Catatan",
    })  # fmt: skip
    column_sortable_list = ("created_at", "done_at")
    column_formatters = MappingProxyType({
        "phone": lambda view, context, row, name: _dial(row),
        "about": lambda view, context, row, name: _about(row),
        "reason": lambda view, context, row, name: _reason(row),
        "outcome": lambda view, context, row, name: by_hand.OUTCOMES.get(row.outcome, ""),
    })  # fmt: skip
    column_filters = (
        *filters_for(CallTask.outcome, "Hasil", tuple(by_hand.OUTCOMES.items())),
        *filters_for(CallTask.created_at, "Sejak"),
        *filters_for(CallTask.done_at, "Ditelepon"),
        *filters_for(CallTask.reason, "Sebab"),
    )
    column_extra_row_actions = (
        RowLink("Catat hasil", lambda row: "" if row.done_at else _url(row)),
        RowLink("Lihat", lambda row: _url(row) if row.done_at else ""),
    )

    def get_query(self) -> ModelSelect:
        return _calls()

    def narrowed(self, query: ModelSelect) -> ModelSelect:
        return query.where(CallTask.done_at.is_null(self.tab == WAITING))

    def default_sort(self) -> tuple[str, bool]:
        return ("created_at", False) if self.tab == WAITING else ("done_at", True)

    def shown_columns(self) -> list[str]:
        """Of an open call there is nothing yet to say about its end."""
        ended = ("outcome", "done_at", "done_by.name") if self.tab == WAITING else ("created_at",)
        return [name for name in super().shown_columns() if name not in ended]

    def prepare(self, rows: Sequence[CallTask]) -> None:
        missed = _missed(rows)
        for row in rows:
            row.__dict__["missed"] = missed.get(row.id, 0)

    @expose("/<public_id>", methods=("GET", "POST"))
    def call(self, public_id: str) -> ResponseReturnValue:
        """One call: whom, why, and the form for what came of it."""
        task = _calls().where(CallTask.public_id == public_id[:26]).first() or abort(404)
        if request.method == "POST":
            self.writers_only()
        form = CallForm(request.form, phone=display_phone(task.recipient.phone))
        if request.method == "POST" and form.validate():
            return self._close(task, form)
        messages = task.messages.order_by(Message.id.desc()).limit(20)
        return self.render(
            "backoffice/messages/call.html",
            task=task,
            row=_row(task),
            form=form,
            missed=[words_for_staff(message) for message in messages],
            may_write=self.may_write,
            outcome=by_hand.OUTCOMES.get(task.outcome, ""),
        ), (422 if form.errors else 200)

    def _close(self, task: CallTask, form: CallForm):
        outcome = form.outcome.data
        at = now()
        with database.atomic():
            if outcome == by_hand.CORRECTED:
                _correct(task.recipient, form.phone.data, actor=me(), at=at)
            closed = by_hand.close_call(
                task, outcome, note=(form.note.data or "").strip(), actor=me(), now=at
            )
        if not closed:
            flash("Panggilan ini baru saja dicatat oleh petugas lain.", "warning")
        elif outcome == by_hand.CORRECTED:
            flash(
                "Nomor diperbaiki dan menerima tautan bukti; pesan terakhir menyusul.",
                "success",
            )
        else:
            flash("Hasil panggilan sudah dicatat.", "success")
        return redirect(self.get_url(".index_view"))


def _correct(person: User, phone: str, *, actor: User, at: datetime) -> None:
    """Write the right number into the customer's account, with what it was before."""
    if phone == person.phone:
        return
    before = person.phone
    change(person, "whatsapp", phone, actor=actor, now=at)
    record_change(
        person,
        "record_changed",
        before={"phone": before},
        after={"phone": phone},
        actor=actor,
        at=at,
    )


def _calls():
    """The calls with person, request and who made them. One query."""
    clerk = User.alias()
    return (
        CallTask.select(CallTask, User, Request, clerk)
        .join(User, on=CallTask.recipient)
        .switch(CallTask)
        .join(Request, JOIN.LEFT_OUTER, on=CallTask.request)
        .switch(CallTask)
        .join(clerk, JOIN.LEFT_OUTER, on=CallTask.done_by)
    )


def _missed(tasks: Sequence[CallTask]) -> dict[int, int]:
    """How many messages did not arrive, by call. One query."""
    counted = (
        Message.select(Message.call_task, fn.COUNT(Message.id))
        .where(Message.call_task.in_([task.id for task in tasks] or [0]))
        .group_by(Message.call_task)
    )
    return dict(counted.tuples())


def _row(task: CallTask) -> dict[str, object]:
    """What the page shows of one call."""
    return {
        "name": task.recipient.name,
        "institution": task.recipient.institution_name,
        "phone": display_phone(task.recipient.phone) or "-",
        "dial": task.recipient.phone,
        "about": _about(task),
        "reason": plain(task.reason),
        "since": moment_short(task.created_at),
        "done": moment_short(task.done_at) if task.done_at else "",
        "by": task.done_by.name if task.done_by_id else "",
    }


def _url(task: CallTask) -> str:
    return url_for("calls.call", public_id=task.public_id)


def _dial(task: CallTask) -> str:
    """A number to tap, as long as it is to be called."""
    phone = display_phone(task.recipient.phone)
    if task.done_at or not phone:
        return phone
    return Markup('<a href="tel:{}">{}</a>').format(task.recipient.phone, phone)


def _about(task: CallTask) -> str:
    return (task.request.number or task.request.subject) if task.request_id else "Akun"


def _reason(task: CallTask) -> str:
    missed = task.__dict__.get("missed", 0)
    return plain(task.reason) + (f" ({missed} pesan)" if missed > 1 else "")
