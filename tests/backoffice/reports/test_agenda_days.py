"""What the calendar reads: of the days that it shows, however much else is running."""

from datetime import date, timedelta

import pytest

from models import Absence, Request, StageRecord
from outputs.agenda.events import happenings, touching
from tests.people import enter, file_request
from tests.test_queries import Counter

PAGE = "/backoffice/kalender/"
MARCH = {"first": date(2025, 3, 1), "last": date(2025, 3, 31)}


def many(people, runtime, now, count: int, begin: int = 0) -> list[Request]:
    return [
        file_request(runtime, people.customer, now=now, key=f"K{number}", subject=f"Uji {number}")
        for number in range(begin, begin + count)
    ]


def write(request: Request, **inputs: str) -> None:
    """What its only stage so far said."""
    done = StageRecord.update(inputs=inputs).where(StageRecord.request == request.id).execute()
    assert done == 1


def answer(request: Request, **details: str) -> None:
    Request.update(details=details).where(Request.id == request.id).execute()


def test_a_day_is_found_in_answers_and_inputs_and_nowhere_else(app, people, runtime, now):
    answered, said, moved, beside = many(people, runtime, now, 4)
    answer(answered, mulai="2025-03-31")
    write(said, selesai="2025-03-01")
    answer(moved, selesai="2025-03-05")
    write(moved, selesai="2025-04-05")
    write(beside, selesai="2025-02-28", note="2025-03-02")
    found = happenings(Request.select(), **MARCH)
    assert [(one.request.id, one.code, str(one.on)) for one in found] == [
        (said.id, "selesai", "2025-03-01"), (answered.id, "mulai", "2025-03-31")]  # fmt: skip


def test_a_moment_belongs_to_its_local_day(app, people, runtime, now, clock):
    early, late, after = many(people, runtime, now, 3)
    # 1 March and 31 March in Bali, which is ahead of UTC, and the first minute of April there.
    moments = {early: "2025-02-28 16:00", late: "2025-03-31 15:59", after: "2025-03-31 16:00"}
    for request, at in moments.items():
        due = now.fromisoformat(f"{at}:00+00:00")
        Request.update(stage_due_at=due).where(Request.id == request.id).execute()
    found = happenings(Request.select(), **MARCH)
    assert [one.request.id for one in found] == [early.id, late.id]


def test_what_lies_on_other_days_is_not_read(app, people, runtime, now):
    """A month costs what the month holds, whatever else is running."""
    near, *others = many(people, runtime, now, 6)
    write(near, selesai="2025-03-05")
    write(others[0], selesai="2025-05-03")
    assert [one.id for one in touching(Request.select(), **MARCH)] == [near.id]


@pytest.mark.parametrize("query", ["", "?tampil=minggu", "?petugas=saya", "?service=data"])
def test_the_page_runs_as_many_queries_for_few_as_for_many(
    app, people, runtime, now, clock, monkeypatch, query
):
    counter, client = Counter(monkeypatch), enter(app, people.admin_layanan)
    many(people, runtime, now, 1)
    few = counter.of(client, PAGE + query)
    many(people, runtime, now, 8, 1)
    for user in (people.ketua_tim, people.penguji, people.kasubag_tu):
        Absence.create(user=user, kind="cuti", from_on=now.date(), created_at=now,
                       until_on=now.date() + timedelta(days=3), created_by=user)  # fmt: skip
    assert counter.of(client, PAGE + query) == few <= 12
