"""What a file holds decides, not its name: each kind that is accepted, each trick that isn't."""

import pytest

from storage.file_policy import FileRejected, check_file, words_of
from tests.people import pdf
from tests.storage import file_samples as samples

MEBIBYTE = 1024 * 1024
ALL = ("pdf", "xlsx", "csv", "zip", "image")


@pytest.fixture
def look(tmp_path):
    def check(content: bytes, name: str = "berkas", accepted=ALL, most=20 * MEBIBYTE):
        path = tmp_path / "isi"
        path.write_bytes(content)
        return check_file(path, name, accepted=accepted, max_bytes=most)

    return check


@pytest.fixture
def refusal(look):
    def sentence(*given, **more) -> str:
        with pytest.raises(FileRejected) as rejected:
            look(*given, **more)
        return str(rejected.value)

    return sentence


@pytest.mark.parametrize(
    ("content", "kind", "media_type", "suffix"),
    [
        (pdf(), "pdf", "application/pdf", ".pdf"),
        (samples.workbook(), "xlsx", "application/vnd.openxmlformats-officedocument."
         "spreadsheetml.sheet", ".xlsx"),
        (samples.table(), "csv", "text/csv; charset=utf-8", ".csv"),
        ("lokasi;tinggi\nTanjung Benoa é;1".encode("cp1252"), "csv",
         "text/csv; charset=windows-1252", ".csv"),
        (samples.archive(), "zip", "application/zip", ".zip"),
        (samples.picture(), "image", "image/png", ".png"),
        (samples.picture("JPEG"), "image", "image/jpeg", ".jpg"),
        (samples.picture("WEBP"), "image", "image/webp", ".webp"),
        (samples.picture("TIFF"), "image", "image/tiff", ".tif"),
    ],
)  # fmt: skip
def test_each_kind_is_known_by_its_content_alone(look, content, kind, media_type, suffix):
    facts = look(content)
    assert (facts.kind, facts.media_type, facts.suffix) == (kind, media_type, suffix)
    assert look(content, accepted=(kind,)).kind == kind


def test_what_isnt_accepted_here_is_named_with_what_is(refusal):
    assert (
        refusal(samples.workbook(), accepted=("pdf",)) == "Berkas harus PDF atau foto (JPEG, PNG)."
    )
    said = refusal(pdf(), accepted=("xlsx", "csv", "zip"))
    assert said == (
        "Isi berkas ini adalah PDF. Yang diterima di sini: Excel (xlsx), CSV, atau ZIP."
    )
    assert "tidak kami kenal" in refusal(b"\x00\x01\x02" * 50)
    assert words_of(("csv", "pdf")) == "PDF atau CSV"


@pytest.mark.parametrize("name", ["laporan.pdf", "data.xlsx", "foto.jpg", "apa.pun"])
@pytest.mark.parametrize("accepted", [ALL, ("any",), ("pdf",)])
def test_a_renamed_program_is_refused_by_its_content(refusal, name, accepted):
    assert "adalah program Windows (exe)" in refusal(samples.PROGRAM, name, accepted)


def test_other_programs_and_pages_are_refused_where_anything_goes(look, refusal):
    assert "program Linux" in refusal(b"\x7fELF" + b"\x00" * 99, "a.pdf", ("any",))
    assert "skrip" in refusal(b"#!/bin/sh\nrm -rf /\n", "a.txt", ("any",))
    for name in ("lari.bat", "gambar.svg", "halaman.html", "makro.xlsm"):
        assert "dapat dijalankan" in refusal(b"<x>halo</x>", name, ("any",)), name
    assert look(b"\x00\x01data", "model.dat", ("any",)).suffix == ".dat"
    assert look(b"MZ;tinggi\n1;2\n", "tabel.csv").kind == "csv"


def test_size_and_emptiness(look, refusal):
    assert refusal(b"") == "Berkas kosong. Pilih berkas yang berisi."
    assert refusal(b"1;2\n" * 300_000, most=MEBIBYTE) == "Ukuran berkas melebihi 1 MB."
    assert look(b"1;2\n" * (MEBIBYTE // 4), most=MEBIBYTE).kind == "csv"


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml",
                                  "xl/embeddings/oleObject1.bin", "xl/activeX/a1.bin"])  # fmt: skip
def test_a_workbook_with_macros_or_objects_is_refused(refusal, part):
    assert "makro" in refusal(samples.workbook_with({part: b"x"}), "data.xlsx")


def test_a_workbook_that_only_calls_itself_one_is_refused(refusal):
    named = samples.archive({"xl/workbook.xml": b"<workbook/>", "a.txt": b"x"})
    assert "bukan .xlsx" in refusal(named, "data.xlsx")
    enabled = samples.archive({
        "xl/workbook.xml": b"<workbook/>",
        "[Content_Types].xml": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    })  # fmt: skip
    assert "tanpa makro" in refusal(enabled, "data.xlsx")


def test_text_that_turns_into_something_else_is_no_table(refusal):
    assert "bukan teks" in refusal(b"a;b\n" * 20_000 + b"\x00\x01", accepted=("csv",))


def test_pictures_that_break_off_or_are_absurd_are_refused(refusal):
    assert "rusak" in refusal(samples.picture()[:40])
    huge = bytearray(samples.picture())
    huge[16:24] = (60_000).to_bytes(4, "big") * 2
    assert refusal(bytes(huge)).startswith(("Berkas gambar rusak", "Ukuran gambar terlalu besar"))


def test_a_large_report_goes_through_the_policy_of_pdfs(look, refusal):
    large = samples.report(pictures=2)
    assert len(large) > 5 * MEBIBYTE
    assert look(large, accepted=("pdf",)).kind == "pdf"
    assert "melebihi 2 MB" in refusal(large, accepted=("pdf",), most=2 * MEBIBYTE)
    acting = large.replace(b"/Type /Catalog", b"/AA<</O 3 0R>>")
    assert "tindakan otomatis" in refusal(acting, accepted=("pdf",))
    assert "data lain di belakang" in refusal(large + b"<html>" * 9, accepted=("pdf",))
