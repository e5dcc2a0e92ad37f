"""Files leave under the number of their request."""

from datetime import UTC, datetime

from rules.file_names import document_name, request_stem

AT = datetime(2024, 7, 28, 20, 0, tzinfo=UTC)


def test_a_file_is_named_by_the_number_of_its_request():
    stem = request_stem("48/L.Data/29/VII/24", AT, "Data gelombang")
    assert document_name(stem, "laporan", "hasil akhir.PDF") == "48-L.Data-29-VII-24_laporan.pdf"
    assert document_name(stem, "berita_acara", "x.pdf", version=2) == (
        "48-L.Data-29-VII-24_berita-acara_v2.pdf"
    )


def test_several_files_are_told_apart_by_their_place_and_their_own_name():
    name = document_name("48-L.Data-29-VII-24", "laporan", "tabel-gelombang.xlsx", part=2)
    assert name == "48-L.Data-29-VII-24_laporan-2_tabel-gelombang.xlsx"


def test_before_there_is_a_number_the_day_and_the_subject_say_whose_it_is():
    """By the office's day, which is the 29th already."""
    stem = request_stem(None, AT, "Permohonan data “Pantai Kuta”, résumé & peta 2020–2024 lengkap")
    assert stem == "permohonan-2024-07-29-permohonan-data-pantai-kuta-resume-peta"
    assert request_stem(None, AT, "海") == "permohonan-2024-07-29"
