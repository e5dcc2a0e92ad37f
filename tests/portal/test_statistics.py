"""The public statistics: kept figures that say what counting every row would say."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median

import pytest
from playhouse.migrations import Runner

import workflow
from administration import figures
from models import AnswerFigure, Event, Request, RequestFigure, SurveyResponse
from moves.catalogue import flow_of
from outputs.dashboards.statistics import PublicFigures, last_months, public_figures
from rules.formats import ZONE
from rules.skm import ELEMENTS, ikm
from storage.database import MIGRATIONS, database, migrate
from tests.people import REFUSAL, advance, complete_desk, file_request
from tests.test_races import together
from workflow import Reader

SERVICES = ["data", "advis", "lab"]
REASON = "Alasan yang cukup panjang untuk dibaca."


def check_every_row(today: date) -> PublicFigures:
    """The figures of the page, after a count of all requests and answers by other means."""
    shown, months = public_figures(SERVICES, today=today), last_months(today)
    rows = [row for row in Request.select() if row.submitted_month in months]
    filed = Counter((row.service_code, row.submitted_month) for row in rows)
    assert shown.per_month == {
        code: tuple(filed[code, month] for month in months) for code in SERVICES
    }
    assert shown.total == len(rows)
    for item in (*shown.performance, shown):
        mine = [row for row in rows if getattr(item, "service_code", row.service_code)
                == row.service_code]  # fmt: skip
        done = [row for row in mine if row.office_done_at]
        timely = [row for row in done if row.office_done_at <= row.due_at]
        assert item.finished == len(done)
        assert item.median_days == (median(row.office_days for row in done) if done else None)
        assert item.on_time == (len(timely) / len(done) if done else None)
    answers = [row.scores for row in SurveyResponse.select()
               if f"{row.answered_on:%Y-%m}" in months]  # fmt: skip
    complete = [one for one in answers if all(1 <= one.get(code, 0) <= 4 for code in ELEMENTS)]
    assert shown.ikm == (ikm(complete) if len(complete) >= 5 else None)
    return shown


@pytest.fixture
def check(now):
    return lambda: check_every_row((now + timedelta(days=60)).astimezone(ZONE).date())


def take(request: Request, code: str, actor, at: datetime, **inputs) -> Request:
    return workflow.act(
        request, code, reader=Reader.at(actor, at), inputs=inputs, version=request.version
    )


def answer(on: date, **scores: int) -> SurveyResponse:
    given = dict.fromkeys(ELEMENTS, 3) | scores
    return SurveyResponse.create(
        questionnaire="skm-2024-1", service_code="data", answered_on=on,
        scores={code: score for code, score in given.items() if score}, demographics={}, extras={},
    )  # fmt: skip


def test_every_move_keeps_the_figures(people, runtime, now, check):
    """Filed, done, refused and reopened, cancelled, and revised after the end."""
    assert check().total == 0
    filed = [
        file_request(runtime, people.customer, now=now + timedelta(days=9 * n), key=f"K{n}",
                     service=service)
        for n, service in enumerate(("data", "data", "advis", "data", "lab"))
    ]  # fmt: skip
    assert check().total == 5 and check().median_days is None
    first, second, advice, refused, cancelled = filed

    first = advance(first, people, runtime, now=now + timedelta(hours=30))
    second = advance(second, people, runtime, now=now + timedelta(days=25))
    advice = advance(advice, people, runtime, now=now + timedelta(days=26))
    shown = check()
    assert (shown.finished, shown.per_month["data"][-3:]) == (3, (1, 2, 0))
    assert shown.on_time == pytest.approx(2 / 3)

    at = now + timedelta(days=28)
    refused = take(refused, "reject", people.admin_layanan, at, **REFUSAL)
    cancelled = take(cancelled, "cancel", people.customer, at, reason=REASON)
    assert check().total == 5
    refused = take(refused, "object", people.customer, at + timedelta(hours=1), reason=REASON)
    refused = take(refused, "reopen", people.kasubag_tu, at + timedelta(hours=2), reason=REASON)
    advance(refused, people, runtime, now=at + timedelta(days=1))
    assert check().finished == 4

    # Done work that is opened again isn't done, until it is done again; then it took longer.
    later = advice.closed_at + timedelta(hours=3)
    asked = take(advice, "ask_revision", people.customer, later, pages="12", reason=REASON)
    decider = people.staff[flow_of(advice).revision_role]
    again = take(asked, "revise", decider, later + timedelta(hours=1), reason=REASON)
    assert check().finished == 3
    before = advice.office_days
    while again.is_open:
        later += timedelta(days=1)
        again = complete_desk(again, people, runtime, now=later)
        check()
    assert again.office_days > before
    assert check().finished == 4


def test_even_and_odd_numbers_have_their_middle_to_the_hundredth(people, runtime, now, check):
    """Also where the middle falls between two days, or several lie on the same one."""
    for number, days in enumerate((2.25, 0.5, 2.75, 1.99, 2.0, 2.0, 14.37, 14.36)):
        one = file_request(runtime, people.customer, now=now, key=f"M{number}",
                           service=SERVICES[number % 3])  # fmt: skip
        changed = {"office_done_at": now + timedelta(days=days), "office_days": days}
        Request.update(**changed).where(Request.id == one.id).execute()
        check()
    # A deadline moved after the end makes some of them late; rows that go count no more.
    Request.update(due_at=now + timedelta(days=2)).where(Request.service_code == "lab").execute()
    check()
    gone = Request.select(Request.id).where(Request.service_code == "data")
    Event.delete().where(Event.request.in_(gone)).execute()
    for table in ("message", "document", "stage_record", "incoming_letter"):
        database.execute_sql(f"DELETE FROM {table}")
    Request.delete().where(Request.service_code == "data").execute()
    assert check().per_month["data"] == (0,) * 12


def test_figures_roll_back_with_the_move(people, runtime, now, check):
    with pytest.raises(RuntimeError), database.atomic():
        file_request(runtime, people.customer, now=now)
        assert check().total == 1
        raise RuntimeError
    assert check().total == 0


def test_only_complete_answers_of_the_year_count(app, db, people, runtime, now, check):
    on = now.date()
    for days, scores in enumerate(({}, {"U1": 4}, {"U9": 1}, {"U3": 0}, {"U4": 9}, {"U5": 2})):
        answer(on + timedelta(days=days), **scores)
    answer(on - timedelta(days=400))
    assert check().ikm is None
    advance(file_request(runtime, people.customer, now=now), people, runtime, now=now)
    assert check().ikm.count == 5
    late = answer(on)
    SurveyResponse.update(scores=dict.fromkeys(ELEMENTS, 1)).where(
        SurveyResponse.id == late.id
    ).execute()
    assert check().ikm.count == 6
    SurveyResponse.delete().where(SurveyResponse.answered_on == on).execute()
    assert check().ikm is None


def test_upgrade_of_an_old_database_fills_them(people, runtime, now, check):
    advance(file_request(runtime, people.customer, now=now), people, runtime, now=now)
    file_request(runtime, people.customer, now=now, key="B")
    for _ in range(5):
        answer(now.date())
    before = check()
    Runner(database.obj, str(MIGRATIONS)).down("0014_figures")
    assert "request_figure" not in database.get_tables()
    migrate()
    assert check() == before
    file_request(runtime, people.customer, now=now, key="C")
    assert check().total == before.total + 1


def test_recount_mends_lost_figures(people, runtime, now, check):
    advance(file_request(runtime, people.customer, now=now), people, runtime, now=now)
    before = check()
    RequestFigure.update(requests=7).execute()
    AnswerFigure.delete().execute()
    assert figures.recount() == figures.recount()
    assert check() == before


def test_many_at_once_lose_no_count(people, runtime, now, check):
    """Filing, finishing and counting anew all meet in the row of one month."""
    filed = [file_request(runtime, people.customer, now=now, key=f"R{n}") for n in range(6)]
    last = next(s.code for s in flow_of(filed[0]).stages if s.has_effect("stop_clock"))
    ready = [advance(one, people, runtime, now=now, until=last) for one in filed]
    at = now + timedelta(days=1)
    jobs = [partial(complete_desk, one, people, runtime, now=at) for one in ready]
    jobs += [partial(file_request, runtime, people.customer, now=now, key=f"N{n}")
             for n in range(6)]  # fmt: skip
    _, errors = together([*jobs, figures.recount])
    assert errors == []
    shown = check()
    assert (shown.total, shown.finished) == (12, 6)
