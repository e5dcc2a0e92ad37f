"""Whether messages get through, for the banner of the backoffice."""

from datetime import datetime, timedelta

from peewee import ModelCompoundSelectQuery, Value, fn

from models import ChannelState, Message
from rules.formats import moment_short
from rules.labels import CHANNELS
from storage.fast import Bound, prepared

WAITS_TOO_LONG = timedelta(minutes=10)


def delivery_trouble(now: datetime) -> list[str]:
    """Sentences about what keeps messages from arriving; empty when all is well. One query."""
    found = []
    for name, since, reason, count in _trouble(before=now - WAITS_TOO_LONG):
        if name:
            why = reason.partition(" (")[0].rstrip(".")
            found.append(f"{CHANNELS[name]} terganggu sejak {moment_short(since)}: {why}.")
        elif count:
            found.append(
                f"{count} pesan menunggu lebih dari sepuluh menit, sejak {moment_short(since)}."
            )
    return found


@prepared
def _trouble() -> ModelCompoundSelectQuery:
    """Rows (channel, since, reason, 0) of what is down, and ("", since, "", how many) that wait."""
    down = ChannelState.select(
        ChannelState.name, ChannelState.opened_at, ChannelState.reason, Value(0)
    ).where(ChannelState.opened_at.is_null(False))
    long_ago = Message.queued_at < Bound("before", Message.queued_at)
    waiting = Message.select(
        Value(""), fn.MIN(Message.queued_at), Value(""), fn.COUNT(Message.id)
    ).where(Message.state.in_(("queued", "sending")) & long_ago)
    return down.union_all(waiting).tuples()
