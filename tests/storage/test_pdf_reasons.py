"""A refusal names the thing and the cure, and nothing is refused that does no harm."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from storage.pdf_policy import PdfRejected, check_pdf
from tests.storage.pdf_samples import acting_pdf, letter, raw_pdf, stream, written
from tests.storage.test_pdf_policy import CIPHERS


@pytest.fixture
def check(tmp_path):
    def run(content: bytes):
        path = tmp_path / "berkas.pdf"
        path.write_bytes(content)
        return check_pdf(path)

    return run


def locked(cipher: str, content: bytes | None = None) -> bytes:
    """Locked against changes alone: it opens without a password."""

    def lock(writer):
        writer.append(PdfReader(BytesIO(content or letter(2))))
        writer.encrypt("", "pemilik", algorithm=cipher)

    return written(lock)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_what_is_locked_against_changes_alone_is_read(check, cipher):
    assert check(locked(cipher)).pages == 3


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_lock_hides_no_script(check, cipher):
    acting = acting_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert) >>")

    def lock(writer):
        writer.clone_document_from_reader(PdfReader(BytesIO(acting)))
        writer.encrypt("", "pemilik", algorithm=cipher)

    with pytest.raises(PdfRejected, match="skrip"):
        check(written(lock))


OPENED, OUTSIDE = "tindakan otomatis yang berjalan saat dibuka", "di luarnya"
LINK = b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A %s >>]"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (acting_pdf(b"/OpenAction << /S /JavaScript /JS (1) >>"), "skrip (JavaScript)"),
        (acting_pdf(b"/OpenAction << /S /URI /URI (https://jahat.test) >>"), OPENED),
        (acting_pdf(b"/OpenAction << /S /URI /URI (file://host/share) >>"), OPENED),
        (acting_pdf(b"/OpenAction << /S /Named /N /Print >>"), OPENED),
        (acting_pdf(b"/OpenAction << /S /Named /N /NextPage >>"), OPENED),
        (acting_pdf(b"/OpenAction << /S /Hide /T (x) >>"), OPENED),
        (
            acting_pdf(b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next [4 0 R] >>", b"",
                       b"<< /S /URI /URI (https://jahat.test) >>"),
            OPENED,
        ),
        (acting_pdf(b"", b"/AA << /O << /S /URI /URI (x) >> >>"), OPENED),
        (acting_pdf(b"/OpenAction << /S /Thread /F (lain.pdf) /D 0 >>"), OPENED),
        (acting_pdf(b"", LINK % b"<< /S /Thread /F (lain.pdf) /D 0 >>"), "tautan ke berkas lain"),
        (acting_pdf(b"", LINK % b"<< /S /GoToR /F (lain.pdf) /D [0 /Fit] >>"), "Hapus Hyperlink"),
        (acting_pdf(b"", LINK % b"<< /S /GoToE /T << /R /C >> >>"), "tautan ke berkas lain"),
        (acting_pdf(b"", LINK % b"<< /S /Launch /F (cmd.exe) >>"), "menjalankan program"),
        (acting_pdf(b"", LINK % b"<< /S /SubmitForm /F (x) >>"), "mengirim atau mengambil data"),
        (acting_pdf(b"", LINK % b"<< /S /Sound /Sound 4 0 R >>", stream(b"")), "suara"),
        (acting_pdf(b"/Foo << /S /Sound /Sound 4 0 R >>", b"", stream(b"")), "suara"),
        (acting_pdf(b"/Foo << /Type /Action /S /Movie >>"), "video"),
        (acting_pdf(b"/AcroForm << /XFA [(a) 4 0 R] >>", b"", stream(b"x")), "XFA"),
        (acting_pdf(b"/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>", b"",
                    b"<< /Type /Filespec /F (a.exe) >>"), "lampiran di dalamnya"),
        (acting_pdf(b"/Names << /EmbeddedFiles << /Kids [4 0 R] >> >>", b"",
                    b"<< /Names [(a) << /F (a) >>] >>"), "lampiran di dalamnya"),
        (acting_pdf(b"", b"/Contents 4 0 R", stream(b"", rb"/F (\\\\host\\share)")), OUTSIDE),
        (acting_pdf(b"", b"/Resources << /XObject << /X 4 0 R >> >>",
                    stream(b"", b"/Subtype /Form /Ref << /F (lain.pdf) /Page 0 >>")), OUTSIDE),
        (acting_pdf(b"", b"/Resources << /XObject << /X 4 0 R >> >>",
                    stream(b"", rb"/Subtype /Form /OPI << /2.0 << /F (\\\\h\\s) >> >>")), OUTSIDE),
    ],
    ids=lambda given: str(len(given)),
)  # fmt: skip
def test_the_sentence_names_the_thing_and_the_cure(check, content, words):
    with pytest.raises(PdfRejected) as rejected:
        check(content)
    assert rejected.value.code == "active_content"
    assert words in str(rejected.value)
    assert "lalu unggah" in str(rejected.value)


@pytest.mark.parametrize(
    "content",
    [
        acting_pdf(b"/Names << /EmbeddedFiles << /Names [] >> >>"),
        acting_pdf(b"/Names << /EmbeddedFiles << /Kids [4 0 R] >> >>", b"", b"<< /Names [] >>"),
        acting_pdf(b"/Names << /JavaScript << /Names [] >> /EmbeddedFiles 4 0 R >>", b"", b"<< >>"),
        acting_pdf(b"/Names << /EmbeddedFiles null >>"),
        acting_pdf(b"/AA << >> /AcroForm << /XFA [] /Fields [] >>"),
        acting_pdf(b"/Foo << /S /Sound >>"),
        acting_pdf(b"/StructTreeRoot << /K << /Type /StructElem /S /Sound /P 1 0 R >> >>"),
        acting_pdf(b"/StructTreeRoot << /K << /S /Movie /P 1 0 R /A << /O /Layout >> >> >>"),
        acting_pdf(b"/StructTreeRoot << /RoleMap << /Launch /P >> >>"),
        acting_pdf(b"/OpenAction [3 0 R /Fit]"),
        acting_pdf(b"/OpenAction << /S /GoTo /D [3 0 R /XYZ null null 0] >>"),
        acting_pdf(b"", LINK % b"<< /S /URI /URI (https://contoh.test) >>"),
        acting_pdf(b"", LINK % b"<< /S /Named /N /NextPage >>"),
        acting_pdf(b"", b"/Contents 4 0 R", stream(b"BT (/JavaScript /JS /XFA /Launch) Tj ET")),
    ],
    ids=lambda given: str(len(given)),
)  # fmt: skip
def test_what_does_no_harm_is_accepted(check, content):
    assert check(content).pages == 1


@pytest.mark.parametrize(
    "end", [b"", b"\n", b"\n\n\x00", b"\n%", b"\n%%", b"\n%%E", b"\r\n%%EO\r\n"]
)
def test_a_document_whose_last_mark_is_missing_is_whole(check, end):
    content = letter(2)
    assert check(content[: content.rindex(b"%%EOF")].rstrip() + end).pages == 2


def test_a_change_behind_it_whose_mark_is_missing_is_whole(check):
    content = acting_pdf()
    table = content.rindex(b"startxref")
    start = int(content[table:].split()[1])
    changed = content + b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 50 50] >>\nendobj\n"
    at = len(changed)
    changed += b"xref\n3 1\n%010d 00000 n \n" % len(content)
    changed += b"trailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n" % (start, at)
    assert check(changed).pages == 1


@pytest.mark.parametrize(
    "more", [b"<html>startxref\n9\n", b"PK\x03\x04 startxref 9", b"x\nstartxref\n12\n%%"]
)
def test_something_else_behind_it_isnt_a_change(check, more):
    with pytest.raises(PdfRejected, match="data lain di belakang"):
        check(letter() + more)


def test_a_document_cut_before_its_table_is_broken(check):
    content = raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] >>")
    for mark in (b"xref\n0", b"trailer", b"startxref"):
        with pytest.raises(PdfRejected, match="rusak"):
            check(content[: content.rindex(mark)])
