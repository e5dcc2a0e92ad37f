"""Scans pass though their pictures are large inside; a bomb that calls itself a picture doesn't."""

import io
import random
from functools import cache

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw

from storage.pdf_policy import MAX_BYTES, MEBIBYTE, PdfRejected, check_pdf
from tests.storage.pdf_samples import raw_pdf, stream
from tests.storage.test_pdf_mischief import zeros

# A4 at 300 dots an inch.
WIDTH, HEIGHT = 2480, 3508


def sheet(mode: str, number: int) -> Image.Image:
    """A printed page as a scanner gives it: strokes in lines on white, and its number."""
    page = lines().copy()
    ImageDraw.Draw(page).text((WIDTH // 2, 60), str(number), 0)
    return page.convert(mode)


@cache
def lines() -> Image.Image:
    page = Image.new("L", (WIDTH, HEIGHT), 255)
    drawing, rng = ImageDraw.Draw(page), random.Random(7)
    for y in range(300, 3200, 240):
        for x in range(240, 2200, 90):
            drawing.line((x, y, x + rng.randint(20, 70), y + rng.randint(10, 60)), 20, width=6)
    return page


def scan(mode: str, pages: int, packed: str) -> bytes:
    """A file of scanned pages, with pictures packed in one of the ways that programs use."""
    document = FPDF(format="A4")
    document.set_image_filter(packed)
    for number in range(pages):
        document.add_page()
        document.image(sheet(mode, number), 0, 0, 210, 297)
    return bytes(document.output())


def pillow_scan(mode: str, pages: int) -> bytes:
    first, *others = [sheet(mode, number) for number in range(pages)]
    out, quality = io.BytesIO(), {} if mode == "1" else {"quality": 10}
    first.save(out, "PDF", save_all=True, append_images=others, resolution=300, **quality)
    return out.getvalue()


def code(tmp_path, content: bytes) -> str:
    path = tmp_path / "pindaian.pdf"
    path.write_bytes(content)
    try:
        check_pdf(path)
    except PdfRejected as rejection:
        return rejection.code
    return ""


@pytest.mark.parametrize(
    ("mode", "pages", "packed"),
    [("RGB", 3, "FlateDecode"), ("L", 8, "FlateDecode"), ("1", 3, "AUTO"),
     ("RGB", 1, "DCTDecode"), ("L", 1, "JPXDecode")],
)  # fmt: skip
def test_scanned_pages(tmp_path, mode, pages, packed):
    content = scan(mode, pages, packed)
    assert len(content) <= MAX_BYTES
    assert code(tmp_path, content) == ""


@pytest.mark.parametrize("mode", ["L", "1"])
def test_pages_by_another_program(tmp_path, mode):
    content = pillow_scan(mode, 4)
    assert len(content) <= MAX_BYTES
    assert code(tmp_path, content) == ""


@pytest.mark.parametrize(("pages", "refusal"), [(10, ""), (22, "too_complex")])
def test_pages_in_colour(tmp_path, pages, refusal):
    """Ten pages at 300 dpi are 250 MiB, which takes half a second to look through."""
    assert code(tmp_path, picture(3 * WIDTH * HEIGHT, A4, times=pages)) == refusal


A4 = b"/Width 2480 /Height 3508 /ColorSpace /DeviceRGB /BitsPerComponent 8"


def picture(size: int, extra: bytes, *, contents: bytes = b"", times: int = 1) -> bytes:
    extra = b"/Type /XObject /Subtype /Image /Filter /FlateDecode " + extra
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /I 4 0 R >> >>"
        + contents
        + b" >>",
        *[stream(zeros(size), extra)] * times,
    )


def test_a_picture_of_its_measures(tmp_path):
    assert code(tmp_path, picture(3 * WIDTH * HEIGHT, A4)) == ""
    # Each row begins with a byte of its own.
    assert code(tmp_path, picture((3 * WIDTH + 1) * HEIGHT, A4)) == ""
    mask = b"/Width 2480 /Height 3508 /ImageMask true"
    assert code(tmp_path, picture(WIDTH // 8 * HEIGHT, mask)) == ""
    assert code(tmp_path, picture(3 * WIDTH * HEIGHT, A4 + b" /ImageMask false")) == ""


@pytest.mark.parametrize(
    ("size", "extra"),
    [
        (100 * MEBIBYTE, b"/Width 9 /Height 9 /BitsPerComponent 8"),
        (100 * MEBIBYTE, b""),
        (100 * MEBIBYTE, b"/Width 2480 /Height 3508 /BitsPerComponent 1"),
        (100 * MEBIBYTE, b"/Width 2480 /Height 3508 /ImageMask true"),
        (100 * MEBIBYTE, b"/Width 16000 /Height 16000 /BitsPerComponent 16"),
        (100 * MEBIBYTE, b"/Width 2480 /Height 3508 /BitsPerComponent 4000"),
        (100 * MEBIBYTE, b"/Width -2480 /Height -3508 /BitsPerComponent 8"),
    ],
)
def test_a_bomb_called_a_picture(tmp_path, size, extra):
    assert code(tmp_path, picture(size, extra)) == "too_complex"


@pytest.mark.parametrize("contents", [b"/Contents 4 0 R", b"/Contents [4 0 R]"])
def test_commands_called_a_picture(tmp_path, contents):
    assert code(tmp_path, picture(3 * WIDTH * HEIGHT, A4, contents=contents)) == "too_complex"
