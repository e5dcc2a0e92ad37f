"""Two posts at once, and fifty: one event, one number, no gap; on both engines."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import workflow
from administration import customers
from models import ActionPlan, Event, FaqItem, Message, Request, User
from moves.catalogue import current_stage
from outputs.survey import periods
from outputs.survey.periods import Plan
from rules.periods import parse_period
from storage.database import database
from tests.people import enter, file_request, inputs_for, post
from workflow import Conflict, Reader, Refused


def together(jobs):
    """Run the jobs at the same moment, each in a thread with a connection; (results, errors)."""
    barrier = threading.Barrier(len(jobs))
    results, errors = [], []

    def run(job):
        barrier.wait()
        try:
            with database.connection_context():
                results.append(job())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, errors


def accept(request, people, runtime, at):
    return workflow.act(
        request,
        "complete",
        reader=Reader.at(people.admin_layanan, at),
        inputs=inputs_for(current_stage(request), people, runtime, request, at),
        version=request.version,
    )


@pytest.mark.parametrize("round_number", range(5))
def test_two_presses_of_one_button_move_once(people, runtime, now, round_number):
    request = file_request(runtime, people.customer, now=now)
    at = now + timedelta(minutes=1)

    results, errors = together([lambda: accept(request, people, runtime, at)] * 2)

    assert len(results) == 1
    assert [type(error) for error in errors] == [Conflict]
    assert "baru saja diproses" in str(errors[0])
    assert Request.get().number.startswith("1/")
    assert Event.select().where(Event.kind == "stage_completed").count() == 1
    assert Message.select().where(Message.template == "permintaan_bernomor").count() == 1


def test_fifty_acceptances_number_without_gap_or_duplicate(people, runtime, now):
    filed = [file_request(runtime, people.customer, now=now, key=f"K{i}") for i in range(50)]
    given = inputs_for(current_stage(filed[0]), people, runtime, filed[0], now)

    def job(request):
        return lambda: workflow.act(
            request,
            "complete",
            reader=Reader.at(people.admin_layanan, now + timedelta(minutes=1)),
            inputs=given,
            version=1,
        )

    results, errors = together([job(request) for request in filed])

    assert errors == []
    numbers = sorted(int(request.number.split("/")[0]) for request in results)
    assert numbers == list(range(1, 51))


def test_same_form_sent_ten_times_files_once(people, runtime, now):
    results, errors = together(
        [lambda: file_request(runtime, people.customer, now=now, key="SAME")] * 10
    )
    assert errors == []
    assert len({request.id for request in results}) == 1
    assert Request.select().count() == 1
    assert Message.select().where(Message.template == "tugas_baru").count() == 1


def test_two_sign_ups_with_one_email_make_one_account(app, people):
    from models import User
    from tests.people import csrf_token
    from tests.story_forms import SIGN_UP

    clients = [app.test_client(), app.test_client()]
    tokens = [csrf_token(client) for client in clients]
    barrier = threading.Barrier(2)

    def sign_up(client, token):
        barrier.wait()
        return client.post("/daftar", data={**SIGN_UP, "csrf_token": token})

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(sign_up, clients, tokens))
    assert {answer.headers["Location"] for answer in answers} == {"/daftar/terkirim"}
    assert User.select().where(User.email == SIGN_UP["email"]).count() == 1


@pytest.mark.parametrize("round_number", range(5))
def test_two_accounts_joined_both_ways_at_once_leave_one_open(people, now, round_number):
    pair = (people.customer, people.other_customer)

    def join(duplicate, kept):
        return lambda: customers.merge(duplicate, kept, actor=people.admin_layanan, now=now)

    results, errors = together([join(*pair), join(*pair[::-1])])
    assert (len(results), [type(error) for error in errors]) == (1, [Refused])
    assert sum(User.get_by_id(person.id).active for person in pair) == 1


def test_two_clicks_make_one_plan_and_one_question(app, people, now):
    period = parse_period("2024-S2")
    plan = Plan("U3", "Percepat disposisi", now.date(), "Kasubag TU")

    def write():
        return periods.write_plan(period, plan, reader=Reader.at(people.staf_tu, now)).id

    written, errors = together([write] * 4)
    assert (len(set(written)), errors) == (1, [])
    assert ActionPlan.select().count() == 1
    assert Event.select().where(Event.kind == "survey_plan_written").count() == 1

    client, given = enter(app, people.administrator), {"position": "9", "answer": "Ya."}
    try:
        for _ in range(2):
            answer = post(client, "/backoffice/faq/new/", {**given, "question": "Dua kali?"})
            assert answer.status_code == 302
        assert FaqItem.select().where(FaqItem.question == "Dua kali?").count() == 1
        assert Event.select().where(Event.kind == "record_created").count() == 1
    finally:
        FaqItem.delete().where(FaqItem.question == "Dua kali?").execute()
