"""What our mail server can't take is told at sign-up, not by a message that never comes."""

import pytest

from messages import health
from models import ChannelState, User
from tests.messages.mail_server import MailServer
from tests.people import enter, post
from tests.story_forms import SIGN_UP

ODD = ["andré@contoh.test", "bäcker0@contoh.test", "иван@contoh.test", "用户@contoh.test"]


def learn(is_utf8: bool, now) -> None:
    """As the watch does every five minutes, from a real server."""
    server = MailServer(enable_SMTPUTF8=is_utf8)
    health.check("email", server.opened(), now=now)
    server.close()


@pytest.mark.parametrize("email", ODD)
def test_sign_up_names_what_cannot_be_mailed(app, people, now, email):
    learn(False, now)
    answer = post(app.test_client(), "/daftar", {**SIGN_UP, "email": email})
    assert "huruf selain A–Z sebelum tanda @" in answer.text
    assert SIGN_UP["name"] in answer.text
    assert not User.select().where(User.email == email).exists()


@pytest.mark.parametrize("email", [*ODD, "info@müller.test"])
def test_sign_up_takes_what_can(app, people, now, email):
    learn(True, now)
    assert ChannelState.get(ChannelState.name == "email").takes_utf8 is True
    assert post(app.test_client(), "/daftar", {**SIGN_UP, "email": email}).status_code == 302


@pytest.mark.parametrize("email", ["info@müller.test", "surat@straße.test", "a.b+c@contoh.test"])
def test_domains_of_any_letters_can_be_mailed(app, people, now, email):
    learn(False, now)
    assert post(app.test_client(), "/daftar", {**SIGN_UP, "email": email}).status_code == 302


def test_staff_are_told_so_too(app, people, now):
    learn(False, now)
    person = {"name": "Petugas Baru", "email": "andré@balai.test", "posts": "auditor"}
    page = post(enter(app, people.administrator), "/backoffice/petugas/new/", person)
    assert "huruf selain A–Z" in page.text
