"""One guarded way to call a gateway: its host only, no redirects, short waits, small answers."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from messages.gateways.channels import Misconfigured, RateLimited, Unreachable

LARGEST_ANSWER = 64 * 1024
LONGEST_WAIT = 86_400
CONNECT_SECONDS = 3.05
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Answer:
    """What a gateway said; `body` is empty when it wasn't a JSON object."""

    status: int
    body: Mapping[str, object]


class Gateway:
    """A base address and how long to wait for it, in seconds."""

    def __init__(self, base_url: str, *, timeout: float = 10.0):
        parts = urlsplit(base_url)
        is_local = parts.hostname in LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
            raise Misconfigured(f"Alamat gateway harus https: {parts.hostname}")
        self._base = base_url.rstrip("/")
        self._timeout = (CONNECT_SECONDS, timeout)
        self._session = requests.Session()
        # A proxy or a netrc of the machine would send our token elsewhere.
        self._session.trust_env = False

    def post(self, path: str, *, headers: Mapping[str, str], **content: Any) -> Answer:
        """POST `json=` or `data=` to a path of this gateway.

        Raises Unreachable for no connection, no answer in time or 5xx, RateLimited for 429 and
        Misconfigured for refused credentials. A lost answer counts as not sent: the same
        idempotency key goes out again.
        """
        return self._call("POST", path, headers=headers, **content)

    def get(self, path: str, *, headers: Mapping[str, str]) -> Answer:
        return self._call("GET", path, headers=headers)

    def _call(self, method: str, path: str, **content: Any) -> Answer:
        # "@elsewhere.test" behind the host would make the host a user name.
        if not path.startswith("/"):
            raise Misconfigured("Alamat pada gateway harus diawali garis miring.")
        try:
            with self._session.request(
                method,
                self._base + path,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                **content,
            ) as response:
                raw = _read(response, self._timeout[1])
                status, headers = response.status_code, response.headers
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"Gateway tidak menjawab ({type(error).__name__}).") from None
        if status == 429:
            raise RateLimited("Gateway membatasi laju kiriman.", _retry_after(headers))
        if status >= 500:
            raise Unreachable(f"Gateway sedang terganggu ({status}).")
        if status in (401, 403):
            raise Misconfigured(f"Gateway menolak kredensial ({status}).")
        if 300 <= status < 400:
            raise Misconfigured(f"Gateway mengalihkan ke alamat lain ({status}).")
        return Answer(status, _json_object(raw))


def _read(response: requests.Response, seconds: float) -> bytes:
    """The body up to the cap. The timeout of `requests` is per read; this one is for all of it."""
    until, raw = time.monotonic() + seconds, b""
    while len(raw) < LARGEST_ANSWER:
        part = response.raw.read1(LARGEST_ANSWER - len(raw), decode_content=True)
        if not part:
            break
        raw += part
        if time.monotonic() > until:
            raise requests.Timeout
    return raw


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the header of RFC 9110 §10.2.3, at most a day."""
    value = headers.get("Retry-After", "")
    if value.isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(value)
        sent = parsedate_to_datetime(headers["Date"])
        return max(0.0, min((at - sent).total_seconds(), LONGEST_WAIT))
    except (KeyError, TypeError, ValueError):
        return None


def _json_object(raw: bytes) -> Mapping[str, object]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
