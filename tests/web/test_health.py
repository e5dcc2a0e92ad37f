"""What machines ask: yes or no for everybody, more for this machine and who knows the token."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from config.version import version
from messages.watcher import beat
from models import Heartbeat, RateBucket
from storage.database import database, open_database
from web.health import HealthPages

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}
TOKEN = "kunci-panjang-sekali"


@pytest.fixture
def ready(app, db, runtime, clock):
    for name in ("worker:a", "work"):
        beat(name, clock.now)


@pytest.fixture
def client(app, runtime):
    """With a token, and without the answer that an earlier test got."""
    usual, found = app.wsgi_app, app.wsgi_app
    while not isinstance(found, HealthPages):
        found = getattr(found, "_app", None) or found.app
    app.wsgi_app = HealthPages(usual, replace(runtime.settings, health_token=TOKEN))
    yield app.test_client(use_cookies=True)
    app.wsgi_app = usual


def test_alive_and_version_ask_no_database(app, client):
    database.close_all()
    usual = app.extensions["melasti"].settings.database_url
    open_database("sqlite:////tidak/ada.db")
    try:
        assert client.get("/sehat").text == "sehat\n"
        assert client.get("/version").text == f"{version()}\n"
        answer = client.get("/siap")
        assert answer.status_code == 503 and "Basis data" in answer.text
    finally:
        open_database(usual)


def test_ready_when_all_is_there(ready, client):
    answer = client.get("/siap", environ_overrides=ELSEWHERE)
    assert (answer.status_code, answer.text) == (200, "siap\n")
    told = json.loads(client.get("/siap").text)
    assert told["keadaan"] == "siap" and set(told["bagian"].values()) == {"baik"}


def test_not_ready_without_a_worker(ready, client, clock):
    Heartbeat.update(seen_at=clock.now - timedelta(minutes=2)).execute()
    answer = client.get("/siap", environ_overrides=ELSEWHERE)
    assert (answer.status_code, answer.text) == (503, "belum siap\n")
    assert "Pekerja latar tidak berjalan" in client.get("/siap").text


@pytest.mark.parametrize("path", ["/sehat", "/siap", "/version"])
@pytest.mark.parametrize("host", ["10.0.0.7", "10.0.0.7:8000", "apa-saja", "[::1]:80"])
def test_any_host_name_will_do(ready, client, path, host):
    answer = client.get(path, headers={"Host": host}, environ_overrides=ELSEWHERE)
    assert answer.status_code == 200
    assert client.get("/", headers={"Host": "10.0.0.7"}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "overrides"),
    [
        ({}, ELSEWHERE),
        ({"X-Forwarded-For": "127.0.0.1"}, {}),
        ({"Forwarded": "for=127.0.0.1"}, {}),
        ({"X-Real-IP": "127.0.0.1"}, {}),
        ({"Host": "layanan.balai.go.id"}, {}),
        ({"Authorization": "Bearer salah"}, ELSEWHERE),
        ({"Authorization": "Bearer "}, ELSEWHERE),
    ],
)
def test_strangers_learn_nothing_more(ready, client, headers, overrides):
    answer = client.get("/siap", headers=headers, environ_overrides=overrides)
    assert answer.text == "siap\n"
    answer = client.get("/metrics", headers=headers, environ_overrides=overrides)
    assert answer.status_code == 403 and "melasti" not in answer.text


def test_the_token_opens_both_from_elsewhere(ready, client):
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert "bagian" in client.get("/siap", headers=bearer, environ_overrides=ELSEWHERE).text
    told = client.get("/metrics", headers=bearer, environ_overrides=ELSEWHERE)
    assert 'melasti_check_ok{check="worker"} 1.0' in told.text
    assert f'melasti_info{{version="{version()}"}} 1.0' in told.text


@pytest.mark.parametrize("path", ["/sehat", "/siap", "/metrics", "/version"])
def test_no_cookie_no_limit_no_cache_no_write(ready, client, path):
    for _ in range(100):
        answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers and RateBucket.select().count() == 0
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200 and client.head(path).data == b""
