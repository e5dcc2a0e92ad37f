"""Fonnte, a hosted gateway on the WhatsApp Web protocol.

It answers 200 even when it refuses, so only the body counts, and it signs nothing.
"""

import hashlib
import json
from collections.abc import Mapping

from messages.gateways.gateway import (
    FAILED,
    GAP,
    TEXT,
    Gateway,
    Incoming,
    Outgoing,
    OwnState,
    Refusal,
    Sent,
    Setting,
    StatusEvent,
)
from messages.gateways.http_client import HttpClient, digits, keyed, refusal_in_words, unread
from messages.gateways.webhook_bodies import (
    NO_WHATSAPP,
    instant,
    json_object,
    known_events,
    phone_of,
    real_messages,
    same_secret,
)

FAILURES = {
    "invalid": NO_WHATSAPP,
    "expired": "Pesan tidak terkirim karena perangkat terlalu lama terputus.",
}
DISCONNECTED = "Perangkat WhatsApp terputus dari Fonnte."
NOT_TEXT = "non-text message"


class Fonnte(Gateway):
    """Sends plain text from the office's own number."""

    name = "fonnte"
    settings = (
        Setting(
            "FONNTE_TOKEN", "", "token of the device at Fonnte", is_required=True, is_secret=True
        ),
        Setting("FONNTE_WEBHOOK_KEY", "", "key in the address of Fonnte's reports", is_secret=True),
        Setting("FONNTE_BASE_URL", "https://api.fonnte.com", "where Fonnte's API is"),
        Setting("FONNTE_PATH", "/send", "the path that sends"),
        Setting("FONNTE_DEVICE_PATH", "/device", "the path that tells how the device is"),
        GAP,
    )
    report_secret = "FONNTE_WEBHOOK_KEY"

    def __init__(self, environ: Mapping[str, str], *, timeout: float = 10.0) -> None:
        options = self.options(environ)
        self._client = HttpClient(options["FONNTE_BASE_URL"], timeout=timeout)
        self._path, self._device_path = options["FONNTE_PATH"], options["FONNTE_DEVICE_PATH"]
        self._headers = {"Authorization": options["FONNTE_TOKEN"]}
        self.gap_seconds = float(options[GAP.name])

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._client.post(
            self._path,
            headers=keyed(self._headers, outgoing),
            data={
                "target": digits(outgoing.address),
                "message": outgoing.text,
                # The number is complete; 0 keeps the gateway from putting 62 before it.
                "countryCode": "0",
                # A preview would open the link before the person does.
                "preview": "false",
            },
        )
        status = answer.body.get("status", answer.body.get("Status"))
        ids = answer.body.get("id")
        if status is True and isinstance(ids, list) and ids:
            return Sent(str(ids[0]))
        reason = str(answer.body.get("reason") or answer.body.get("detail") or "")
        if status is not False or not reason:
            raise unread("Fonnte", answer)
        raise refusal_in_words("Fonnte", reason)

    def health(self) -> str:
        try:
            answer = self._client.post(self._device_path, headers=self._headers)
        except Refusal as refusal:
            return str(refusal)
        if answer.status == 403:
            return f"Gateway menjawab {answer.status}."
        if answer.body.get("status") is False:
            return f"Fonnte: {str(answer.body.get('reason', ''))[:200]}"
        if answer.body.get("device_status") == "disconnect":
            return DISCONNECTED
        return ""

    @classmethod
    def is_genuine(cls, headers: Mapping[str, str], raw: bytes, *, key: str, secret: str) -> bool:
        return same_secret(key, secret)

    @classmethod
    def parse_reports(cls, raw: bytes) -> list[StatusEvent]:
        """`status` tells about the sending, `state` about the arrival.

        The first report carries `id` and `stateid`; later ones may carry `stateid` alone.
        """
        body = json_object(raw)
        status, state = (str(body.get(name) or "").casefold() for name in ("status", "state"))
        error = ""
        if status in FAILURES:
            state, error = FAILED, f"{FAILURES[status]} (Fonnte: {status})"
        event = StatusEvent(
            str(body.get("id") or ""),
            state or status,
            error=error,
            report_id=str(body.get("stateid") or "")[:120],
        )
        return known_events([event])

    @classmethod
    def parse_own_state(cls, raw: bytes) -> OwnState | None:
        body = json_object(raw)
        if body.get("id") or body.get("stateid"):
            return None
        if body.get("status") == "connect":
            return OwnState()
        if body.get("status") == "disconnect":
            return OwnState(DISCONNECTED)
        return None

    @classmethod
    def parse_incoming(cls, raw: bytes) -> list[Incoming]:
        """A message names its sender; a report about one of ours doesn't.

        Without an `inboxid` the same words at the same moment are the same message: Fonnte
        repeats an unanswered call for fifteen minutes.
        """
        body = json_object(raw)
        sender = body.get("sender")
        if not sender or body.get("member") or body.get("isgroup") is True:
            return []
        text = str(body.get("message") or "")
        said = [body.get(name) for name in ("device", "sender", "message", "timestamp", "url")]
        digest = hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:40]
        message = Incoming(
            str(body.get("inboxid") or digest),
            phone_of(sender),
            "" if text == NOT_TEXT else text,
            "file" if body.get("url") or text == NOT_TEXT else TEXT,
            sent_at=instant(body.get("timestamp")),
        )
        return real_messages([message])
