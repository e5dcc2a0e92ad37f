"""Customers whom no message reached: to be phoned, and what came of it."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import JOIN, fn
from wtforms import RadioField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from administration.addresses import change
from backoffice.base import StaffView, record_change
from messages import by_hand
from models import CallTask, Message, Request, User
from rules.formats import moment_short
from rules.phone import BadPhone, display_phone, parse_phone
from storage.database import database
from web.listing import list_page, text_argument
from web.requests.delivery_status import plain, words_for_staff
from web.runtime import me, now
from web.translations import OfficeForm


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


class CallsView(StaffView):
    """The list of people to be phoned, the longest waiting first, and those that are done."""

    name = "Telepon Pelanggan"
    url = "/backoffice/telepon"
    endpoint = "calls"
    category = "Komunikasi"
    reads = "messages"
    writes = "messages_write"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        is_done = text_argument("tab") == "selesai"
        order = [CallTask.created_at, CallTask.id]
        if is_done:
            order = [CallTask.done_at.desc(), CallTask.id.desc()]
        query = _calls().where(CallTask.done_at.is_null(not is_done))
        page = list_page(query, sorts={"": order}, default_sort="", per_page=20)
        missed = _missed(page.rows)
        return self.render(
            "backoffice/messages/calls.html",
            page=page,
            rows=[_row(task, missed.get(task.id, 0)) for task in page.rows],
            is_done=is_done,
            may_write=self.may_write,
        )

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
            row=_row(task, 0),
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
        return redirect(self.get_url(".index"))


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


def _row(task: CallTask, missed: int) -> dict[str, object]:
    """What list and page show of one call."""
    return {
        "task": task,
        "name": task.recipient.name,
        "institution": task.recipient.institution_name,
        "phone": display_phone(task.recipient.phone) or "-",
        "dial": task.recipient.phone,
        "about": (task.request.number or task.request.subject) if task.request_id else "Akun",
        "reason": plain(task.reason),
        "since": moment_short(task.created_at),
        "missed": missed,
        "outcome": by_hand.OUTCOMES.get(task.outcome, ""),
        "done": moment_short(task.done_at) if task.done_at else "",
        "by": task.done_by.name if task.done_by_id else "",
    }
