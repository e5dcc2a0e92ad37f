"""How a customer wants to be told, and a message to try it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from messages.inbox import choose_channel
from models import Message, User
from moves.notices import TEST, send_test
from portal.blueprint import portal
from rules.formats import moment_short
from rules.labels import CHANNELS, MESSAGE_STATES
from rules.phone import display_phone
from web.access import customer_required
from web.accounts.limits import count_attempt
from web.runtime import me, now, runtime

# The office's ladder -> what its customers may choose; a single channel leaves nothing to choose.
CHOICES: Mapping[tuple[str, ...], Sequence[tuple[str, str]]] = {
    ("whatsapp", "email"): (
        ("whatsapp", "WhatsApp, dan email bila WhatsApp gagal"),
        ("email", "Hanya email"),
    ),
    ("email", "whatsapp"): (
        ("whatsapp", "Email, dan WhatsApp bila email gagal"),
        ("email", "Hanya email"),
    ),
}
TESTS_PER_HOUR = 5


@dataclass(frozen=True)
class NotificationChoice:
    """What the profile shows: the choice, and what became of the latest test message.

    `channels` are those of the office; with only one there are no `choices`.
    """

    channels: Sequence[str]
    chosen: str
    is_stopped: bool
    choices: Sequence[tuple[str, str]]
    phone: str
    tests: Sequence[tuple[str, str, str, str, str]]


def notification_choice_of(person: User) -> NotificationChoice:
    """One query."""
    return NotificationChoice(
        channels=[CHANNELS[name] for name in _ladder()],
        chosen="whatsapp" if person.wants_whatsapp else "email",
        is_stopped=person.notify_by == "stopped",
        choices=_choices(),
        phone=display_phone(person.phone),
        tests=[_line(message) for message in _latest_test(person)],
    )


def _ladder() -> tuple[str, ...]:
    return runtime().settings.delivery.ladder


def _choices() -> Sequence[tuple[str, str]]:
    return CHOICES.get(_ladder(), ())


def _latest_test(person: User) -> list[Message]:
    """The newest test message and what took its place when it failed."""
    mine = (Message.recipient == person.id) & (Message.template == TEST)
    rows = list(Message.select().where(mine).order_by(Message.id.desc()).limit(4))
    first = next((row for row in rows if row.origin_id is None), None)
    if first is None:
        return []
    return [row for row in reversed(rows) if row.id >= first.id]


def _line(message: Message) -> tuple[str, str, str, str, str]:
    """(channel, state, tone, when, why)"""
    state = MESSAGE_STATES[message.state]
    # What stands in brackets is the gateway's own language.
    why = message.error.partition(" (")[0] if message.state == "failed" else ""
    at = message.state_at or message.sent_at or message.created_at
    return CHANNELS[message.channel], state.tried, state.tone, moment_short(at), why


@portal.post("/profil/pemberitahuan")
@customer_required
def choose_notification() -> ResponseReturnValue:
    """Take the choice of channel."""
    wanted = request.form.get("notify_by", "")
    choices = dict(_choices())
    if wanted not in choices:
        flash("Pilih salah satu cara pemberitahuan.", "error")
        return redirect(url_for("portal.profile", _anchor="pemberitahuan"))
    choose_channel(me(), wanted, by="portal", now=now())
    flash(f"Pilihan disimpan: {choices[wanted]}.", "success")
    return redirect(url_for("portal.profile", _anchor="pemberitahuan"))


@portal.post("/profil/pesan-uji")
@customer_required
def send_test_message() -> ResponseReturnValue:
    """Write a test message into the outbox."""
    person = me()
    if not person.confirmed_at:
        abort(403)
    count_attempt("test-message", person.public_id, times=TESTS_PER_HOUR, seconds=3600)
    send_test(person, now=now())
    flash("Pesan uji masuk antrean kirim. Keadaannya tampil di bawah.", "success")
    return redirect(url_for("portal.profile", _anchor="pemberitahuan"))
