"""The PDF policy on real files, by the real child process."""

import io
import resource
import zipfile
from pathlib import Path

import pytest
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from storage.pdf_policy import MAX_PAGES, PdfRejected, check_pdf
from tests.storage.pdf_samples import (
    PAGES,
    acting_pdf,
    letter,
    object_stream,
    raw_pdf,
    stream,
    written,
)

TWO_MEBIBYTES = 2 * 1024 * 1024


@pytest.fixture
def check(tmp_path):
    def run(content: bytes, **limits):
        path = tmp_path / "berkas.pdf"
        path.write_bytes(content)
        return check_pdf(path, **limits)

    return run


@pytest.fixture
def code(check):
    """The rejection's code, after its sentence was looked at."""

    def run(content: bytes, **limits) -> str:
        with pytest.raises(PdfRejected) as rejected:
            check(content, **limits)
        assert str(rejected.value).endswith(".")
        return rejected.value.code

    return run


def test_a_letter_is_accepted_with_its_pages(check):
    facts = check(letter(3))
    assert (facts.pages, facts.header_offset) == (3, 0)


def test_a_letter_is_checked_quickly(check):
    check(letter())  # the first start reads the parser from disk
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    check(letter(20))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Its own time: how busy the machine is says nothing about the check.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_a_form_field_and_a_web_link_are_harmless(check):
    link = b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (//contoh.test) >> >>]"
    opening = b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >> /AcroForm << /Fields [] >>"
    assert check(acting_pdf(opening, link)).pages == 1


def test_two_mebibytes_are_accepted_and_one_byte_more_is_not(check, code):
    content = letter()
    assert check(content + b"\n" * (TWO_MEBIBYTES - len(content))).pages == 1
    assert code(content + b"\n" * (TWO_MEBIBYTES + 1 - len(content))) == "too_large"


def test_an_empty_file(code):
    assert code(b"") == "empty"


@pytest.mark.parametrize(
    "content",
    [b"%PDF", b"halo", b"\x89PNG\r\n\x1a\n" * 50, b"\x00" * 2000, b" " * 1024 + b"%PDF-1.7"],
)
def test_what_has_no_header_is_not_a_pdf(code, content):
    assert code(content) == "not_pdf"


def test_a_header_within_the_first_kibibyte_is_enough_and_its_place_is_told(check):
    prefix = b"<html><script>alert(1)</script></html>\n"
    facts = check(prefix + letter())
    assert (facts.pages, facts.header_offset) == (1, len(prefix))


CIPHERS = ["RC4-40", "RC4-128", "AES-128", "AES-256"]


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_document_that_needs_a_password(code, cipher):
    assert code(written(lambda writer: writer.encrypt("rahasia", algorithm=cipher))) == "encrypted"


def test_javascript_on_opening(code):
    assert code(acting_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert) >>")) == "active_content"


def test_javascript_in_the_names_tree(code):
    tree = b"/Names << /JavaScript << /Names [(a) 4 0 R] >> >>"
    assert code(acting_pdf(tree, b"", b"<< /S /JavaScript /JS (1) >>")) == "active_content"


def test_an_annotation_that_acts_by_itself(code):
    def act(writer):
        reaction = DictionaryObject(
            {NameObject("/E"): DictionaryObject({NameObject("/S"): NameObject("/URI")})}
        )
        annotation = DictionaryObject(
            {
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/T"): TextStringObject("a"),
                NameObject("/AA"): reaction,
            }
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])

    assert code(written(act)) == "active_content"


def test_launching_a_program(code):
    assert code(acting_pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>")) == "active_content"


def test_an_embedded_file(code):
    def embed(writer):
        writer.add_attachment("lampiran.exe", b"MZ")

    assert code(written(embed)) == "active_content"


@pytest.mark.parametrize("name", [b"/J#61vaScript", b"/#4a#61vaScript", b"/Laun#63h"])
def test_names_written_in_numbers(code, name):
    assert code(acting_pdf(b"/OpenAction << /S %s /F (a) >>" % name)) == "active_content"


def test_a_deed_far_down_a_chain_of_actions(code):
    chain = b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next [4 0 R] >>"
    more = b"<< /S /GoTo /D [3 0 R /Fit] /Next << /S /Launch /F (x) >> >>"
    assert code(acting_pdf(chain, b"", more)) == "active_content"


def test_a_compressed_object_hides_nothing(code):
    bodies = (
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R >>",
        PAGES,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        object_stream((6, b"<< /S /JavaScript /J#53 (app.alert) >>")),
    )
    content, rows = b"%PDF-1.7\n", b"\x00" * 4
    for number, body in enumerate(bodies, 1):
        rows += b"\x01" + len(content).to_bytes(2, "big") + b"\x00"
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    rows += b"\x01" + start.to_bytes(2, "big") + b"\x00" + b"\x02\x00\x04\x00"
    table = stream(rows, b"/Type /XRef /W [1 2 1] /Size 7 /Root 1 0 R")
    content += b"5 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, start)
    assert b"JavaScript" not in content
    assert code(content) == "active_content"


def test_a_zip_behind_the_document(code):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "isi")
    assert code(letter() + archive.getvalue()) == "broken"


def test_a_page_behind_the_document(code):
    assert code(letter() + b"<html><script>alert(1)</script></html>") == "broken"


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_torn_file_is_broken(code, keep):
    content = letter(3)
    assert code(content[: int(len(content) * keep)]) == "broken"


def test_a_document_without_pages_is_broken(code):
    assert code(raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] >>")) == (
        "broken"
    )


def test_a_page_tree_that_bites_its_tail_ends(code):
    assert code(
        raw_pdf(
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>",
        )
    ) in ("broken", "too_complex")


def test_too_many_pages(check, code):
    def add(count):
        return lambda writer: [writer.add_blank_page(9, 9) for _ in range(count - 1)]

    assert check(written(add(MAX_PAGES))).pages == MAX_PAGES
    assert code(written(add(MAX_PAGES + 1))) == "too_many_pages"


def test_the_parent_does_not_load_the_parser():
    source = Path(check_pdf.__code__.co_filename).read_text()
    head = source[: source.index("class PdfFacts")]
    assert "import pypdf" not in head and "from pypdf" not in head
