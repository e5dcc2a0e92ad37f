"""Meta's Cloud API, the official way to WhatsApp. Paths and versions change without us."""

from collections.abc import Mapping

from messages.gateways.gateway import (
    TEXT,
    BadAddress,
    BadTemplate,
    Gateway,
    Incoming,
    Misconfigured,
    Outgoing,
    RateLimited,
    Refusal,
    Sent,
    ServerFault,
    Setting,
    StatusEvent,
)
from messages.gateways.http_client import (
    Answer,
    HttpClient,
    digits,
    health_by_status,
    keyed,
    unread,
)
from messages.gateways.webhook_bodies import (
    NO_WHATSAPP,
    NOT_CARRIED,
    has_hub_signature,
    instant,
    json_list,
    json_object,
    json_part,
    known_events,
    phone_of,
    real_messages,
)

# Error codes by what they mean for us; another one is tried again, then given up.
BUSY = frozenset({131000, 131016, 131057})
RATE = frozenset({4, 80007, 130429, 131048})
ADDRESS = frozenset({131021, 131026, 131030, 131050, 131062})
# 100 is a parameter that isn't there, 131… what can't be sent so, 132… the template itself.
TEMPLATE = frozenset({100, 131008, 131009, 131047, 131051}) | frozenset(
    {132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016}
)
SETUP = frozenset({0, 3, 10, 190, 368, 131005, 131031, 131037, 131042, 131045})


class MetaCloud(Gateway):
    """Approved templates only, since a stage seldom falls into the 24 hours of free text."""

    name = "meta_cloud"
    settings = (
        Setting("META_TOKEN", "", "token of Meta's Cloud API", is_required=True, is_secret=True),
        Setting("META_PHONE_NUMBER_ID", "", "the number that Meta sends from", is_required=True),
        Setting("META_APP_SECRET", "", "secret of Meta's reports", is_secret=True),
        Setting(
            "META_VERIFY_TOKEN",
            "",
            "what Meta shows when the address of reports is registered",
            is_secret=True,
        ),
        Setting("META_BASE_URL", "https://graph.facebook.com", "where Meta's API is"),
        Setting("META_API_VERSION", "v21.0", "its version"),
    )
    report_secret = "META_APP_SECRET"
    handshake_token = "META_VERIFY_TOKEN"
    own_number = "META_PHONE_NUMBER_ID"

    def __init__(self, environ: Mapping[str, str], *, timeout: float = 10.0) -> None:
        options = self.options(environ)
        self._client = HttpClient(options["META_BASE_URL"], timeout=timeout)
        self._path = f"/{options['META_API_VERSION']}/{options['META_PHONE_NUMBER_ID']}"
        self._headers = {"Authorization": f"Bearer {options['META_TOKEN']}"}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._client.post(
            f"{self._path}/messages",
            headers=keyed(self._headers, outgoing),
            json={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": digits(outgoing.address),
                **_content(outgoing),
                "biz_opaque_callback_data": outgoing.idempotency_key,
            },
        )
        if "error" in answer.body:
            raise _refusal(answer)
        messages = answer.body.get("messages")
        first = messages[0] if isinstance(messages, list) and messages else None
        if not (isinstance(first, Mapping) and first.get("id")):
            raise unread("Cloud API", answer)
        return Sent(str(first["id"]))

    def health(self) -> str:
        return health_by_status(self._client, self._path, self._headers)

    @classmethod
    def is_genuine(cls, headers: Mapping[str, str], raw: bytes, *, key: str, secret: str) -> bool:
        return not key and has_hub_signature(headers, raw, secret)

    @classmethod
    def parse_reports(cls, raw: bytes) -> list[StatusEvent]:
        return known_events(
            [
                _status_event(status)
                for value in _values(raw)
                for status in json_list(value, "statuses")
            ]
        )

    @classmethod
    def parse_incoming(cls, raw: bytes) -> list[Incoming]:
        found = []
        for value in _values(raw):
            own = str(json_part(value, "metadata").get("phone_number_id", ""))
            found += [_incoming(message, own) for message in json_list(value, "messages")]
        return real_messages(found)


def one_line(text: str) -> str:
    """A template parameter may hold no line break, tab or run of spaces, and may not be empty."""
    return " ".join(text.split()) or "-"


def _content(outgoing: Outgoing) -> dict[str, object]:
    """Free text to somebody who wrote just now, else an approved template."""
    if outgoing.is_free:
        return {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}
    parameters = [{"type": "text", "text": one_line(value)} for value in outgoing.parameters]
    template = {
        "name": outgoing.template,
        "language": {"code": "id"},
        "components": [{"type": "body", "parameters": parameters}],
    }
    return {"type": "template", "template": template}


def _refusal(answer: Answer) -> Refusal:
    error = json_part(answer.body, "error")
    code = error.get("code")
    words = f"Cloud API {code}: {str(error.get('message', ''))[:200]}"
    if code in BUSY:
        return ServerFault(words)
    if code in RATE:
        return RateLimited(words)
    if code in ADDRESS:
        return BadAddress(words)
    if code in TEMPLATE:
        return BadTemplate(words)
    if code in SETUP or (isinstance(code, int) and 200 <= code < 300):
        return Misconfigured(words)
    return ServerFault(words)


def _values(raw: bytes) -> list[Mapping[str, object]]:
    """What one call of the webhook tells: statuses, messages and about which number."""
    return [
        json_part(change, "value")
        for entry in json_list(json_object(raw), "entry")
        for change in json_list(entry, "changes")
    ]


def _status_event(status: Mapping[str, object]) -> StatusEvent:
    errors = json_list(status, "errors")
    reason = ""
    if errors:
        code = errors[0].get("code")
        known = NO_WHATSAPP if code in ADDRESS else NOT_CARRIED
        reason = f"{known} (Cloud API {code}: {errors[0].get('title', '')})"
    return StatusEvent(
        provider_id=str(status.get("id") or ""),
        state=str(status.get("status") or ""),
        idempotency_key=str(status.get("biz_opaque_callback_data") or ""),
        error=reason[:300],
        at=instant(status.get("timestamp")),
    )


def _incoming(message: Mapping[str, object], own: str) -> Incoming:
    kind = str(message.get("type", ""))
    content = json_part(message, kind)
    text = content.get("body") or content.get("caption") or content.get("text") or ""
    for answer in ("button_reply", "list_reply"):
        text = text or json_part(content, answer).get("title", "")
    return Incoming(
        str(message.get("id", "")),
        phone_of(message.get("from")),
        str(text),
        TEXT if kind in ("button", "interactive") else kind,
        str(json_part(message, "context").get("id", "")),
        instant(message.get("timestamp")),
        own,
    )
