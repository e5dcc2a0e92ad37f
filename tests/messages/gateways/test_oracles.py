"""Our reading of the Cloud API against two strangers: pywa, and the emulator mockpost."""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys

import pytest
import pywa
import requests
from pywa import errors
from pywa.types import MessageStatus
from pywa.utils import webhook_updates_validator
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from messages.gateways.gateway import BadTemplate, Misconfigured, TryLater
from messages.gateways.meta_cloud import ADDRESS, TEMPLATE, MetaCloud
from tests.gateway import MESSAGE, Stub
from tests.messages.gateways.test_meta_cloud import incoming, opened

SECRET = "kunci-uji"


def is_genuine(headers: dict, raw: bytes) -> bool:
    return MetaCloud.is_genuine(headers, raw, key="", secret=SECRET)


def report(state: str, **more) -> dict:
    status = {
        "id": "wamid.HBgN",
        "status": state,
        "timestamp": "1722229065",
        "recipient_id": "6281234567890",
        "biz_opaque_callback_data": "01JKUNCI",
        **more,
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62811", "phone_number_id": "1055"},
        "contacts": [{"profile": {"name": "x"}, "wa_id": "6281234567890", "user_id": "ID.1"}],
        "statuses": [status],
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "WABA", "changes": changes}]}


@pytest.mark.parametrize("secret", [SECRET, "lain"])
@pytest.mark.parametrize("body", [b"", b"{}", '{"é": 1}'.encode(), b"\xff\x00", b"x" * 5000])
def test_signatures_are_judged_as_pywa_judges_them(body, secret):
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    for given in (signature, signature[:-1] + "0", signature.upper(), "sha256="):
        theirs = webhook_updates_validator(SECRET, body, given)
        assert is_genuine({"X-Hub-Signature-256": given}, body) == theirs


@pytest.mark.parametrize("state", ["sent", "delivered", "read", "failed"])
def test_reports_are_read_as_pywa_reads_them(state):
    more = {"errors": [{"code": 131026, "title": "Message undeliverable",
                        "message": "Message undeliverable",
                        "error_data": {"details": "x"}}]} if state == "failed" else {}  # fmt: skip
    update = report(state, **more)
    theirs = MessageStatus.from_update(None, update)
    (ours,) = MetaCloud.parse_reports(json.dumps(update).encode())
    assert ours.state == theirs.status.value
    assert ours.provider_id == theirs.id
    assert ours.idempotency_key == theirs.tracker
    if theirs.error:
        assert str(theirs.error.code) in ours.error


def codes_of(family: type) -> list[int]:
    return [code for kind in family.__subclasses__() for code in kind.__error_codes__ or ()]


@pytest.mark.parametrize(
    ("family", "kind"),
    [(errors.ThrottlingError, TryLater), (errors.AuthorizationError, Misconfigured)],
)
def test_error_codes_mean_what_they_mean_to_pywa(family, kind):
    stub = Stub()
    channel = opened(stub.url, timeout=10)
    codes = codes_of(family)
    assert len(codes) > 5
    for code in codes:
        stub.answers = [(400, {"error": {"code": code, "message": "x"}})]
        with pytest.raises(kind):
            channel.send(MESSAGE)
    stub.close()


def test_our_tables_hold_no_code_that_pywa_does_not_know():
    known = set(errors._all_exceptions()) | {100}
    assert known >= ADDRESS | TEMPLATE
    templates = [code for code, kind in errors._all_exceptions().items() if "emplate" in
                 kind.__name__ and 132000 <= code < 132020]  # fmt: skip
    assert set(templates) <= TEMPLATE


def said(text: str, **more: str) -> dict:
    return incoming(text, sender="6281234567890", found="wamid.in.1", **more)


@pytest.mark.parametrize("body", [
    said("Halo"), said("Halo", reply="wamid.x"), said("Foto", kind="image")])  # fmt: skip
def test_messages_are_read_as_pywa_reads_them(body):
    theirs = pywa.types.Message.from_update(pywa.WhatsApp(phone_id="1", token="x"), body)
    (ours,) = MetaCloud.parse_incoming(json.dumps(body).encode())
    assert ours.provider_id == theirs.id
    assert ours.phone == f"+{theirs.from_user.wa_id}"
    assert (ours.text, ours.kind) == (theirs.text or theirs.caption, theirs.type.value)
    assert ours.replied_to == (theirs.reply_to_message.id if theirs.reply_to_message
                               else "")  # fmt: skip
    assert ours.sent_at == theirs.timestamp
    assert ours.own == theirs.metadata.phone_number_id


# -- mockpost --------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    """mockpost in a process and a folder of its own, asking for a token as the real one does."""
    ports = {name: free_port() for name in
             ("HTTP", "SMTP", "FTP", "FTPS", "FTPS_IMPLICIT", "SFTP")}  # fmt: skip
    environ = {**os.environ, **{f"MOCKPOST_{name}_PORT": str(p) for name, p in ports.items()},
               "MOCKPOST_STRICT_AUTH": "1", "MOCKPOST_LOG_LEVEL": "error"}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "mockpost.cli"],
        cwd=tmp_path_factory.mktemp("mockpost"),
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{ports['HTTP']}"
    # It prints no line when it listens: ask until it answers, for some forty seconds at most.
    asking = requests.Session()
    tries = Retry(40, connect=40, read=40, backoff_factor=0.05, backoff_max=1)
    asking.mount(url, HTTPAdapter(max_retries=tries))
    try:
        asking.get(f"{url}/health", timeout=2)
        yield url
    finally:
        asking.close()
        process.kill()
        process.wait()


def test_emulated_cloud_api_takes_our_template(emulator):
    sent = opened(f"{emulator}/whatsapp", timeout=10).send(MESSAGE)
    assert sent.provider_id.startswith("wamid.")
    rows = requests.get(f"{emulator}/api/messages", timeout=5).json()
    (kept,) = [row for row in rows if row["channel"] == "whatsapp"]
    payload = kept["raw_payload"]
    payload = json.loads(payload) if isinstance(payload, str) else payload
    assert payload["to"] == "6281234567890"
    assert payload["template"]["name"] == "hasil_siap"


def test_emulated_cloud_api_refuses_without_token_and_product(emulator):
    with pytest.raises(Misconfigured):
        opened(f"{emulator}/whatsapp", token="", timeout=10).send(MESSAGE)
    wrong = requests.post(f"{emulator}/whatsapp/v21.0/1/messages", timeout=5,
                          headers={"Authorization": "Bearer x"},
                          json={"messaging_product": "sms", "to": "1", "type": "text"})  # fmt: skip
    # The same answer through the stub is what our gateway makes of it.
    stub = Stub()
    stub.answers = [(wrong.status_code, wrong.json())]
    with pytest.raises(BadTemplate):
        opened(stub.url, timeout=10).send(MESSAGE)
    stub.close()


def test_emulated_report_is_read_once_it_is_signed(emulator):
    """The emulator signs nothing, so the signature is put on here."""
    stub = Stub()
    app = {"name": "melasti", "creds": {"whatsapp_phone_id": "1055"}}
    assert requests.post(f"{emulator}/api/apps", json=app, timeout=5).ok
    hook = {"app": "melasti", "channel": "whatsapp", "target_url": f"{stub.url}/webhook/meta_cloud"}
    assert requests.post(f"{emulator}/api/webhooks", json=hook, timeout=5).ok
    said = {"message_id": "wamid.7", "status": "delivered", "recipient_id": "62812"}
    requests.post(f"{emulator}/whatsapp/simulate/status", json=said, timeout=10,
                  headers={"X-MockPost-App": "melasti"})  # fmt: skip
    (seen,) = stub.seen
    stub.close()
    raw = seen["body"].encode()
    assert not is_genuine(seen["headers"], raw)
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    assert is_genuine({"X-Hub-Signature-256": f"sha256={signature}"}, raw)
    (event,) = MetaCloud.parse_reports(raw)
    assert (event.provider_id, event.state) == ("wamid.7", "delivered")
