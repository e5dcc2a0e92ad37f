"""A number or an e-mail as it stands on paper, in a file's name or in a message is found."""

import pytest

from models import RateBucket
from tests.people import advance, file_request, post


@pytest.fixture
def accepted(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    return advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")


def found(app, **typed) -> bool:
    RateBucket.delete().execute()
    page = post(app.test_client(), "/lacak", {"email": "", "number": "", **typed}).text
    return "P*** S***" in page


WRITTEN = [
    "{}",
    "No. {}",
    "Nomor Layanan: {}.",
    "“{}”",
    "({})",
    "\u202a{}\u202c",
    "  {}\u200b ",
    "Permohonan No. {}",
    "Re: {} (Data)",
    "*{}*",
]
SLASHES = ["/", " / ", "\\", "／", "∕", "⁄", "-", "‑", "_", "|", "//"]


@pytest.mark.parametrize("words", WRITTEN, ids=ascii)
def test_a_number_with_something_around_it(app, accepted, words):
    assert found(app, number=words.format(accepted.number))
    assert found(app, number=words.format(accepted.number.lower()))
    assert not found(app, number=words.format("999/L.Data/01/I/20"))


@pytest.mark.parametrize("slash", SLASHES)
def test_a_number_with_other_slashes_and_figures(app, accepted, slash):
    assert found(app, number=accepted.number.replace("/", slash))
    roman = accepted.number.replace("/VII/", "/Ⅶ/")
    assert found(app, number=roman.replace("/", slash))


@pytest.mark.parametrize(
    "typed",
    ["PELANGGAN@contoh.test", " pelanggan@contoh.test\u200b", "mailto:pelanggan@Contoh.test",
     "<pelanggan@contoh.test>", "pelanggan@ｃｏｎｔｏｈ.test",
     "Pelanggan Satu <pelanggan@contoh.test>", "MAILTO:pelanggan@contoh.test",
     "pelanggan＠contoh.test;"],
)  # fmt: skip
def test_an_address_as_it_is_copied(app, accepted, typed):
    assert found(app, email=typed)
    assert not found(app, email=typed.replace("@", "x@").replace("＠", "x＠"))


@pytest.mark.parametrize("words", ["{}.pdf", "{}_laporan.pdf", "Salinan {}_v2.docx"])
def test_the_name_of_a_file(app, accepted, words):
    assert found(app, number=words.format(accepted.number.replace("/", "-")))


@pytest.mark.parametrize("words", ["{}", "Kode permohonan: {}", "kode {}.", "“{}”"])
def test_the_code_of_a_receipt(app, accepted, words):
    assert found(app, number=words.format(accepted.public_id))
    assert found(app, number=words.format(accepted.public_id.lower().replace("0", "o")))
    assert not found(app, number=words.format(accepted.public_id[:-1]))
