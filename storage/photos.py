"""Photographs of a paper as a PDF: turned upright, without what the camera wrote, small enough.

The picture is decoded in a process of its own with limits on time and memory: `python -I` runs
this file with target, the most bytes and the sources, a page each.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PHOTO_MB = 12
# Of one paper.
MOST_PHOTOS = 10
MOST_PIXELS = 60_000_000
# The longer side of an A4 page at 200 dots an inch, and less where that is too large.
SIDES = (2339, 1754, 1240)
QUALITIES = (85, 70, 50)
CPU_SECONDS, MEMORY_BYTES, WALL_SECONDS = 30, 1024 * 1024 * 1024, 60
TOO_MANY_PIXELS, BROKEN, TOO_LARGE = 3, 4, 5
SENTENCES = {
    TOO_MANY_PIXELS: "Ukuran gambar terlalu besar. Perkecil gambarnya, lalu unggah kembali.",
    BROKEN: "Foto rusak dan tidak dapat dibaca. Ambil ulang fotonya, lalu unggah kembali.",
    TOO_LARGE: "Foto ini tidak dapat dikecilkan secukupnya. Ambil ulang dari jarak wajar.",
}
HEIC = (
    "Foto ini berformat HEIC. Di iPhone pilih Pengaturan → Kamera → Format → Paling Kompatibel, "
    "lalu ambil ulang; atau kirim foto sebagai JPEG."
)
STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


class PhotoRejected(ValueError):
    """A photo that becomes no PDF; its text is for the person who uploaded it."""


def is_photo(path: Path) -> bool:
    """Whether a file is a JPEG or PNG. Raises PhotoRejected for what only an iPhone opens."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        raise PhotoRejected(HEIC)
    return head.startswith(STARTS)


def photos_to_pdf(sources: Sequence[Path], target: Path, *, max_bytes: int) -> None:
    """Write `target`. Raises PhotoRejected."""
    asked = [sys.executable, "-I", __file__, str(target), str(max_bytes), *map(str, sources)]
    try:
        code = subprocess.run(
            asked, env={}, timeout=WALL_SECONDS, check=False, capture_output=True
        ).returncode
    except subprocess.TimeoutExpired:
        code = BROKEN
    if code:
        raise PhotoRejected(SENTENCES.get(code, SENTENCES[BROKEN]))


def _convert(target: str, max_bytes: int, sources: Sequence[str]) -> int:
    from PIL import Image, ImageOps

    # Told below, by a sentence of its own.
    Image.MAX_IMAGE_PIXELS = None
    pages = []
    for source in sources:
        with Image.open(source, formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return TOO_MANY_PIXELS
            opened.draft("RGB", (SIDES[0], SIDES[0]))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
        # A new picture: nothing that the camera wrote comes along.
        page = Image.new("RGB", upright.size, "white")
        page.paste(upright, mask=upright.getchannel("A"))
        page.thumbnail((SIDES[0], SIDES[0]))
        pages.append(page)
    for side in SIDES:
        for page in pages:
            page.thumbnail((side, side))
        for quality in QUALITIES:
            whole = {"save_all": True, "append_images": pages[1:]}
            pages[0].save(target, "PDF", quality=quality, resolution=200, **whole)
            if Path(target).stat().st_size <= max_bytes:
                return 0
    return TOO_LARGE


def _main() -> int:
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, MOST_PHOTOS * PHOTO_MB * 1024 * 1024),
    ):
        resource.setrlimit(kind, (limit, limit))
    try:
        return _convert(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    except Exception:  # a decoder of hostile input fails in every way there is
        return BROKEN


if __name__ == "__main__":
    sys.exit(_main())
