"""Believing and reading what gateways post to us: signatures, JSON of strangers, phones, moments.

What isn't a message from one person (groups, our own messages, reactions, status stories,
newsletters) is left out.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from messages.gateways.gateway import DELIVERED, FAILED, READ, SENT, TEXT, Incoming, StatusEvent

NO_WHATSAPP = "Nomor penerima tidak dapat menerima WhatsApp."
NOT_CARRIED = "Gateway gagal menyampaikan pesan ini."
LONGEST = 4096


# -- signatures ----------------------------------------------------------------------------------


def is_signed(raw: bytes, signature: str, secret: str, algorithm: str) -> bool:
    """Compare a hex HMAC of the raw body in constant time; an empty secret signs nothing."""
    if not secret:
        return False
    expected = hmac.new(secret.encode(), raw, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().encode())


def has_hub_signature(headers: Mapping[str, str], raw: bytes, secret: str) -> bool:
    """Whether the body is signed as the Cloud API signs it."""
    kind, _, signature = headers.get("X-Hub-Signature-256", "").partition("=")
    return kind == "sha256" and is_signed(raw, signature, secret, "sha256")


def same_secret(given: str, secret: str) -> bool:
    """For gateways that sign nothing: the secret part of the address, in constant time."""
    digest = [hashlib.sha256(text.encode()).digest() for text in (given, secret)]
    return bool(secret) and hmac.compare_digest(*digest)


# -- JSON ----------------------------------------------------------------------------------------


def json_object(raw: bytes) -> dict[str, Any]:
    """What a gateway said or answered, or nothing when it isn't an object."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def json_list(body: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    """The objects of a list within, or nothing."""
    found = body.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def json_part(body: Mapping[str, object], name: str) -> Mapping[str, Any]:
    """An object within, or nothing."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def event_payload(raw: bytes, event: str) -> Mapping[str, Any]:
    """What WAHA and GOWA tell of one kind of event; nothing for another kind."""
    body = json_object(raw)
    return json_part(body, "payload") if body.get("event") == event else {}


# -- reports -------------------------------------------------------------------------------------


def known_events(events: list[StatusEvent]) -> list[StatusEvent]:
    """Those in a state that we keep, about a message that can be found."""
    states = (SENT, DELIVERED, READ, FAILED)
    return [
        event
        for event in events
        if event.state in states and (event.provider_id or event.idempotency_key or event.report_id)
    ]


# -- messages ------------------------------------------------------------------------------------


def phone_of(address: object) -> str:
    """`6281…`, `6281…@c.us` or `6281…:12@s.whatsapp.net` as E.164; empty for anything else."""
    digits, _, host = str(address or "").partition("@")
    digits = digits.partition(":")[0].lstrip("+")
    if host not in ("", "c.us", "s.whatsapp.net") or not digits.isascii():
        return ""
    return f"+{digits}" if digits.isdecimal() and 7 <= len(digits) <= 15 else ""


def named_phone(payload: Mapping[str, object], *paths: str) -> str:
    """The first phone that stands at one of the paths (`_data.Info.SenderAlt`); empty for none."""
    for path in paths:
        found: object = payload
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if found and (phone := phone_of(found)):
            return phone
    return ""


def is_person(address: object) -> bool:
    """A number, or an id that hides one; not a group, a newsletter or a story."""
    return str(address or "").rpartition("@")[2] in ("c.us", "s.whatsapp.net", "lid")


def real_messages(found: list[Incoming]) -> list[Incoming]:
    """Those with an id, cut to what WhatsApp allows; a reaction isn't a message."""
    return [
        replace(
            one,
            provider_id=one.provider_id[:120],
            text=one.text.replace("\x00", "")[:LONGEST],
            kind=one.kind[:16] or TEXT,
            replied_to=one.replied_to[:120],
        )
        for one in found
        if one.provider_id and one.kind not in ("reaction", "system", "unsupported")
    ]


def told_at(raw: bytes) -> datetime | None:
    """When WAHA or GOWA say that they told it."""
    return instant(json_object(raw).get("timestamp"))


def instant(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970, as number or digits, or RFC 3339."""
    try:
        if isinstance(value, str) and not value.isdecimal():
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else None
        seconds = int(value)  # type: ignore[call-overload]
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
