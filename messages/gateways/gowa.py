"""GOWA (go-whatsapp-web-multidevice), a self-hosted gateway on the WhatsApp Web protocol."""

from collections.abc import Mapping

from messages.gateways.gateway import (
    GAP,
    TEXT,
    Gateway,
    Incoming,
    Outgoing,
    Sent,
    Setting,
    StatusEvent,
)
from messages.gateways.http_client import (
    HttpClient,
    digits,
    health_by_status,
    keyed,
    plain_refusal,
)
from messages.gateways.webhook_bodies import (
    event_payload,
    has_hub_signature,
    instant,
    is_person,
    json_part,
    known_events,
    named_phone,
    phone_of,
    real_messages,
    told_at,
)

# Where the number of somebody is whose id hides it; a chat with one person bears theirs.
BESIDE_LID = ("from_pn", "sender_alt", "chat_id")
MEDIA = ("image", "video", "audio", "document", "sticker", "contact", "location")


class Gowa(Gateway):
    """Sends plain text from the office's own number."""

    name = "gowa"
    settings = (
        Setting("GOWA_BASE_URL", "", "where GOWA runs", is_required=True),
        Setting("GOWA_USER", "", "its user", is_required=True),
        Setting("GOWA_PASSWORD", "", "its password", is_required=True, is_secret=True),
        Setting(
            "GOWA_HMAC_KEY",
            "",
            "secret of GOWA's reports; GOWA's own default is refused",
            is_secret=True,
            refused="secret",
        ),
        Setting("GOWA_DEVICE", "", "the device that sends, where GOWA has several"),
        Setting("GOWA_PATH", "/send/message", "the path that sends"),
        GAP,
    )
    report_secret = "GOWA_HMAC_KEY"

    def __init__(self, environ: Mapping[str, str], *, timeout: float = 10.0) -> None:
        options = self.options(environ)
        self._client = HttpClient(options["GOWA_BASE_URL"], timeout=timeout)
        self._path = options["GOWA_PATH"]
        self._auth = (options["GOWA_USER"], options["GOWA_PASSWORD"])
        device = options["GOWA_DEVICE"]
        self._headers = {"X-Device-Id": device} if device else {}
        self.gap_seconds = float(options[GAP.name])

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._client.post(
            self._path,
            headers=keyed(self._headers, outgoing),
            auth=self._auth,
            json={
                # `/send/message` fetches no link for a preview; only `/send/link` does.
                "phone": f"{digits(outgoing.address)}@s.whatsapp.net",
                "message": outgoing.text,
            },
        )
        found = json_part(answer.body, "results").get("message_id")
        if answer.body.get("code") == "SUCCESS" and found:
            return Sent(str(found))
        raise plain_refusal("GOWA", answer)

    def health(self) -> str:
        return health_by_status(self._client, "/health", self._headers)

    @classmethod
    def is_genuine(cls, headers: Mapping[str, str], raw: bytes, *, key: str, secret: str) -> bool:
        """GOWA signs like the Cloud API."""
        return not key and has_hub_signature(headers, raw, secret)

    @classmethod
    def parse_reports(cls, raw: bytes) -> list[StatusEvent]:
        payload = event_payload(raw, "message.ack")
        ids, state = payload.get("ids"), str(payload.get("receipt_type", ""))
        found = ids if isinstance(ids, list) else []
        at = told_at(raw)
        return known_events([StatusEvent(str(one), state, at=at) for one in found])

    @classmethod
    def parse_incoming(cls, raw: bytes) -> list[Incoming]:
        payload = event_payload(raw, "message")
        chat = payload.get("chat_id") or payload.get("from")
        if payload.get("is_from_me") or not is_person(chat):
            return []
        message = Incoming(
            str(payload.get("id", "")),
            phone_of(payload.get("from")) or named_phone(payload, *BESIDE_LID),
            str(payload.get("body") or ""),
            next((name for name in MEDIA if payload.get(name)), TEXT),
            str(payload.get("replied_to_id") or ""),
            instant(payload.get("timestamp")),
        )
        return real_messages([message])
