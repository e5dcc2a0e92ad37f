"""What gateways report back: verified on the raw bytes, parsed into plain status events.

A report may come twice, late or out of order; the reader of these events only moves forward.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SENT, DELIVERED, READ, FAILED = "sent", "delivered", "read", "failed"


@dataclass(frozen=True)
class StatusEvent:
    """One report about one message, known by the provider's id or by our own key."""

    provider_id: str
    state: str
    idempotency_key: str = ""
    error: str = ""


def is_signed(raw: bytes, signature: str, secret: str, algorithm: str) -> bool:
    """Compare a hex HMAC of the raw body in constant time; an empty secret signs nothing."""
    if not secret:
        return False
    expected = hmac.new(secret.encode(), raw, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().encode())


def verify_meta(headers: Mapping[str, str], raw: bytes, secret: str) -> bool:
    kind, _, signature = headers.get("X-Hub-Signature-256", "").partition("=")
    return kind == "sha256" and is_signed(raw, signature, secret, "sha256")


# GOWA signs like the Cloud API.
verify_gowa = verify_meta


def verify_waha(headers: Mapping[str, str], raw: bytes, secret: str) -> bool:
    if headers.get("X-Webhook-Hmac-Algorithm", "sha512").casefold() != "sha512":
        return False
    return is_signed(raw, headers.get("X-Webhook-Hmac", ""), secret, "sha512")


def same_secret(given: str, secret: str) -> bool:
    """For gateways that sign nothing: the secret part of the address, in constant time."""
    digest = [hashlib.sha256(text.encode()).digest() for text in (given, secret)]
    return bool(secret) and hmac.compare_digest(*digest)


def parse_meta(raw: bytes) -> list[StatusEvent]:
    events = []
    for entry in _list(_object(raw), "entry"):
        for change in _list(entry, "changes"):
            value = change.get("value")
            for status in _list(value if isinstance(value, dict) else {}, "statuses"):
                events.append(_meta_event(status))
    return _known(events)


def _meta_event(status: Mapping[str, object]) -> StatusEvent:
    errors = _list(status, "errors")
    reason = f"{errors[0].get('code')}: {errors[0].get('title', '')}" if errors else ""
    return StatusEvent(
        provider_id=str(status.get("id", "")),
        state=str(status.get("status", "")),
        idempotency_key=str(status.get("biz_opaque_callback_data") or ""),
        error=reason[:300],
    )


def parse_fonnte(raw: bytes) -> list[StatusEvent]:
    """`status` tells about the sending, `state` about the arrival."""
    body = _object(raw)
    state = str(body.get("state") or body.get("status") or "").casefold()
    state = FAILED if state in ("invalid", "expired") else state
    return _known([StatusEvent(str(body.get("id", "")), state)])


WAHA_ACKS: dict[object, str] = {-1: FAILED, 1: SENT, 2: DELIVERED, 3: READ, 4: READ}


def parse_waha(raw: bytes) -> list[StatusEvent]:
    body = _object(raw)
    payload = body.get("payload")
    if body.get("event") != "message.ack" or not isinstance(payload, dict):
        return []
    state = WAHA_ACKS.get(payload.get("ack"), "")
    return _known([StatusEvent(str(payload.get("id", "")), state)])


def parse_gowa(raw: bytes) -> list[StatusEvent]:
    body = _object(raw)
    payload = body.get("payload")
    if body.get("event") != "message.ack" or not isinstance(payload, dict):
        return []
    ids = payload.get("ids")
    state = str(payload.get("receipt_type", ""))
    return _known([StatusEvent(str(found), state) for found in ids or []])


def _known(events: list[StatusEvent]) -> list[StatusEvent]:
    states = (SENT, DELIVERED, READ, FAILED)
    return [e for e in events if e.state in states and (e.provider_id or e.idempotency_key)]


def _object(raw: bytes) -> dict:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _list(body: Mapping[str, object], name: str) -> list[dict]:
    found = body.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Reporter:
    """How one channel's reports are believed and read; `secret` names a setting."""

    secret: str
    parse: Callable[[bytes], list[StatusEvent]]
    verify: Callable[[Mapping[str, str], bytes, str], bool] | None = None


# A channel without `verify` signs nothing: the secret is the last part of its address.
REPORTERS = {
    "meta_cloud": Reporter("META_APP_SECRET", parse_meta, verify_meta),
    "fonnte": Reporter("FONNTE_WEBHOOK_KEY", parse_fonnte),
    "waha": Reporter("WAHA_HMAC_KEY", parse_waha, verify_waha),
    "gowa": Reporter("GOWA_HMAC_KEY", parse_gowa, verify_gowa),
}
