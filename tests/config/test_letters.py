"""How letters are numbered is data, and what can't work is named before anything starts."""

import re
from datetime import UTC, datetime

import pytest

from config.letters import WORDS
from config.office import office
from config.settings import CONTENT, BadSetting
from rules.numbering import format_letter_number

PATTERN = "{klasifikasi}-{kode}/{urut}/{tahun}"


@pytest.fixture
def changed_office(tmp_path, monkeypatch):
    """The office's file with some words replaced, read anew."""

    def read(before: str, after: str):
        text = (CONTENT / "office.toml").read_text()
        assert before in text
        (tmp_path / "office.toml").write_text(text.replace(before, after))
        monkeypatch.setenv("OFFICE_FILE", str(tmp_path / "office.toml"))
        office.cache_clear()
        return office()

    yield read
    monkeypatch.undo()
    office.cache_clear()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (PATTERN, "{klasifikasi}/{tahun}", "[letters.register.surat] pattern lacks {urut}"),
        (PATTERN, "{urut}/{hari}", "pattern has words that mean nothing: hari"),
        (PATTERN, "{urut}/{urut.real}", "pattern has words that mean nothing: urut.real"),
        (PATTERN, "{urut", "pattern can't be read"),
        (PATTERN, "{urut:>900}", "may only say {urut:02}"),
        (PATTERN, "x" * 80 + "{urut}", "numbers longer than 80"),
        (PATTERN, "{urut}/BA/{kode}/{romawi}/{tahun}", "give the same numbers"),
        ("[letters.register.surat]", "[letters.register.masuk]", "can't be called so"),
        ('register = "berita_acara"', 'register = "nota"', "a register that isn't there: 'nota'"),
        ('abbreviation = "BA"', 'singkatan = "BA"', "has a word that means nothing"),
        ('\nsigner = "kepala_balai"', '\nsigner = "juru_kunci"', "[posts] lacks: 'juru_kunci'"),
        ('logo = ""', 'logo = "logo.exe"', "logo must be a PNG"),
        ('logo = ""', 'logo = "hilang.png"', "logo must be a PNG"),
    ],
)
def test_what_cannot_work_is_named(changed_office, before, after, sentence):
    with pytest.raises(BadSetting, match=re.escape(sentence)):
        changed_office(before, after)


def test_an_office_without_letters_numbers_none(changed_office):
    text = (CONTENT / "office.toml").read_text()
    begin, end = text.index("[letters]"), text.index("# The shape of a request number")
    found = changed_office(text[begin:end], "")
    assert found.letters.kinds == {}
    assert found.letters.head.units


def test_every_word_of_a_pattern_is_filled_in():
    number = format_letter_number(
        "|".join(f"{{{word}}}" for word in WORDS),
        7,
        # Half past midnight on the first of January, in Bali.
        datetime(2026, 12, 31, 16, 30, tzinfo=UTC),
        classification="UM 02.01",
        abbreviation="ND",
        office_code="BTP",
    )
    assert number == "7|UM 02.01|BTP|ND|01|I|2027|27"
