"""Reports find their message under every name of it, and no old one changes what is under way."""

from datetime import UTC, datetime, timedelta

import pytest

from messages import by_hand, health
from messages.gateways.gateway import DELIVERED, FAILED, StatusEvent
from messages.reports import apply_report
from messages.sending import deliver_due
from messages.waiting import chase_unreported
from models import Message
from tests.gateway import Stub
from tests.messages.carriers import Gateway, customer, postman, tell
from tests.messages.gateways.test_waha import opened

LADDER = ("whatsapp", "email")
PHONE = "+6281234567890"
CORES = ["3EB0C767D097B7C7C030", "3A5F", "false"]
NAMES = ["6281234567890@c.us", "6281234567890@s.whatsapp.net", "99887766554433@lid"]


@pytest.fixture
def stub():
    server = Stub()
    yield server
    server.close()


@pytest.fixture
def person(people):
    return customer("baik@contoh.test", PHONE)


@pytest.mark.parametrize("sent_as", NAMES)
@pytest.mark.parametrize("told_as", NAMES)
@pytest.mark.parametrize("core", CORES)
def test_waha_reports_by_any_name_of_the_chat(
    gateway, stub, person, people, sent_as, told_as, core
):
    now = datetime.now(UTC)
    message = tell(person, "whatsapp", "K", now)
    stub.answers = [(201, {"id": f"true_{sent_as}_{core}"})]
    mail = Gateway()
    post = postman(opened(stub.url), mail)
    deliver_due(post, now=now)
    ack = {"event": "message.ack", "payload": {"id": f"true_{told_as}_{core}", "ack": 3}}
    assert gateway(ack, "waha") == 200
    assert Message.get_by_id(message.id).state == "read"
    later = now + timedelta(hours=25)
    assert chase_unreported(post, frozenset({"waha"}), now=later) == 0
    deliver_due(post, now=later)
    assert mail.taken == []


def test_another_message_of_the_same_chat_is_not_meant(gateway, stub, person, people):
    now = datetime.now(UTC)
    message = tell(person, "whatsapp", "K", now)
    stub.answers = [(201, {"id": f"true_{NAMES[0]}_{CORES[0]}"})]
    deliver_due(postman(opened(stub.url), Gateway()), now=now)
    for other in ("3EB0", f"X{CORES[0]}", CORES[0][1:], ""):
        body = {"event": "message.ack", "payload": {"id": f"true_{NAMES[0]}_{other}", "ack": 3}}
        assert gateway(body, "waha") == 200
    assert Message.get_by_id(message.id).state == "sent"


# -- how old --------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [9, 40])
def test_a_report_of_long_ago_changes_nothing(person, now, days):
    message = tell(person, "whatsapp", "K", now - timedelta(days=days + 1))
    deliver_due(postman(Gateway(), Gateway()), now=now - timedelta(days=days + 1))
    event = StatusEvent("id-1", FAILED, error="x", at=now - timedelta(days=days))
    assert apply_report(event, carrier="gateway", ladder=LADDER, now=now) == 0
    assert Message.get_by_id(message.id).state == "sent"


@pytest.mark.parametrize("minutes", [10, 600])
def test_a_failure_of_the_sending_before_is_not_of_this_one(person, people, now, minutes):
    """Resent under the same key, while the old report comes once more."""
    message = tell(person, "whatsapp", "K", now)
    deliver_due(postman(Gateway(), Gateway()), now=now)
    failed = StatusEvent("", FAILED, idempotency_key=message.public_id, error="x", at=now)
    assert apply_report(failed, carrier="gateway", ladder=LADDER, now=now) == 1
    later = now + timedelta(minutes=minutes)
    assert by_hand.resend(message, actor=people.admin_layanan, now=later)
    assert apply_report(failed, carrier="gateway", ladder=LADDER, now=later) == 0
    arrived = StatusEvent("", DELIVERED, idempotency_key=message.public_id, at=later)
    assert apply_report(arrived, carrier="gateway", ladder=LADDER, now=later) == 1


@pytest.mark.parametrize(("age", "is_down"), [(0, True), (10, True), (60, False), (60 * 24, False)])
def test_how_a_gateway_was_is_not_how_it_is(gateway, people, age, is_down):
    at = datetime.now(UTC) - timedelta(minutes=age)
    body = {"event": "session.status", "timestamp": int(at.timestamp() * 1000),
            "payload": {"status": "FAILED"}}  # fmt: skip
    assert gateway(body, "waha") == 200
    assert (health.state_of("whatsapp").opened_at is not None) == is_down
