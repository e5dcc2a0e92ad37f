"""Nights are quiet but for accounts."""

from datetime import UTC, datetime, time, timedelta

import pytest

from messages import sending
from messages.sending import deliver_due
from models import Message
from rules.formats import ZONE
from tests.messages.carriers import Gateway, postman

EVENING = datetime(2024, 7, 29, 13, 30, tzinfo=UTC)  # 21.30 WITA


def test_night_is_quiet_but_for_accounts(crowd, people):
    Message.update(queued_at=EVENING, next_attempt_at=EVENING).execute()
    Message.enqueue("akun_aktif", recipient=people.customer, channel="whatsapp", at=EVENING,
                    dedupe_key="akun", variables={"sapaan": "Bapak", "nama": "x", "tautan": "/"},
                    )  # fmt: skip
    gateway = Gateway()
    deliver_due(postman(gateway), now=EVENING)
    assert [o.template for o in gateway.taken] == ["akun_aktif"]
    morning = datetime(2024, 7, 29, 23, tzinfo=UTC)  # 07.00 WITA of the next day
    assert deliver_due(postman(gateway), now=morning - timedelta(seconds=1)) == 0
    assert deliver_due(postman(gateway), now=morning) == 12


def test_quiet_hours_may_be_off(crowd):
    Message.update(queued_at=EVENING, next_attempt_at=EVENING).execute()
    assert deliver_due(postman(Gateway(), quiet_hours=None), now=EVENING) == 12


@pytest.mark.parametrize(
    ("hours", "at", "ends"),
    [
        (("20:00", "07:00"), "2024-07-29 20:00", "2024-07-30 07:00"),
        (("20:00", "07:00"), "2024-07-29 06:59", "2024-07-29 07:00"),
        (("20:00", "07:00"), "2024-07-29 07:00", None),
        (("20:00", "07:00"), "2024-07-29 19:59", None),
        (("12:00", "13:00"), "2024-07-29 12:30", "2024-07-29 13:00"),
        (("12:00", "13:00"), "2024-07-29 13:00", None),
    ],
)
def test_end_of_quiet(hours, at, ends):
    quiet = (time.fromisoformat(hours[0]), time.fromisoformat(hours[1]))
    found = sending.end_of_quiet(quiet, datetime.fromisoformat(at).replace(tzinfo=ZONE))
    assert found == (datetime.fromisoformat(ends).replace(tzinfo=ZONE) if ends else None)
