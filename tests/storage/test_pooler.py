"""Through pgbouncer in transaction mode: three web processes share two connections."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from tests.installed import Process, environ, new_database
from tests.people import PASSWORD
from tests.pooler import Pooler
from tests.story_forms import FORM

CLIENTS, PROCESSES = 12, 3
CUSTOMER, STAFF, VISITOR = "pelanggan@contoh.test", "administrator@balai.test", ""
PATHS = {
    CUSTOMER: ("/", "/dasbor", "/profil", "/ajukan"),
    STAFF: ("/backoffice/", "/backoffice/petugas/", "/lacak"),
    VISITOR: ("/", "/statistik", "/lacak"),
}


@pytest.fixture(scope="module")
def pooler(postgres_url):
    pooler = Pooler(new_database(postgres_url))
    yield pooler
    pooler.stop()


@pytest.fixture(scope="module")
def office(pooler, tmp_path_factory):
    """(where it serves, its process)"""
    settings = {"WEB_PROCESSES": PROCESSES, "THREADS": 4, "DATABASE_LOCK_SECONDS": 1}
    served = Process(environ(tmp_path_factory.mktemp("pooled"), pooler.url, **settings), "serve")
    yield served.address(), served
    served.stop()


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


class Client:
    """Somebody who looks around, and sends a form again and again."""

    def __init__(self, base: str, email: str):
        self._base, self._email, self._session = base, email, requests.Session()
        self.statuses: list[int] = []
        self._sent = 0
        if email:
            form = {"email": email, "password": PASSWORD}
            self._send("/masuk", {**form, "csrf_token": token_of(self._get("/masuk"))})

    def _get(self, path: str) -> str:
        answer = self._session.get(self._base + path)
        self.statuses.append(answer.status_code)
        return answer.text

    def _send(self, path: str, form: dict[str, str]) -> None:
        answer = self._session.post(self._base + path, data=form, allow_redirects=False)
        self.statuses.append(answer.status_code)

    def work(self, count: int) -> list[int]:
        while len(self.statuses) < count:
            for path in PATHS[self._email]:
                page = self._get(path)
            # Somebody may send so many an hour, and four are the same one.
            if self._email == CUSTOMER and self._sent < 10:
                self._sent += 1
                self._send("/ajukan", {**FORM, "csrf_token": token_of(page)})
        return self.statuses


def test_three_processes_on_two_connections_make_no_error(office, whole):
    base, served = office
    wanted = 2_000 if whole else 200
    people = [CUSTOMER, STAFF, VISITOR] * (CLIENTS // 3)

    def work(email: str) -> list[int]:
        return Client(base, email).work(wanted // CLIENTS + 1)

    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = [status for found in threads.map(work, people) for status in found]
    assert len(statuses) >= wanted
    # A form without its letter is refused or taken, by who sends it.
    assert set(statuses) <= {200, 302, 422}, served.log
    assert "Traceback" not in served.log and "ERROR" not in served.log


def test_time_outs_reach_what_the_pooler_lends(office, pooler):
    base, served = office
    browser = requests.Session()
    form = {**FORM, "csrf_token": token_of(browser.get(f"{base}/ajukan").text)}
    with psycopg.connect(pooler.url) as other:
        other.execute('LOCK TABLE "request_draft" IN ACCESS EXCLUSIVE MODE')
        begun = time.monotonic()
        answer = browser.post(f"{base}/ajukan", data=form)
        assert answer.status_code == 503 and time.monotonic() - begun < 20
        assert FORM["description"] in answer.text
    assert "lock timeout" in served.log
    assert browser.post(f"{base}/ajukan", data=form).status_code == 200
    # Nobody else on the same connections is bound by them.
    with psycopg.connect(pooler.url, autocommit=True) as other:
        for _ in range(5):
            assert other.execute("SHOW lock_timeout").fetchone() == ("0",)
