"""Files of every kind, honest and not, made on the spot."""

import io
import random
import struct
import zipfile
import zlib

from fpdf import FPDF
from openpyxl import Workbook
from PIL import Image

# The harmless file that every scanner knows, in two halves: no scanner shall stop at this one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 2000


def workbook() -> bytes:
    made, file = Workbook(), io.BytesIO()
    made.active.append(["Stasiun", "Tinggi gelombang (m)"])
    made.active.append(["Buleleng", 1.25])
    made.save(file)
    return file.getvalue()


def table(rows: int = 3) -> bytes:
    return b"waktu;tinggi\r\n" + b"2024-07-29 12:00;1,25\r\n" * rows


def picture(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, kind)
    return file.getvalue()


def report(pictures: int) -> bytes:
    """A PDF of photographs that don't shrink, of about three megabytes each."""
    document, noise = FPDF(), random.Random(1)
    for _ in range(pictures):
        document.add_page()
        pixels = Image.frombytes("RGB", (1000, 1000), noise.randbytes(3_000_000))
        document.image(pixels, w=180)
    return bytes(document.output())


def archive(parts: dict[str, bytes] | None = None, *, packed: bool = True) -> bytes:
    file = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", how) as made:
        for name, content in (parts or {"data/gelombang.csv": table()}).items():
            made.writestr(name, content)
    return file.getvalue()


def workbook_with(parts: dict[str, bytes]) -> bytes:
    """A workbook that carries something more."""
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def locked_archive() -> bytes:
    """An archive whose first entry says that it is enciphered."""
    content = bytearray(archive())
    for start, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + flags_at] |= 1
    return bytes(content)


def overlapping_archive(times: int = 400, size: int = 20_000_000) -> bytes:
    """A bomb of one piece of data that many names share (Fifield 2019)."""
    packed = zlib.compress(b"\x00" * size)[2:-4]
    crc = zlib.crc32(b"\x00" * size)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(packed), size, 1, 0)
    body = local + b"a" + packed
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(packed), size, 4, 0,
                    0, 0, 0, 0, 0) + f"{number:04d}".encode()
        for number in range(times)
    )  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(directory), len(body), 0)
    return body + directory + end


def archive_of_many_names(count: int = 60_000) -> bytes:
    return archive({f"{number}": b"" for number in range(count)}, packed=False)
