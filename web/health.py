"""What machines ask: /sehat (this process lives), /siap (all is there), /metrics, /version.

Answered before Flask sees the request: no session, no limit, no query but those of the checks, and
whatever host name was asked, since balancers ask by address. Only this machine, or who knows
HEALTH_TOKEN, learns more than yes or no.
"""

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from werkzeug.wrappers import Request, Response

from administration.file_store import open_store
from administration.system_checks import Check, vital_checks
from config.clock import utc_now
from config.settings import Settings
from config.version import version
from storage.database import database
from storage.engines import TimeOuts, time_outs
from storage.files import Store
from storage.outage import is_unavailable, outage
from web.metrics import metrics

# Whoever asks in between gets the same answer.
KNOWN_SECONDS = 2.0
TIME_OUTS = TimeOuts(5, 5)
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
AWAY = Check("database", "Basis data", "Basis data tidak menjawab.", is_vital=True)


class HealthPages:
    """A layer of the application that answers these four addresses itself."""

    def __init__(self, app: Callable, settings: Settings):
        self._app, self._settings = app, settings
        self._pages = {
            "/sehat": self._alive,
            "/siap": self._ready,
            "/metrics": self._metrics,
            "/version": self._version,
        }
        self._storage = open_store(settings)
        self._lock = threading.Lock()
        self._known: tuple[float, list[Check]] = (0.0, [])

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        page = self._pages.get(environ.get("PATH_INFO", ""))
        if page is None:
            return self._app(environ, start_response)
        asked = Request(environ, populate_request=False)
        if asked.method in ("GET", "HEAD"):
            response = page(asked)
        else:
            response = Response("GET\n", 405, {"Allow": "GET, HEAD"})
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response(environ, start_response)

    def _alive(self, _: Request) -> Response:
        return Response("sehat\n")

    def _version(self, _: Request) -> Response:
        return Response(f"{version()}\n")

    def _ready(self, asked: Request) -> Response:
        checks = self._checks()
        is_ready = not any(check.trouble for check in checks if check.is_vital)
        status, word = (200, "siap") if is_ready else (503, "belum siap")
        if not self._is_trusted(asked):
            return Response(f"{word}\n", status)
        told = {check.code: check.trouble or "baik" for check in checks}
        facts = {"keadaan": word, "versi": version(), "bagian": told}
        return Response(
            json.dumps(facts, ensure_ascii=False, indent=1) + "\n",
            status,
            content_type="application/json; charset=utf-8",
        )

    def _metrics(self, asked: Request) -> Response:
        if not self._is_trusted(asked):
            return Response("403\n", 403)
        text, content_type = metrics(self._settings, self._checks())
        return Response(text, content_type=content_type)

    def _checks(self) -> list[Check]:
        """Asked at most every two seconds, however many ask."""
        with self._lock:
            at, known = self._known
            if not known or time.monotonic() - at > KNOWN_SECONDS:
                self._known = (time.monotonic(), _look(self._settings, self._storage))
            return self._known[1]

    def _is_trusted(self, asked: Request) -> bool:
        """By token, or from this machine and not through a proxy that stands on it."""
        given = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        token = self._settings.health_token
        if token and hmac.compare_digest(given.encode(), token.encode()):
            return True
        is_forwarded = any(name in asked.headers for name in FORWARDED)
        return not is_forwarded and _is_loopback(asked.remote_addr) and _is_local(asked.host)


def _look(settings: Settings, storage: Store) -> list[Check]:
    try:
        time_outs.set(TIME_OUTS)
        with database.connection_context():
            outage.note_back()
            return vital_checks(settings, storage, now=utc_now())
    except Exception as error:
        if not is_unavailable(error):
            raise
        return [AWAY]


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name == "localhost" or _is_loopback(name.strip("[]"))
