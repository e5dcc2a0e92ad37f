"""The outbox: what was sent, what waits, what failed. Links that open an account stay hidden."""

import re
from collections.abc import Callable
from types import MappingProxyType

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import JOIN, ModelSelect

from backoffice.base import Filter, SafeView
from messages import by_hand
from messages.compose import words_of
from models import CallTask, Message, Request, User
from rules.formats import moment_short
from rules.labels import CHANNELS, MESSAGE_STATES
from search.lookup import PEOPLE, REQUESTS
from web.listing import between_dates, text_argument, with_arguments
from web.runtime import me, now, runtime

VARIABLE = re.compile(r"\{\w+\}")


class OutboxView(SafeView):
    model = Message
    name = "Pesan"
    url = "/backoffice/pesan"
    endpoint = "outbox"
    category = "Komunikasi"
    lead = "Pesan keluar kepada pelanggan dan petugas."
    reads = "messages"
    writes = "messages_write"
    list_template = "backoffice/messages/outbox.html"
    order = (Message.created_at.desc(), Message.id.desc())
    found_in = MappingProxyType({PEOPLE: Message.recipient, REQUESTS: Message.request})
    filters = (
        Filter(
            "state",
            "Keadaan",
            tuple((code, one.title, Message.state == code) for code, one in MESSAGE_STATES.items()),
        ),
        Filter(
            "channel",
            "Saluran",
            tuple((code, title, Message.channel == code) for code, title in CHANNELS.items()),
        ),
    )
    columns = (
        ("Dibuat", lambda message: moment_short(message.created_at)),
        ("Penerima", lambda message: message.recipient.name),
        ("Saluran", lambda message: CHANNELS[message.channel]),
        ("Isi", lambda message: _words(message)),
        ("Keadaan", lambda message: _state(message)),
        ("Keterangan", lambda message: _remark(message)),
    )

    def get_query(self) -> ModelSelect:
        return (
            Message.select(Message, User, Request, CallTask)
            .join(User, on=Message.recipient)
            .switch(Message)
            .join(Request, JOIN.LEFT_OUTER, on=Message.request)
            .switch(Message)
            .join(CallTask, JOIN.LEFT_OUTER, on=Message.call_task)
        )

    def _filtered(self):
        """Beside the usual filters: which message, and when it was written."""
        query, chips = super()._filtered()
        template, kinds = text_argument("template"), _kinds()
        if template in kinds:
            query = query.where(Message.template == template)
            chips.append((f"Jenis: {kinds[template]}", with_arguments(template=None)))
        query, dates = between_dates(query, Message.created_at)
        return query, chips + dates

    def render(self, template: str, **kwargs: object) -> str:
        return super().render(template, kinds=_kinds().items(), **kwargs)

    @expose("/kirim-ulang", methods=("POST",))
    def resend(self) -> ResponseReturnValue:
        """Put a failed message back into the queue, to the recipient's address of today."""
        return self._do(
            by_hand.resend,
            "Pesan dimasukkan kembali ke antrean.",
            "Pesan ini tidak dapat dikirim ulang: belum gagal, atau alamat penerima kosong.",
        )

    @expose("/batalkan", methods=("POST",))
    def cancel(self) -> ResponseReturnValue:
        """Take back a message that hasn't left yet."""
        return self._do(
            by_hand.cancel,
            "Pesan dibatalkan.",
            "Pesan ini sudah dikirim, jadi tidak dapat dibatalkan.",
        )

    def _do(self, deed: Callable[..., bool], done: str, refused: str):
        self.writers_only()
        message = self.get_one(request.form.get("id", ""))
        if deed(message, actor=me(), now=now()):
            flash(done, "success")
        else:
            flash(refused, "warning")
        return redirect(self.get_url(".index_view", **_kept_filters()))


def _kept_filters() -> dict[str, str]:
    """The filters under which the button was pressed, so that the list is the same after it."""
    names = ("state", "channel", "template", "since", "until", "cari")
    found = {name: request.form.get(f"at_{name}", "")[:100] for name in names}
    return {name: value for name, value in found.items() if value}


def _kinds() -> dict[str, str]:
    """Code of a message -> its subject, with dots where the values stand; by subject."""
    wordings = runtime().message_templates.defaults
    titles = {code: VARIABLE.sub("…", one.subject) for code, one in wordings.items()}
    return dict(sorted(titles.items(), key=lambda pair: (pair[1], pair[0])))


def _state(message: Message) -> str:
    words = MESSAGE_STATES[message.state].title
    return f"{words} {moment_short(message.state_at)}" if message.state_at else words


def _remark(message: Message) -> str:
    parts = [message.error] if message.error else []
    if message.origin_id:
        parts.append("Pengganti pesan yang tidak sampai lewat saluran lain.")
    if message.call_task_id:
        done = message.call_task.done_at
        parts.append("Penerima sudah ditelepon." if done else "Penerima perlu ditelepon.")
    elif message.fell_back_at:
        parts.append("Diteruskan lewat saluran lain.")
    if message.state == "unknown":
        parts.append(f"Menunggu laporan sampai {moment_short(message.next_attempt_at)}.")
    if message.state == "queued" and message.attempts:
        parts.append(f"Dicoba lagi {moment_short(message.next_attempt_at)}.")
    return " ".join(parts) or "-"


def _words(message: Message) -> str:
    """The text; a link that opens an account is left out."""
    templates = runtime().message_templates
    is_secret = templates.defaults[message.template].is_secret
    return words_of(message, templates, link="[tautan rahasia]" if is_secret else None)[1]
