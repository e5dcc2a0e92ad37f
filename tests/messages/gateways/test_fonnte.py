"""Fonnte: a form with a bare token, refusals inside a 200, messages without an id."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from messages.gateways.fonnte import Fonnte
from messages.gateways.gateway import BadAddress, Misconfigured, RateLimited, TryLater
from tests.gateway import MESSAGE

PHONE = "6281234567890"
ACCEPTED = (200, {"status": True, "id": ["80367170"], "process": "pending"})
ACCEPTED_ID = "80367170"
WELL = {"status": True, "device_status": "connect"}


def opened(url: str, *, timeout: float = 20, **environ: str) -> Fonnte:
    return Fonnte({"FONNTE_TOKEN": "rahasia", "FONNTE_BASE_URL": url, **environ}, timeout=timeout)


def incoming(text: str, *, found: int) -> dict:
    """What Fonnte posts when somebody writes."""
    seconds = int(datetime.now(UTC).timestamp())
    return {"device": "62851", "sender": PHONE, "message": text, "name": "Contoh",
            "timestamp": seconds, "inboxid": found}  # fmt: skip


def test_sends_a_form_with_a_bare_token(stub):
    stub.answers = [ACCEPTED]
    opened(stub.url).send(MESSAGE)
    (seen,) = stub.seen
    assert (seen["path"], seen["headers"]["authorization"]) == ("/send", "rahasia")
    form = {name: values[0] for name, values in parse_qs(seen["body"]).items()}
    assert form == {"target": PHONE, "message": MESSAGE.text, "countryCode": "0",
                    "preview": "false"}  # fmt: skip


def test_path_cannot_turn_the_host_into_a_user_name(stub):
    with pytest.raises(Misconfigured):
        opened(stub.url, FONNTE_PATH="@jahat.test/send").send(MESSAGE)
    assert stub.seen == []


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("target invalid", BadAddress),
        ("token invalid", Misconfigured),
        ("insufficient quota", Misconfigured),
        ("request invalid on disconnected device", Misconfigured),
        ("too many requests", RateLimited),
        ("sesuatu yang baru", TryLater),
    ],
)
@pytest.mark.parametrize("key", ["status", "Status"])
def test_refuses_with_200(stub, reason, kind, key):
    stub.answers = [(200, {key: False, "reason": reason})]
    with pytest.raises(kind):
        opened(stub.url).send(MESSAGE)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": True, "device_status": "disconnect"},
        {"status": False, "reason": "token invalid"},
    ],
)
def test_health_notices_a_silent_death(stub, answer):
    stub.answers = [(200, answer)]
    assert opened(stub.url).health() != ""


def test_failures_are_told_in_our_words():
    (event,) = Fonnte.parse_reports(b'{"id": "1", "status": "invalid"}')
    assert event.state == "failed"
    assert re.match(r"^[A-Z][a-zA-Z ]+\. \(\w+: .+\)$", event.error)


def test_groups_are_left_out():
    body = incoming("Halo", found=1) | {"member": PHONE}
    assert Fonnte.parse_incoming(json.dumps(body).encode()) == []


def test_a_message_without_an_id_is_told_apart_by_its_moment():
    body = incoming("STATUS", found=1) | {"inboxid": None}
    again = body | {"timestamp": body["timestamp"] + 60}
    first, repeated, later = (
        Fonnte.parse_incoming(json.dumps(one).encode())[0].provider_id
        for one in (body, body, again)
    )
    assert first == repeated != later
