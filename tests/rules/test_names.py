"""A name is whatever people are called; an address of a site is none."""

import pytest

from rules.email_addresses import email_key
from rules.names import NO_LETTER, NO_SITE, name_problem


@pytest.mark.parametrize(
    "name",
    [
        "Suharto",  # one word
        "U",
        "I Wayan Ánom Putra, S.T., M.Sc.",
        "S.T.",
        "M.Sc.",
        "PT. Maju.Jaya",
        "PT.Maju Jaya (Persero) Tbk.",
        "CV. Karya/Cabang Denpasar",
        "Nur'aini",
        "Nur’aini O‘Brien",
        "Dr. Ir. H. Joko, M.Eng., Ph.D., IPU",
        "Drs.H.M.Idris, M.Si",
        "A.A. Gde Agung, S.E./Ak.",
        "Apt. Made, S.Farm.",
        "Putu, S.Kom., M.Com.",
        "Ni Luh,S.Ag,M.Pd",
        "Abd.Rahman",
        "Moh. Amin",
        "St.Pi Made",
        "R.M.P. Sosrokartono",
        "d'Artagnan-de la Cruz",
        "Siti (Ibu Made)",
        "Jl. Raya No.5 Net",
        "سيتي",
        "海",
        "ᬫᬤᬾ",
        "Made 2",
    ],
)
def test_names_of_every_kind_are_accepted(name):
    assert name_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "menang undian jahat.com/klik",
        "Menang undian jahat.com",
        "JAHAT.COM",
        "Klik hadiah.xyz sekarang",
        "bit.ly/abc",
        "t.me/jahat",
        "wa.me/6281234567890",
        "s.id/hadiah",
        "jahat.co.id",
        "undian.my.id",
        "https://jahat.test",
        "www.jahat.test",
        "promo jahat . com",
        "promo jahat. com",
        "jahat(.)com",
        "jahat[dot]com",
        "jahat (titik) com",
        "jahat．com",
        "jahat。com",
        "jahat.\u200bcom",
        "admin@jahat.test",
        "mailto:x",
        "10.20.30.40",
        "jahat.com:8080/x",
        "a.b.jahat.net?x=1",
    ],
)
def test_an_address_is_no_name(name):
    assert name_problem(name) == NO_SITE


@pytest.mark.parametrize("name", ["...", "-", "🙏", "12345", "\u200b", "’"])
def test_a_name_has_a_letter(name):
    assert name_problem(name) == NO_LETTER


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("info@straße.test", "info@straße.test"),
        ("INFO@STRASSE.TEST", "info@strasse.test"),
        ("Info@STRAẞE.test", "info@straße.test"),
        ("info@xn--strae-oqa.test", "info@straße.test"),
        ("André@Contoh.Test", "andré@contoh.test"),
        ("Andre\u0301@contoh.test", "andré@contoh.test"),
        (" a.b+c@contoh.test\u200b", "a.b+c@contoh.test"),
        ("ﬁ@contoh.test", "ﬁ@contoh.test"),
        ("<budi@contoh.test>", "budi@contoh.test"),
        ("mailto:Budi@contoh.test", "budi@contoh.test"),
        ("budi@例え.テスト", "budi@例え.テスト"),
        ("budi@ｃｏｎｔｏｈ.test", "budi@contoh.test"),
        ("budi@", "budi@"),
        ("budi@a..b", "budi@a..b"),
        ("Bukan Alamat", "bukan alamat"),
        ("", ""),
    ],
)
def test_addresses_are_compared_in_lower_case_and_by_idna(text, key):
    assert email_key(text) == key
    assert email_key(key) == key
