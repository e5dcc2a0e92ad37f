"""A database that is busy: 503 with the time to try again, one line, and nothing typed is lost."""

import re
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import replace
from html import unescape

import psycopg
import pytest
import requests

from config.settings import DatabaseRules
from models import RequestDraft
from storage.database import database, is_sqlite
from storage.engines import TimeOuts, time_outs
from tests.people import PASSWORD
from tests.story_forms import FORM

pytestmark = pytest.mark.fault

HIDDEN = re.compile(r'<textarea name="([^"]+)" hidden>\n?([^<]*)</textarea>')


@pytest.fixture
def hasty(app, monkeypatch):
    """Pages that wait a second for a lock, and two for a statement."""
    known = app.extensions["melasti"]
    settings = replace(known.settings, database=DatabaseRules(2, 1))
    monkeypatch.setitem(app.extensions, "melasti", replace(known, settings=settings))
    # What lies in the pool was opened for tests that wait for ever.
    yield
    time_outs.set(TimeOuts())


@contextmanager
def locked(app, table: str):
    """Somebody else writes, and doesn't end."""
    url = app.extensions["melasti"].settings.database_url
    if is_sqlite():
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(url)
        other.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
    try:
        yield
    finally:
        other.rollback()
        other.close()


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)


def test_a_form_waits_and_is_sent_again_from_the_page_that_says_so(live, app, hasty, caplog):
    browser = requests.Session()
    form = {**FORM, "description": "Baris satu\n<b>Baris dua</b> & “kutip”"}
    form["csrf_token"] = token_of(browser.get(f"{live}/ajukan").text)
    with locked(app, "request_draft"):
        begun = time.monotonic()
        answer = browser.post(f"{live}/ajukan", data=form, allow_redirects=False)
        took = time.monotonic() - begun
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert 0.9 < took < 8
    assert "Server sedang sibuk" in answer.text and "Formulir Anda belum tersimpan" in answer.text
    # Beside the line that each request has.
    told = [line for line in caplog.records if line.name == "melasti.web"]
    lines = [line.getMessage() for line in told]
    assert len(lines) == 1 and lines[0].startswith("503 POST portal.")
    assert "Baris" not in lines[0] and not told[0].exc_info
    assert re.search(r"Kode rujukan: <strong>\w{8}<", answer.text)

    fields = {name: unescape(value) for name, value in HIDDEN.findall(answer.text)}
    assert fields["description"].replace("\r", "") == form["description"]
    again = browser.post(f"{live}/ajukan", data=fields, allow_redirects=False)
    assert again.status_code == 302
    assert RequestDraft.get().answers["description"] == form["description"]


def test_a_lock_let_go_in_time_is_nobodys_concern(live, app, hasty):
    browser = requests.Session()
    form = {**FORM, "csrf_token": token_of(browser.get(f"{live}/ajukan").text)}
    with locked(app, "request_draft"):
        pass
    assert browser.post(f"{live}/ajukan", data=form, allow_redirects=False).status_code == 302


def test_no_password_is_given_back(live, app, people, hasty):
    browser = requests.Session()
    page = browser.get(f"{live}/masuk").text
    form = {"email": people.customer.email, "password": PASSWORD, "csrf_token": token_of(page)}
    with locked(app, "rate_bucket"):
        answer = browser.post(f"{live}/masuk", data=form)
    assert answer.status_code == 503
    assert PASSWORD not in answer.text and people.customer.email in answer.text
    assert not HIDDEN.search(answer.text)


def test_nothing_is_given_back_that_no_page_of_ours_sent(live, app, hasty):
    with locked(app, "request_draft"):
        answer = requests.post(f"{live}/ajukan", data={**FORM, "csrf_token": "x"})
    assert answer.status_code == 400 and FORM["description"] not in answer.text


def test_a_script_gets_its_answer_in_json(live, app, hasty):
    browser = requests.Session()
    token = token_of(browser.get(f"{live}/ajukan").text)
    with locked(app, "request_draft"):
        answer = browser.post(
            f"{live}/ajukan",
            data=FORM,
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )
    assert answer.status_code == 503 and "Tunggu" in answer.json()["error"]


SLOW = """CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON request_draft
    FOR EACH ROW EXECUTE FUNCTION slow();"""


@pytest.fixture
def slow_drafts(app):
    """Each draft takes half a minute to write."""
    url = app.extensions["melasti"].settings.database_url
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(SLOW)
        yield
        other.execute("DROP FUNCTION slow() CASCADE")


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_statement_that_takes_too_long_is_cancelled(live, app, hasty, slow_drafts):
    browser = requests.Session()
    form = {**FORM, "csrf_token": token_of(browser.get(f"{live}/ajukan").text)}
    begun = time.monotonic()
    answer = browser.post(f"{live}/ajukan", data=form)
    assert answer.status_code == 503 and FORM["description"] in answer.text
    assert 1.5 < time.monotonic() - begun < 15
    # Whoever asks for no limit has none on the same connections.
    with database.connection_context():
        assert database.execute_sql("SELECT pg_sleep(2.5)").fetchall()
