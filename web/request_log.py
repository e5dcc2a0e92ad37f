"""Each request has a reference and leaves one line: who asked, for what, how it ended, how long.

The address that was asked for is told by its rule. What stands in its place for a person, a token
or a code isn't, but for the public ids of rows, which open nothing to who isn't let in.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from werkzeug.routing import Rule

from config import sightings
from config.logs import reference

log = logging.getLogger("melasti.access")

METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"))
ADDRESS = re.compile(r"[0-9a-fA-F.:]{2,45}")
# What may be told of an address: ids (ULID), files of ours, and of a wrong one how it begins.
SHOWN = {
    "public_id": re.compile(r"[0-9A-HJKMNP-TV-Z]{26}"),
    "filename": re.compile(r"[\w./-]{1,80}", re.ASCII),
}
BEGINNING = re.compile(r"[a-zA-Z._-]{1,24}")
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

# Asked for every few seconds by who watches: told only when the answer is no.
UNTOLD = ("/sehat", "/siap", "/metrics")

Environ = dict[str, Any]


class RequestLog:
    """The outermost layer of the application; `is_complete` or only answers from 400 on."""

    def __init__(self, app: Callable, *, is_complete: bool):
        self._app, self._is_complete = app, is_complete
        # Whoever switches other rooms down still wants to know who asked for what.
        log.setLevel(logging.INFO)

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        begun, status, asked = time.perf_counter(), 500, ""
        reference.set(secrets.token_hex(4).upper())

        def begin(line: str, headers: list, exc_info: Any = None) -> Callable:
            nonlocal status, asked
            # Flask forgets by which rule it found the view as soon as it has answered.
            status, asked = int(line[:3]), path_of(environ)
            return start_response(line, headers, exc_info)

        try:
            return self._app(environ, begin)
        finally:
            seconds = time.perf_counter() - begun
            is_told = self._is_complete and environ.get("PATH_INFO") not in UNTOLD
            if is_told or status >= 400 or seconds > sightings.SLOW_SECONDS:
                _tell(environ, asked or "-", status, seconds)


def _tell(environ: Environ, asked: str, status: int, seconds: float) -> None:
    # Behind proxies that are trusted the address is the visitor's own by now.
    address = environ.get("REMOTE_ADDR") or ""
    if not ADDRESS.fullmatch(address):
        address = "-"
    method = environ["REQUEST_METHOD"]
    if method not in METHODS:
        method = "OTHER"
    taken = round(seconds, 3)
    facts = {
        "address": address,
        "method": method,
        "path": asked,
        "status": status,
        "seconds": taken,
    }
    if seconds > sightings.SLOW_SECONDS:
        sightings.note(sightings.SLOW)
        log.warning("slow: %s %s took %d s", method, asked, seconds)
    log.info("%s %s %s %d %.3f", address, method, asked, status, taken, extra={"facts": facts})


def path_of(environ: Environ) -> str:
    """What was asked for, as the log may say it."""
    asked = environ.get("werkzeug.request")
    rule: Rule | None = asked.url_rule if asked is not None else None
    if rule is None:
        return _of_unknown(environ.get("PATH_INFO", ""))
    if not rule.arguments:
        return rule.rule
    values = asked.view_args or {}
    return ARGUMENT.sub(lambda found: _shown(found[1], values) or found[0], rule.rule)


def _shown(name: str, values: dict[str, Any]) -> str:
    form, value = SHOWN.get(name), str(values.get(name, ""))
    return quote(value) if form and form.fullmatch(value) else ""


def _of_unknown(path: str) -> str:
    first, _, rest = path.lstrip("/").partition("/")
    if not first:
        return "/"
    return f"/{first if BEGINNING.fullmatch(first) else '…'}{'/…' if rest else ''}"
