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
    body = json.loads(seen["body"])
    assert (body["chatId"], body["linkPreview"]) == (f"{PHONE}@c.us", False)


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


@pytest.mark.parametrize(
    "named",
    [
        {"_data": {"Info": {"SenderAlt": f"{PHONE}:12@s.whatsapp.net"}}},
        {"_data": {"Info": {"Sender": "99887766@lid", "SenderAlt": f"{PHONE}@s.whatsapp.net"}}},
        {"_data": {"key": {"remoteJid": "99887766@lid", "remoteJidAlt": f"{PHONE}@c.us"}}},
        {"_data": {"key": {"senderPn": f"{PHONE}@s.whatsapp.net"}}},
        {"key": {"remoteJidAlt": f"{PHONE}@s.whatsapp.net"}},
    ],
)
def test_a_hidden_number_is_found_where_the_payload_names_it(named):
    assert [one.phone for one in heard(**{"from": "99887766@lid"}, **named)] == [f"+{PHONE}"]


@pytest.mark.parametrize(
    "named", [{"_data": None}, {"_data": {"Info": []}}, {"_data": {"key": {"senderPn": 5}}},
              {"_data": {"Info": {"SenderAlt": "12036302@g.us"}}}],
)  # fmt: skip
def test_nonsense_beside_a_hidden_number_names_nobody(named):
    assert [one.phone for one in heard(**{"from": "99887766@lid"}, **named)] == [""]


@pytest.mark.parametrize("name", [f"{PHONE}@c.us", "99887766@lid", f"{PHONE}@s.whatsapp.net"])
def test_a_message_is_one_under_every_name_of_its_chat(name):
    """Both what comes in and what is reported."""
    (one,) = heard(id=f"false_{name}_3A77")
    assert one.provider_id == "3A77"
    body = {"event": "message.ack", "payload": {"id": f"true_{name}_3EB0", "ack": 3}}
    (event,) = Waha.parse_reports(json.dumps(body).encode())
    assert (event.report_id, event.state) == ("3EB0", "read")
