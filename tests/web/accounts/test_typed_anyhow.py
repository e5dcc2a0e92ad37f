"""The same password and e-mail however a keyboard, a phone or a browser spells them."""

import unicodedata

import pytest

from models import User
from tests.people import post
from tests.story_forms import SIGN_UP

NFC, NFD = (
    (lambda text: unicodedata.normalize("NFC", text)),
    (lambda text: unicodedata.normalize("NFD", text)),
)
PASSWORDS = ("pásir pütih bersih", "señor étoile 22", "Ångström ñandú 9", "한국어 비밀번호 이다")


def sign_up(app, **given) -> None:
    assert post(app.test_client(), "/daftar", SIGN_UP | given).status_code == 302


def logs_in(app, email: str, password: str = SIGN_UP["password"]) -> bool:
    return post(app.test_client(), "/masuk", {"email": email, "password": password}
                ).status_code == 302  # fmt: skip


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(("chosen", "typed"), [(NFC, NFD), (NFD, NFC), (NFC, NFC)])
def test_a_password_is_one_however_its_accents_are_written(app, db, password, chosen, typed):
    sign_up(app, password=chosen(password))
    assert logs_in(app, SIGN_UP["email"], typed(password))
    assert not logs_in(app, SIGN_UP["email"], typed(password) + "x")


@pytest.mark.parametrize("password", ["  spasi di depan", "spasi di belakang  ", "\ttab di depan"])
def test_spaces_belong_to_a_password(app, db, password):
    sign_up(app, password=password)
    assert logs_in(app, SIGN_UP["email"], password)
    assert not logs_in(app, SIGN_UP["email"], password.strip())


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        ("pemohon@contoh.test", " PEMOHON@Contoh.Test "),
        ("Nama.Panjang+layanan@Contoh.test", "nama.panjang+LAYANAN@contoh.TEST"),
        ("satu_dua-tiga@sub.contoh.test", "\u200bsatu_dua-tiga@sub.contoh.test"),
        ("pemohon@contoh.test", "<pemohon@contoh.test>"),
        ("pemohon@contoh.test", "mailto:pemohon@contoh.test"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.test", f"{'A' * 64}@{'b' * 60}.{'c' * 60}.TEST"),
    ],
)
def test_an_e_mail_is_one_however_it_is_typed(app, db, given, typed):
    sign_up(app, email=given)
    assert logs_in(app, typed)
    # And no second account is made of it.
    sign_up(app, email=typed)
    assert User.select().where(User.password.is_null(False)).count() <= 2
    assert not User.select().where(User.email == typed).exists() or typed == given


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("nama.depan@contoh.test", "namadepan@contoh.test"),
        ("nama+a@contoh.test", "nama+b@contoh.test"),
        ("info@strasse.test", "info@straße.test"),
    ],
)
def test_dots_tags_and_letters_tell_people_apart(app, db, one, another):
    sign_up(app, email=one)
    assert not logs_in(app, another)
    sign_up(app, email=another, phone="0812-3456-7891")
    assert logs_in(app, one) and logs_in(app, another)
