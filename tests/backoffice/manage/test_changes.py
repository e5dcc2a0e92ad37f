"""The trail of changes, as people read it."""

from datetime import date, datetime, timedelta

import pytest

from administration import closures, customers
from models import Holiday, SurveyResponse
from outputs.survey.periods import Plan, lock_period, write_plan
from rules.periods import Period
from rules.skm import ELEMENTS
from tests.people import enter
from tests.test_queries import Counter
from workflow import Reader


@pytest.fixture
def calendar(db):
    """The days of March 2031, which these tests close, are open again after them."""
    yield
    Holiday.delete().where(Holiday.on.between(date(2031, 3, 1), date(2031, 3, 31))).execute()


def _close(day: date, title: str, people, now: datetime) -> None:
    closed = closures.ClosedDay(on=day, title=title, kind="cuti_bersama", source="")
    changes = [closures.Change(None, closed)]
    plan = closures.plan_changes(changes, now=now)
    closures.carry_out(changes, stamp=plan.stamp, actor=people.administrator, now=now)


def test_the_trail_names_things_and_writes_values_as_the_screens_do(app, people, calendar, now):
    _close(date(2031, 3, 3), "Libur contoh", people, now)
    SurveyResponse.create(
        questionnaire="skm-2024-1", service_code="data", answered_on=date(2024, 2, 1),
        scores=dict.fromkeys(ELEMENTS, 3), demographics={}, extras={},
    )  # fmt: skip
    lock_period(Period(2024, 1), reader=Reader.at(people.kepala_balai, now))
    plan = Plan("U3", "Contoh", date(2025, 6, 30), "Ketua Tim", status="selesai")
    write_plan(Period(2024, 1), plan, reader=Reader.at(people.staf_tu, now))
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    page = enter(app, people.auditor).get("/backoffice/jejak/").text
    for words in (
        "Hari libur: 3 Mar 2031, Libur contoh", "tanggal: 3 Mar 2031", "jenis: Cuti bersama",
        "Periode SKM: Semester I Tahun 2024", "dikunci: Tidak menjadi Ya",
        "Rencana tindak lanjut: U3 Waktu Penyelesaian, Semester I Tahun 2024",
        "unsur: U3 Waktu Penyelesaian", "waktu: 30 Jun 2025", "status: Selesai",
        "Akun: Pelanggan Dua", "akun aktif: Ya menjadi Tidak",
        "digabung ke: kosong menjadi “Pelanggan Satu (pelanggan@contoh.test)”",
    ):  # fmt: skip
        assert words in page, words
    # A day that is gone keeps its name, one that was renamed has the new one.
    Holiday.update(title="Nama baru").where(Holiday.on == date(2031, 3, 3)).execute()
    assert "3 Mar 2031, Nama baru" in enter(app, people.auditor).get("/backoffice/jejak/").text
    Holiday.delete().where(Holiday.on == date(2031, 3, 3)).execute()
    assert "3 Mar 2031, Libur contoh" in enter(app, people.auditor).get("/backoffice/jejak/").text


def test_the_trail_is_filtered_by_person_and_day(app, people, calendar, now):
    _close(date(2031, 3, 3), "Hari satu", people, now)
    later = now + timedelta(days=2)
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=later)
    client, trail = enter(app, people.auditor), "/backoffice/jejak/"
    by_admin = client.get(f"{trail}?oleh={people.admin_layanan.public_id}").text
    assert "Pelanggan Dua" in by_admin and "Hari satu" not in by_admin
    assert f"Oleh: {people.admin_layanan.name}" in by_admin
    early = client.get(f"{trail}?until=2024-07-30").text
    assert "Hari satu" in early and "Pelanggan Dua" not in early
    assert "Hari satu" not in client.get(f"{trail}?since=2024-07-31").text
    assert "Tidak ada data" in client.get(f"{trail}?oleh=sistem").text
    assert client.get(f"{trail}?oleh=bukan&since=x").status_code == 200


def test_the_trail_asks_a_fixed_number_of_queries(app, people, calendar, now, monkeypatch):
    counter = Counter(monkeypatch)
    _close(date(2031, 3, 1), "Hari", people, now)
    client = enter(app, people.auditor)
    few = counter.of(client, "/backoffice/jejak/")
    for number in range(2, 9):
        _close(date(2031, 3, number), "Hari", people, now)
    assert counter.of(client, "/backoffice/jejak/") == few <= 10
