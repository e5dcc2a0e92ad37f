"""One event for each log-in, refused log-in, denial, refused form and limit; nobody's data."""

import json
import logging

import pytest

from tests.people import PASSWORD, enter, post
from tests.story_forms import FORM, SIGN_UP
from web.security_events import KINDS, LIMITED, security_event


@pytest.fixture
def told(app, people, caplog):
    """What was told, and the check that no line names anybody."""
    caplog.set_level(logging.INFO, "melasti.security")

    def events() -> list[dict]:
        lines = [record for record in caplog.records if record.name == "melasti.security"]
        found = [json.loads(record.getMessage()) for record in lines]
        assert [record.security["event"] for record in lines] == [one["event"] for one in found]
        for line in lines:
            for secret in (people.customer.email, people.customer.name, people.customer.phone,
                           "127.0.0.1", PASSWORD, "salah sekali"):  # fmt: skip
                assert secret not in line.getMessage()
        assert {one["event"] for one in found} <= set(KINDS)
        return found

    return events


def log_in(app, people, password: str = PASSWORD, **more):
    given = {"email": people.customer.email, "password": password}
    return post(app.test_client(), "/masuk", given, **more)


def test_a_log_in_and_a_refused_one(app, people, told):
    log_in(app, people)
    log_in(app, people, "salah sekali")
    post(app.test_client(), "/masuk", {"email": "tidak-ada@contoh.test", "password": "x"})
    events = told()
    assert [one["event"] for one in events] == ["log_in", "log_in_refused", "log_in_refused"]
    assert [one.get("account") for one in events] == [people.customer.public_id] * 2 + [None]
    assert {one["endpoint"] for one in events} == {"security.login"}
    # One stranger is one, without saying which.
    assert len({one["visitor"] for one in events}) == 1 and events[0]["visitor"]


@pytest.mark.parametrize("path", ["/backoffice/", "/backoffice/petugas/", "/backoffice/pesan/"])
def test_a_denial(app, people, told, path):
    assert enter(app, people.customer).get(path).status_code == 403
    (event,) = told()
    assert event["event"] == "denied" and event["account"] == people.customer.public_id
    assert event["ref"] and path not in json.dumps(event)


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/ajukan", {**FORM, "subject": ""}, 422),
        ("/profil", {"name": ""}, 422),
        ("/profil", None, 400),
    ],
)
def test_a_refused_form(app, people, told, path, given, status):
    client = enter(app, people.customer)
    answer = post(client, path, given) if given else client.post(path, data={"csrf_token": "x"})
    assert answer.status_code == status
    (event,) = told()
    assert (event["event"], event["status"]) == ("form_refused", status)


def test_a_limit_names_itself(app, people, told, clock):
    for _ in range(11):
        last = log_in(app, people, "salah sekali")
    assert last.status_code == 429
    assert [one["event"] for one in told()] == ["log_in_refused"] * 10 + ["limited"]
    assert told()[-1]["limit"] == "login:here"


def test_a_silent_limit_is_told_to_who_watches(app, people, told, clock):
    for _ in range(6):
        post(app.test_client(), "/lupa-sandi", {"email": people.customer.email})
    (event,) = told()
    assert event["event"] == "limited" and event["is_silent"]


def test_pages_that_refuse_nothing_tell_nothing(app, people, told):
    app.test_client().get("/")
    enter(app, people.customer).get("/dasbor")
    app.test_client().get("/tidak-ada")
    post(app.test_client(), "/daftar", SIGN_UP)
    assert told() == []


def test_an_event_outside_a_page_is_told_too(told):
    security_event(LIMITED, limit="upload", count=3)
    assert told() == [{"event": "limited", "limit": "upload", "count": 3}]
