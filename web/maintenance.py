"""While the administrator works on the system: pages are read, and what would write waits."""

import math
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request

from models import Maintenance
from rules.formats import moment_short
from web.database_errors import unavailable
from web.runtime import now, runtime

SAFE = ("GET", "HEAD", "OPTIONS")
# Seconds after which to try again, where no end was foretold or it has passed.
RETRY_AFTER_SECONDS = 300
TITLE = "Layanan sedang dalam pemeliharaan"
READABLE = "Halaman tetap dapat dibaca, tetapi isian belum dapat dikirim."


def only_looks(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that is sent a form only to keep words out of the address: it writes nothing."""
    view.only_looks = True
    return view


def refuse_writes() -> Response | None:
    """The 503 page for what would write, with all that was typed; None for what only reads."""
    running = runtime().catalogue.maintenance
    if running is None or request.method in SAFE:
        return None
    if getattr(current_app.view_functions.get(request.endpoint or ""), "only_looks", False):
        return None
    return unavailable(
        (TITLE, maintenance_notice() or READABLE), retry_after=_seconds_left(running)
    )


def maintenance_notice() -> str | None:
    """What every page says at its top while it lasts; asks the database nothing."""
    running = runtime().catalogue.maintenance
    if running is None:
        return None
    if running.expected_at is None or running.expected_at <= now():
        return f"{READABLE} Silakan coba lagi beberapa saat lagi."
    return f"{READABLE} Perkiraan selesai: {moment_short(running.expected_at)}."


def _seconds_left(running: Maintenance) -> int:
    if running.expected_at is None or running.expected_at <= now():
        return RETRY_AFTER_SECONDS
    return math.ceil((running.expected_at - now()).total_seconds())
