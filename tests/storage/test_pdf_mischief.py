"""Tricks that lean on readers' differences, and small files that are large inside."""

import io
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from pypdf import PdfReader

from storage.pdf_policy import PdfRejected, check_pdf
from tests.storage.pdf_samples import acting_pdf, letter, object_stream, raw_pdf, stream

LAUNCH = b"<< /S /Launch /F (cmd.exe) >>"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def code(tmp_path):
    def run(content: bytes) -> str:
        path = tmp_path / "berkas.pdf"
        path.write_bytes(content)
        with pytest.raises(PdfRejected) as rejected:
            check_pdf(path)
        assert rejected.value.sentence == str(rejected.value)
        return rejected.value.code

    return run


@cache
def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    piece = b"\x00" * MEBIBYTE
    return b"".join(packer.compress(piece) for _ in range(size // MEBIBYTE)) + packer.flush()


def test_the_sentence_names_the_limit_that_was_set(tmp_path):
    path = tmp_path / "laporan.pdf"
    path.write_bytes(letter() + b"\n" * MEBIBYTE)
    with pytest.raises(PdfRejected, match="melebihi 1 MB"):
        check_pdf(path, max_bytes=MEBIBYTE)


def test_a_name_behind_a_reference(code):
    assert code(acting_pdf(b"/OpenAction << /S 4 0 R /F (x) >>", b"", b"/Launch")) == (
        "active_content"
    )
    annotation = b"/Annots [<< /Type /Annot /Subtype 4 0 R /Rect [0 0 9 9] >>]"
    assert code(acting_pdf(b"", annotation, b"/FileAttachment")) == "active_content"


def test_an_object_that_no_table_names(code):
    content = acting_pdf()
    at = content.index(b"xref\n0 ")
    hidden = content[:at] + b"9 0 obj\n%s\nendobj\n" % LAUNCH + content[at:]
    hidden = hidden.replace(b"startxref\n%d" % at, b"startxref\n%d" % hidden.index(b"xref\n0 "))
    assert code(hidden) == "active_content"


def test_a_twin_of_an_object_under_the_same_number(code):
    content = acting_pdf(b"/OpenAction 4 0 R", b"", b"<< /S /GoTo /D [3 0 R /Fit] >>")
    at = content.index(b"xref\n0 ")
    twin = content[:at] + b"4 0 obj\n%s\nendobj\n" % LAUNCH + content[at:]
    twin = twin.replace(b"startxref\n%d" % at, b"startxref\n%d" % twin.index(b"xref\n0 "))
    assert code(twin) == "active_content"


def test_an_object_stream_that_no_table_names(code):
    assert code(acting_pdf(b"", b"", object_stream((9, b"<< /A 1 >>"), (10, LAUNCH)))) == (
        "active_content"
    )


def test_a_key_given_twice_where_readers_take_different_ones(code):
    assert code(acting_pdf(b"/OpenAction << /S /GoTo /S /Launch /F (x) >>")) == "broken"
    assert code(acting_pdf(b"/OpenAction [3 0 R /Fit] /OpenAction %s" % LAUNCH)) in (
        "broken",
        "active_content",
    )


def test_a_dictionary_the_parser_gives_up_on(code):
    assert code(acting_pdf(b"/Lang (id) /X ] /OpenAction %s" % LAUNCH)) in (
        "broken",
        "active_content",
    )


def test_a_key_given_twice_that_does_no_harm(tmp_path):
    path = tmp_path / "pemindai.pdf"
    path.write_bytes(acting_pdf(b"/PageMode /UseNone /PageMode /UseNone", b"/Rotate 0 /Rotate 0"))
    assert check_pdf(path).pages == 1


def test_a_prefix_is_cut_before_looking(tmp_path):
    """The table's offsets hold for the whole file only; what is served is checked."""
    path = tmp_path / "awalan.pdf"
    path.write_bytes(b"\r\n\xef\xbb\xbf\r\n" + letter(2))
    facts = check_pdf(path)
    assert (facts.pages, facts.header_offset) == (2, 7)


def test_an_archive_whose_comment_pretends_to_end_the_document(code):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "isi")
        file.comment = b"\n%%EOF\n"
    assert code(letter() + archive.getvalue()) == "broken"


def test_an_archive_whose_comment_is_the_end_of_the_document(code):
    """A reader of PDFs is content with it, and so is a program that unpacks archives."""
    document, archive = letter(), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "isi")
        file.comment = document[document.rindex(b"startxref") :]
    both = document + archive.getvalue()
    assert len(PdfReader(io.BytesIO(both)).pages) == 1
    assert zipfile.ZipFile(io.BytesIO(both)).read("a.txt") == b"isi"
    assert code(both) == "broken"


def test_a_stream_that_unpacks_to_half_a_gigabyte(code):
    bomb = stream(zeros(600 * MEBIBYTE), b"/Filter /FlateDecode")
    content = acting_pdf(b"", b"/Contents 4 0 R", bomb)
    assert len(content) < 2 * MEBIBYTE
    assert code(content) == "too_complex"


def test_many_streams_that_unpack_to_half_a_gigabyte_together(code):
    part = stream(zeros(64 * MEBIBYTE), b"/Filter /FlateDecode")
    assert code(acting_pdf(b"", b"/Contents [4 0 R]", *[part] * 9)) == "too_complex"


def test_a_packing_within_a_packing(code):
    twice = stream(zlib.compress(zeros(64 * MEBIBYTE)), b"/Filter [/FlateDecode /FlateDecode]")
    assert code(acting_pdf(b"", b"/Contents 4 0 R", twice)) == "too_complex"


def test_an_object_stream_that_unpacks_to_half_a_gigabyte(code):
    extra = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
    assert code(acting_pdf(b"", b"", stream(zeros(600 * MEBIBYTE), extra))) == "too_complex"


def test_an_image_of_absurd_measures(code):
    extra = b"/Subtype /Image /Width 60000 /Height 60000 /Filter /DCTDecode"
    assert code(acting_pdf(b"", b"", stream(b"\xff\xd8\xff\xd9", extra))) == "too_complex"


def test_an_unknown_cipher_is_encryption_too(code):
    locked = raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [] /Count 0 >>",
        b"<< /Filter /Adobe.PubSec /V 5 >>",
        trailer=b"/Encrypt 3 0 R",
    )
    assert code(locked) == "encrypted"


def test_deep_nesting_ends_with_a_sentence(code):
    assert code(acting_pdf(b"/X " + b"[" * 50_000 + b"]" * 50_000)) in ("broken", "too_complex")


def test_threads_of_a_web_process_may_check_at_once(tmp_path):
    path = tmp_path / "berkas.pdf"
    path.write_bytes(letter(2))
    with ThreadPoolExecutor(4) as pool:
        assert [facts.pages for facts in pool.map(check_pdf, [path] * 4)] == [2] * 4
