"""Who is invited as staff has a week for choosing a password; who lost one has half an hour."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from messages.compose import read_message_templates, words_of
from models import ChangeRecord, Message, User
from rules.formats import moment_short
from tests.account_messages import link_of
from tests.people import enter, post

FORM = {"name": "Petugas Undangan", "email": "undangan@balai.test", "phone": "0812 3456 7000",
        "active": "y", "posts": ["penguji"]}  # fmt: skip
GIVEN = {"password": "ombak tenang sekali", "password_confirm": "ombak tenang sekali"}
OTHER = {"password": "pasir putih bersih", "password_confirm": "pasir putih bersih"}
STAFF = "/backoffice/petugas/"
AGAIN = "Kirim undangan lagi"


@pytest.fixture
def admin(app, people):
    client = enter(app, people.administrator)
    assert post(client, f"{STAFF}new/", FORM).status_code == 302
    return client


def invited() -> User:
    return User.get(User.email == FORM["email"])


def messages() -> list[Message]:
    return list(Message.select().where(Message.template == "undangan_petugas").order_by(Message.id))


@pytest.fixture
def link(app):
    return lambda: link_of(app, messages()[-1])


def after(**length: float) -> dict:
    """What a request that comes so much later carries."""
    return {"environ_overrides": {"melasti.now": datetime.now(UTC) + timedelta(**length)}}


def logs_in(app, given) -> bool:
    named = {"email": FORM["email"], "password": given["password"]}
    return post(enter(app, None), "/masuk", named).status_code == 302


def send_again(client, person: User):
    button = {"action": "invite", "rowid": person.id}
    return post(client, f"{STAFF}action/", button, follow_redirects=True)


def test_an_invitation_holds_for_a_week_and_says_so(app, admin, link):
    written = messages()
    assert {message.channel for message in written} == {"whatsapp", "email"}
    until = written[0].expires_at
    assert until - written[0].created_at == timedelta(days=7)
    for message in written:
        _, text = words_of(message, read_message_templates("http://localhost"))
        assert f"berlaku sampai {moment_short(until)}" in text
    assert f"Berlaku sampai {moment_short(until)}" in admin.get(STAFF).text

    visitor = enter(app, None)
    page = visitor.get(link(), **after(days=6, hours=23))
    assert page.status_code == 200 and moment_short(until) in page.text
    assert FORM["name"] in page.text
    assert post(visitor, link(), GIVEN, **after(days=6, hours=23)).status_code == 302
    assert logs_in(app, GIVEN)


def test_it_is_used_once(app, admin, link):
    used = link()
    wrong = post(enter(app, None), used, {**GIVEN, "password_confirm": "lain sekali"})
    assert wrong.status_code == 422 and "m-error" in wrong.text
    assert post(enter(app, None), used, GIVEN).status_code == 302
    again = post(enter(app, None), used, OTHER)
    assert again.status_code == 410 and "kata sandi sudah dipilih" in again.text
    assert logs_in(app, GIVEN) and not logs_in(app, OTHER)
    assert AGAIN not in admin.get(STAFF).text
    count = len(messages())
    assert "tidak perlu diundang lagi" in send_again(admin, invited()).text
    assert len(messages()) == count


def test_a_late_one_says_what_to_do_and_the_administrator_sends_another(app, admin, link):
    old, late = link(), after(days=7, minutes=1)
    for answer in (enter(app, None).get(old, **late), post(enter(app, None), old, GIVEN, **late)):
        assert answer.status_code == 410
        assert "sudah lewat" in answer.text and "mintalah undangan baru" in answer.text
    assert not logs_in(app, GIVEN)

    Message.update(expires_at=datetime.now(UTC) - timedelta(minutes=1)).execute()
    row = admin.get(STAFF).text
    assert "Kedaluwarsa" in row and row.count(AGAIN) == 1
    answer = send_again(admin, invited())
    assert "Undangan baru sudah dikirim" in answer.text
    assert len(messages()) == 4 and link() != old
    assert "invitation" in ChangeRecord.select().order_by(ChangeRecord.id.desc()).get().after
    assert enter(app, None).get(old).status_code == 410
    assert post(enter(app, None), link(), GIVEN).status_code == 302
    assert logs_in(app, GIVEN)


def test_a_closed_account_is_not_invited(app, admin, link):
    User.update(active=False).where(User.email == FORM["email"]).execute()
    assert AGAIN not in admin.get(STAFF).text
    count = len(messages())
    send_again(admin, invited())
    assert len(messages()) == count
    assert enter(app, None).get(link()).status_code == 410


def test_a_forged_or_foreign_link_opens_nothing(app, admin, people):
    from itsdangerous import URLSafeSerializer

    until = int(time.time()) + 1000
    forged = URLSafeSerializer("x" * 40, salt="melasti-invitation")
    for token in ("palsu", forged.dumps([people.administrator.fs_uniquifier, until])):
        assert post(enter(app, None), f"/undangan/{token}", GIVEN).status_code == 410


def test_a_lost_password_keeps_its_half_hour(app, people):
    post(enter(app, None), "/lupa-sandi", {"email": people.customer.email})
    newest = Message.select().where(Message.template == "reset_sandi")
    reset = link_of(app, newest.order_by(Message.id.desc()).get())
    assert re.match("/lupa-sandi/.", reset)
    answers = [enter(app, None).get(reset, **after(minutes=age)).status_code for age in (29, 31)]
    assert answers == [200, 302]


def test_an_address_that_is_taken_is_marked_at_the_address(app, people):
    client = enter(app, people.administrator)
    given = {"name": "Orang Baru", "phone": "", "posts": "penguji", "active": "y"}
    for email in (people.penguji.email, people.customer.email.upper()):
        answer = post(client, "/backoffice/petugas/new/", {**given, "email": email})
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text and 'id="name-error"' not in answer.text
        assert "Email ini sudah dipakai akun lain." in answer.text
