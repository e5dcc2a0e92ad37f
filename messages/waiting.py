"""What waited too long: for a channel, for a report, for an answer that was lost."""

from datetime import datetime, timedelta

from messages import health
from messages.handover import (
    LAST_PATIENCE,
    URGENT_PATIENCE,
    Postman,
    claim_message,
    give_up,
)
from messages.ladder import next_channel, step_down
from models import Message
from storage.database import database

OUT_OF_PATIENCE = "Saluran terganggu terlalu lama."
UNREPORTED = "Tidak ada laporan bahwa pesan diterima."
UNANSWERED = "Tidak ada kepastian bahwa pesan terkirim."
# A message whose answer was lost is said once more by the same channel, and no oftener.
MOST_LOST_ANSWERS = 2


def lose_patience(name: str, postman: Postman, *, now: datetime) -> None:
    """Give the next channel what has waited long for one that is down.

    When that one is down as well, or there is none, the message rather waits on: an outage of
    the office's own network mustn't become a hundred telephone calls.
    """
    urgent = Message.template.in_(postman.urgent_templates or [""])
    patience = postman.rules.patience
    too_long = (Message.queued_at <= now - patience) | (
        urgent & (Message.queued_at <= now - min(patience, URGENT_PATIENCE))
    )
    waiting = Message.select().where(
        (Message.channel == name) & (Message.state == "queued") & too_long
    )
    up = postman.up
    for message in list(waiting.order_by(Message.id).limit(200)):
        following = next_channel(message, postman.rules.ladder)
        if following not in up and message.queued_at > now - LAST_PATIENCE:
            continue
        if claim := claim_message(message, now=now):
            reason = f"{OUT_OF_PATIENCE} {message.error}".strip()
            give_up(message, claim, reason, postman, now=now)


def settle_unknown(name: str, postman: Postman, *, now: datetime) -> None:
    """Nobody reported what became of a message: say it once more, then by the next channel once.

    A report that comes still later finds it nevertheless.
    """
    silent = Message.select().where(
        (Message.state == "unknown") & (Message.channel == name) & (Message.next_attempt_at <= now)
    )
    for message in list(silent.order_by(Message.id).limit(200)):
        mine = (Message.id == message.id) & (Message.state == "unknown")
        with database.atomic():
            if message.lost_answers < MOST_LOST_ANSWERS:
                Message.update(state="queued", next_attempt_at=now).where(mine).execute()
            elif (
                Message.update(state="failed", state_at=now, error=UNANSWERED).where(mine).execute()
            ):
                step_down(message, UNANSWERED, ladder=postman.rules.ladder, now=now)


def chase_unreported(postman: Postman, reporting: frozenset[str], *, now: datetime) -> int:
    """Send by the next channel what was accepted long ago and never reported as arrived.

    Only for gateways in `reporting`, which report at all. The message stays `sent`: its report
    may still come.
    """
    after = postman.rules.undelivered_after
    if not after or not reporting:
        return 0
    silent = Message.select().where(
        (Message.state == "sent")
        & Message.carrier.in_(reporting)
        & Message.fell_back_at.is_null()
        & (Message.sent_at <= now - after)
        & (Message.sent_at > now - after - timedelta(days=7))
    )
    chased = 0
    for message in list(silent.order_by(Message.sent_at).limit(200)):
        with database.atomic():
            step_down(message, UNREPORTED, ladder=postman.rules.ladder, now=now)
        chased += 1
    return chased


def next_look(postman: Postman, *, now: datetime) -> datetime | None:
    """When a message could leave next, or a channel that is down be tried; None for none."""
    found = []
    for name in postman.gateways:
        state = health.state_of(name)
        due = Message.select(Message.next_attempt_at).where(
            Message.state.in_(("queued", "sending")) & (Message.channel == name)
        )
        first = due.order_by(Message.next_attempt_at).first()
        if first is None:
            continue
        waits = state.next_probe_at if state.opened_at else state.next_send_at
        found.append(max(first.next_attempt_at, waits or first.next_attempt_at))
    return min(found, default=None)
