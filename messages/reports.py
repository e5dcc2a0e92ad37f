"""What gateways report becomes the state of a message: forward only, whatever the order."""

import logging
from collections.abc import Sequence
from datetime import datetime

from messages.gateways.gateway import DELIVERED, FAILED, READ, SENT, StatusEvent
from messages.ladder import step_down
from models import Message
from storage.database import database

log = logging.getLogger("melasti.delivery")
# The states that a report may replace: forward only, and failed never over delivered.
EARLIER = {
    SENT: ("queued", "sending"),
    DELIVERED: ("queued", "sending", "sent", "failed"),
    READ: ("queued", "sending", "sent", "failed", "delivered"),
    FAILED: ("queued", "sending", "sent"),
}


def apply_report(event: StatusEvent, *, carrier: str, ladder: Sequence[str], now: datetime) -> int:
    """Move one message forward by a report; unknown, repeated and late ones change nothing.

    A failure that is only reported later takes the next channel as well.
    """
    with database.atomic():
        message = _message_of(event, carrier)
        if message is None:
            log.info("report %s about an unknown message", event.state)
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


def _message_of(event: StatusEvent, carrier: str) -> Message | None:
    """By our own key, or by an id of the gateway's that it gave us itself."""
    ways = [
        (Message.public_id, event.idempotency_key),
        (Message.provider_id, event.provider_id),
        (Message.report_id, event.report_id),
    ]
    for column, value in ways:
        if not value:
            continue
        known = Message.select().where((column == value) & (Message.channel == "whatsapp"))
        if column is not Message.public_id:
            known = known.where(Message.carrier.in_((carrier, "")))
        if found := known.first():
            return found
    return None
