"""A link proves the address that it came to, by a button, to who made the account."""

from datetime import UTC, datetime, timedelta

import pytest

from models import Event, LoginSession, Message, User
from tests.account_messages import link_of, messages_to, newest_link, person_of
from tests.people import PASSWORD, enter, post
from tests.story_forms import SIGN_UP

EMAIL, PHONE = SIGN_UP["email"], "+628111234567"
ROBOTS = (
    ("HEAD", "WhatsApp/2.23.20"),
    ("GET", "WhatsApp/2.23.20"),
    ("HEAD", "Mozilla/5.0 (compatible; BarracudaLinkProtect)"),
    ("GET", "Mozilla/5.0 SafeLinks"),
    ("OPTIONS", "curl/8"),
    ("GET", "facebookexternalhit/1.1"),
)
CHOSEN = {"password": "ombak tenang pagi", "password_confirm": "ombak tenang pagi"}


@pytest.fixture
def signed_up(app, db):
    """The browser in which somebody has just signed up."""
    client = app.test_client()
    assert post(client, "/daftar", SIGN_UP).status_code == 302
    return client


def phone() -> str:
    return person_of(EMAIL).phone


def proofs() -> tuple[bool, bool]:
    person = person_of(EMAIL)
    return bool(person.email_confirmed_at), bool(person.phone_confirmed_at)


def rows() -> list[int]:
    return [table.select().count() for table in (Event, Message, LoginSession)]


@pytest.mark.parametrize(("method", "agent"), ROBOTS)
def test_programs_that_follow_the_link_prove_nothing(app, signed_up, method, agent):
    links = [newest_link(app, "akun_terdaftar", to) for to in (EMAIL, phone())]
    before = rows()
    for link in links:
        for headers in ({}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"}):
            for client in (signed_up, app.test_client()):
                client.open(link, method=method, headers={"User-Agent": agent, **headers})
    assert proofs() == (False, False) and rows() == before
    # And the link is still good for its owner.
    assert post(signed_up, links[0]).status_code == 302
    assert proofs() == (True, False)


def test_each_link_proves_the_address_it_came_to(app, signed_up):
    email, to_phone = (newest_link(app, "akun_terdaftar", to) for to in (EMAIL, phone()))
    assert email != to_phone
    page = signed_up.get(to_phone).text
    assert "Apakah no HP ini milik Anda?" in page
    assert page.partition("<main")[2].partition("</main>")[0].count("<button") == 1
    post(signed_up, to_phone)
    assert proofs() == (False, True)
    post(signed_up, email)
    assert proofs() == (True, True)
    kinds = {event.kind for event in Event.select()}
    assert {"email_proved", "phone_proved", "account_verified"} <= kinds
    assert Event.select().where(Event.kind == "account_verified").count() == 1
    assert "Sudah terbukti" in signed_up.get(email).text
    # Pressed twice, by a slow connection: nothing more.
    before = rows()
    assert post(signed_up, email).status_code == 200
    assert rows() == before


def test_another_browser_is_asked_for_the_password(app, signed_up):
    """Else a stranger's press of the button would bless an account with their address in it."""
    link = newest_link(app, "akun_terdaftar", EMAIL)
    elsewhere = app.test_client()
    page = elsewhere.get(link).text
    assert "Isi kata sandi" in page
    for wrong in ("", "salah sekali ini", SIGN_UP["password"].upper()):
        assert post(elsewhere, link, {"password": wrong}).status_code == 422
    assert proofs() == (False, False)
    assert post(elsewhere, link, {"password": SIGN_UP["password"]}).status_code == 302
    assert proofs() == (True, False)


def test_the_password_is_not_guessed_there(app, clock, signed_up):
    link = newest_link(app, "akun_terdaftar", EMAIL)
    answers = [
        post(app.test_client(), link, {"password": f"tebakan ke {n}"}).status_code
        for n in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_who_is_logged_in_presses_only_the_button(app, people):
    client = enter(app, people.unverified)
    post(client, "/verifikasi", {"email": people.unverified.email})
    link = newest_link(app, "kirim_ulang_verifikasi", people.unverified.email)
    assert "Isi kata sandi" not in client.get(link).text
    assert post(client, link).status_code == 302
    # Somebody else's log-in is nobody's proof.
    to_phone = newest_link(app, "kirim_ulang_verifikasi", people.unverified.phone)
    assert "Isi kata sandi" in enter(app, people.customer).get(to_phone).text
    assert post(enter(app, people.customer), to_phone).status_code == 422
    found = person_of(people.unverified.email)
    assert found.email_confirmed_at and not found.phone_confirmed_at


def test_a_late_link_says_what_to_do(app, signed_up):
    link = newest_link(app, "akun_terdaftar", EMAIL)
    late = {"environ_overrides": {"melasti.now": datetime.now(UTC) + timedelta(hours=25)}}
    page = signed_up.get(link, **late)
    assert page.status_code == 410 and "/verifikasi" in page.text
    assert post(signed_up, link, **late).status_code == 410
    assert proofs() == (False, False)


def test_messages_to_unproved_addresses_bear_no_name(app, signed_up):
    """The name may be anything that somebody wants sent to a stranger."""
    for message in Message.select():
        assert SIGN_UP["name"] not in str(message.variables)
        assert message.only_here and message.address in (EMAIL, phone())
        assert link_of(app, message).startswith("/verifikasi/")


def test_a_new_link_goes_to_what_is_not_proved_yet(app, signed_up):
    post(signed_up, newest_link(app, "akun_terdaftar", phone()))
    post(app.test_client(), "/verifikasi", {"email": EMAIL})
    assert len(messages_to(EMAIL, "kirim_ulang_verifikasi")) == 1
    assert not messages_to(phone(), "kirim_ulang_verifikasi")
    post(signed_up, newest_link(app, "kirim_ulang_verifikasi", EMAIL))
    before = Message.select().count()
    post(app.test_client(), "/verifikasi", {"email": EMAIL})
    assert Message.select().count() == before


@pytest.mark.parametrize(("method", "agent"), ROBOTS)
def test_previews_of_a_reset_link_leave_it_good(app, people, method, agent):
    post(app.test_client(), "/lupa-sandi", {"email": people.customer.email})
    links = [newest_link(app, "reset_sandi", to)
             for to in (people.customer.email, people.customer.phone)]  # fmt: skip
    for link in links * 3:
        app.test_client().open(link, method=method, headers={"User-Agent": agent})
    assert post(enter(app, None), links[1], CHOSEN).status_code == 302
    assert User.get_by_id(people.customer.id).password != people.customer.password
    # Used up, and the one by the other channel with it.
    assert [enter(app, None).get(link).status_code for link in links] == [302, 302]


@pytest.mark.parametrize(("method", "agent"), ROBOTS)
def test_previews_of_an_invitation_leave_it_good(app, people, method, agent):
    given = {"name": "Petugas Undangan", "email": "undangan@balai.test", "active": "y",
             "phone": "0812 3456 7000", "posts": ["penguji"]}  # fmt: skip
    post(enter(app, people.administrator), "/backoffice/petugas/new/", given)
    links = [newest_link(app, "undangan_petugas", to)
             for to in ("undangan@balai.test", "+6281234567000")]  # fmt: skip
    for link in links * 2:
        app.test_client().open(link, method=method, headers={"User-Agent": agent})
    assert not person_of("undangan@balai.test").has_account
    assert post(enter(app, None), links[1], CHOSEN).status_code == 302
    person = person_of("undangan@balai.test")
    assert person.has_account and person.phone_confirmed_at and not person.email_confirmed_at
    assert enter(app, None).get(links[0]).status_code == 410


def test_reset_goes_to_what_is_proved_alone(app, signed_up):
    post(signed_up, newest_link(app, "akun_terdaftar", phone()))
    post(app.test_client(), "/lupa-sandi", {"email": EMAIL})
    assert [message.channel for message in messages_to(phone(), "reset_sandi")] == ["whatsapp"]
    assert not messages_to(EMAIL, "reset_sandi")
    # What the e-mail gets proves it, and changes no password.
    link = newest_link(app, "kirim_ulang_verifikasi", EMAIL)
    assert link.startswith("/verifikasi/")


def test_a_reset_link_dies_with_the_address_it_went_to(app, people):
    post(app.test_client(), "/lupa-sandi", {"email": people.customer.email})
    to_phone = newest_link(app, "reset_sandi", people.customer.phone)
    User.update(phone="+6281300000001").where(User.id == people.customer.id).execute()
    assert post(enter(app, None), to_phone, CHOSEN).status_code == 302
    assert post(enter(app, None), "/masuk", {"email": people.customer.email,
                                             "password": PASSWORD}).status_code == 302  # fmt: skip
