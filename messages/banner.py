"""Whether messages get through, for the banner of the backoffice."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import ModelCompoundSelectQuery, Value, fn

from models import ChannelState, Message
from rules.formats import moment_short
from rules.labels import CHANNELS
from storage.fast import Bound

WAITS_TOO_LONG = timedelta(minutes=10)


def sentences_of(rows: Iterable[tuple[str, datetime, str, int]]) -> list[str]:
    """Sentences about what keeps messages from arriving, from the rows of `trouble`."""
    found = []
    for name, since, reason, count in rows:
        if name:
            why = reason.partition(" (")[0].rstrip(".")
            found.append(f"{CHANNELS[name]} terganggu sejak {moment_short(since)}: {why}.")
        elif count:
            found.append(
                f"{count} pesan menunggu lebih dari sepuluh menit, sejak {moment_short(since)}."
            )
    return found


def trouble() -> ModelCompoundSelectQuery:
    """Rows (channel, since, reason, 0) of what is down, and ("", since, "", how many) that wait;
    prepared with `before`, since when that is too long."""
    down = ChannelState.select(
        ChannelState.name, ChannelState.opened_at, ChannelState.reason, Value(0)
    ).where(ChannelState.opened_at.is_null(False))
    long_ago = Message.queued_at < Bound("before", Message.queued_at)
    waiting = Message.select(
        Value(""), fn.MIN(Message.queued_at), Value(""), fn.COUNT(Message.id)
    ).where(Message.state.in_(("queued", "sending")) & long_ago)
    return down.union_all(waiting)
