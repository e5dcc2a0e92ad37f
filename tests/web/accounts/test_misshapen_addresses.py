"""Who mistypes an address reads so at once, and waits for no link; nobody learns of accounts."""

import pytest

from models import Message
from tests.people import post

PATHS = ("/lupa-sandi", "/verifikasi")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "typed",
    ["tidak ada@", "@contoh.test", "nama", "nama@contoh", "a b@contoh.test", "nama@@contoh.test",
     "nama@-contoh.test", "x" * 300 + "@contoh.test", "nama@contoh..test", "a@b.test, c@d.test"],
)  # fmt: skip
def test_no_address(app, people, path, typed):
    page = post(app.test_client(), path, {"email": typed})
    assert "Format email tidak valid." in page.text
    assert page.text.count("Format email tidak valid.") == 1
    assert not Message.select().exists()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("typed", ["", "   ", "\u200b"])
def test_nothing_typed(app, people, path, typed):
    assert "Wajib diisi" in post(app.test_client(), path, {"email": typed}).text


@pytest.mark.parametrize("path", PATHS)
def test_known_and_unknown_addresses_read_alike(app, people, path):
    pages = [
        post(app.test_client(), path, {"email": email}, follow_redirects=True).text.replace(
            email, ""
        )
        for email in (people.customer.email, people.unverified.email, "tidak-ada@contoh.test")
    ]
    assert all("Format email" not in page for page in pages)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("copied", [" {} ", "mailto:{}", "<{}>", "Nama Orang <{}>", "{}."])
def test_a_copied_address_is_one(app, people, path, copied):
    typed = copied.format(people.unverified.email)
    assert "Format email" not in post(app.test_client(), path, {"email": typed}).text
