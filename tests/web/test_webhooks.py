"""Reports of gateways: believed only when signed, harmless twice, late or out of order."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from messages import handover
from messages.gateways.gateway import Sent
from models import ChannelState, Message
from tests.people import file_request
from web.runtime import now as instant

SECRET = "kunci-uji"


@pytest.fixture
def message(people, runtime, now):
    file_request(runtime, people.customer, now=now)
    Message.update(state="sent", provider_id="wamid.1").where(
        Message.template == "permintaan_diterima_sistem"
    ).execute()
    return Message.get(Message.provider_id == "wamid.1")


@pytest.fixture
def listening(app, monkeypatch):
    """The application with one channel chosen and its secret set."""

    def choose(channel: str, name: str, **more: str):
        demo = app.extensions["melasti"]
        environ = {**demo.settings.environ, name: SECRET, **more}
        settings = replace(demo.settings, whatsapp_channel=channel, environ=environ)
        monkeypatch.setitem(app.extensions, "melasti", replace(demo, settings=settings))
        return app.test_client()

    return choose


def meta(state: str, *, found: str = "wamid.1", key: str = "", errors=()) -> bytes:
    at = str(int(instant().timestamp()))
    status = {"id": found, "status": state, "timestamp": at, "recipient_id": "62812"}
    if key:
        status["biz_opaque_callback_data"] = key
    if errors:
        status["errors"] = list(errors)
    value = {"messaging_product": "whatsapp", "statuses": [status]}
    changes = [{"field": "messages", "value": value}]
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    ).encode()


def sign(raw: bytes, algorithm: str = "sha256", secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), raw, getattr(hashlib, algorithm)).hexdigest()


def send(client, raw: bytes, signature: str | None = None, path: str = "/webhook/meta_cloud"):
    signature = f"sha256={sign(raw)}" if signature is None else signature
    return client.post(path, data=raw, headers={"X-Hub-Signature-256": signature})


def state(message) -> str:
    return Message.get_by_id(message.id).state


def test_reports_move_a_message_forward_only(listening, message):
    client = listening("meta_cloud", "META_APP_SECRET")
    for reported, expected in (
        ("delivered", "delivered"),
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("failed", "delivered"),
        ("read", "read"),
        ("delivered", "read"),
    ):
        assert send(client, meta(reported)).status_code == 200
        assert state(message) == expected


def test_failure_carries_its_reason(listening, message):
    client = listening("meta_cloud", "META_APP_SECRET")
    send(client, meta("failed", errors=[{"code": 131026, "title": "Message undeliverable"}]))
    assert state(message) == "failed"
    assert "131026" in Message.get_by_id(message.id).error


def test_message_is_found_by_our_own_key(listening, message):
    client = listening("meta_cloud", "META_APP_SECRET")
    send(client, meta("read", found="wamid.lain", key=message.public_id))
    assert state(message) == "read"


SIGNATURES = {
    "none": lambda raw: "",
    "empty": lambda raw: "sha256=",
    "too short": lambda raw: "sha256=00",
    "another algorithm": lambda raw: "sha1=" + sign(raw),
    "of another body": lambda raw: "sha256=" + sign(b"lain"),
    "by another secret": lambda raw: "sha256=" + sign(raw, secret="lain"),
    "no digits": lambda raw: "sha256=" + "é" * 64,
}


@pytest.mark.parametrize("kind", SIGNATURES)
def test_unsigned_report_is_refused(listening, message, kind):
    client, raw = listening("meta_cloud", "META_APP_SECRET"), meta("read")
    signature = SIGNATURES[kind](raw).encode().decode("latin-1")
    assert send(client, raw, signature).status_code == 403
    assert state(message) == "sent"


def test_without_a_secret_nothing_is_believed(listening, message):
    client = listening("meta_cloud", "META_VERIFY_TOKEN")
    raw = meta("read")
    assert send(client, raw, "sha256=" + sign(raw, secret="")).status_code == 403


@pytest.mark.parametrize("channel", ["fonnte", "waha", "gowa", "log", "tidak-ada"])
def test_other_channels_are_not_there(listening, message, channel):
    client = listening("meta_cloud", "META_APP_SECRET")
    assert send(client, meta("read"), path=f"/webhook/{channel}").status_code == 404


def test_large_and_nonsense_reports_do_no_harm(listening, message):
    client = listening("meta_cloud", "META_APP_SECRET")
    assert send(client, b"x" * 300_000).status_code == 413
    for raw in (b"", b"[]", b"{", b'{"entry": 1}', b'{"entry": [{"changes": [{"value": 3}]}]}',
                b"[" * 100_000, meta("terbang"), meta("read", found="tidak-ada")):  # fmt: skip
        assert send(client, raw).status_code == 200
    assert state(message) == "sent"


def test_handshake_of_meta(listening, app):
    client = listening("meta_cloud", "META_VERIFY_TOKEN")
    query = {"hub.mode": "subscribe", "hub.verify_token": SECRET, "hub.challenge": "1158201444"}
    answer = client.get("/webhook/meta_cloud", query_string=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    wrong = {**query, "hub.verify_token": "lain"}
    assert client.get("/webhook/meta_cloud", query_string=wrong).status_code == 403


def test_fonnte_has_a_secret_address(listening, message):
    client = listening("fonnte", "FONNTE_WEBHOOK_KEY")
    body = {"device": "62", "id": "wamid.1", "stateid": "x", "status": "sent", "state": "read"}
    assert client.post("/webhook/fonnte", json=body).status_code == 403
    assert client.post("/webhook/fonnte/lain", json=body).status_code == 403
    assert client.post(f"/webhook/fonnte/{SECRET}", json=body).status_code == 200
    assert state(message) == "read"


def test_waha_and_gowa_are_signed(listening, message):
    body = {"event": "message.ack", "session": "default",
            "payload": {"id": "wamid.1", "ack": 2, "ackName": "DEVICE"}}  # fmt: skip
    raw = json.dumps(body).encode()
    client = listening("waha", "WAHA_HMAC_KEY")
    headers = {"X-Webhook-Hmac": sign(raw, "sha512"), "X-Webhook-Hmac-Algorithm": "sha512"}
    assert client.post("/webhook/waha", data=raw).status_code == 403
    assert client.post("/webhook/waha", data=raw, headers=headers).status_code == 200
    assert state(message) == "delivered"
    client = listening("gowa", "GOWA_HMAC_KEY")
    raw = json.dumps(
        {"event": "message.ack", "payload": {"ids": ["wamid.1"], "receipt_type": "read"}}
    ).encode()
    assert send(client, raw, path="/webhook/gowa").status_code == 200
    assert state(message) == "read"


def test_failure_reported_later_takes_the_next_channel_once(listening, message):
    client = listening("meta_cloud", "META_APP_SECRET")
    for _ in range(2):
        send(client, meta("failed", errors=[{"code": 131026, "title": "Message undeliverable"}]))
    (mail,) = Message.select().where(Message.origin == message)
    assert (mail.channel, mail.address) == ("email", "pelanggan@contoh.test")
    assert "tidak dapat menerima WhatsApp" in Message.get_by_id(message.id).error
    # The truth may come late: then it is told, and the e-mail has left anyway.
    send(client, meta("delivered"))
    assert state(message) == "delivered"


def test_report_that_is_faster_than_the_worker_stays(listening, message):
    client = listening("meta_cloud", "META_APP_SECRET")
    Message.update(state="queued", provider_id="").where(Message.id == message.id).execute()
    waiting = Message.get_by_id(message.id)
    at = datetime(2024, 7, 29, 5, tzinfo=UTC)
    claim = handover.claim_message(waiting, now=at)
    send(client, meta("delivered", found="wamid.9", key=message.public_id))
    handover.note_sent(waiting, claim, Sent("wamid.9"), "meta_cloud", now=at)
    after = Message.get_by_id(message.id)
    assert (after.state, after.provider_id) == ("delivered", "wamid.9")


def test_fonnte_may_name_the_message_by_its_second_id(listening, message):
    client = listening("fonnte", "FONNTE_WEBHOOK_KEY")
    path = f"/webhook/fonnte/{SECRET}"
    client.post(path, json={"id": "wamid.1", "stateid": "S7", "status": "sent", "state": "sent"})
    client.post(path, json={"device": "62", "stateid": "S7", "state": "delivered"})
    assert state(message) == "delivered"


def test_id_of_another_gateway_is_unknown(listening, message):
    Message.update(carrier="meta_cloud").where(Message.id == message.id).execute()
    client = listening("fonnte", "FONNTE_WEBHOOK_KEY")
    client.post(f"/webhook/fonnte/{SECRET}", json={"id": "wamid.1", "state": "read"})
    assert state(message) == "sent"


@pytest.mark.parametrize(
    ("channel", "secret", "dies", "lives"),
    [
        ("fonnte", "FONNTE_WEBHOOK_KEY", {"device": "62", "status": "disconnect"},
         {"device": "62", "status": "connect"}),
        ("waha", "WAHA_HMAC_KEY", {"event": "session.status", "payload": {"status": "FAILED"}},
         {"event": "session.status", "payload": {"status": "WORKING"}}),
    ],
)  # fmt: skip
def test_gateway_says_that_it_died(listening, people, channel, secret, dies, lives):
    client = listening(channel, secret)
    for body, is_down in ((dies, True), (dies, True), (lives, False)):
        raw = json.dumps(body).encode()
        path = f"/webhook/fonnte/{SECRET}" if channel == "fonnte" else "/webhook/waha"
        headers = {"X-Webhook-Hmac": sign(raw, "sha512")}
        assert client.post(path, data=raw, headers=headers).status_code == 200
        opened = ChannelState.get(ChannelState.name == "whatsapp").opened_at
        assert (opened is not None) == is_down
