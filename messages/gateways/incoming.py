"""What people write to the office's WhatsApp, as gateways hand it over.

Read only after `receipts` has believed the sender. What isn't a message from one person (groups,
our own messages, reactions, status stories, newsletters) is left out.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from messages.gateways.receipts import json_list, json_object

TEXT = "text"
LONGEST = 4096


@dataclass(frozen=True)
class Incoming:
    """One message; `phone` is E.164, or empty when the gateway hides it.

    `kind` is text, or what was sent instead (image, audio, …; `text` is then its caption).
    `replied_to` is the provider's id of our message that it answers, `own` our number's id.
    """

    provider_id: str
    phone: str
    text: str
    kind: str = TEXT
    replied_to: str = ""
    sent_at: datetime | None = None
    own: str = ""


def phone_of(address: object) -> str:
    """`6281…`, `6281…@c.us` or `6281…:12@s.whatsapp.net` as E.164; empty for anything else."""
    digits, _, host = str(address or "").partition("@")
    digits = digits.partition(":")[0].lstrip("+")
    if host not in ("", "c.us", "s.whatsapp.net") or not digits.isascii():
        return ""
    return f"+{digits}" if digits.isdecimal() and 7 <= len(digits) <= 15 else ""


def hear_meta(raw: bytes) -> list[Incoming]:
    found = []
    for entry in json_list(json_object(raw), "entry"):
        for change in json_list(entry, "changes"):
            value = _mapping(change, "value")
            own = str(_mapping(value, "metadata").get("phone_number_id", ""))
            found += [_meta_message(m, own) for m in json_list(value, "messages")]
    return _real(found)


def _meta_message(message: Mapping[str, object], own: str) -> Incoming:
    kind = str(message.get("type", ""))
    content = _mapping(message, kind)
    text = content.get("body") or content.get("caption") or content.get("text") or ""
    for answer in ("button_reply", "list_reply"):
        text = text or _mapping(content, answer).get("title", "")
    return Incoming(
        str(message.get("id", "")),
        phone_of(message.get("from")),
        str(text),
        TEXT if kind in ("button", "interactive") else kind,
        str(_mapping(message, "context").get("id", "")),
        _instant(message.get("timestamp")),
        own,
    )


def hear_fonnte(raw: bytes) -> list[Incoming]:
    """A message names its sender; a report about one of ours doesn't.

    Without an `inboxid` the same words at the same moment are the same message: Fonnte repeats an
    unanswered call for fifteen minutes.
    """
    body = json_object(raw)
    sender = body.get("sender")
    if not sender or body.get("member") or body.get("isgroup") is True:
        return []
    text = str(body.get("message") or "")
    said = [body.get(name) for name in ("device", "sender", "message", "timestamp", "url")]
    digest = hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:40]
    return _real(
        [
            Incoming(
                str(body.get("inboxid") or digest),
                phone_of(sender),
                "" if text == "non-text message" else text,
                "file" if body.get("url") or text == "non-text message" else TEXT,
                sent_at=_instant(body.get("timestamp")),
            )
        ]
    )


def hear_waha(raw: bytes) -> list[Incoming]:
    body = json_object(raw)
    payload = _mapping(body, "payload")
    if body.get("event") != "message" or payload.get("fromMe") or payload.get("participant"):
        return []
    if not _is_person(payload.get("from")):
        return []
    return _real(
        [
            Incoming(
                str(payload.get("id", "")),
                phone_of(payload.get("from")),
                str(payload.get("body") or ""),
                "file" if payload.get("hasMedia") else TEXT,
                str(_mapping(payload, "replyTo").get("id", "")),
                _instant(payload.get("timestamp")),
            )
        ]
    )


GOWA_MEDIA = ("image", "video", "audio", "document", "sticker", "contact", "location")


def hear_gowa(raw: bytes) -> list[Incoming]:
    body = json_object(raw)
    payload = _mapping(body, "payload")
    if body.get("event") != "message" or payload.get("is_from_me"):
        return []
    if not _is_person(payload.get("chat_id") or payload.get("from")):
        return []
    kind = next((name for name in GOWA_MEDIA if payload.get(name)), TEXT)
    return _real(
        [
            Incoming(
                str(payload.get("id", "")),
                phone_of(payload.get("from")),
                str(payload.get("body") or ""),
                kind,
                str(payload.get("replied_to_id") or ""),
                _instant(payload.get("timestamp")),
            )
        ]
    )


def _is_person(address: object) -> bool:
    """A number, or an id that hides one; not a group, a newsletter or a story."""
    return str(address or "").rpartition("@")[2] in ("c.us", "s.whatsapp.net", "lid")


def _real(found: list[Incoming]) -> list[Incoming]:
    """Those with an id, cut to what WhatsApp allows; a reaction isn't a message."""
    return [
        Incoming(
            one.provider_id[:120],
            one.phone,
            one.text.replace("\x00", "")[:LONGEST],
            one.kind[:16] or TEXT,
            one.replied_to[:120],
            one.sent_at,
            one.own,
        )
        for one in found
        if one.provider_id and one.kind not in ("reaction", "system", "unsupported")
    ]


def _mapping(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _instant(value: object) -> datetime | None:
    """Seconds since 1970, as number or digits, or RFC 3339."""
    try:
        if isinstance(value, str) and not value.isdecimal():
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else None
        return datetime.fromtimestamp(int(value), UTC)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


# The channels that can hear.
LISTENERS: dict[str, Callable[[bytes], list[Incoming]]] = {
    "meta_cloud": hear_meta,
    "fonnte": hear_fonnte,
    "waha": hear_waha,
    "gowa": hear_gowa,
}
