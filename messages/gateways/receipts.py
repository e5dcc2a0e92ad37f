"""What gateways report back: verified on the raw bytes, parsed into plain status events.

A report may come twice, late or out of order; the reader of these events only moves forward.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from messages.gateways.answers import META_ADDRESS

NO_WHATSAPP = "Nomor penerima tidak dapat menerima WhatsApp."
NOT_CARRIED = "Gateway gagal menyampaikan pesan ini."
FONNTE_FAILURES = {
    "invalid": NO_WHATSAPP,
    "expired": "Pesan tidak terkirim karena perangkat terlalu lama terputus.",
}
SENT, DELIVERED, READ, FAILED = "sent", "delivered", "read", "failed"


@dataclass(frozen=True)
class StatusEvent:
    """One report about one message, known by the provider's id or by our own key.

    `report_id` is a second id of the provider's, by which later reports may name the message.
    """

    provider_id: str
    state: str
    idempotency_key: str = ""
    error: str = ""
    report_id: str = ""


@dataclass(frozen=True)
class ChannelReport:
    """A gateway says about itself that it works, or why it doesn't."""

    trouble: str = ""


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
    for entry in json_list(json_object(raw), "entry"):
        for change in json_list(entry, "changes"):
            value = change.get("value")
            for status in json_list(value if isinstance(value, dict) else {}, "statuses"):
                events.append(_meta_event(status))
    return _known(events)


def _meta_event(status: Mapping[str, object]) -> StatusEvent:
    errors = json_list(status, "errors")
    reason = ""
    if errors:
        code = errors[0].get("code")
        known = NO_WHATSAPP if code in META_ADDRESS else NOT_CARRIED
        reason = f"{known} (Cloud API {code}: {errors[0].get('title', '')})"
    return StatusEvent(
        provider_id=str(status.get("id") or ""),
        state=str(status.get("status") or ""),
        idempotency_key=str(status.get("biz_opaque_callback_data") or ""),
        error=reason[:300],
    )


def parse_fonnte(raw: bytes) -> list[StatusEvent]:
    """`status` tells about the sending, `state` about the arrival.

    The first report carries `id` and `stateid`; later ones may carry `stateid` alone.
    """
    body = json_object(raw)
    status, state = (str(body.get(name) or "").casefold() for name in ("status", "state"))
    error = ""
    if status in FONNTE_FAILURES:
        state, error = FAILED, f"{FONNTE_FAILURES[status]} (Fonnte: {status})"
    event = StatusEvent(
        str(body.get("id") or ""),
        state or status,
        error=error,
        report_id=str(body.get("stateid") or "")[:120],
    )
    return _known([event])


def fonnte_about_itself(raw: bytes) -> ChannelReport | None:
    body = json_object(raw)
    if body.get("id") or body.get("stateid"):
        return None
    if body.get("status") == "connect":
        return ChannelReport()
    if body.get("status") == "disconnect":
        return ChannelReport("Perangkat WhatsApp terputus dari Fonnte.")
    return None


WAHA_ACKS: dict[object, str] = {-1: FAILED, 1: SENT, 2: DELIVERED, 3: READ, 4: READ}


def parse_waha(raw: bytes) -> list[StatusEvent]:
    body = json_object(raw)
    payload = body.get("payload")
    if body.get("event") != "message.ack" or not isinstance(payload, dict):
        return []
    ack = payload.get("ack")
    state = WAHA_ACKS.get(ack, "") if isinstance(ack, int) else ""
    error = f"{NOT_CARRIED} (WAHA: {ack})" if state == FAILED else ""
    return _known([StatusEvent(str(payload.get("id", "")), state, error=error)])


def waha_about_itself(raw: bytes) -> ChannelReport | None:
    body = json_object(raw)
    payload = body.get("payload")
    if body.get("event") != "session.status" or not isinstance(payload, dict):
        return None
    status = str(payload.get("status", ""))
    if status in ("WORKING", "STARTING"):
        return ChannelReport()
    return ChannelReport(f"Sesi WhatsApp pada WAHA: {status[:40]}.")


def parse_gowa(raw: bytes) -> list[StatusEvent]:
    body = json_object(raw)
    payload = body.get("payload")
    if body.get("event") != "message.ack" or not isinstance(payload, dict):
        return []
    ids = payload.get("ids")
    state = str(payload.get("receipt_type", ""))
    found = ids if isinstance(ids, list) else []
    return _known([StatusEvent(str(one), state) for one in found])


def _known(events: list[StatusEvent]) -> list[StatusEvent]:
    states = (SENT, DELIVERED, READ, FAILED)
    return [
        event
        for event in events
        if event.state in states and (event.provider_id or event.idempotency_key or event.report_id)
    ]


def json_object(raw: bytes) -> dict:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def json_list(body: Mapping[str, object], name: str) -> list[dict]:
    found = body.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Reporter:
    """How one channel's reports are believed and read; `secret` names a setting."""

    secret: str
    parse: Callable[[bytes], list[StatusEvent]]
    verify: Callable[[Mapping[str, str], bytes, str], bool] | None = None
    about_itself: Callable[[bytes], ChannelReport | None] | None = None


# A channel without `verify` signs nothing: the secret is the last part of its address.
REPORTERS = {
    "meta_cloud": Reporter("META_APP_SECRET", parse_meta, verify_meta),
    "fonnte": Reporter("FONNTE_WEBHOOK_KEY", parse_fonnte, about_itself=fonnte_about_itself),
    "waha": Reporter("WAHA_HMAC_KEY", parse_waha, verify_waha, waha_about_itself),
    "gowa": Reporter("GOWA_HMAC_KEY", parse_gowa, verify_gowa),
}
