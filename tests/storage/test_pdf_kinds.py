"""PDFs of honest programs, old and new: what is unusual about them does no harm."""

from io import BytesIO

import pytest
from fpdf import FPDF
from fpdf.enums import PageMode
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Highlight, Link
from pypdf.generic import ArrayObject, Fit, FloatObject

from storage.pdf_policy import check_pdf
from tests.storage.pdf_samples import acting_pdf, letter, object_stream, raw_pdf, stream, written


def incremental() -> bytes:
    """Written on twice, as by a program that signs or comments."""
    content = letter(2)
    for note in ("Setuju", "Periksa lagi"):
        writer = PdfWriter(BytesIO(content), incremental=True)
        writer.add_annotation(0, FreeText(text=note, rect=(50, 50, 200, 90)))
        out = BytesIO()
        writer.write(out)
        content = out.getvalue()
    return content


def packed() -> bytes:
    """Catalog and pages in an object stream, and the table of places in a stream of its own."""
    packed = object_stream(
        (1, b"<< /Type /Catalog /Pages 2 0 R >>"),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        (3, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"),
    )
    head = b"%PDF-1.5\n"
    first = b"4 0 obj\n" + packed + b"\nendobj\n"
    at = len(head) + len(first)
    rows = b"".join(
        kind.to_bytes(1) + place.to_bytes(2) + index.to_bytes(1)
        for kind, place, index in (
            (0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, len(head), 0), (1, at, 0),
        )
    )  # fmt: skip
    table = stream(rows, b"/Type /XRef /W [1 2 1] /Size 6 /Root 1 0 R")
    return head + first + b"5 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at


def commented(writer: PdfWriter) -> None:
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://contoh.test/berkas"))
    quad = ArrayObject(map(FloatObject, (10, 20, 50, 20, 10, 10, 50, 10)))
    writer.add_annotation(0, Highlight(rect=(10, 10, 50, 20), quad_points=quad))
    writer.add_outline_item("Bab 1", 0, fit=Fit.fit_horizontally(100))
    writer.set_page_label(0, 0, "/r", "A-")
    writer.page_mode = "/UseOutlines"
    writer.page_layout = "/TwoColumnLeft"
    writer.pages[0].rotate(270)
    writer.add_metadata({"/Title": "Surat", "/Subject": "JavaScript /JS /Launch"})


def many_bookmarks(writer: PdfWriter) -> None:
    for number in range(300):
        writer.add_outline_item(f"Bagian {number}", 0)


def tagged() -> bytes:
    document = FPDF()
    document.set_lang("id-ID")
    document.set_title("Permohonan")
    document.page_mode = PageMode.USE_OUTLINES
    document.add_page(format=(5000, 5000))
    document.set_font("helvetica", size=20)
    document.start_section("Pendahuluan")
    document.cell(text="Halaman sebesar peta dinding")
    document.add_page(orientation="L")
    return bytes(document.output())


LAYERS = (
    b"/OCProperties << /OCGs [4 0 R] /D << /Order [4 0 R] /AS [<< /Event /View /OCGs [4 0 R] "
    b"/Category [/View] >>] >> >>"
)
KINDS = {
    "written on twice": incremental,
    "packed objects": packed,
    "comments, links and labels": lambda: written(commented),
    "three hundred bookmarks": lambda: written(many_bookmarks),
    "tags, sections and a page of five metres": tagged,
    "layers": lambda: acting_pdf(LAYERS, b"", b"<< /Type /OCG /Name (Peta) >>"),
    "the oldest version": lambda: letter().replace(b"%PDF-1.3", b"%PDF-1.0", 1),
    "the newest version": lambda: raw_pdf(
        b"<< /Type /Catalog /Version /2.0 /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /UserUnit 75.5 >>",
    ),
    "lines that end as on an old Mac": lambda: raw_pdf(
        b"<< /Type /Catalog\r/Pages 2 0 R\r>>",
        b"<< /Type /Pages\r/Kids [3 0 R]\r/Count 1 >>",
        b"<< /Type /Page\r/Parent 2 0 R\r/MediaBox [0 0 9 9] >>",
    ),
    "a metadata stream and an output intent": lambda: acting_pdf(
        b"/Metadata 4 0 R /OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 "
        b"/OutputConditionIdentifier (sRGB) /DestOutputProfile 5 0 R >>]",
        b"",
        stream(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", b"/Type /Metadata /Subtype /XML"),
        stream(b"\x00" * 128, b"/N 3"),
    ),
    "fields to fill in": lambda: acting_pdf(
        b"/AcroForm << /Fields [4 0 R] /NeedAppearances true /DA (/Helv 0 Tf) >>",
        b"/Annots [4 0 R]",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (nama) /V (Wayan) /Rect [0 0 9 9] >>",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_honest_kinds(tmp_path, kind):
    path = tmp_path / "berkas.pdf"
    path.write_bytes(KINDS[kind]())
    assert check_pdf(path).pages == len(PdfReader(path).pages)
