"""A request, the phones of two customers, and the gateway that carries their messages."""

import hashlib
import hmac
import json
from dataclasses import replace

import pytest
import requests

from models import Message, Request, User
from tests.messages.phone import SECRET
from tests.people import advance, file_request


@pytest.fixture
def other_phone(people):
    User.update(phone="+6281300000002").where(User.id == people.other_customer.id).execute()
    User.update(phone="").where(User.id == people.unverified.id).execute()
    return people


@pytest.fixture
def item(other_phone, people, runtime, now) -> Request:
    request = file_request(runtime, people.customer, now=now)
    return advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")


@pytest.fixture
def gateway(app, live, monkeypatch):
    """POST signed messages to the real server, as the chosen gateway does."""
    demo = app.extensions["melasti"]
    environ = {**demo.settings.environ, "META_APP_SECRET": SECRET, "FONNTE_WEBHOOK_KEY": SECRET,
                "WAHA_HMAC_KEY": SECRET, "GOWA_HMAC_KEY": SECRET}  # fmt: skip

    def send(body: dict, channel: str = "meta_cloud", *, signature: str = "") -> int:
        settings = replace(demo.settings, whatsapp_channel=channel, environ=environ)
        monkeypatch.setitem(app.extensions, "melasti", replace(demo, settings=settings))
        raw, path, headers = json.dumps(body).encode(), f"/webhook/{channel}", {}
        if channel in ("meta_cloud", "gowa"):
            signed = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
            headers["X-Hub-Signature-256"] = signature or f"sha256={signed}"
        elif channel == "waha":
            headers["X-Webhook-Hmac"] = hmac.new(SECRET.encode(), raw, hashlib.sha512).hexdigest()
        else:
            path += f"/{SECRET}"
        return requests.post(live + path, data=raw, headers=headers, timeout=60).status_code

    return send


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


@pytest.fixture
def crowd(people, runtime, now):
    """Twelve messages to customers, so that a channel has something to fail on."""
    for index in range(12):
        file_request(runtime, people.customer, now=now, key=f"K{index}")
    Message.delete().where(Message.channel == "email").execute()


@pytest.fixture
def talk(people, runtime, now) -> Request:
    return file_request(runtime, people.customer, now=now)
