"""The office's order of channels: the first takes what is new, what it couldn't carry takes the
next one; after the last a person is to be phoned."""

from collections.abc import Collection, Sequence
from datetime import datetime

from messages.recipients import address_of, person_of
from models import CallTask, Message, User
from storage.database import database

NOT_USED = "Kantor ini tidak memakai saluran ini."


# -- the first channel ---------------------------------------------------------------------------


def place(ladder: Sequence[str], channels: Collection[str], *, now: datetime) -> None:
    """Give what was written for another channel to the one that comes first in the ladder.

    Who writes a message doesn't know the ladder. `channels` are those with a gateway: what is for
    one address alone stays there, or is taken back where there is none.
    """
    if not ladder:
        return
    first, others = ladder[0], [one for one in ("whatsapp", "email") if one not in ladder]
    if first == "email":
        others.append("whatsapp")
    if not others:
        return
    waiting = Message.select().where((Message.state == "queued") & Message.channel.in_(others))
    for message in list(waiting.order_by(Message.id).limit(200)):
        if message.only_here:
            if message.channel not in channels:
                _take_back(message, now=now)
        elif message.channel not in ladder:
            if not _keeps(message, ladder, channels):
                _move(message, first, keep=False, now=now)
        elif message.attempts == 0 and not message.origin_id:
            _move(message, first, keep=True, now=now)


def _keeps(message: Message, ladder: Sequence[str], channels: Collection[str]) -> bool:
    """Staff whom the ladder reaches nowhere are told where they can be: nobody phones them."""
    person = person_of(message)
    return (
        person.is_staff
        and message.channel in channels
        and not any(address_of(person, one) for one in ladder)
    )


def _move(message: Message, channel: str, *, keep: bool, now: datetime) -> None:
    """In its place, since nothing was tried yet; `keep` where it may leave as it is too."""
    key = f"{message.dedupe_key.removesuffix(f':{message.channel}')}:{channel}"
    if Message.select().where(Message.dedupe_key == key).exists():
        if not keep:
            _take_back(message, now=now)
        return
    Message.update(channel=channel, dedupe_key=key).where(
        (Message.id == message.id) & (Message.state == "queued")
    ).execute()


def _take_back(message: Message, *, now: datetime) -> None:
    with database.atomic():
        taken = (
            Message.update(state="cancelled", state_at=now, error=NOT_USED)
            .where((Message.id == message.id) & (Message.state == "queued"))
            .execute()
        )
        if taken and message.origin_id:
            # It went out in place of one that failed: nothing is left but the telephone.
            ask_to_phone(message, NOT_USED, now=now)


# -- the next one --------------------------------------------------------------------------------


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
    recipient = person_of(message)
    for channel in _untried(message, recipient, ladder):
        if _send_by(channel, message, recipient, now=now):
            return
    if not recipient.is_staff and not recipient.is_unknown_sender:
        ask_to_phone(message, reason, now=now)


def next_channel(message: Message, ladder: Sequence[str]) -> str:
    """By which channel the message could go instead; empty for none."""
    return next(iter(_untried(message, person_of(message), ladder)), "")


def _untried(message: Message, recipient: User, ladder: Sequence[str]) -> list[str]:
    if message.only_here:
        return []
    tried = _tried(message)
    return [one for one in ladder if one not in tried and address_of(recipient, one)]


def _tried(message: Message) -> set[str]:
    tried = {message.channel}
    while message.origin_id:
        message = Message.get_by_id(message.origin_id)
        tried.add(message.channel)
    return tried


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
        link=message.link,
        origin=message,
    )
    sent = Message.get(Message.dedupe_key == f"{base}:{channel}")
    return sent.state not in ("failed", "cancelled")


def ask_to_phone(message: Message, reason: str, *, now: datetime) -> CallTask:
    """The open task for this person and request, made if there is none."""
    person = person_of(message)
    with database.atomic():
        about = (CallTask.recipient == person) & CallTask.done_at.is_null()
        if message.request_id:
            about &= CallTask.request == message.request_id
        else:
            about &= CallTask.request.is_null()
        found = CallTask.select().where(about).first()
        if found is None:
            found = CallTask.create(
                recipient=person,
                request=message.request_id,
                reason=reason[:300],
                created_at=now,
            )
        Message.update(call_task=found).where(Message.id == message.id).execute()
    return found
