"""Meta's Cloud API: what it is sent, and what its refusals mean."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from messages.gateways.gateway import (
    BadAddress,
    BadTemplate,
    Misconfigured,
    RateLimited,
    ServerFault,
    TryLater,
)
from messages.gateways.meta_cloud import MetaCloud
from tests.gateway import MESSAGE

ACCEPTED = (200, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]})
ACCEPTED_ID = "wamid.1"
WELL: dict = {}


def opened(url: str, *, token: str = "rahasia", timeout: float = 20) -> MetaCloud:
    environ = {"META_TOKEN": token, "META_PHONE_NUMBER_ID": "1055", "META_BASE_URL": url}
    return MetaCloud(environ, timeout=timeout)


def incoming(text: str, *, sender: str, found: str, reply: str = "", kind: str = "text",
             at: datetime | None = None, own: str = "1") -> dict:  # fmt: skip
    """What Meta posts when somebody writes."""
    at = at or datetime.now(UTC)
    message = {"from": sender, "id": found, "type": kind, "timestamp": str(int(at.timestamp()))}
    message[kind] = {"body": text} if kind == "text" else {
        "id": "9", "caption": text, "mime_type": "image/jpeg", "sha256": "x"}  # fmt: skip
    if reply:
        message["context"] = {"from": "62851", "id": reply}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62851", "phone_number_id": own},
        "contacts": [{"profile": {"name": "Contoh"}, "wa_id": sender, "user_id": "ID.1"}],
        "messages": [message],
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def test_sends_a_template(stub):
    stub.answers = [ACCEPTED]
    opened(stub.url).send(MESSAGE)
    (seen,) = stub.seen
    assert seen["path"] == "/v21.0/1055/messages"
    assert seen["headers"]["authorization"] == "Bearer rahasia"
    body = json.loads(seen["body"])
    assert body["to"] == "6281234567890"
    assert body["type"] == "template"
    assert body["template"]["name"] == "hasil_siap"
    assert body["template"]["language"] == {"code": "id"}
    texts = [entry["text"] for entry in body["template"]["components"][0]["parameters"]]
    assert texts == ["Ibu Contoh", "48/L.Data/29/VII/24"]
    assert body["biz_opaque_callback_data"] == MESSAGE.idempotency_key


def test_answers_in_free_text(stub):
    stub.answers = [ACCEPTED]
    opened(stub.url).send(replace(MESSAGE, is_free=True, text="Baris satu\nDua"))
    body = json.loads(stub.seen[0]["body"])
    assert (body["type"], body["text"]["body"]) == ("text", "Baris satu\nDua")
    assert "template" not in body
    assert body["biz_opaque_callback_data"] == MESSAGE.idempotency_key


def test_empty_template_parameter_becomes_a_dash(stub):
    stub.answers = [ACCEPTED]
    opened(stub.url).send(replace(MESSAGE, parameters=("", "x")))
    body = json.loads(stub.seen[0]["body"])
    assert body["template"]["components"][0]["parameters"][0]["text"] == "-"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (130429, RateLimited),
        (80007, RateLimited),
        (131000, ServerFault),
        (131016, ServerFault),
        (131056, TryLater),
        (131026, BadAddress),
        (131030, BadAddress),
        (131047, BadTemplate),
        (132001, BadTemplate),
        (132015, BadTemplate),
        (190, Misconfigured),
        (131042, Misconfigured),
        (210, Misconfigured),
        (100, BadTemplate),
        (131009, BadTemplate),
        (999999, TryLater),
    ],
)
def test_error_codes(stub, code, kind):
    stub.answers = [(400, {"error": {"code": code, "message": "x", "type": "OAuthException"}})]
    with pytest.raises(kind):
        opened(stub.url).send(MESSAGE)


def test_reactions_are_left_out():
    body = incoming("👍", sender="6281234567890", found="wamid.in.1", kind="reaction")
    assert MetaCloud.parse_incoming(json.dumps(body).encode()) == []
