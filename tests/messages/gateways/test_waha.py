"""WAHA: a chat is addressed, a dead session noticed, groups left out."""

import json
import re
from datetime import UTC, datetime

import pytest

from messages.gateways.waha import Waha
from tests.gateway import MESSAGE

PHONE = "6281234567890"
ACCEPTED_ID = "true_6281@c.us_3EB0"
ACCEPTED = (201, {"id": {"_serialized": ACCEPTED_ID, "id": "3EB0"}})
WELL = {"name": "default", "status": "WORKING"}


def opened(url: str, *, timeout: float = 20) -> Waha:
    return Waha({"WAHA_BASE_URL": url, "WAHA_API_KEY": "rahasia"}, timeout=timeout)


def incoming(text: str, *, found: int, **more: object) -> dict:
    """What WAHA posts when somebody writes."""
    seconds = int(datetime.now(UTC).timestamp())
    payload = {"id": f"false_{PHONE}@c.us_{found}", "timestamp": seconds, "fromMe": False,
               "from": f"{PHONE}@c.us", "body": text, "hasMedia": False}  # fmt: skip
    return {"event": "message", "session": "default", "payload": payload | more}


def heard(**more: object) -> list:
    return Waha.parse_incoming(json.dumps(incoming("Halo", found=1, **more)).encode())


def test_addresses_a_chat(stub):
    stub.answers = [ACCEPTED]
    opened(stub.url).send(MESSAGE)
    (seen,) = stub.seen
    assert (seen["path"], seen["headers"]["x-api-key"]) == ("/api/sendText", "rahasia")
    assert json.loads(seen["body"])["chatId"] == f"{PHONE}@c.us"


def test_health_notices_a_silent_death(stub):
    stub.answers = [(200, {"status": "SCAN_QR_CODE"})]
    assert opened(stub.url).health() != ""


def test_failures_are_told_in_our_words():
    body = {"event": "message.ack", "payload": {"id": "1", "ack": -1}}
    (event,) = Waha.parse_reports(json.dumps(body).encode())
    assert event.state == "failed"
    assert re.match(r"^[A-Z][a-zA-Z ]+\. \(\w+: .+\)$", event.error)


@pytest.mark.parametrize("change", [{"fromMe": True}, {"from": "1203@g.us"},
                                    {"from": "status@broadcast"}])  # fmt: skip
def test_groups_stories_and_our_own_messages_are_left_out(change):
    assert heard(**change) == []


def test_a_hidden_number_is_heard_without_its_phone():
    assert [one.phone for one in heard(**{"from": "99887766@lid"})] == [""]
