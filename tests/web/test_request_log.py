"""A line for each request, to which the code on an error page leads, and which names nobody."""

import logging
import re
from pathlib import Path

import pytest

from config.logs import JsonFormatter, TextFormatter
from models import Request, User
from tests.account_messages import newest_link
from tests.people import PASSWORD, enter, file_request, post, upload
from tests.story_forms import FORM, SIGN_UP
from web.errors import SENTENCES


@pytest.fixture(params=[TextFormatter, JsonFormatter], ids=["text", "json"])
def lines(request, app, people, caplog):
    """The log as it is written, line by line."""
    caplog.set_level(logging.DEBUG, "melasti")
    caplog.handler.setFormatter(request.param())
    return lambda: caplog.text.splitlines()


@pytest.fixture
def told(app, people, caplog):
    caplog.set_level(logging.INFO, "melasti")
    return lambda: [one.facts for one in caplog.records if one.name == "melasti.access"]


@pytest.mark.parametrize(
    ("path", "status", "shown"),
    [
        ("/", 200, "/"),
        ("/lacak?q=0812345678", 200, "/lacak"),
        ("/tidak-ada", 404, "/tidak-ada"),
        ("/tidak-ada/budi@contoh.test", 404, "/tidak-ada/…"),
        ("/budi@contoh.test", 404, "/…"),
        ("/lupa-sandi/rahasia-sekali", 302, "/lupa-sandi/<token>"),
        ("/verifikasi/rahasia-sekali", 410, "/verifikasi/<token>"),
        ("/undangan/rahasia-sekali", 410, "/undangan/<token>"),
        ("/v/abcdefghijklmnopqrstuvwxyz", 404, "/v/<code>"),
        ("/webhook/fonnte/kunci", 405, "/webhook/…"),
        ("/layanan/budi@contoh.test", 302, "/layanan/<public_id>"),
        ("/static/melasti.css", 200, "/static/melasti.css"),
    ],
)
def test_address_method_path_and_status(app, told, path, status, shown):
    answer = app.test_client().get(path)
    (line,) = told()
    seconds = line.pop("seconds")
    assert 0 <= seconds < 60
    assert line == {"address": "127.0.0.1", "method": "GET", "path": shown, "status": status}
    assert answer.status_code == status


def test_an_id_that_opens_nothing_is_shown(app, people, runtime, now, told):
    filed = file_request(runtime, people.customer, now=now)
    enter(app, people.customer).get(f"/layanan/{filed.public_id}")
    assert [one["path"] for one in told()] == [f"/layanan/{filed.public_id}"]


def test_the_code_on_an_error_page_is_on_every_line_of_its_request(app, people, lines):
    page = enter(app, people.customer).get("/backoffice/petugas/").text
    code = re.search(r"Kode rujukan: <strong>([0-9A-F]{8})</strong>", page)[1]
    found = [line for line in lines() if "/backoffice/petugas/" in line or "denied" in line]
    assert len(found) == 2 and all(code in line for line in found)


def test_what_crashes_leads_to_its_place_by_the_code(app, people, lines, monkeypatch):
    monkeypatch.setitem(app.view_functions, "portal.home", lambda: 1 / 0)
    page = app.test_client().get("/").text
    code = re.search(r"Kode rujukan: <strong>([0-9A-F]{8})</strong>", page)[1]
    assert SENTENCES[500][0] in page
    (crash,) = [line for line in lines() if "ZeroDivisionError" in line]
    assert code in crash and "tests/web/test_request_log.py" in crash


def test_a_forged_header_makes_no_line(app, people, lines):
    client = app.test_client()
    client.get("/", environ_overrides={"REMOTE_ADDR": "1.2.3.4 GET / 200\nx"})
    client.open("/", method="BUDI")
    (first, second) = lines()
    assert "1.2.3.4" not in first and "BUDI" not in second


def test_a_story_names_nobody(app, people, runtime, lines, clock):
    """Sign-up, wrong log-in, log-in, filing, tracking, forgotten password."""
    client = app.test_client()
    post(client, "/daftar", SIGN_UP)
    person = User.get(User.email == SIGN_UP["email"])
    link = newest_link(app, "akun_terdaftar", person.email)
    client.get(link)
    post(client, link)
    post(client, "/masuk", {"email": SIGN_UP["email"], "password": "salah sekali"})
    post(client, "/masuk", {"email": SIGN_UP["email"], "password": SIGN_UP["password"]})
    mine = enter(app, people.customer)
    post(mine, "/ajukan", {**FORM, "file": upload()})
    post(mine, "/ajukan/kirim", {})
    filed = file_request(runtime, people.customer, now=clock.now)
    client.get(f"/lacak?q={filed.number or filed.subject}&phone={people.customer.phone}")
    post(client, "/lacak", {"number": filed.number or "1", "phone": people.customer.phone})
    post(client, "/lupa-sandi", {"email": people.customer.email})
    written = "\n".join(lines())
    assert len(lines()) >= 12 and Request.select().exists()
    secrets = {link.rsplit("/", 1)[1], PASSWORD, SIGN_UP["password"], "salah sekali"}
    for one in (person, people.customer):
        secrets |= {one.name, one.email, one.phone, one.phone.removeprefix("+62"), one.address}
    secrets |= {SIGN_UP["phone"], FORM["subject"], FORM["description"], filed.number}
    for secret in secrets - {"", None}:
        assert secret not in written


def test_a_filter_of_fail2ban_finds_refused_log_ins(app, people, caplog):
    """With the expression that docs/production.md gives."""
    caplog.set_level(logging.INFO, "melasti")
    caplog.handler.setFormatter(TextFormatter())
    client = app.test_client()
    for _ in range(11):
        post(client, "/masuk", {"email": people.customer.email, "password": "salah sekali"})
    enter(app, people.customer).get("/dasbor")
    documented = Path(app.root_path, "docs/production.md").read_text()
    expression = re.search(r"^failregex = (.+)$", documented, re.M)[1]
    expression = expression.replace("<HOST>", r"(?P<host>[\da-f.:]+)")
    found = [hit for line in caplog.text.splitlines() if (hit := re.search(expression, line))]
    assert len(found) == 11 and {hit["host"] for hit in found} == {"127.0.0.1"}
