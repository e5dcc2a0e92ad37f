"""Whether the history is still what was written."""

from models import Event
from rules.chain import broken_streams


def verify_history() -> tuple[int, list[str]]:
    """Walk every stream; return the number of events and the streams whose chain is broken."""
    events = Event.select().order_by(Event.stream, Event.seq).iterator()
    return broken_streams((e.stream, e.seq, e.prev_hash, e.hash, e.digest()) for e in events)
