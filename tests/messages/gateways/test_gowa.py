"""GOWA: a chat is addressed through the right device, groups left out."""

import json
from datetime import UTC, datetime

import pytest

from messages.gateways.gowa import Gowa
from tests.gateway import MESSAGE

PHONE = "6281234567890"
ACCEPTED = (200, {"code": "SUCCESS", "results": {"message_id": "3EB0"}})
ACCEPTED_ID = "3EB0"
WELL: dict = {}


def opened(url: str, *, timeout: float = 20) -> Gowa:
    environ = {"GOWA_BASE_URL": url, "GOWA_USER": "u", "GOWA_PASSWORD": "p", "GOWA_DEVICE": "d1"}
    return Gowa(environ, timeout=timeout)


def incoming(text: str, *, found: int, **more: object) -> dict:
    """What GOWA posts when somebody writes."""
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    payload = {"id": f"3EB0{found}", "chat_id": f"{PHONE}@s.whatsapp.net",
               "from": f"{PHONE}:3@s.whatsapp.net", "timestamp": at,
               "is_from_me": False, "body": text}  # fmt: skip
    return {"event": "message", "device_id": "62851@s.whatsapp.net", "payload": payload | more}


def test_addresses_a_chat_through_its_device(stub):
    stub.answers = [ACCEPTED]
    opened(stub.url).send(MESSAGE)
    (seen,) = stub.seen
    assert (seen["path"], seen["headers"]["x-device-id"]) == ("/send/message", "d1")
    assert seen["headers"]["authorization"].startswith("Basic ")
    assert json.loads(seen["body"])["phone"] == f"{PHONE}@s.whatsapp.net"


@pytest.mark.parametrize("change", [{"is_from_me": True}, {"chat_id": "1203@g.us"},
                                    {"chat_id": "1@newsletter"}])  # fmt: skip
def test_groups_newsletters_and_our_own_messages_are_left_out(change):
    body = incoming("Halo", found=1, **change)
    assert Gowa.parse_incoming(json.dumps(body).encode()) == []
