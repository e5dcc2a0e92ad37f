"""What a channel couldn't carry takes the next one; after the last a person is to be phoned."""

from collections.abc import Sequence
from datetime import datetime

from models import CallTask, Message, User
from storage.database import database


def step_down(message: Message, reason: str, *, ladder: Sequence[str], now: datetime) -> None:
    """Send the message by the next channel, or ask the admin to phone. Once per message.

    Call inside the transaction that gave it up.
    """
    first = (
        Message.update(fell_back_at=now)
        .where((Message.id == message.id) & Message.fell_back_at.is_null())
        .execute()
    )
    if not first:
        return
    recipient = User.get_by_id(message.recipient_id)
    for channel in _untried(message, recipient, ladder):
        if _send_by(channel, message, recipient, now=now):
            return
    if not recipient.is_staff and not recipient.is_unknown_sender:
        ask_to_phone(message, reason, now=now)


def next_channel(message: Message, ladder: Sequence[str]) -> str:
    """By which channel the message could go instead; empty for none."""
    recipient = User.get_by_id(message.recipient_id)
    return next(iter(_untried(message, recipient, ladder)), "")


def _untried(message: Message, recipient: User, ladder: Sequence[str]) -> list[str]:
    tried = _tried(message)
    return [one for one in ladder if one not in tried and _address(recipient, one)]


def _tried(message: Message) -> set[str]:
    tried = {message.channel}
    while message.origin_id:
        message = Message.get_by_id(message.origin_id)
        tried.add(message.channel)
    return tried


def _address(person: User, channel: str) -> str:
    if channel == "whatsapp":
        return person.phone if person.wants_whatsapp else ""
    return person.shown_email


def _send_by(channel: str, message: Message, recipient: User, *, now: datetime) -> bool:
    """Whether the message goes, or went, out by this channel; False when that failed before."""
    base = message.dedupe_key.removesuffix(f":{message.channel}")
    Message.enqueue(
        message.template,
        recipient=recipient,
        channel=channel,
        at=now,
        dedupe_key=base,
        variables=message.variables,
        request=message.request_id,
        expires_at=message.expires_at,
        origin=message,
    )
    sent = Message.get(Message.dedupe_key == f"{base}:{channel}")
    return sent.state not in ("failed", "cancelled")


def ask_to_phone(message: Message, reason: str, *, now: datetime) -> CallTask:
    """The open task for this person and request, made if there is none."""
    with database.atomic():
        about = (CallTask.recipient == message.recipient_id) & CallTask.done_at.is_null()
        if message.request_id:
            about &= CallTask.request == message.request_id
        else:
            about &= CallTask.request.is_null()
        found = CallTask.select().where(about).first()
        if found is None:
            found = CallTask.create(
                recipient=message.recipient_id,
                request=message.request_id,
                reason=reason[:300],
                created_at=now,
            )
        Message.update(call_task=found).where(Message.id == message.id).execute()
    return found
