"""What is on a sheet of paper: its words, its fonts, and the QR code read off its picture."""

import io

import pypdf
import pypdfium2
import segno

# Where the sheet puts it: its side, and how far its left edge is from the right edge of the page;
# and where letters have it, in the space above the name.
SIDE, FROM_RIGHT, ABOVE_NAME, SCALE = 20, 40, 100, 8
DOTS = SCALE * 72 / 25.4


def read_pdf(content: bytes) -> tuple[pypdf.PdfReader, str]:
    """The PDF and its text in one line.

    Fails when a page has no text or nothing to see, or a font isn't inside.
    """
    reader = pypdf.PdfReader(io.BytesIO(content))
    texts = [page.extract_text() for page in reader.pages]
    assert all(text.strip() for text in texts)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0]
            assert inner.get_object()["/FontDescriptor"]["/FontFile2"]
    for page in pypdfium2.PdfDocument(content):
        darkest, lightest = page.render(scale=0.5).to_pil().convert("L").getextrema()
        assert darkest < 128 < lightest, "a page shows nothing"
    return reader, " ".join(" ".join(texts).split())


def words_of(content: bytes) -> str:
    """The text of all pages, on one line."""
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def assert_carries_code(content: bytes, address: str, *, from_right: int = FROM_RIGHT) -> None:
    """Every module of the QR code on the first page, sampled from the picture, says `address`."""
    page = pypdfium2.PdfDocument(content)[0]
    assert address in page.get_textpage().get_text_range()
    matrix = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    picture = page.render(scale=SCALE).to_pil().convert("L")
    left = picture.width - from_right * DOTS
    step = SIDE * DOTS / len(matrix)

    def is_dark(column: float, y: float) -> bool:
        return picture.getpixel((int(left + column * step), int(y))) < 128

    # The upper edge of the finder pattern: dark over seven modules, light at the eighth.
    edge = [True] * 14 + [False]
    top = next(y for y in range(picture.height)
               if [is_dark(part / 2, y) for part in range(1, 16)] == edge)  # fmt: skip
    found = [
        [int(is_dark(column + 0.5, top + (row + 0.5) * step)) for column in range(len(matrix))]
        for row in range(len(matrix))
    ]
    assert found == matrix
