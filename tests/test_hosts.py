"""Two web hosts of one database and one bucket behind nginx, a worker apart.

Nothing of a host's own is missed by the other one, and one of them may die.
"""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from itertools import pairwise

import psycopg
import pytest
import requests

from tests.bucket import BucketServer
from tests.html_forms import Form, form_at
from tests.installed import Process, environ, new_database
from tests.nginx import Nginx
from tests.people import PASSWORD, pdf
from tests.pooler import free_port
from tests.story_forms import FORM, SIGN_UP, SUBJECT, pdf_text
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

CUSTOMERS = ("pelanggan@contoh.test", "lain@contoh.test")
DESKS = ("admin_layanan", "kepala_balai", "kasubag_tu", "ketua_tim", "ketua_tim", "pemangku_data")
LETTER = ("surat.pdf", pdf(), "application/pdf")


class Office:
    """Two hosts that share nothing but database and bucket."""

    def __init__(self, folder, url: str, store: dict[str, str]):
        port = free_port()
        shared = {"BASE_URL": f"http://127.0.0.1:{port}", "CONSUMER": "apart", **store}
        more = {**shared, "TRUSTED_PROXIES": 1, "THREADS": 6}
        self._url, self._environ = url, environ(folder / "command", url, **shared)
        self.hosts = [
            Process(environ(folder / name, url, **more), "serve") for name in ("one", "other")
        ]
        self.worker = Process(environ(folder / "worker", url, **shared), "worker")
        self.nginx = Nginx(folder / "nginx", port, [host.address() for host in self.hosts])

    def asks(self, sql: str, *values: object) -> list[tuple]:
        with psycopg.connect(self._url) as other:
            return other.execute(sql, values).fetchall()

    def command(self, *arguments: str) -> Process:
        return Process(self._environ, *arguments)

    def stop(self) -> None:
        for process in (self.nginx, self.worker, *self.hosts):
            process.stop()


@pytest.fixture(scope="module")
def bucket_server():
    server = BucketServer()
    yield server
    server.stop()


@pytest.fixture
def office(postgres_url, bucket_server, tmp_path):
    office = Office(tmp_path, new_database(postgres_url), bucket_server.settings())
    assert office.command("db", "upgrade").process.wait() == 0
    yield office
    office.stop()


def shown(page: str) -> str:
    """What a page says, for whom a test tells about it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def form_on(page: str, address: str) -> Form:
    form = form_at(re.sub(r"\s*\n\s*", " ", page), address)
    assert form, shown(page)
    return form


class Visitor:
    """A browser; `met` are the hosts that answered it, one after the other."""

    def __init__(self, base: str):
        self._base, self._session, self.met = base, requests.Session(), []

    def get(self, path: str, **more: object) -> requests.Response:
        return self._noted(self._session.get(self._base + path, timeout=60, **more))

    def post(self, path: str, form: dict, files: dict | None = None) -> requests.Response:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/lacak").text)[1]
        data = {**form, "csrf_token": token}
        answer = self._session.post(self._base + path, data=data, files=files, timeout=60)
        return self._noted(answer)

    def _noted(self, answer: requests.Response) -> requests.Response:
        self.met += [one.headers["X-Upstream"] for one in (*answer.history, answer)]
        return answer

    def logs_in(self, email: str, password: str = PASSWORD) -> "Visitor":
        assert self.post("/masuk", {"email": email, "password": password}).status_code == 200
        return self

    def files(self, subject: str) -> bool:
        """File a request; whether that was acknowledged."""
        page = self.post("/ajukan", {**FORM, "subject": subject}, {"file": LETTER}).text
        form = form_on(page, "/ajukan/kirim")
        return "sudah kami terima" in self.post("/ajukan/kirim", form.hidden).text


def signs_up(office: Office) -> Visitor:
    visitor = Visitor(office.nginx.base)
    visitor.post("/ajukan", FORM)
    assert "Periksa WhatsApp dan email" in visitor.post("/daftar", SIGN_UP).text
    wait_for(lambda: office.asks("SELECT 1 FROM message WHERE state = 'sent'")[1:])
    # Sent by the worker; the demo shows with which links.
    links = re.findall(
        r'<a class="m-btn m-btn-small" href="([^"]+)"', visitor.get("/demo/pesan").text
    )
    for link in map(unescape, links):
        visitor.post(link, {})
    proved = 'SELECT email_confirmed_at, phone_confirmed_at FROM "user" WHERE email = %s'
    assert all(office.asks(proved, SIGN_UP["email"])[0])
    return visitor.logs_in(SIGN_UP["email"], SIGN_UP["password"])


def completes(office: Office, post: str, people: dict[str, str]) -> None:
    staff = Visitor(office.nginx.base).logs_in(f"{post}@balai.test")
    [(public_id,)] = office.asks("SELECT public_id FROM request WHERE subject = %s", SUBJECT)
    address = f"/backoffice/permohonan/{public_id}"
    form = form_on(staff.get(address).text, f"{address}/complete")
    given = form.filled({"note": "Sesuai prosedur."})
    given |= {name: people[name] for name in people if name in form.choices}
    report = ("laporan.pdf", pdf("Laporan data gelombang"), "application/pdf")
    files = dict.fromkeys(form.files, report)
    data = {name: value for name, value in given.items() if name not in files}
    answer = staff.post(f"{address}/complete", data, files or None)
    assert answer.status_code == 200 and "selesai" in answer.text, (post, shown(answer.text))


def test_the_story_of_the_manual_with_each_request_to_the_other_host(office):
    customer = signs_up(office)
    assert customer.files(SUBJECT)
    [(public_id,)] = office.asks("SELECT public_id FROM request")
    people = dict(
        office.asks("SELECT split_part(email, '@', 1), public_id FROM \"user\" WHERE is_staff")
    )
    for post in DESKS:
        completes(office, post, people)
    address = f"/layanan/{public_id}"
    survey = form_on(customer.get(f"{address}/survei").text, "")
    assert "Penilaian Anda" in customer.post(f"{address}/survei", survey.filled({})).text
    completes(office, "petugas_layanan", people)
    [(document,)] = office.asks("SELECT public_id FROM document WHERE is_result")
    for _ in office.hosts:
        report = customer.get(f"/dokumen/{document}")
        assert "Laporan data gelombang" in pdf_text(report.content)
        part = customer.get(f"/dokumen/{document}", headers={"Range": "bytes=5-20"})
        assert part.status_code == 206 and part.content == report.content[5:21]
    # The worker, on a third machine, made the papers of both.
    wait_for(lambda: not office.asks("SELECT 1 FROM document WHERE sha256 = ''"))
    assert "Tanda Terima" in pdf_text(customer.get(f"{address}/tanda-terima").content)
    assert all(one != other for one, other in pairwise(customer.met))
    assert office.command("audit").process.wait() == 0
    assert office.command("verify", "files").process.wait() == 0
    for process in (*office.hosts, office.worker):
        assert "Traceback" not in process.log


def test_what_was_acknowledged_outlives_a_host_that_is_killed(office):
    """While four customers file, one host is killed; the other one has it all."""
    acknowledged: list[str] = []
    is_time, is_over = threading.Event(), threading.Event()

    def work(number: int) -> None:
        customer, count = Visitor(office.nginx.base).logs_in(CUSTOMERS[number % 2]), 0
        while not is_over.is_set():
            subject, count = f"Permohonan {number}-{count}", count + 1
            try:
                if customer.files(subject):
                    acknowledged.append(subject)
            except (requests.RequestException, AssertionError, TypeError):
                continue  # nobody said that it was taken
            if len(acknowledged) >= 4:
                is_time.set()

    with ThreadPoolExecutor(4) as threads:
        works = [threads.submit(work, number) for number in range(4)]
        is_time.wait(120)
        office.hosts[0].kill()
        before = len(acknowledged)
        wait_for(lambda: len(acknowledged) >= before + 4, seconds=120)
        is_over.set()
        for one in works:
            one.result()
    filed = [subject for (subject,) in office.asks("SELECT subject FROM request")]
    assert set(acknowledged) <= set(filed) and len(filed) == len(set(filed))
    assert office.command("verify", "files").process.wait() == 0
    assert office.command("audit").process.wait() == 0
