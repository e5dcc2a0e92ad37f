"""WAHA, a self-hosted gateway on the WhatsApp Web protocol."""

from collections.abc import Mapping

from messages.gateways.gateway import (
    DELIVERED,
    FAILED,
    GAP,
    READ,
    SENT,
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
from messages.gateways.http_client import HttpClient, digits, keyed, plain_refusal
from messages.gateways.webhook_bodies import (
    NOT_CARRIED,
    event_payload,
    instant,
    is_person,
    is_signed,
    json_part,
    known_events,
    named_phone,
    phone_of,
    real_messages,
    told_at,
)

# Where its engines name the number of somebody whose id hides it.
BESIDE_LID = (
    "_data.Info.SenderAlt",
    "_data.Info.Sender",
    "_data.key.remoteJidAlt",
    "_data.key.senderPn",
    "_data.key.participantAlt",
    "_data.key.participantPn",
    "_data.senderPn",
    "_data.remoteJidAlt",
    "key.remoteJidAlt",
    "key.senderPn",
    "senderPn",
    "fromPn",
)
ACKS: dict[object, str] = {-1: FAILED, 1: SENT, 2: DELIVERED, 3: READ, 4: READ}


class Waha(Gateway):
    """Sends plain text from the office's own number."""

    name = "waha"
    settings = (
        Setting("WAHA_BASE_URL", "", "where WAHA runs", is_required=True),
        Setting("WAHA_API_KEY", "", "its key", is_required=True, is_secret=True),
        Setting("WAHA_HMAC_KEY", "", "secret of WAHA's reports", is_secret=True),
        Setting("WAHA_SESSION", "default", "the session that sends"),
        Setting("WAHA_PATH", "/api/sendText", "the path that sends"),
        GAP,
    )
    report_secret = "WAHA_HMAC_KEY"

    def __init__(self, environ: Mapping[str, str], *, timeout: float = 10.0) -> None:
        options = self.options(environ)
        self._client = HttpClient(options["WAHA_BASE_URL"], timeout=timeout)
        self._path, self._session_name = options["WAHA_PATH"], options["WAHA_SESSION"]
        self._headers = {"X-Api-Key": options["WAHA_API_KEY"]}
        self.gap_seconds = float(options[GAP.name])

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._client.post(
            self._path,
            headers=keyed(self._headers, outgoing),
            json={
                "session": self._session_name,
                "chatId": f"{digits(outgoing.address)}@c.us",
                "text": outgoing.text,
                # A preview would open the link before the person does.
                "linkPreview": False,
            },
        )
        found = answer.body.get("id")
        if isinstance(found, Mapping):
            found = found.get("_serialized") or found.get("id")
        if answer.status in (200, 201) and found:
            return Sent(str(found), core_of(str(found)))
        raise plain_refusal("WAHA", answer)

    def health(self) -> str:
        path = f"/api/sessions/{self._session_name}"
        try:
            answer = self._client.get(path, headers=self._headers)
        except Refusal as refusal:
            return str(refusal)
        if answer.status == 403:
            return f"Gateway menjawab {answer.status}."
        status = str(answer.body.get("status") or "")
        if not status and answer.status in (404, 405):
            return ""
        return "" if status == "WORKING" else _session_trouble(status)

    @classmethod
    def is_genuine(cls, headers: Mapping[str, str], raw: bytes, *, key: str, secret: str) -> bool:
        if key or headers.get("X-Webhook-Hmac-Algorithm", "sha512").casefold() != "sha512":
            return False
        return is_signed(raw, headers.get("X-Webhook-Hmac", ""), secret, "sha512")

    @classmethod
    def parse_reports(cls, raw: bytes) -> list[StatusEvent]:
        payload = event_payload(raw, "message.ack")
        ack = payload.get("ack")
        state = ACKS.get(ack, "") if isinstance(ack, int) else ""
        error = f"{NOT_CARRIED} (WAHA: {ack})" if state == FAILED else ""
        found = str(payload.get("id") or "")
        core, at = core_of(found), instant(payload.get("timestamp"))
        return known_events([StatusEvent(found, state, error=error, report_id=core, at=at)])

    @classmethod
    def parse_own_state(cls, raw: bytes) -> OwnState | None:
        payload = event_payload(raw, "session.status")
        if not payload:
            return None
        status = str(payload.get("status", ""))
        trouble = "" if status in ("WORKING", "STARTING") else _session_trouble(status)
        return OwnState(trouble, told_at(raw))

    @classmethod
    def parse_incoming(cls, raw: bytes) -> list[Incoming]:
        payload = event_payload(raw, "message")
        is_ours = payload.get("fromMe") or payload.get("participant")
        if is_ours or not is_person(payload.get("from")):
            return []
        message = Incoming(
            # By its last part: the same message may come under either name of its sender.
            core_of(str(payload.get("id") or "")),
            phone_of(payload.get("from")) or named_phone(payload, *BESIDE_LID),
            str(payload.get("body") or ""),
            "file" if payload.get("hasMedia") else TEXT,
            core_of(str(json_part(payload, "replyTo").get("id") or "")),
            instant(payload.get("timestamp")),
        )
        return real_messages([message])


def core_of(found: str) -> str:
    """`ABC` of `true_6281234567890@c.us_ABC`: what stays when a contact is called otherwise."""
    return found.rpartition("_")[2]


def _session_trouble(status: str) -> str:
    return f"Sesi WhatsApp pada WAHA: {status[:40]}."
