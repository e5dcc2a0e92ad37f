"""Nobody uses up the tries of an official, who comes from a browser that was in before."""

from datetime import UTC, datetime, timedelta

import pytest

from config.settings import read_settings
from models import Message, RateBucket
from run import create_app
from tests.account_messages import messages_to
from tests.people import PASSWORD, csrf_token, post
from web.accounts.form_limits import LIMITS
from web.accounts.limits import network_of

COOKIE = "melasti-known"


def logs_in(client, email: str, password: str = PASSWORD, *, address: str = "192.0.2.1") -> int:
    given = {"email": email, "password": password}
    return post(client, "/masuk", given, environ_overrides={"REMOTE_ADDR": address}).status_code


@pytest.fixture
def browser(app, people, clock):
    """The browser in which the head of the office was logged in before."""
    client = app.test_client()
    assert logs_in(client, people.kepala_balai.email) == 302
    post(client, "/keluar")
    return client


@pytest.fixture
def cheap(monkeypatch):
    """Wrong passwords cost a tenth of a second each; what is tried here is the counting."""
    monkeypatch.setattr("flask_security.forms.hash_password", lambda text: "")


# From a hundred addresses; from the official's own (one router for many); from one IPv6 prefix.
STRANGERS = {
    "many": lambda n: f"198.51.100.{n % 250 + 1}",
    "own": lambda n: "192.0.2.1",
    "prefix": lambda n: f"2001:db8:0:{n % 40:x}::{n + 1:x}",
}


@pytest.mark.parametrize("where", STRANGERS)
def test_400_wrong_log_ins_do_not_keep_the_official_out(app, people, browser, where, cheap):
    email, stranger = people.kepala_balai.email, app.test_client()
    token = csrf_token(stranger)
    answers = [
        stranger.post("/masuk", data={"csrf_token": token, "email": email, "password": "salah"},
                      environ_overrides={"REMOTE_ADDR": STRANGERS[where](n)}).status_code
        for n in range(400)
    ]  # fmt: skip
    assert answers.count(429) > 250
    # From a browser that was never in here the account is shut for now ...
    assert logs_in(app.test_client(), email) == 429
    # ... and from the known one it opens, though one mistypes first.
    assert logs_in(browser, email, "salah ketik saja") == 200
    assert logs_in(browser, email) == 302


def test_a_known_browser_has_tries_of_its_own_and_no_more(app, people, browser):
    email = people.kepala_balai.email
    answers = [logs_in(browser, email, "salah sekali", address=f"192.0.2.{n}") for n in range(11)]
    assert answers == [200] * 10 + [429]


def test_it_is_known_for_its_accounts_alone(app, people, browser):
    other = people.kasubag_tu.email
    for n in range(LIMITS["security.login"][1]):
        network = f"198.51.100.{n % 20 + 1}"
        logs_in(app.test_client(), other, "salah", address=network)
    assert logs_in(browser, other) == 429
    assert logs_in(browser, people.kepala_balai.email) == 302


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "W10.xx.yy", "é", "0" * 5000])
def test_a_forged_cookie_is_no_known_browser(app, people, clock, value):
    client = app.test_client()
    client.set_cookie(COOKIE, value)
    email = people.kepala_balai.email
    answers = [logs_in(client, email, "salah sekali") for _ in range(11)]
    assert answers[-1] == 429


def test_it_is_forgotten_after_half_a_year(app, people, browser, monkeypatch):
    email = people.kepala_balai.email
    later = datetime.now(UTC) + timedelta(days=181)
    monkeypatch.setattr("itsdangerous.TimestampSigner.get_timestamp",
                        lambda self: int(later.timestamp()))  # fmt: skip
    answers = [logs_in(browser, email, "salah sekali") for _ in range(11)]
    # As from any browser: by address and account.
    assert answers[-1] == 429 and logs_in(app.test_client(), email) == 429


def test_the_cookie_names_nobody_and_is_kept_from_scripts(app, people, browser):
    cookie = browser.get_cookie(COOKIE)
    assert cookie.http_only and cookie.path == "/" and cookie.same_site == "Lax"
    assert people.kepala_balai.email.partition("@")[0] not in cookie.decoded_value
    assert cookie.max_age == 180 * 24 * 3600


def test_in_production_it_belongs_to_this_host(app, db, tmp_path):
    url = app.extensions["melasti"].settings.database_url
    settings = read_settings({"DATA_DIR": str(tmp_path), "DATABASE_URL": url,
                              "BASE_URL": "https://layanan.balai.test"})  # fmt: skip
    served = create_app(settings)
    assert served.config["KNOWN_DEVICE_COOKIE"] == "__Host-melasti-known"
    assert served.config["SESSION_COOKIE_SECURE"]


@pytest.mark.parametrize("path", ["/lupa-sandi", "/verifikasi"])
def test_past_the_limit_of_an_account_the_page_is_the_same_and_nothing_leaves(
    app, people, clock, path
):
    person = people.customer if path == "/lupa-sandi" else people.unverified
    pages = []
    for n in range(8):
        clock.forward(seconds=1)
        client = app.test_client()
        answer = post(client, path, {"email": person.email},
                      environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"})  # fmt: skip
        assert answer.status_code == 200 and "Retry-After" not in answer.headers
        pages.append(answer.text.partition("<main")[2].partition("<form")[0])
    assert len(set(pages)) == 1
    assert len(messages_to(person.email)) == 5


def test_a_stranger_does_not_use_up_the_owners_resets(app, people, browser, clock):
    email = people.kepala_balai.email
    for n in range(9):
        post(app.test_client(), "/lupa-sandi", {"email": email},
             environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"})  # fmt: skip
    before = Message.select().count()
    clock.forward(seconds=1)
    assert post(browser, "/lupa-sandi", {"email": email}).status_code == 200
    assert Message.select().count() == before + 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_addresses_are_counted_by_connection(address, network):
    assert network_of(address) == network


def test_one_connection_has_the_tries_of_one(app, people, clock):
    answers = [
        logs_in(app.test_client(), people.kepala_balai.email, "salah", address=f"2001:db8::{n:x}:1")
        for n in range(11)
    ]
    assert answers == [200] * 10 + [429]
    assert RateBucket.select().exists()
