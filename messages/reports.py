"""What gateways report becomes the state of a message: forward only, whatever the order."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from messages.gateways.gateway import DELIVERED, FAILED, READ, SENT, StatusEvent
from messages.ladder import step_down
from models import Message
from storage.database import database

log = logging.getLogger("melasti.delivery")
# The states that a report may replace: forward only, and failed never over delivered.
EARLIER = {
    SENT: ("queued", "sending", "unknown"),
    DELIVERED: ("queued", "sending", "unknown", "sent", "failed"),
    READ: ("queued", "sending", "unknown", "sent", "failed", "delivered"),
    FAILED: ("queued", "sending", "unknown", "sent"),
}
# Gateways repeat an unanswered call for a week; what is older was kept by somebody.
OLDEST = timedelta(days=8)
# So far the clocks of a gateway and ours may be apart.
SKEW = timedelta(minutes=5)


def apply_report(
    event: StatusEvent,
    *,
    carrier: str,
    ladder: Sequence[str],
    now: datetime,
    channel: str = "whatsapp",
) -> int:
    """Move one message forward by a report; unknown, repeated and late ones change nothing.

    A failure that is only reported later takes the next channel as well.
    """
    with database.atomic():
        message = _message_of(event, carrier, channel)
        if message is None:
            log.info("report %s about an unknown message", event.state)
            return 0
        if _is_of_old(event, message, now=now):
            log.warning("report %s about %s is too old", event.state, message.public_id)
            return 0
        if event.report_id and not message.report_id:
            Message.update(report_id=event.report_id).where(Message.id == message.id).execute()
        changed = (
            Message.update(state=event.state, error=event.error, state_at=now)
            .where((Message.id == message.id) & Message.state.in_(EARLIER[event.state]))
            .execute()
        )
        if changed and event.state == FAILED:
            step_down(message, event.error, ladder=ladder, now=now)
    return changed


def _is_of_old(event: StatusEvent, message: Message, *, now: datetime) -> bool:
    """Whether it is told long afterwards, or of a sending before the one that is under way."""
    if event.at is None:
        return False
    begun = message.queued_at or message.created_at
    return event.at < max(now - OLDEST, begun - SKEW)


def _message_of(event: StatusEvent, carrier: str, channel: str) -> Message | None:
    """By our own key, or by an id of the gateway's that it gave us itself."""
    ways = [
        (Message.public_id, event.idempotency_key),
        (Message.provider_id, event.provider_id),
        (Message.report_id, event.report_id),
    ]
    for column, value in ways:
        if not value:
            continue
        known = Message.select().where((column == value) & (Message.channel == channel))
        if column is not Message.public_id:
            known = known.where(Message.carrier.in_((carrier, "")))
        if found := known.first():
            return found
    return None
