"""How much a reader of a PDF gets by unpacking it, counted without holding it.

For the process that looks at a file; works on parsed streams. Scans are the reason why pictures
count apart: ten pages at 300 dpi are 250 MiB of colour, and as PNG less than a letter may weigh.
"""

import zlib
from typing import Any

from storage.pdf_actions import resolved

MEBIBYTE = 1024 * 1024
MAX_IMAGE_PIXELS = 250_000_000  # A0 at 300 dpi has 140 million
FLATE = ("/FlateDecode", "/Fl")
LZW = ("/LZWDecode", "/LZW")
BITS = (1, 2, 4, 8, 16)
# Four of print, and some inks of their own.
MOST_COLOURS = 8


class TooMuch(Exception):
    """More than a file may hold, or something that has no use but to multiply."""


class Unpacked:
    """Sums up the streams of one file: `bytes_most` of what is no picture, `pictures_most`."""

    def __init__(self, bytes_most: int, pictures_most: int):
        self._left = {False: bytes_most, True: pictures_most}

    def add(self, stream: Any) -> None:
        """Count a stream. Raises TooMuch, also for a picture larger than its measures say."""
        picture = _picture_size(stream)
        most = min(picture, self._left[True]) if picture else self._left[False]
        size = _unpacked_size(stream, most)
        if size > most:
            raise TooMuch
        self._left[bool(picture)] -= size


def check_contents(page: Any) -> None:
    """Raise TooMuch when the commands of a page are said to be a picture."""
    contents = resolved(page, "/Contents")
    for part in contents if isinstance(contents, list) else [contents]:
        found = part.get_object() if part is not None else None
        if isinstance(found, dict) and resolved(found, "/Subtype") == "/Image":
            raise TooMuch


def _picture_size(stream: Any) -> int:
    """The most bytes that a picture of these measures unpacks to; 0 for what is no picture."""
    if resolved(stream, "/Subtype") != "/Image":
        return 0
    width, height = int(resolved(stream, "/Width") or 0), int(resolved(stream, "/Height") or 0)
    # A boolean of the parser is true as an object, whatever it says.
    is_mask = getattr(resolved(stream, "/ImageMask"), "value", False)
    bits = 1 if is_mask else resolved(stream, "/BitsPerComponent") or 8
    if width * height > MAX_IMAGE_PIXELS or width < 0 or height < 0 or bits not in BITS:
        raise TooMuch
    # One byte before each row says how it was predicted (PNG).
    return height * (1 + (width * MOST_COLOURS * bits + 7) // 8)


def _unpacked_size(stream: Any, most: int) -> int:
    """Bytes inside; 0 where a filter can't multiply them much. Raises TooMuch."""
    filters = resolved(stream, "/Filter") or []
    names = [filters] if isinstance(filters, str) else [each.get_object() for each in filters]
    packings = [name for name in names if name in FLATE + LZW]
    if len(packings) > 1:
        raise TooMuch
    if not packings:
        return 0
    if names[0] in FLATE:
        return _inflated_size(stream._data, most)  # the packed bytes have no public name
    return len(stream.get_data())


def _inflated_size(packed: bytes, most: int) -> int:
    """Size after zlib, counted piece by piece and never held; damage ends the count."""
    unpacker, size = zlib.decompressobj(), 0
    try:
        while packed and not unpacker.eof and size <= most:
            size += len(unpacker.decompress(packed, MEBIBYTE))
            packed = unpacker.unconsumed_tail
    except zlib.error:
        pass
    return size
