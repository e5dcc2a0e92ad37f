"""Files leave under the number of their request."""

import re
from datetime import UTC, datetime

import pytest
from werkzeug.http import parse_options_header

from rules.file_names import content_disposition, document_name, request_stem, safe_stem
from rules.text import one_line

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


NAMES = [
    "سورات.pdf",
    "报告 第一.pdf",
    "Cafe\u0301-Kuta.pdf",
    "🌊.pdf",
    "a\u202efdp.exe.pdf",
    'dia bilang "ya"; b=c.pdf',
    "50% naik\\turun.pdf",
    "baris\r\nSet-Cookie: a=b.pdf",
    "Łódź – “ombak”.pdf",
    "\ud800.pdf",
    "\u200b",
    "",
    "'" * 30 + "é.pdf",
    "ᬩᬮᬶ.pdf",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_header_carries_any_name(name):
    """As a server writes it, and as a browser reads it."""
    said = content_disposition("attachment", name)
    assert said.encode("ascii").isascii() and "\n" not in said and "\r" not in said
    how, options = parse_options_header(said)
    assert how == "attachment"
    assert options["filename"].removeprefix("dokumen") == one_line(name)
    plain = re.search(r'filename="([^"\\%]+)"', said)[1]
    assert plain and not plain.startswith(".")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Cafe\u0301 Kuta", "Café-Kuta"),
        ("سورات", "سورات"),
        ("gelom\xadbang\u200b", "gelombang"),
        ("../../etc/passwd", "etc-passwd"),
        ("ᬩᬮᬶ", "ᬩᬮᬶ"),
        ("…", "dokumen"),
        ("a -- b", "a-b"),
        ("海" * 100, "海" * 40),
        ("x" * 300, "x" * 120),
    ],
)
def test_a_stem_fits_any_disk(name, stem):
    assert safe_stem(name) == stem
    assert len(safe_stem(name).encode()) <= 120


def test_a_name_fits_a_disk_with_everything_before_it():
    stem = request_stem(None, AT, "x" * 200)
    name = document_name(stem, "laporan_pengujian", "海" * 80 + ".xlsx", part=12, version=3)
    assert len(name.encode()) <= 255 and name.endswith("_v3.xlsx")
