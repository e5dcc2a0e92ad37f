"""What nobody sees is gone, what people read stays, and what looks alike is alike."""

import unicodedata

import pytest

from rules.text import fold, normalise, one_line

INVISIBLE = [
    "\u200b",  # zero-width space
    "\u200b\u200b\u200b",
    "\xad",  # soft hyphen
    "\ufeff",  # byte order mark
    "\u2060\u2061\u2062\u2063\u2064",  # word joiner, invisible operators
    "\u200e\u200f\u061c",  # direction marks
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",  # embeddings, overrides, isolates
    "\u115f\u1160\u3164\uffa0",  # Hangul fillers
    "\u2800\u2800",  # blank Braille
    "\u180e\u180b\u034f\u17b4\u17b5",  # Mongolian, grapheme joiner, Khmer
    "\ufe0f\ufe0e\U000e0100",  # variants of nothing
    "\U000e0041\U000e0001",  # tags
    "\u200d\u200c\u200d",  # joiners of nothing
    "\u0301\u0308",  # accents of nothing
    "\ufffc",  # where an object was embedded
    "\xa0\u2003\u3000\u202f\u205f\u1680",  # spaces of every width
    "\u2028\u2029\x85\x0b\x0c",  # line ends of every kind
    "\x01\x1b\x7f\x9f",  # controls
    "\ufdd0\uffff",  # no characters
    " \u200b\t\xad\n",
]


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_text_that_nobody_sees_is_empty(text):
    assert normalise(text) == one_line(text) == fold(text) == ""


@pytest.mark.parametrize(
    "sign",
    "\u200b\xad\ufeff\u2060\u200e\u202e\u2069\u115f\u1160\u034f\ufe0f\u200d\U000e0041",
    ids=ascii,
)
def test_sign_that_nobody_sees_doesnt_split_a_word(sign):
    assert fold(f"gelom{sign}bang") == normalise(f"gelom{sign * 3}bang") == "gelombang"


def test_blank_as_wide_as_a_letter_is_a_space():
    assert one_line("Made\u3164\u3164Ari") == one_line("Made\u2800Ari") == "Made Ari"


@pytest.mark.parametrize(
    "text",
    [
        "👨\u200d👩\u200d👧\u200d👦",
        "❤\ufe0f\u200d🔥",
        "👍🏽",
        "🏳\ufe0f\u200d🌈",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland
        "می\u200cخواهم",  # Persian
        "ක්\u200dය",  # Sinhala
        "葛\U000e0100城",  # one of two ways to write it
        "“Dampak” – Nur’aini, 3 × 4 ≥ 10 °C …",
        "Baris satu\n\n\tBaris dua",
        "Ångström",
        "ᬩᬮᬶ",  # Balinese
        "\u0600\u0661",  # Arabic sign of numbers, which is drawn
        "\ufffd",
    ],
    ids=ascii,
)
def test_what_people_read_stays(text):
    assert normalise(text) == unicodedata.normalize("NFC", text)


def test_accents_of_macos_are_one_letter_even_with_a_mark_between():
    assert normalise("Cafe\u0301") == normalise("Cafe\u200b\u0301") == "Café"


def test_direction_override_is_gone():
    assert one_line("surat\u202efdp.exe") == "suratfdp.exe"


def test_lines_end_alike_and_one_line_has_none():
    assert normalise("a\r\nb\rc\u2028d\x0be") == "a\nb\nc\nd\ne"
    assert one_line("  a\r\n\tb\xa0 \u2003c ") == "a b c"
    assert normalise(None) == one_line(None) == fold(None) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I Wayan Ánom Putra", "i wayan anom PUTRA"),
        ("Nur’aini", "Nur'aini"),
        ("Nurʼaini", "Nur`aini"),
        ("Ma´ruf", "Maʻruf"),
        ("O＇Brien", "o′brien"),
        ("pasang‑surut", "pasang-surut"),
        ("pasang–surut", "Pasang−Surut"),
        ("“Teluk Benoa”", '"teluk benoa"'),
        ("«Teluk»", '"TELUK"'),
        ("Straße", "STRASSE"),
        ("Łódź Sørensen Đặng", "lodz sorensen dang"),
        ("Ｃａｆｅ\u0301", "café"),
        ("İstanbul ılık", "istanbul ilik"),
        ("gelom\xadbang\xa0laut", "gelombang  laut"),
        ("می\u200cخواهم", "میخواهم"),
        ("ﬁle №", "file no"),
    ],
)
def test_what_is_meant_alike_folds_alike(one, other):
    assert fold(one) == fold(other)


def test_different_words_stay_different():
    assert len({fold(word) for word in ("andi", "andi s", "an-di", "an'di", "añdj")}) == 5
