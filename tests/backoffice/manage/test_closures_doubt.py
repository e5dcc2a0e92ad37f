"""A year whose holidays aren't certain is the administrator's task, and a word in a deadline."""

from datetime import UTC, date, datetime

import pytest

from administration.closures import known_days, year_doubts
from models import Holiday
from moves.catalogue import calendar_with
from rules.deadlines import count_deadline
from tests.backoffice.manage.closure_pages import PAGE
from tests.people import enter

pytestmark = pytest.mark.usefixtures("kept_calendar")


def fill(year: int, *titles: str, leave: bool = True) -> None:
    Holiday.delete().where(Holiday.on.between(date(year, 1, 1), date(year, 12, 31))).execute()
    for number, title in enumerate(titles, start=1):
        Holiday.create(on=date(year, 5, number), title=title, kind="nasional")
    if titles and leave:
        Holiday.create(on=date(year, 6, 1), title="Cuti bersama", kind="cuti_bersama")


def doubts(at: datetime) -> list[tuple]:
    return [(d.year, d.is_missing, d.estimated, d.lacks_leave) for d in year_doubts(at)]


@pytest.fixture
def years(db):
    fill(2030, "Hari Buruh")
    fill(2031)


LAST_OF_AUGUST = datetime(2030, 8, 31, 15, 59, tzinfo=UTC)
SEPTEMBER = datetime(2030, 8, 31, 16, 0, tzinfo=UTC)


def test_from_september_on_the_next_year_is_asked_for(years):
    """By the office's day, which begins eight hours before."""
    assert doubts(LAST_OF_AUGUST) == []
    assert doubts(SEPTEMBER) == [(2031, True, 0, True)]
    assert doubts(datetime(2031, 1, 1, tzinfo=UTC)) == [(2031, True, 0, False)]


@pytest.mark.parametrize(
    ("titles", "leave", "expected"),
    [
        (("Hari Buruh", "Waisak (perkiraan)", "Idul Adha (Perkiraan)"), True, (False, 2, False)),
        (("Hari Buruh", "Waisak (perkiraan)"), False, (False, 1, True)),
        (("Hari Buruh",), False, (False, 0, True)),
        (("Hari Buruh",), True, None),
    ],
)
def test_a_year_that_is_only_reckoned_or_lacks_its_leave(years, titles, leave, expected):
    fill(2031, *titles, leave=leave)
    assert doubts(SEPTEMBER) == ([(2031, *expected)] if expected else [])


def test_what_is_over_asks_for_nothing(years):
    fill(2030, "Waisak (perkiraan)")
    assert doubts(datetime(2030, 4, 1, tzinfo=UTC)) == [(2030, False, 1, False)]
    assert doubts(datetime(2030, 5, 3, tzinfo=UTC)) == []


def test_the_administrator_is_led_to_the_year_and_nobody_else(app, people, clock):
    clock.set(datetime(2024, 9, 2, 2, tzinfo=UTC))
    fill(2024, "Hari Buruh")
    fill(2025)
    page = enter(app, people.administrator).get("/backoffice/").text
    assert "Hari libur 2025 belum diisi" in page and f"{PAGE}?tahun=2025" in page
    assert "belum diisi" in enter(app, people.administrator).get(f"{PAGE}?tahun=2025").text
    for person in (people.admin_layanan, people.kepala_balai, people.auditor):
        assert "Hari libur 2025" not in enter(app, person).get("/backoffice/").text
    fill(2025, "Hari Buruh", "Waisak (perkiraan)")
    page = enter(app, people.administrator).get(f"{PAGE}?tahun=2025").text
    assert "1 hari libur 2025 masih perkiraan" in page
    fill(2025, "Hari Buruh")
    assert "Lengkapi kalender" not in enter(app, people.administrator).get("/backoffice/").text


def words(begin: datetime, days: int, years: list[int]) -> str:
    calendar = calendar_with({day.on: day.title for day in known_days(years)})
    return " ".join(count_deadline(calendar, begin, days).explain())


@pytest.mark.parametrize(
    ("begin", "days", "years", "expected"),
    [
        (datetime(2028, 12, 28, 2, tzinfo=UTC), 3, [2028], "Hari libur 2029 belum ditetapkan"),
        (datetime(2028, 12, 20, 2, tzinfo=UTC), 30, [2028], "Hari libur 2029 belum ditetapkan"),
        (datetime(2029, 1, 2, 2, tzinfo=UTC), 1, [2028], "Hari libur 2029 belum ditetapkan"),
        (datetime(2028, 1, 3, 2, tzinfo=UTC), 3, [2028], "hari libur 2028 masih perkiraan"),
        (datetime(2028, 12, 28, 2, tzinfo=UTC), 5, [2028, 2029], "hari libur 2029 masih perkiraan"),
    ],
)
def test_a_deadline_says_that_it_may_move(begin, days, years, expected):
    said = words(begin, days, years)
    assert expected in said and said.count("dapat bergeser") == 1


@pytest.mark.parametrize(
    ("begin", "years"),
    [
        (datetime(2026, 7, 1, 2, tzinfo=UTC), [2026]),
        (datetime(2028, 12, 18, 2, tzinfo=UTC), [2028]),
    ],
)
def test_a_deadline_in_days_that_are_certain_says_nothing(begin, years):
    assert "bergeser" not in words(begin, 3, years)
