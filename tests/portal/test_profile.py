"""Somebody changes the own e-mail or phone: with the password, and once the new one is proved."""

import re

import pytest

from models import Message, User
from tests.account_messages import messages_to, newest_link
from tests.people import PASSWORD, enter, post

NEW = {"email": "ganti@contoh.test", "phone": "+6281355556666"}
CHANNELS = {"email": "email", "phone": "whatsapp"}
CHOSEN = {"password": "ombak tenang pagi", "password_confirm": "ombak tenang pagi"}


def profile_of(person: User, **changes: str) -> dict[str, str]:
    names = ("name", "institution_category", "institution_name", "gender", "phone", "email")
    return {name: getattr(person, name) for name in names} | {"phone_region": "ID"} | changes


def changes(app, person: User, **given: str):
    return post(enter(app, person), "/profil", profile_of(person, **given))


@pytest.fixture
def person(app, people):
    return people.customer


@pytest.mark.parametrize("field", NEW)
@pytest.mark.parametrize("password", ["", "salah sekali", PASSWORD.upper()])
def test_without_the_password_nothing_changes_and_nothing_is_lost(app, person, field, password):
    answer = changes(app, person, name="Nama Baru", password=password, **{field: NEW[field]})
    assert answer.status_code == 422 and 'id="password-error"' in answer.text
    assert "Nama Baru" in answer.text
    stored = User.get_by_id(person.id)
    assert (stored.name, stored.new_email, stored.new_phone) == (person.name, "", "")
    assert not Message.select().exists()


def test_the_rest_needs_no_password(app, person):
    assert changes(app, person, name="Nama Baru").status_code == 302
    assert User.get_by_id(person.id).name == "Nama Baru"
    assert not Message.select().exists()


@pytest.mark.parametrize("field", NEW)
def test_the_old_address_is_told_and_stays_until_the_new_one_is_proved(app, person, field):
    old, new = getattr(person, field), NEW[field]
    assert changes(app, person, password=PASSWORD, **{field: new}).status_code == 302
    stored = User.get_by_id(person.id)
    assert getattr(stored, field) == old and stored.addresses(CHANNELS[field]) == [old, new]
    told = messages_to(old, "alamat_diubah")
    assert len(told) == 1 and told[0].variables["oleh"] == "Anda sendiri"
    # To the new one goes the proof alone, and no link for a password.
    assert [message.template for message in messages_to(new)] == ["bukti_alamat"]
    post(app.test_client(), "/lupa-sandi", {"email": person.email})
    assert not messages_to(new, "reset_sandi") and messages_to(old, "reset_sandi")
    page = enter(app, stored).get("/profil").text
    assert "belum terbukti" in page

    client = enter(app, stored)
    assert post(client, newest_link(app, "bukti_alamat", new)).status_code == 302
    stored = User.get_by_id(person.id)
    assert stored.addresses(CHANNELS[field]) == [new] and stored.is_proved
    post(app.test_client(), "/lupa-sandi", {"email": stored.email})
    assert messages_to(new, "reset_sandi")
    assert len(messages_to(old, "reset_sandi")) == 1


def test_one_logs_in_by_the_e_mail_that_is_proved(app, person):
    changes(app, person, password=PASSWORD, email=NEW["email"])

    def logs_in(email: str) -> bool:
        given = {"email": email, "password": PASSWORD}
        return post(app.test_client(), "/masuk", given).status_code == 302

    assert logs_in(person.email) and not logs_in(NEW["email"])
    post(enter(app, person), newest_link(app, "bukti_alamat", NEW["email"]))
    assert logs_in(NEW["email"]) and not logs_in(person.email)


def test_changed_back_the_link_is_dead(app, person):
    changes(app, person, password=PASSWORD, phone=NEW["phone"])
    link = newest_link(app, "bukti_alamat", NEW["phone"])
    changes(app, User.get_by_id(person.id), password=PASSWORD, phone=person.phone)
    assert User.get_by_id(person.id).new_phone == ""
    assert enter(app, person).get(link).status_code == 410


def test_an_e_mail_of_another_account_is_not_told_apart(app, people):
    """Else anybody with an account would learn who else has one."""
    answers = [
        changes(app, people.customer, password=PASSWORD, email=email).status_code
        for email in (NEW["email"], people.other_customer.email, people.penguji.email)
    ]
    assert answers == [302, 302, 302]
    link = newest_link(app, "bukti_alamat", people.penguji.email)
    answer = post(enter(app, people.customer), link)
    assert answer.status_code == 409 and "sudah dibuktikan oleh akun lain" in answer.text
    assert User.get_by_id(people.customer.id).email == people.customer.email


def test_strangers_are_not_written_to_again_and_again(app, person, clock):
    answers = [
        changes(app, person, password=PASSWORD, name="Nama Baru", phone=f"+62812999900{n:02}")
        for n in range(7)
    ]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 2
    last = answers[-1].text
    assert "isian Anda masih ada di sini" in last and "+6281299990006" in last
    # In hours where minutes would have to be reckoned.
    assert re.search(r"Coba lagi dalam (\d|1\d|2[0-4]) jam|dalam \d{1,3} menit", last)
