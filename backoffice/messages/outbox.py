"""The outbox: what was sent, what waits, what failed. Links that open an account stay hidden."""

import re
from collections.abc import Callable, Sequence
from types import MappingProxyType

from flask import flash, url_for
from flask_admin.actions import action
from flask_admin.model import BaseModelView
from peewee import JOIN, ModelSelect

from backoffice.base import SafeView
from backoffice.filters import filters_for
from backoffice.lists import RowAct, RowLink, take_actions
from messages import by_hand
from messages.compose import words_of
from models import CallTask, Message, Request, User
from rules.formats import moment_short
from rules.labels import CHANNELS, MESSAGE_STATES
from search.lookup import PEOPLE, REQUESTS
from web.access import may
from web.runtime import me, now, runtime

STATES = tuple((code, one.title) for code, one in MESSAGE_STATES.items())
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
    found_in = MappingProxyType({PEOPLE: Message.recipient, REQUESTS: Message.request})
    filename = "pesan"
    can_view_details = True
    details_view = BaseModelView.details_view
    action_view = take_actions
    column_list = (
        "created_at", "recipient.name", "channel", "kind", "body", "state", "remark",
    )  # fmt: skip
    column_folded = ("kind",)
    column_clipped = ("body", "remark")
    column_details_list = (*column_list, "address", "sent_at", "attempts", "request.number")
    column_labels = MappingProxyType({
        "created_at": "Dibuat",
        "recipient.name": "Penerima",
        "channel": "Saluran",
        "kind": "Jenis pesan",
        "body": "Isi",
        "state": "Keadaan",
        "remark": "Keterangan",
        "address": "Alamat tujuan",
        "sent_at": "Terkirim",
        "attempts": "Percobaan",
        "request.number": "Permohonan",
    })  # fmt: skip
    column_sortable_list = ("created_at", ("state", (Message.state, Message.next_attempt_at)))
    column_default_sort = ("created_at", True)
    column_choices = MappingProxyType({"channel": tuple(CHANNELS.items())})
    column_formatters = MappingProxyType({
        "kind": lambda view, context, row, name: _kinds().get(row.template, row.template),
        "body": lambda view, context, row, name: _words(row),
        "state": lambda view, context, row, name: _state(row),
        "remark": lambda view, context, row, name: _remark(row),
    })  # fmt: skip
    export_kinds = MappingProxyType({"body": ("text", 60), "remark": ("text", 40)})
    column_filters = (
        *filters_for(Message.state, "Keadaan", STATES, alias="state"),
        *filters_for(Message.channel, "Saluran", tuple(CHANNELS.items()), alias="channel"),
        *filters_for(Message.template, "Jenis pesan", lambda: _kinds().items(), alias="template"),
        *filters_for(Message.created_at, "Dibuat", alias="since"),
        *filters_for(Message.request, "Tentang permohonan", alias="")[-1:],
        *filters_for(Message.attempts, "Percobaan"),
    )
    column_extra_row_actions = (
        RowAct("resend", "Kirim ulang", lambda row: row.state in ("failed", "cancelled")),
        RowAct("cancel", "Batalkan", lambda row: row.state == "queued"),
        RowLink("Permohonan", lambda row: _card_url(row)),
        RowLink("Data pelanggan", lambda row: _customer_url(row)),
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

    @action("resend", "Kirim ulang yang dipilih")
    def resend_picked(self, ids: Sequence[str]) -> None:
        """Put failed messages back into the queue, to the recipient's address of today."""
        self._do(
            by_hand.resend,
            ids,
            "Pesan dimasukkan kembali ke antrean.",
            "Pesan ini tidak dapat dikirim ulang: belum gagal, atau alamat penerima kosong.",
        )

    @action("cancel", "Batalkan yang dipilih", "Batalkan pesan yang dipilih?")
    def cancel_picked(self, ids: Sequence[str]) -> None:
        """Take back messages that haven't left yet."""
        self._do(
            by_hand.cancel,
            ids,
            "Pesan dibatalkan.",
            "Pesan ini sudah dikirim, jadi tidak dapat dibatalkan.",
        )

    def _do(self, deed: Callable[..., bool], ids: Sequence[str], done: str, refused: str) -> None:
        """One by one, so that what is refused holds up no other."""
        picked = self.picked(ids)
        count = sum(deed(message, actor=me(), now=now()) for message in picked)
        more = f"{{}} ({count} dari {len(picked)})" if len(picked) > 1 else "{}"
        if count:
            flash(more.format(done), "success")
        if count < len(picked):
            flash(refused, "warning")


def _card_url(row: Message) -> str:
    about = row.request if row.request_id and may("requests") else None
    return url_for("card.card", public_id=about.public_id) if about else ""


def _customer_url(row: Message) -> str:
    """Where the address of somebody is corrected whom a message didn't reach."""
    is_lost = row.state == "failed" and not row.recipient.is_staff and may("messages_write")
    return url_for("customers.edit_view", id=row.recipient_id) if is_lost else ""


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
