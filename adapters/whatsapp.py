"""WhatsApp gateways: Meta's Cloud API, Fonnte, WAHA and GOWA.

Addresses are E.164; each gateway wants its own form of the digits. Paths and versions are
arguments, since they change without us.
"""

from collections.abc import Mapping

from adapters.channels import (
    BadAddress,
    BadTemplate,
    Misconfigured,
    Outgoing,
    Refusal,
    Sent,
    TryLater,
)
from adapters.gateway import Answer, Gateway

# Error codes of the Cloud API by what they mean for us.
META_LATER = frozenset({4, 80007, 130429, 131000, 131016, 131048, 131056, 131057})
META_ADDRESS = frozenset({131021, 131026, 131030, 131050})
META_TEMPLATE = frozenset(
    {131047, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016}
)  # fmt: skip
FONNTE_ADDRESS = ("target invalid", "invalid number", "nomor")
FONNTE_LATER = ("disconnected device", "rate limit", "too many")


def digits(address: str) -> str:
    """`6281234567890`: E.164 without its plus."""
    return address.lstrip("+")


def one_line(text: str) -> str:
    """A template parameter may hold no line break, tab or run of spaces."""
    return " ".join(text.split())


class MetaCloud:
    """The official API: approved templates only, since a stage seldom falls into the 24 hours."""

    name = "meta_cloud"

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
            headers=self._headers,
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
        if not (isinstance(messages, list) and messages and messages[0].get("id")):
            raise TryLater("Jawaban gateway tidak dikenali.")
        return Sent(str(messages[0]["id"]))

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
    if code in META_LATER:
        return TryLater(words)
    if code in META_ADDRESS:
        return BadAddress(words)
    if code in META_TEMPLATE:
        return BadTemplate(words)
    return Misconfigured(words)


class Fonnte:
    """An unofficial gateway; it answers 200 even when it refuses, so only the body counts."""

    name = "fonnte"

    def __init__(
        self,
        *,
        token: str,
        base_url: str = "https://api.fonnte.com",
        path: str = "/send",
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self._path = path
        self._headers = {"Authorization": token}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            self._path,
            headers=self._headers,
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
        reason = str(answer.body.get("reason") or "")
        if not reason:
            raise TryLater("Jawaban gateway tidak dikenali.")
        raise _fonnte_refusal(reason)

    def health(self) -> str:
        return ""


def _fonnte_refusal(reason: str) -> Refusal:
    words = f"Fonnte: {reason[:200]}"
    if any(part in reason.casefold() for part in FONNTE_LATER):
        return TryLater(words)
    if any(part in reason.casefold() for part in FONNTE_ADDRESS):
        return BadAddress(words)
    return Misconfigured(words)


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
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self._path, self._session_name = path, session
        self._headers = {"X-Api-Key": api_key}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            self._path,
            headers=self._headers,
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
        return _health(self._gateway, f"/api/sessions/{self._session_name}", self._headers)


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
        timeout: float = 10.0,
    ):
        self._gateway = Gateway(base_url, timeout=timeout)
        self._path, self._auth = path, (user, password)
        self._headers = {"X-Device-Id": device} if device else {}

    def send(self, outgoing: Outgoing) -> Sent:
        answer = self._gateway.post(
            self._path,
            headers=self._headers,
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


def _plain_refusal(name: str, answer: Answer) -> Refusal:
    """Self-hosted gateways say little: a 4xx with words is about the number, else try again."""
    words = str(answer.body.get("message") or answer.body.get("error") or "")[:200]
    if 400 <= answer.status < 500 and words:
        return BadAddress(f"{name}: {words}")
    return TryLater(f"{name}: jawaban tidak dikenali ({answer.status}).")


def _health(gateway: Gateway, path: str, headers: Mapping[str, str]) -> str:
    try:
        answer = gateway.get(path, headers=headers)
    except Refusal as refusal:
        return str(refusal)
    return "" if answer.status == 200 else f"Gateway menjawab {answer.status}."
