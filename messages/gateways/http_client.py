"""One guarded way to call a gateway: its host only, no redirects, short waits, small answers;
and what an answer means that has no code of its own.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from messages.gateways.gateway import (
    AnswerLost,
    BadAddress,
    Misconfigured,
    Outgoing,
    RateLimited,
    Refusal,
    ServerFault,
    Unreachable,
)
from messages.gateways.webhook_bodies import json_object

LARGEST_ANSWER = 64 * 1024
LONGEST_WAIT = 86_400
CONNECT_SECONDS = 3.05
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Parts of the words in which the unofficial gateways refuse.
ABOUT_RATE = ("rate limit", "too many")
ABOUT_ADDRESS = ("target", "number", "nomor", "phone", "jid", "chatid", "not on whatsapp")
ABOUT_LOGIN = ("token", "device", "session", "login", "not connect", "reconnect")
ABOUT_PLAN = ("quota", "expired", "package")
UNKNOWN = "Jawaban gateway tidak dikenali."
# A proxy gave up waiting for the gateway, which may have gone on.
GAVE_UP_WAITING = (504, 524)


@dataclass(frozen=True)
class Answer:
    """What a gateway said; `body` is empty when it wasn't a JSON object."""

    status: int
    body: Mapping[str, object]


class HttpClient:
    """A base address and how long to wait for it, in seconds."""

    def __init__(self, base_url: str, *, timeout: float = 10.0) -> None:
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

        Raises Unreachable for no connection, AnswerLost when all was sent and no answer came,
        ServerFault for 5xx, RateLimited for 429 and Misconfigured for refused credentials.
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
            kind = Unreachable if _never_connected(error) else AnswerLost
            raise kind(f"Gateway tidak menjawab ({type(error).__name__}).") from None
        if status == 429:
            raise RateLimited("Gateway membatasi laju kiriman.", _retry_after(headers))
        if status in GAVE_UP_WAITING:
            raise AnswerLost(f"Gateway terlalu lama menjawab ({status}).")
        if status >= 500:
            raise ServerFault(f"Gateway sedang terganggu ({status}).")
        if status == 401:
            raise Misconfigured(f"Gateway menolak kredensial ({status}).")
        if 300 <= status < 400:
            raise Misconfigured(f"Gateway mengalihkan ke alamat lain ({status}).")
        return Answer(status, json_object(raw))


def _never_connected(error: Exception) -> bool:
    """Whether nothing of the message can have arrived. What broke off later may have."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, urllib3.exceptions.MaxRetryError)


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


# -- what is sent and answered -------------------------------------------------------------------


def digits(address: str) -> str:
    """`6281234567890`: E.164 without its plus."""
    return address.lstrip("+")


def keyed(headers: Mapping[str, str], outgoing: Outgoing) -> dict[str, str]:
    """The headers with our own key: a repeated message can be recognised as one."""
    return {**headers, "Idempotency-Key": outgoing.idempotency_key}


def plain_refusal(name: str, answer: Answer) -> Refusal:
    """Self-hosted gateways refuse by a 4xx with words; anything else is no answer at all."""
    words = str(answer.body.get("message") or answer.body.get("error") or "")
    if not (400 <= answer.status < 500 and words):
        return unread(name, answer)
    refusal = refusal_in_words(name, words)
    # Forbidden may mean this one person, whatever the words are.
    return ServerFault(str(refusal)) if _is_of_all(refusal) and answer.status == 403 else refusal


def _is_of_all(refusal: Refusal) -> bool:
    return isinstance(refusal, Misconfigured | RateLimited)


def unread(name: str, answer: Answer) -> Refusal:
    """What an answer means that says nothing we know. A success may have been one."""
    words = f"{name}: {UNKNOWN} ({answer.status})"
    return AnswerLost(words) if answer.status < 300 else ServerFault(words)


def refusal_in_words(name: str, reason: str) -> Refusal:
    """What a refusal without a code is about: the address, our set-up, or unknown."""
    said, words = reason.casefold(), f"{name}: {reason[:200]}"
    for parts, kind in (
        (ABOUT_RATE, RateLimited),
        (ABOUT_LOGIN + ABOUT_PLAN, Misconfigured),
        (ABOUT_ADDRESS, BadAddress),
    ):
        if any(part in said for part in parts):
            return kind(words)
    return ServerFault(words)


def health_by_status(client: HttpClient, path: str, headers: Mapping[str, str]) -> str:
    """Empty when the gateway answers a GET, else a sentence for the administrator."""
    try:
        answer = client.get(path, headers=headers)
    except Refusal as refusal:
        return str(refusal)
    # A version that doesn't know the question says nothing about itself.
    return "" if answer.status in (200, 404, 405) else f"Gateway menjawab {answer.status}."
