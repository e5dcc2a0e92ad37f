"""What holds for every gateway, against a real HTTP server: faults, refusals, health, nonsense."""

import pytest

from messages.gateways.gateway import (
    AnswerLost,
    BadAddress,
    BadTemplate,
    Misconfigured,
    RateLimited,
    Refusal,
    ServerFault,
    TryLater,
    Unreachable,
)
from messages.gateways.http_client import HttpClient
from messages.gateways.registry import GATEWAYS
from messages.gateways.webhook_bodies import phone_of
from tests.gateway import MESSAGE
from tests.messages.gateways import test_fonnte, test_gowa, test_meta_cloud, test_waha
from tests.waiting import wait_for

# Each holds how its gateway is opened (`opened`), what it answers to a message that it takes
# (`ACCEPTED`), with which id (`ACCEPTED_ID`), and when all is well (`WELL`).
EXAMPLES = {
    "meta_cloud": test_meta_cloud,
    "fonnte": test_fonnte,
    "waha": test_waha,
    "gowa": test_gowa,
}
NAMES = sorted(EXAMPLES)
REPORTING = [one for one in GATEWAYS if one.report_secret]


def test_every_whatsapp_gateway_is_tried_here():
    assert {one.name for one in GATEWAYS if "whatsapp" in one.channels} == {"log", *EXAMPLES}
    assert {one.name for one in REPORTING} == set(EXAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_accepted_gives_the_provider_id(stub, name):
    stub.answers = [EXAMPLES[name].ACCEPTED]
    sent = EXAMPLES[name].opened(stub.url).send(MESSAGE)
    assert sent.provider_id == EXAMPLES[name].ACCEPTED_ID


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "fault", ["hang", "drip", "cut", "lost", "garbage", "huge", (504, {}), (200, {})]
)
def test_what_may_have_left_is_not_taken_for_failed(stub, name, fault):
    stub.answers = [fault]
    # The others are answered, or cut off, before anybody's patience ends.
    patience = 0.5 if fault in ("hang", "drip") else 20
    with pytest.raises(AnswerLost):
        EXAMPLES[name].opened(stub.url, timeout=patience).send(MESSAGE)
    wait_for(lambda: stub.seen)
    assert len(stub.seen) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "fault",
    [(500, {}), (503, {}), (500, {"message": "No sessions"}), (403, {}), (422, {"error": "?"}),
     (403, {"message": "Forbidden: session may not write to this contact"})],
)  # fmt: skip
def test_a_fault_that_may_be_of_one_person_is_told_apart(stub, name, fault):
    stub.answers = [fault]
    with pytest.raises(ServerFault):
        EXAMPLES[name].opened(stub.url).send(MESSAGE)


@pytest.mark.parametrize("name", NAMES)
def test_rate_limit_names_the_wait(stub, name):
    stub.answers = [(429, {}, {"Retry-After": "120"})]
    with pytest.raises(RateLimited) as refusal:
        EXAMPLES[name].opened(stub.url).send(MESSAGE)
    assert refusal.value.after_seconds == 120


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", [(401, {}), "redirect"])
def test_refused_credentials_and_redirects_are_configuration(stub, name, answer):
    stub.answers = [answer]
    with pytest.raises(Misconfigured) as refusal:
        EXAMPLES[name].opened(stub.url).send(MESSAGE)
    assert "rahasia" not in str(refusal.value)


@pytest.mark.parametrize("name", NAMES)
def test_dead_gateway_is_tried_later(stub, name):
    sender = EXAMPLES[name].opened(stub.url)
    stub.close()
    with pytest.raises(Unreachable):
        sender.send(MESSAGE)


@pytest.mark.parametrize("name", ["waha", "gowa"])
def test_self_hosted_refuses_a_number(stub, name):
    stub.answers = [(400, {"code": "INVALID", "message": "phone is not registered"})]
    with pytest.raises(BadAddress):
        EXAMPLES[name].opened(stub.url).send(MESSAGE)


@pytest.mark.parametrize("name", NAMES)
def test_health(stub, name):
    stub.answers = [(200, EXAMPLES[name].WELL), (500, {}), (401, {})]
    sender = EXAMPLES[name].opened(stub.url)
    assert sender.health() == ""
    assert sender.health() != ""
    assert sender.health() != ""
    # An older or newer gateway may not know the question; that doesn't make it dead.
    stub.answers = [(404, {"message": "Not found"})]
    assert sender.health() == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_sending_carries_our_key(stub, name):
    stub.answers = [EXAMPLES[name].ACCEPTED]
    EXAMPLES[name].opened(stub.url).send(MESSAGE)
    assert stub.seen[0]["headers"]["idempotency-key"] == MESSAGE.idempotency_key


def test_plain_http_is_only_for_this_machine():
    with pytest.raises(Misconfigured):
        HttpClient("http://gateway.contoh.test")


def test_refusals_carry_their_reason_and_are_one_family():
    assert RateLimited("sibuk", 30).after_seconds == 30
    assert RateLimited("sibuk").after_seconds is None
    assert issubclass(RateLimited, TryLater) and issubclass(Unreachable, TryLater)
    kinds = (TryLater, RateLimited, Unreachable, ServerFault, AnswerLost, BadAddress, BadTemplate)
    for kind in (*kinds, Misconfigured):
        with pytest.raises(Refusal, match="sebab"):
            raise kind("sebab")


# -- what comes in -------------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", REPORTING)
@pytest.mark.parametrize("raw", [b"", b"null", b"[1]", b'{"payload": []}', b'{"event": "x"}'])
def test_parsers_survive_nonsense(gateway, raw):
    assert gateway.parse_reports(raw) == []


@pytest.mark.parametrize("gateway", REPORTING)
@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{", b'{"entry": [{"changes": [{"value": {"messages": [1, {}]}}]}]}',
     b'{"event": "message", "payload": []}', b'{"event": "message", "payload": {"from": 3}}',
     b'{"sender": ["x"], "message": {}, "timestamp": "x"}', b"[" * 100_000],
)  # fmt: skip
def test_nonsense_is_heard_without_harm(gateway, raw):
    assert all(one.phone == "" for one in gateway.parse_incoming(raw))


@pytest.mark.parametrize(
    ("address", "phone"),
    [("6281234567890", "+6281234567890"), ("6281234567890@c.us", "+6281234567890"),
     ("6281234567890:12@s.whatsapp.net", "+6281234567890"), ("123@g.us", ""), ("abc", ""),
     ("٦٢٨١٢٣٤٥٦٧", ""), (None, ""), ("1" * 30, "")],
)  # fmt: skip
def test_phones_of_gateways(address, phone):
    assert phone_of(address) == phone
