"""Numbers and dates in words."""

from datetime import UTC, date, datetime

import pytest

from rules.numerals import date_words, number_words, rupiah_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "nol"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (100, "seratus"),
        (1000, "seribu"),
        (1111, "seribu seratus sebelas"),
        (2024, "dua ribu dua puluh empat"),
        (100_000, "seratus ribu"),
        (1_001_001, "satu juta seribu satu"),
        (12_500_000, "dua belas juta lima ratus ribu"),
        (10**9, "satu miliar"),
        (3 * 10**12 + 7, "tiga triliun tujuh"),
    ],
)
def test_numbers_in_words(number, words):
    assert number_words(number) == words


@pytest.mark.parametrize("number", [-1, 10**15])
def test_numbers_without_words_are_refused(number):
    with pytest.raises(ValueError, match="no words"):
        number_words(number)


def test_amounts_and_dates_in_words():
    assert rupiah_words(1_250_000) == "satu juta dua ratus lima puluh ribu rupiah"
    expected = "Kamis, tanggal satu bulan Agustus tahun dua ribu dua puluh empat"
    assert date_words(date(2024, 8, 1)) == expected
    assert date_words(datetime(2024, 7, 31, 16, tzinfo=UTC)) == expected
