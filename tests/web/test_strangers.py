"""Strangers, and what they send: logging in, signing up, hostile addresses."""

import socket
import time

import pytest
import requests
from peewee import OperationalError

from config.settings import read_settings
from models import Message, Request, SurveyResponse, User
from run import create_app
from storage.database import database, is_sqlite
from tests.people import PASSWORD, checked, csrf_token, enter, file_request, post, upload
from tests.story_forms import FORM, SIGN_UP
from web.serving.server import DrainingServer


def test_subject_writes_no_lines_of_its_own_into_messages(app, people):
    """The browser sends one line; a program may send more."""
    client = enter(app, people.customer)
    forged = "Data gelombang\r\n\r\nBayar ke rekening ini:\n123"
    post(client, "/ajukan", {**FORM, "subject": forged, "file": upload()})
    post(client, "/ajukan/kirim", checked(client))
    assert Request.get().subject == "Data gelombang Bayar ke rekening ini: 123"
    told = Message.get(Message.template == "permintaan_diterima_sistem").variables["perihal"]
    assert "\n" not in told


def test_sign_up_leaves_the_same_cookie_for_new_and_taken(app, people):
    keys = []
    for email in ("baru@contoh.test", people.customer.email):
        client = app.test_client()
        answer = post(client, "/daftar", {**SIGN_UP, "email": email})
        assert answer.status_code == 302
        with client.session_transaction() as session:
            keys.append(sorted(session))
        assert client.get("/dasbor").status_code == 302
    assert keys[0] == keys[1]
    assert User.select().where(User.email == "baru@contoh.test").exists()


@pytest.mark.parametrize("path", ["/lupa-sandi", "/verifikasi"])
def test_answers_take_their_time_for_everybody(app, people, monkeypatch, path):
    monkeypatch.setitem(app.config, "EVEN_ANSWER_SECONDS", 0.6)
    for email in (people.unverified.email, "tidak-ada@contoh.test"):
        client = app.test_client()
        form = {"csrf_token": csrf_token(client), "email": email}
        begun = time.monotonic()
        client.post(path, data=form)
        assert time.monotonic() - begun >= 0.6


def test_spelling_an_account_differently_gives_no_more_tries(app, people):
    client = app.test_client()
    email = people.customer.email
    spellings = [email, email.upper(), f" {email}", email.title(), f"{email} "] * 2
    for spelling in spellings:
        form = {"email": spelling, "password": "salah sekali"}
        assert post(client, "/masuk", form).status_code == 200
    assert post(client, "/masuk", {"email": email, "password": "salah"}).status_code == 429


def test_right_password_begins_the_count_anew(app, people):
    for _ in range(12):
        client = app.test_client()
        form = {"email": people.customer.email, "password": PASSWORD}
        assert post(client, "/masuk", form).status_code == 302


def test_stranger_elsewhere_does_not_lock_an_official_out(app, people):
    email = people.kepala_balai.email
    stranger = app.test_client()
    for _ in range(11):
        last = post(stranger, "/masuk", {"email": email, "password": "salah sekali"},
                    environ_overrides={"REMOTE_ADDR": "192.0.2.9"})  # fmt: skip
    assert last.status_code == 429
    own = post(app.test_client(), "/masuk", {"email": email, "password": PASSWORD})
    assert own.status_code == 302


@pytest.mark.parametrize(
    "query",
    [
        "since=0001-01-01",
        "until=9999-12-31",
        "endpoint=x&q=a",
        "_method=POST&_external=1&_anchor=x&_scheme=ftp&q=a",
        "page=99999999999999999999",
        "sort=" + "x" * 3000,
    ],
)
def test_hostile_addresses_are_harmless(app, people, query):
    for person, path in (
        (people.customer, "/layanan/rekap"),
        (people.admin_layanan, "/backoffice/"),
    ):
        assert enter(app, person).get(f"{path}?{query}").status_code == 200


def test_thousands_of_digits_are_a_404(app, people, runtime, now):
    nines = "9" * 5000
    client = enter(app, people.administrator)
    assert client.get(f"/backoffice/petugas/edit/?id={nines}").status_code == 404
    request = file_request(runtime, people.customer, now=now)
    admin = enter(app, people.admin_layanan)
    answer = post(admin, f"/backoffice/permohonan/{request.public_id}/complete", {"version": nines})
    assert answer.status_code == 422 or answer.status_code == 409


def test_office_address_on_the_test_domain_can_be_invited(app, people):
    form = {
        "name": "Petugas Baru",
        "email": "Baru@Balai.test",
        "posts": "staf_tu",
        "active": "y",
        "phone": "",
    }
    assert (
        post(enter(app, people.administrator), "/backoffice/petugas/new/", form).status_code == 302
    )
    assert User.get(User.email == "baru@balai.test").is_staff
    wrong = {**form, "email": "bukan-email"}
    page = post(enter(app, people.administrator), "/backoffice/petugas/new/", wrong)
    assert "Format email tidak valid" in page.text


def test_sign_up_form_does_not_write_to_a_phone_again_and_again(app, people):
    for count in range(4):
        email = f"orang{count}@contoh.test"
        answer = post(app.test_client(), "/daftar", {**SIGN_UP, "email": email},
                      environ_overrides={"REMOTE_ADDR": f"192.0.2.{count}"})  # fmt: skip
        assert answer.status_code == (302 if count < 3 else 429)
    assert Message.select().where(Message.channel == "whatsapp").count() == 3


def test_sign_up_form_does_not_write_to_an_address_again_and_again(app, people):
    """However it is spelled, whoever sends it from wherever, and whether it has an account."""
    for name in ("baru@contoh.test", people.customer.email):
        spellings = [name, name.upper(), f" {name}", f"mailto:{name}", f"<{name.title()}>"]
        for number, email in enumerate([*spellings, f"Orang <{name}>"]):
            form = SIGN_UP | {"email": email, "phone": f"0812-3456-78{number}1"}
            where = {"REMOTE_ADDR": f"192.0.2.{number + 1}"}
            answer = post(app.test_client(), "/daftar", form, environ_base=where)
            assert answer.status_code == (302 if number < 5 else 429), email
        assert Message.select().where(Message.address == name).count() <= 5


@pytest.mark.parametrize("name", ["Menang undian https://jahat.test", "Klik WWW.jahat.test"])
def test_name_is_no_advertisement(app, people, name):
    page = post(app.test_client(), "/daftar", {**SIGN_UP, "name": name})
    assert "bukan alamat situs" in page.text
    assert Message.select().count() == 0


def test_forged_host_gets_a_plain_page_without_a_crash(app, people, caplog):
    answer = app.test_client().get("/", headers={"Host": "jahat.test"})
    assert answer.status_code == 400
    assert "Kode rujukan" in answer.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_answers_keep_no_trace_of_their_order(app, people, runtime, now):
    """SQLite numbers the rows of a plain table, which would tie answers to their receipts."""
    if is_sqlite():
        with pytest.raises(OperationalError):
            database.execute_sql("SELECT rowid FROM survey_response")
    assert SurveyResponse.id.field_type == "VARCHAR"


@pytest.mark.parametrize(("hops", "seen"), [("1", "203.0.113.7"), ("0", "127.0.0.1")])
def test_address_behind_a_proxy(app, db, tmp_path, hops, seen):
    """Limits count the visitor's address as the trusted proxy tells it, through the real server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = runtime_url(app)
    settings = read_settings({"DATA_DIR": str(tmp_path), "DATABASE_URL": url, "PORT": str(port),
                              "BASE_URL": f"http://127.0.0.1:{port}",
                              "TRUSTED_PROXIES": hops})  # fmt: skip
    behind = create_app(settings)

    @behind.get("/alamat")
    def address():
        from flask import request

        return request.remote_addr

    server = DrainingServer(behind, settings)
    server.start()
    try:
        headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": f"127.0.0.1:{port}",
                   "X-Forwarded-Proto": "http"}  # fmt: skip
        answer = requests.get(f"http://127.0.0.1:{port}/alamat", headers=headers, timeout=10)
        assert answer.text == seen
    finally:
        server.stop()


def runtime_url(app) -> str:
    return app.extensions["melasti"].settings.database_url
