"""What goes wrong in this process, counted until somebody looks (`messages/watcher.py`)."""

import threading
from collections import Counter

CRASHED, SLOW, BUSY = "crashed", "slow", "busy"
# Seconds after which a page that isn't answered yet counts as slow.
SLOW_SECONDS = 10.0

_lock = threading.Lock()
_seen: Counter[str] = Counter()


def note(kind: str) -> None:
    with _lock:
        _seen[kind] += 1


def take() -> Counter[str]:
    """What was noted since the last call."""
    with _lock:
        taken = Counter(_seen)
        _seen.clear()
    return taken
