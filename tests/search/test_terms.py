"""How text is cut into words: what looks alike is alike, on both engines and in the question."""

import json
import sys
import unicodedata

import pytest

from rules.search_terms import order_key, parts_of, read_terms, vocabulary_of, words_of
from storage.database import database


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I Wayan Ánom Putra, S.T.", {"i", "wayan", "anom", "putra", "s", "t", "st"}),
        ("Nur’aini", {"nur", "aini", "nuraini"}),
        ("gelom\u00adbang pasang\u200b surut", {"gelombang", "pasang", "surut"}),
        ("Cafe\u0301 STRASSE straße", {"cafe", "strasse"}),
        ("Ｋａｊｉａｎ eﬁsiensi", {"kajian", "efisiensi"}),
        ("19/L.Advis/12/XI/26", {"19", "l", "advis", "12", "xi", "26", "19ladvis12xi26"}),
        ("Łukasz Ødegård Đuro", {"lukasz", "odegard", "duro"}),
        ("Teluk Benoa 🌊 (tahap-2)", {"teluk", "benoa", "tahap", "2", "tahap2"}),
        ("ᬩᬮᬶ", {"ᬩᬮᬶ"}),
        ("", set()),
        ("’ – …", set()),
    ],
)
def test_words_as_they_are_compared(text, words):
    assert set(words_of(text).split()) == words


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_postgres_cuts_every_letter_as_the_question_does(app, db):
    """Of each letter that this Python knows, but rare ones that only it folds.

    SQLite asks the function itself.
    """
    letters = [chr(point) for point in range(1, 0x20000) if _is_usual(chr(point))]
    for place in range(0, len(letters), 4000):
        texts = [f"ab{letter}cd" for letter in letters[place : place + 4000]]
        rows = database.execute_sql(
            "SELECT melasti_words(text) FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, n) "
            "ORDER BY n",
            [texts],
        ).fetchall()
        for text, (words,) in zip(texts, rows, strict=True):
            assert set(words) == set(words_of(text).split()), ascii(text)


def _is_usual(letter: str) -> bool:
    name = unicodedata.name(letter, "")
    rare = ("CHEROKEE", "GEGRAMMENI", "CYRILLIC SMALL LETTER")
    is_rare = any(word in name for word in rare) and not "\u0400" <= letter <= "\u04ff"
    return unicodedata.category(letter) not in ("Cn", "Cs", "Co") and not is_rare


def test_vocabulary_holds_what_may_be_misspelt():
    words = json.loads(vocabulary_of("I Wayan Ánom 2024, S.T., U-20 Nur’aini"))
    assert words == ["wayan", "anom", "nur", "aini", "nuraini"]


def test_names_are_ordered_as_printed():
    names = ["andi", "’Aisyah", "Wayan", "de Vries", "Dr. Ketut", "Ádi", "budi", "Devi", "O’Brien",
             "Obama", "Émile"]  # fmt: skip
    assert sorted(names, key=order_key) == [
        "Ádi", "’Aisyah", "andi", "budi", "de Vries", "Devi", "Dr. Ketut", "Émile", "Obama",
        "O’Brien", "Wayan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    ["No. 19/L.Advis/12/XI/26", "nomor: 19／L.Advis／12／XI／26", "19 ∕ l.advis ∕ 12 ∕ xi ∕ 26",
     "19\\L.Advis\\12\\Ⅺ\\26", "NO 19/L.ADVIS/12/XI/26 ", "Permohonan No. 19/L.Advis/12/XI/26",
     "Re: Nomor Layanan: 19/L.Advis/12/XI/26"],
)  # fmt: skip
def test_a_number_is_one_word_however_it_is_written(typed):
    assert read_terms(typed) == read_terms("19/l.advis/12/xi/26")


@pytest.mark.parametrize(
    "typed", ["Kode permohonan: {}", "kode {}", "Re: Kode Permohonan {}", "Kode: O1M8PBYHZQQG"]
)
def test_a_code_is_found_as_the_receipt_prints_it(typed):
    assert read_terms(typed.format("01M8PBYHZQQG")).groups[0][-1] == (("01m8pbyhzqqg", True),)


def test_as_many_groups_as_parts():
    for text in ("0813-5550 1234", "a b c", "Nur'aini 12", "'", "No. 7/L/8", "x" * 500):
        assert len(read_terms(text).groups) == len(parts_of(text))


def test_nothing_is_longer_than_a_database_takes():
    longest = max(map(len, words_of("ﷺ" * 200 + " " + "x" * 3000).split()))
    assert longest <= 60 and sys.getsizeof(read_terms("ﷺ" * 100)) < 10_000
