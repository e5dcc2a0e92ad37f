"""WhatsApp gateways: Meta's Cloud API, Fonnte, WAHA and GOWA.

Addresses are E.164; each gateway wants its own form of the digits. Paths and versions are
arguments, since they change without us.
"""

from collections.abc import Mapping

from messages.gateways.channels import (
    BadAddress,
    BadTemplate,
    Misconfigured,
    Outgoing,
    RateLimited,
    Refusal,
    Sent,
    TryLater,
    Unreachable,
)
from messages.gateways.gateway import Answer, Gateway

# Error codes of the Cloud API by what they mean for us; another one is tried again, then given up.
META_BUSY = frozenset({131000, 131016, 131057})
META_RATE = frozenset({4, 80007, 130429, 131048})
META_ADDRESS = frozenset({131021, 131026, 131030, 131050, 131062})
META_TEMPLATE = frozenset(
    {
        100,
        131008,
        131009,
        131047,
        131051,
        132000,
        132001,
        132005,
        132007,
        132008,
        132012,
        132015,
        132016,
    }
)
META_SETUP = frozenset({0, 3, 10, 190, 368, 131005, 131031, 131037, 131042, 131045})
# Parts of the words in which the unofficial gateways refuse.
ABOUT_RATE = ("rate limit", "too many")
ABOUT_ADDRESS = ("target", "number", "nomor", "phone", "jid", "chatid", "not on whatsapp")
ABOUT_SETUP = (
    "token",
    "quota",
    "device",
    "session",
    "login",
    "not connect",
    "reconnect",
    "expired",
    "package",
)
UNKNOWN = "Jawaban gateway tidak dikenali."
# The WhatsApp Web protocol isn't made for programs: who writes too fast is blocked.
UNOFFICIAL_GAP = 3.0


def digits(address: str) -> str:
    """`6281234567890`: E.164 without its plus."""
    return address.lstrip("+")


def one_line(text: str) -> str:
    """A template parameter may hold no line break, tab or run of spaces, and may not be empty."""
    return " ".join(text.split()) or "-"


class MetaCloud:
    """The official API: approved templates only, since a stage seldom falls into the 24 hours."""

    name = "meta_cloud"
    gap_seconds = 0.0

    def __init__(
        self,
        *,
        token: str,
        phone_number_id: str,
        base_url: str = "https://graph.facebook.com",
        version: str = "v21.0",
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self._path = f"/{version}/{phone_number_id}"
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            f"{self._path}/messages",
            headers=_keyed(self._headers, outgoing),
            json={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": digits(outgoing.address),
                **_meta_content(outgoing),
                "biz_opaque_callback_data": outgoing.idempotency_key,
            },
        )
        if "error" in answer.body:
            raise _meta_refusal(answer)
        messages = answer.body.get("messages")
        first = messages[0] if isinstance(messages, list) and messages else None
        if not (isinstance(first, Mapping) and first.get("id")):
            raise Unreachable(UNKNOWN)
        return Sent(str(first["id"]))

    def health(self) -> str:
        return _health(self._gateway, self._path, self._headers)


def _meta_content(outgoing: Outgoing) -> dict[str, object]:
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


def _meta_refusal(answer: Answer) -> Refusal:
    error = answer.body.get("error")
    error = error if isinstance(error, dict) else {}
    code = error.get("code")
    words = f"Cloud API {code}: {str(error.get('message', ''))[:200]}"
    if code in META_BUSY:
        return Unreachable(words)
    if code in META_RATE:
        return RateLimited(words)
    if code in META_ADDRESS:
        return BadAddress(words)
    if code in META_TEMPLATE:
        return BadTemplate(words)
    if code in META_SETUP or (isinstance(code, int) and 200 <= code < 300):
        return Misconfigured(words)
    return TryLater(words)


class Fonnte:
    """An unofficial gateway; it answers 200 even when it refuses, so only the body counts."""

    name = "fonnte"

    def __init__(
        self,
        *,
        token: str,
        base_url: str = "https://api.fonnte.com",
        path: str = "/send",
        device_path: str = "/device",
        gap_seconds: float = UNOFFICIAL_GAP,
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self._path, self._device_path, self.gap_seconds = path, device_path, gap_seconds
        self._headers = {"Authorization": token}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            self._path,
            headers=_keyed(self._headers, outgoing),
            data={
                "target": digits(outgoing.address),
                "message": outgoing.text,
                # The number is complete; 0 keeps the gateway from putting 62 before it.
                "countryCode": "0",
            },
        )
        status = answer.body.get("status", answer.body.get("Status"))
        ids = answer.body.get("id")
        if status is True and isinstance(ids, list) and ids:
            return Sent(str(ids[0]))
        reason = str(answer.body.get("reason") or answer.body.get("detail") or "")
        if status is not False or not reason:
            raise Unreachable(UNKNOWN)
        raise _refusal_in_words("Fonnte", reason)

    def health(self) -> str:
        try:
            answer = self._gateway.post(self._device_path, headers=self._headers)
        except Refusal as refusal:
            return str(refusal)
        if answer.body.get("status") is False:
            return f"Fonnte: {str(answer.body.get('reason', ''))[:200]}"
        if answer.body.get("device_status") == "disconnect":
            return "Perangkat WhatsApp terputus dari Fonnte."
        return ""


class Waha:
    """A self-hosted gateway on the WhatsApp Web protocol."""

    name = "waha"

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        session: str = "default",
        path: str = "/api/sendText",
        gap_seconds: float = UNOFFICIAL_GAP,
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self.gap_seconds = gap_seconds
        self._path, self._session_name = path, session
        self._headers = {"X-Api-Key": api_key}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            self._path,
            headers=_keyed(self._headers, outgoing),
            json={
                "session": self._session_name,
                "chatId": f"{digits(outgoing.address)}@c.us",
                "text": outgoing.text,
            },
        )
        found = answer.body.get("id")
        if isinstance(found, Mapping):
            found = found.get("_serialized") or found.get("id")
        if answer.status in (200, 201) and found:
            return Sent(str(found))
        raise _plain_refusal("WAHA", answer)

    def health(self) -> str:
        path = f"/api/sessions/{self._session_name}"
        try:
            answer = self._gateway.get(path, headers=self._headers)
        except Refusal as refusal:
            return str(refusal)
        status = str(answer.body.get("status") or "")
        if not status and answer.status in (404, 405):
            return ""
        return "" if status == "WORKING" else f"Sesi WhatsApp pada WAHA: {status[:40]}."


class Gowa:
    """A self-hosted gateway (go-whatsapp-web-multidevice)."""

    name = "gowa"

    def __init__(
        self,
        *,
        base_url: str,
        user: str,
        password: str,
        device: str = "",
        path: str = "/send/message",
        gap_seconds: float = UNOFFICIAL_GAP,
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self.gap_seconds = gap_seconds
        self._path, self._auth = path, (user, password)
        self._headers = {"X-Device-Id": device} if device else {}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            self._path,
            headers=_keyed(self._headers, outgoing),
            auth=self._auth,
            json={
                "phone": f"{digits(outgoing.address)}@s.whatsapp.net",
                "message": outgoing.text,
            },
        )
        results = answer.body.get("results")
        found = results.get("message_id") if isinstance(results, Mapping) else None
        if answer.body.get("code") == "SUCCESS" and found:
            return Sent(str(found))
        raise _plain_refusal("GOWA", answer)

    def health(self) -> str:
        return _health(self._gateway, "/health", self._headers)


def _keyed(headers: Mapping[str, str], outgoing: Outgoing) -> dict[str, str]:
    """The headers with our own key: a repeated message can be recognised as one."""
    return {**headers, "Idempotency-Key": outgoing.idempotency_key}


def _plain_refusal(name: str, answer: Answer) -> Refusal:
    """Self-hosted gateways refuse by a 4xx with words; anything else is no answer at all."""
    words = str(answer.body.get("message") or answer.body.get("error") or "")
    if 400 <= answer.status < 500 and words:
        return _refusal_in_words(name, words)
    return Unreachable(f"{name}: jawaban tidak dikenali ({answer.status}).")


def _refusal_in_words(name: str, reason: str) -> Refusal:
    """What a refusal without a code is about: the address, our set-up, or unknown."""
    said, words = reason.casefold(), f"{name}: {reason[:200]}"
    for parts, kind in (
        (ABOUT_RATE, RateLimited),
        (ABOUT_SETUP, Misconfigured),
        (ABOUT_ADDRESS, BadAddress),
    ):
        if any(part in said for part in parts):
            return kind(words)
    return TryLater(words)


def _health(gateway: Gateway, path: str, headers: Mapping[str, str]) -> str:
    try:
        answer = gateway.get(path, headers=headers)
    except Refusal as refusal:
        return str(refusal)
    # A version that doesn't know the question says nothing about itself.
    return "" if answer.status in (200, 404, 405) else f"Gateway menjawab {answer.status}."
