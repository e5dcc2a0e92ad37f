"""Reminders: once per due moment, after downtime too, to whom it concerns."""

from collections import Counter
from datetime import UTC, date, datetime

import peewee
import pytest

from config.settings import DeliveryRules
from messages import reminders
from models import Billing, Event, Message, Request
from rules.formats import ZONE
from tests.people import advance, file_request

RULES = DeliveryRules()


def wita(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def sent(template: str) -> list[str]:
    rows = Message.select().where(Message.template == template).order_by(Message.id)
    return [message.recipient.email for message in rows]


@pytest.fixture
def running(people, runtime, now):
    """Filed on Monday 29 July at 12.57 WITA; waits at the first desk, due the same day."""
    return file_request(runtime, people.customer, now=now)


@pytest.fixture
def tomorrow(running):
    """The stage is due on Friday at 10.00; it came in on Monday."""
    at = wita("2024-08-02 10:00")
    Request.update(stage_due_at=at, due_at=wita("2024-08-05 10:00")).execute()
    return Request.get_by_id(running.id)


def test_stage_due_tomorrow_is_told_once(tomorrow):
    assert reminders.remind(RULES, now=wita("2024-07-31 09:00")) == 1  # the digest only
    for at in ("2024-08-01 09:00", "2024-08-01 09:10", "2024-08-02 08:00"):
        reminders.remind(RULES, now=wita(at))
    assert sent("hampir_lewat") == ["admin_layanan@balai.test"]
    message = Message.get(Message.template == "hampir_lewat")
    assert message.variables["batas"] == "Jumat, 2 Agu 2024"
    assert message.expires_at == wita("2024-08-02 10:00")


def test_day_before_monday_is_friday(tomorrow):
    Request.update(stage_due_at=wita("2024-08-05 09:00")).execute()
    reminders.remind(RULES, now=wita("2024-08-01 09:00"))
    assert sent("hampir_lewat") == []
    reminders.remind(RULES, now=wita("2024-08-02 09:00"))
    assert len(sent("hampir_lewat")) == 1


def test_what_came_in_today_needs_no_reminder(running):
    reminders.remind(RULES, now=wita("2024-07-29 13:00"))
    assert sent("hampir_lewat") == []


def test_another_due_moment_is_another_reminder(tomorrow):
    reminders.remind(RULES, now=wita("2024-08-01 09:00"))
    Request.update(stage_due_at=wita("2024-08-07 10:00")).execute()
    reminders.remind(RULES, now=wita("2024-08-06 09:00"))
    assert len(sent("hampir_lewat")) == 2


@pytest.mark.parametrize(
    "at", ["2024-08-01 07:59", "2024-08-01 16:00", "2024-08-03 10:00", "2024-08-17 10:00"]
)
def test_nobody_is_reminded_outside_office_hours(tomorrow, at):
    assert reminders.remind(RULES, now=wita(at)) == 0


def test_overdue_goes_to_the_post_then_to_its_superior(tomorrow):
    reminders.remind(RULES, now=wita("2024-08-02 11:00"))
    assert sent("lewat") == ["admin_layanan@balai.test"]
    assert sent("lewat_atasan") == []
    for at in ("2024-08-05 10:00", "2024-08-05 10:10", "2024-08-06 10:00"):
        reminders.remind(RULES, now=wita(at))
    assert sent("lewat") == ["admin_layanan@balai.test"]
    assert sent("lewat_atasan") == ["kasubag_tu@balai.test"]
    said = Message.get(Message.template == "lewat_atasan").variables
    assert said["jabatan"] == "Admin Layanan"


def test_week_without_a_worker_is_made_up_for(tomorrow):
    reminders.remind(RULES, now=wita("2024-08-09 14:00"))
    counts = Counter(message.template for message in Message.select())
    assert counts["lewat"] == counts["lewat_atasan"] == counts["ringkasan_harian"] == 1
    # "Due tomorrow" has lost its point by then.
    assert counts["hampir_lewat"] == 0


def test_suspended_request_reminds_nobody(tomorrow):
    Request.update(pending="suspension", status="suspended").execute()
    assert reminders.remind(RULES, now=wita("2024-08-09 09:00")) == 0


def test_digest_counts_what_waits_for_each_person(people, runtime, now):
    for index in range(3):
        file_request(runtime, people.customer, now=now, key=f"K{index}")
    ids = [request.id for request in Request.select().order_by(Request.id)]
    Request.update(stage_due_at=wita("2024-07-29 15:00")).where(Request.id == ids[0]).execute()
    Request.update(stage_due_at=wita("2024-07-30 15:00")).where(Request.id == ids[1]).execute()
    Request.update(stage_due_at=wita("2024-08-20 15:00")).where(Request.id == ids[2]).execute()
    for at in ("2024-07-30 08:00", "2024-07-30 08:10", "2024-07-30 15:50"):
        reminders.remind(RULES, now=wita(at))
    (message,) = Message.select().where(Message.template == "ringkasan_harian")
    assert message.recipient == people.admin_layanan
    said = message.variables
    assert (said["jumlah"], said["terlambat"], said["hari_ini"]) == ("3", "1", "1")
    assert message.expires_at == wita("2024-07-30 16:00")
    reminders.remind(RULES, now=wita("2024-07-31 08:00"))
    assert len(sent("ringkasan_harian")) == 2


# -- customers -------------------------------------------------------------------------------------


@pytest.fixture
def surveyed(people, runtime, now):
    """Waits for the survey since Monday afternoon."""
    request = advance(
        file_request(runtime, people.customer, now=now), people, runtime, now=now, until="SURVEI"
    )
    Message.delete().execute()
    return request


def test_survey_is_reminded_after_three_and_ten_working_days(surveyed):
    for on in range(30, 32):
        reminders.remind(RULES, now=wita(f"2024-07-{on} 15:00"))
    assert sent("pengingat_survei") == []
    for on in range(1, 30):
        reminders.remind(RULES, now=wita(f"2024-08-{on:02} 15:00"))
    made = Message.select().where(Message.template == "pengingat_survei")
    days = [message.created_at.astimezone(ZONE).day for message in made]
    assert days == [1, 12]
    assert made[0].variables["tautan"] == f"/layanan/{surveyed.public_id}/survei"


def test_after_a_long_pause_only_the_latest_reminder_is_sent(surveyed):
    reminders.remind(RULES, now=wita("2024-08-20 10:00"))
    reminders.remind(RULES, now=wita("2024-08-21 10:00"))
    assert sent("pengingat_survei") == ["pelanggan@contoh.test"]


def test_result_is_released_without_survey_only_by_setting(surveyed):
    reminders.remind(RULES, now=wita("2024-08-29 10:00"))
    assert Request.get_by_id(surveyed.id).stage_code == "SURVEI"
    rules = DeliveryRules(survey_release_days=15)
    reminders.remind(rules, now=wita("2024-08-13 10:00"))
    assert Request.get_by_id(surveyed.id).stage_code == "SURVEI"
    for _ in range(2):
        reminders.remind(rules, now=wita("2024-08-20 10:00"))
    assert Request.get_by_id(surveyed.id).stage_code == "SERAH_PELANGGAN"
    last = Event.select().where(Event.request == surveyed).order_by(Event.seq.desc()).first()
    assert (last.kind, last.stage_code, last.actor) == ("stage_completed", "SURVEI", None)


def test_promise_that_slips_is_told_with_the_new_date_each_time_once(running):
    promised = Request.get_by_id(running.id).due_at
    assert promised == wita("2024-08-01 12:57:45")
    reminders.remind(RULES, now=wita("2024-08-01 12:00"))
    assert sent("terlambat_pelanggan") == []
    for at in ("2024-08-01 13:30", "2024-08-01 13:40", "2024-08-02 09:00"):
        reminders.remind(RULES, now=wita(at))
    (message,) = Message.select().where(Message.template == "terlambat_pelanggan")
    assert message.recipient.email == "pelanggan@contoh.test"
    assert message.variables["batas"] == "Kamis, 1 Agu 2024"
    assert message.variables["batas_baru"] == "Selasa, 6 Agu 2024"
    (event,) = Event.select().where(Event.kind == "promise_slipped")
    assert event.data["from"] == promised.isoformat()
    # The second promise passes as well.
    reminders.remind(RULES, now=wita("2024-08-07 09:00"))
    reminders.remind(RULES, now=wita("2024-08-07 09:10"))
    assert len(sent("terlambat_pelanggan")) == 2
    # Nothing moved: whoever has the form open is not disturbed.
    assert Request.get_by_id(running.id).version == running.version


def test_bill_that_lapses_is_told(running, people):
    bill = Billing.create(request=running, code="820240729000001", amount=1, issued_at=wita(
        "2024-07-29 09:00"), expires_on=date(2024, 8, 5))  # fmt: skip
    reminders.remind(RULES, now=wita("2024-08-02 09:00"))
    assert sent("tagihan_segera_berakhir") == []
    for at in ("2024-08-05 09:00", "2024-08-05 12:00"):
        reminders.remind(RULES, now=wita(at))
    assert sent("tagihan_segera_berakhir") == ["pelanggan@contoh.test"]
    said = Message.get(Message.template == "tagihan_segera_berakhir").variables
    assert (said["billing"], said["batas"]) == (bill.code, "5 Agu 2024")


def test_paid_bill_reminds_nobody(running):
    Billing.create(request=running, code="820240729000001", amount=1, ntpn="A1",
                   issued_at=wita("2024-07-29 09:00"), expires_on=date(2024, 8, 5))  # fmt: skip
    reminders.remind(RULES, now=wita("2024-08-05 09:00"))
    assert sent("tagihan_segera_berakhir") == []


def test_reading_takes_as_many_queries_for_few_as_for_many(people, runtime, now, monkeypatch):
    counts = []
    for size in (2, 8):
        for index in range(size):
            file_request(runtime, people.customer, now=now, key=f"{size}-{index}")
        reminders.remind(RULES, now=wita("2024-08-06 09:00"))
        counts.append(statements_of(monkeypatch, wita("2024-08-06 09:10")))
    assert counts[0] == counts[1] <= 12


def statements_of(monkeypatch, at: datetime) -> int:
    seen = []
    original = peewee.Database.execute_sql
    with monkeypatch.context() as patch:
        patch.setattr(
            peewee.Database,
            "execute_sql",
            lambda *args, **kwargs: seen.append(1) or original(*args, **kwargs),
        )
        assert reminders.remind(RULES, now=at) == 0
    return len(seen)


def test_key_of_a_reminder_fits_its_column(tomorrow):
    reminders.remind(RULES, now=wita("2024-08-09 14:00"))
    assert max(len(message.dedupe_key) for message in Message.select()) <= 120
