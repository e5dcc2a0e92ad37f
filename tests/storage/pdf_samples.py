"""PDFs as people and mischief make them."""

import io
import zlib
from collections.abc import Callable

from fpdf import FPDF
from pypdf import PdfWriter


def letter(pages: int = 1) -> bytes:
    """A plain letter."""
    document = FPDF()
    for number in range(pages):
        document.add_page()
        document.set_font("helvetica", size=12)
        document.multi_cell(0, 8, f"Permohonan data gelombang, halaman {number + 1}.")
    return bytes(document.output())


def raw_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF with the given objects, numbered from 1; object 1 is the catalog."""
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def acting_pdf(catalog: bytes = b"", page: bytes = b"", *more: bytes) -> bytes:
    """One page; `catalog` and `page` are added to these dictionaries, `more` are objects from 4."""
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        PAGES,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] %s >>" % page,
        *more,
    )


def written(build: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    build(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)


def object_stream(*numbered: tuple[int, bytes]) -> bytes:
    bodies, index, at = b"", b"", 0
    for number, body in numbered:
        index += b"%d %d " % (number, at)
        bodies += body + b" "
        at = len(bodies)
    extra = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(numbered), len(index))
    return stream(zlib.compress(index + bodies), extra)
