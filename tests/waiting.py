"""Wait for what another thread or process does: for the fact, never for a length of time."""

import time
from collections.abc import Callable


def wait_for(come_true: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not come_true():
        assert time.monotonic() < until, f"it never came true: {come_true.__name__}"
        time.sleep(0.02)
