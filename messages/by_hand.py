"""What the office itself does about messages: send again, cancel, phone, correct a number."""

from collections.abc import Mapping
from datetime import datetime

from models import CallTask, Event, Message, User
from storage.database import database

REACHED, CORRECTED, UNREACHABLE = "reached", "corrected", "unreachable"
OUTCOMES: Mapping[str, str] = {
    REACHED: "Sudah terhubung dan diberi tahu",
    CORRECTED: "Nomor WhatsApp diperbaiki; kirim ulang pesan terakhir",
    UNREACHABLE: "Tidak dapat dihubungi",
}


def resend(message: Message, *, actor: User, now: datetime) -> bool:
    """Put a failed or cancelled message back into the queue, to the address of today."""
    recipient = User.get_by_id(message.recipient_id)
    address = recipient.phone if message.channel == "whatsapp" else recipient.shown_email
    if message.only_here:
        address = message.address
    if not address:
        return False
    with database.atomic():
        queued = (
            Message.update(
                state="queued",
                state_at=now,
                address=address,
                attempts=0,
                queued_at=now,
                next_attempt_at=now,
                claim="",
                error="",
                provider_id="",
                report_id="",
                fell_back_at=None,
                lost_answers=0,
            )
            .where((Message.id == message.id) & Message.state.in_(("failed", "cancelled")))
            .execute()
        )
        if queued:
            _note("message_resent", message, actor=actor, now=now)
    return bool(queued)


def cancel(message: Message, *, actor: User, now: datetime) -> bool:
    """Take back a message that hasn't left; False when it has, or is leaving."""
    with database.atomic():
        cancelled = (
            Message.update(state="cancelled", state_at=now)
            .where((Message.id == message.id) & (Message.state == "queued"))
            .execute()
        )
        if cancelled:
            _note("message_cancelled", message, actor=actor, now=now)
    return bool(cancelled)


def _note(kind: str, message: Message, *, actor: User, now: datetime) -> None:
    Event.record(kind, at=now, actor=actor, data={"message": message.public_id})


def close_call(task: CallTask, outcome: str, *, note: str, actor: User, now: datetime) -> bool:
    """Write down how a call ended, once; after a correction the latest message goes out again."""
    with database.atomic():
        closed = (
            CallTask.update(done_at=now, done_by=actor, outcome=outcome, note=note)
            .where((CallTask.id == task.id) & CallTask.done_at.is_null())
            .execute()
        )
        if not closed:
            return False
        data = {"task": task.public_id, "outcome": outcome}
        Event.record("call_closed", at=now, actor=actor, data=data)
        if outcome == CORRECTED and (message := _latest_by_whatsapp(task)):
            resend(message, actor=actor, now=now)
    return True


def _latest_by_whatsapp(task: CallTask) -> Message | None:
    """Only the latest: it tells how things stand, the others are out of date."""
    for message in task.messages.order_by(Message.id.desc()):
        found: Message | None = message
        while found and found.channel != "whatsapp":
            found = Message.get_by_id(found.origin_id) if found.origin_id else None
        if found and found.state == "failed":
            return found
    return None


def after_correction(person: User, *, actor: User, now: datetime) -> int:
    """A phone number was corrected elsewhere: close the calls for it and send the latest again."""
    closed = 0
    for task in list(person.call_tasks.where(CallTask.done_at.is_null())):
        closed += close_call(
            task,
            CORRECTED,
            note="Nomor diperbaiki pada data pelanggan.",
            actor=actor,
            now=now,
        )
    return closed
