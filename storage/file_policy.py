"""Which files we accept from people, by what they hold and never by what they are called.

PDFs go through `storage.pdf_policy`, archives are listed by `storage.zip_policy`; here the kind of
a file is told by its first bytes and looked at just so far that no false name gets through.
"""

import codecs
import re
import warnings
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image

from storage.pdf_policy import HEADER_WITHIN, MEBIBYTE, PdfRejected, check_pdf
from storage.pdf_sizes import MAX_IMAGE_PIXELS
from storage.turns import Busy
from storage.zip_policy import RUN_BY_NAME, BadArchive, check_archive, names_in

CHUNK = 64 * 1024
PDF, XLSX, CSV, ZIP, IMAGE, ANY = "pdf", "xlsx", "csv", "zip", "image", "any"
# What an input may accept: code -> what people call it.
KINDS = {
    PDF: "PDF",
    XLSX: "Excel (xlsx)",
    CSV: "CSV",
    ZIP: "ZIP",
    IMAGE: "gambar (JPEG, PNG, WebP, TIFF)",
    ANY: "berkas apa pun",
}
# How each is written in the attribute `accept` of a control.
CHOOSERS = {
    # A photo of a paper is made a PDF.
    PDF: "application/pdf,.pdf,image/jpeg,image/png",
    XLSX: ".xlsx",
    CSV: ".csv,text/csv",
    ZIP: ".zip",
    IMAGE: "image/jpeg,image/png,image/webp,image/tiff",
}
IMAGES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
    "TIFF": ("image/tiff", ".tif"),
}
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OTHER_TYPE = "application/octet-stream"
# First bytes of what a machine would run, and what it is called.
PROGRAMS = (
    (b"MZ", "program Windows (exe)"),
    (b"\x7fELF", "program Linux"),
    (b"\xfe\xed\xfa\xce", "program macOS"),
    (b"\xfe\xed\xfa\xcf", "program macOS"),
    (b"\xce\xfa\xed\xfe", "program macOS"),
    (b"\xcf\xfa\xed\xfe", "program macOS"),
    (b"\xca\xfe\xba\xbe", "program Java"),
    (b"#!", "skrip"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "pintasan Windows"),
)
# What a browser would run as a page, beside what a machine runs by its name.
PAGES = re.compile(r"\.(svg|html?|xhtml|mht|swf)")
IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
# Control characters that stand in no table: everything below a space but tab, line ends, form feed.
NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
LONGEST_SUFFIX = 10


@dataclass(frozen=True)
class FileFacts:
    """What was learned of a file that is accepted; `suffix` is the end its name should have."""

    kind: str
    media_type: str
    suffix: str
    header_offset: int = 0


class FileRejected(ValueError):
    """A file that isn't accepted; its text is for the person who uploaded it."""


def words_of(accepted: Collection[str]) -> str:
    """`PDF, Excel (xlsx), atau CSV`."""
    words = [KINDS[kind] for kind in KINDS if kind in accepted]
    if len(words) < 3:
        return " atau ".join(words)
    return f"{', '.join(words[:-1])}, atau {words[-1]}"


class NotNow(FileRejected):
    """The file may well be good: it wasn't looked at, and may be sent again."""


class Postponed(Exception):
    """Raised instead of giving a turn, by who wants no PDF looked at yet."""


BUSY = (
    "Banyak berkas sedang diperiksa saat ini, jadi berkas ini belum diperiksa. Isian dan berkas "
    "Anda masih ada di sini: kirim sekali lagi sebentar lagi."
)


def check_file(
    path: Path,
    name: str,
    *,
    accepted: Collection[str],
    max_bytes: int,
    turn: Callable[[], AbstractContextManager] = nullcontext,
) -> FileFacts:
    """Check one file by the policy of its kind. Raises FileRejected.

    `turn` is what a PDF is looked at within, since that takes long (`storage.turns`).
    """
    size = path.stat().st_size
    if size == 0:
        raise FileRejected("Berkas kosong. Pilih berkas yang berisi.")
    if size > max_bytes:
        raise FileRejected(f"Ukuran berkas melebihi {max_bytes // MEBIBYTE} MB.")
    with path.open("rb") as file:
        head = file.read(HEADER_WITHIN)
    for start, words in PROGRAMS:
        # A table may well begin with the letters MZ; no program does without a zero among them.
        if head.startswith(start) and (start != b"MZ" or b"\x00" in head):
            raise FileRejected(
                f"Isi berkas ini adalah {words}, apa pun namanya, jadi tidak diterima."
            )
    kind = _kind_of(path, head)
    if kind not in accepted and ANY not in accepted:
        raise FileRejected(_not_accepted(kind, accepted))
    try:
        with turn() if kind == PDF else nullcontext():
            return LOOKS[kind](path, name, max_bytes)
    except Busy:
        raise NotNow(BUSY) from None


def _not_accepted(kind: str, accepted: Collection[str]) -> str:
    if set(accepted) == {PDF}:
        return "Berkas harus PDF atau foto (JPEG, PNG)."
    found = f"Isi berkas ini adalah {KINDS[kind]}" if kind != ANY else "Jenis berkas ini tidak kami"
    found += " kenal" if kind == ANY else ""
    return f"{found}. Yang diterima di sini: {words_of(accepted)}."


def _kind_of(path: Path, head: bytes) -> str:
    """What the bytes are; ANY for what isn't one of the others."""
    if head.startswith(ZIP_STARTS):
        return XLSX if "xl/workbook.xml" in _names(path) else ZIP
    if head.startswith(IMAGE_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return IMAGE
    if b"%PDF-" in head:
        return PDF
    return ANY if NOT_IN_TEXT.search(head) else CSV


def _names(path: Path) -> frozenset[str]:
    try:
        return frozenset(names_in(path))
    except BadArchive as reason:
        raise FileRejected(str(reason)) from None


def _look_at_pdf(path: Path, name: str, max_bytes: int) -> FileFacts:
    try:
        facts = check_pdf(path, max_bytes=max_bytes)
    except PdfRejected as rejection:
        raise FileRejected(rejection.sentence) from None
    return FileFacts(PDF, "application/pdf", ".pdf", facts.header_offset)


def _look_at_archive(path: Path, name: str, max_bytes: int) -> FileFacts:
    try:
        check_archive(path)
    except BadArchive as reason:
        raise FileRejected(str(reason)) from None
    suffix = _suffix_of(name)
    if suffix in (".zip", ""):
        return FileFacts(ZIP, "application/zip", ".zip")
    # A document or drawing of another program that is an archive inside.
    return FileFacts(ZIP, OTHER_TYPE, suffix)


def _look_at_workbook(path: Path, name: str, max_bytes: int) -> FileFacts:
    try:
        check_archive(path, is_workbook=True)
    except BadArchive as reason:
        raise FileRejected(str(reason)) from None
    return FileFacts(XLSX, XLSX_TYPE, ".xlsx")


def _look_at_image(path: Path, name: str, max_bytes: int) -> FileFacts:
    """Only the header is decoded, and the parts are gone through where the format counts them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path, formats=tuple(IMAGES)) as image:
                width, height = image.size
                found = image.format or ""
                image.verify()
        except Exception:  # a decoder of hostile input fails in every way there is
            raise FileRejected(
                "Berkas gambar rusak dan tidak dapat dibaca. Simpan ulang, lalu unggah kembali."
            ) from None
    if width * height > MAX_IMAGE_PIXELS:
        raise FileRejected("Ukuran gambar terlalu besar. Perkecil gambarnya, lalu unggah kembali.")
    media_type, suffix = IMAGES[found]
    return FileFacts(IMAGE, media_type, suffix)


def _look_at_text(path: Path, name: str, max_bytes: int) -> FileFacts:
    suffix, encoding = _harmless_suffix(name), _encoding_of(path)
    if not encoding:
        raise FileRejected("Berkas CSV memuat isi yang bukan teks. Simpan ulang sebagai CSV biasa.")
    if suffix in (".csv", ""):
        return FileFacts(CSV, f"text/csv; charset={encoding}", ".csv")
    return FileFacts(CSV, f"text/plain; charset={encoding}", suffix)


def _look_at_other(path: Path, name: str, max_bytes: int) -> FileFacts:
    return FileFacts(ANY, OTHER_TYPE, _harmless_suffix(name))


def _harmless_suffix(name: str) -> str:
    suffix = _suffix_of(name)
    if RUN_BY_NAME.fullmatch(suffix) or PAGES.fullmatch(suffix):
        raise FileRejected(
            f"Berkas {suffix} dapat dijalankan oleh komputer pembacanya, jadi tidak diterima."
        )
    return suffix


def _suffix_of(name: str) -> str:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    plain = suffix[1:].isascii() and suffix[1:].isalnum()
    return suffix if plain and len(suffix) <= LONGEST_SUFFIX else ""


def _encoding_of(path: Path) -> str:
    """`utf-8`, or `windows-1252` for older programs; empty for what is no text."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    encoding = "utf-8"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if NOT_IN_TEXT.search(chunk):
                return ""
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding, decoder = "windows-1252", codecs.getincrementaldecoder("latin-1")()
    return encoding


LOOKS = {
    PDF: _look_at_pdf,
    XLSX: _look_at_workbook,
    CSV: _look_at_text,
    ZIP: _look_at_archive,
    IMAGE: _look_at_image,
    ANY: _look_at_other,
}
