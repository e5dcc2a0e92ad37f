"""Logging in and out, passwords and sessions."""

import re
import time

import pytest
from flask_security import hash_password

from models import Event, LoginSession, Message
from run import create_app
from tests.account_messages import link_of, newest_link
from tests.people import (
    PASSWORD,
    csrf_token,
    enter,
    post,
)
from tests.test_story import log_in


def test_cookie_copied_before_log_out_is_dead(app, people):
    client = app.test_client()
    log_in(client, people.customer.email)
    cookie = client.get_cookie("melasti").value
    assert client.get("/dasbor").status_code == 200
    post(client, "/keluar")

    thief = app.test_client()
    thief.set_cookie("melasti", cookie)
    assert thief.get("/dasbor").status_code == 302
    assert LoginSession.select().count() == 0


def test_a_password_costs_a_stranger_time_and_memory(app, db):
    """As the program sets it up; the application of the tests takes it lightly."""
    fresh = create_app(app.extensions["melasti"].settings)
    with fresh.app_context():
        cost = dict(part.split("=") for part in hash_password(PASSWORD).split("$")[3].split(","))
    assert int(cost["m"]) >= 64 * 1024 and int(cost["t"]) >= 3


def test_log_out_is_a_post(app, people):
    assert enter(app, people.customer).get("/keluar").status_code == 405


def test_deactivated_account_is_out_at_once(app, people):
    client, admin = enter(app, people.customer), enter(app, people.administrator)
    form = {"name": people.customer.name, "institution_name": "U", "phone": "", "confirm": "1"}
    done = post(admin, f"/backoffice/pelanggan/edit/?id={people.customer.id}", form)
    assert done.status_code == 302
    assert client.get("/dasbor").status_code == 302
    assert Event.select().where(Event.kind == "record_changed").count() == 1


def test_changed_password_ends_other_sessions(app, people):
    here, elsewhere = enter(app, people.customer), enter(app, people.customer)
    form = {
        "password": PASSWORD,
        "new_password": "ombak tenang sekali",
        "new_password_confirm": "ombak tenang sekali",
    }
    assert post(here, "/ubah-sandi", form).status_code == 302
    assert elsewhere.get("/dasbor").status_code == 302
    assert Event.select().where(Event.kind == "password_changed").count() == 1


@pytest.mark.parametrize("email", ["pelanggan@contoh.test", "tidak-ada@contoh.test"])
def test_log_in_answers_alike_for_known_and_unknown(app, people, email):
    answer = post(app.test_client(), "/masuk", {"email": email, "password": "salah sekali"})
    sentences = re.findall(r'class="m-error">([^<]+)</span>', answer.text)
    assert answer.status_code == 200
    assert sentences
    assert set(sentences) == {"Email atau kata sandi salah."}


@pytest.mark.parametrize("path", ["/lupa-sandi", "/verifikasi"])
def test_lost_password_and_new_link_answer_alike(app, people, path):
    pages = [
        re.sub(r'value="[^"]*"', "", post(app.test_client(), path, {"email": email}).text)
        for email in (people.unverified.email, "tidak-ada@contoh.test")
    ]
    known, unknown = (re.findall(r'class="m-note.*?</div>', page, re.DOTALL) for page in pages)
    strip = [re.sub(r"\S+@contoh\.test", "", " ".join(found)) for found in (known, unknown)]
    assert strip[0] == strip[1]
    sent = {message.recipient_id for message in Message.select()}
    assert sent == {people.unverified.id}


def test_reset_link_ignores_a_forged_host(app, people):
    client = app.test_client()
    token = csrf_token(client)
    data = {"csrf_token": token, "email": people.customer.email}
    forged = client.post("/lupa-sandi", data=data, headers={"Host": "jahat.test"})
    assert forged.status_code == 400
    post(client, "/lupa-sandi", {"email": people.customer.email})
    links = {link_of(app, message) for message in Message.select()}
    assert all(link.startswith("/lupa-sandi/") for link in links)


def test_log_in_does_not_lead_elsewhere(app, people):
    client = app.test_client()
    data = {"email": people.customer.email, "password": PASSWORD}
    answer = post(client, "/masuk?next=https://jahat.test/", data)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert LoginSession.select().count() == 0


def test_auth_routes_take_no_json(app, people):
    client = app.test_client()
    for path in ("/masuk", "/daftar", "/lupa-sandi", "/verifikasi"):
        headers = {"X-CSRFToken": csrf_token(client), "Accept": "application/json"}
        answer = client.post(path, json={"email": people.customer.email}, headers=headers)
        assert answer.status_code in (400, 415)
        page = client.get(path, headers={"Accept": "application/json"})
        assert page.mimetype == "text/html"


def test_the_answer_to_a_form_carries_its_token_until_it_is_old(app, people, monkeypatch):
    client, began = app.test_client(), time.time()

    def answered(token: str) -> str:
        page = client.post("/lacak", data={"csrf_token": token, "number": "1"})
        assert page.status_code == 200
        return re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)

    first = csrf_token(client)
    assert answered(first) == first
    monkeypatch.setattr(time, "time", lambda: began + 2 * 3600)
    second = answered(first)
    assert second != first and answered(second) == second


def test_secret_link_is_hidden_from_staff(app, people):
    post(app.test_client(), "/lupa-sandi", {"email": people.customer.email})
    message = Message.select().first()
    token = link_of(app, message).rsplit("/", 1)[1]
    assert token not in str(message.__data__)
    page = enter(app, people.administrator).get("/backoffice/pesan/").text
    assert "[tautan rahasia]" in page
    assert token not in page


def test_demo_page_exists_in_demo_mode_only(app, people, monkeypatch):
    from dataclasses import replace

    demo = app.extensions["melasti"]
    assert app.test_client().get("/demo/pesan").status_code == 200
    changed = replace(demo, settings=replace(demo.settings, mode="production"))
    monkeypatch.setitem(app.extensions, "melasti", changed)
    assert app.test_client().get("/demo/pesan").status_code == 404


def test_email_is_one_however_it_is_typed(app, people):
    from models import User
    from tests.story_forms import SIGN_UP

    client = app.test_client()
    post(client, "/daftar", {**SIGN_UP, "email": "Pemohon@Contoh.Test"})
    assert User.select().where(User.email == "pemohon@contoh.test").count() == 1
    post(client, newest_link(app, "akun_terdaftar", "pemohon@contoh.test"))
    page = log_in(client, "PEMOHON@contoh.test", SIGN_UP["password"])
    assert "Selamat Datang Kembali Ibu" in page.text
    post(app.test_client(), "/daftar", {**SIGN_UP, "email": "pemohon@CONTOH.test"})
    assert User.select().where(User.email.contains("pemohon")).count() == 1
