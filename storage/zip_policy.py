"""Which archives we accept: listed, counted and never unpacked.

A ZIP says in its directory what it holds and how large that becomes. The directory is measured
before it is read, since it may be a bomb of its own: two million names fit into a small file.
"""

import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MEBIBYTE = 1024 * 1024
MAX_ENTRIES = 5000
MAX_DIRECTORY_BYTES = MEBIBYTE
MAX_UNPACKED_BYTES = 4 * 1024 * MEBIBYTE
# Measurements in plain text shrink to a tenth or a twentieth; a bomb to a thousandth.
MAX_RATIO = 100
RATIO_COUNTS_FROM = 100 * MEBIBYTE
END = struct.Struct("<4s4H2LH")
LONGEST_COMMENT = 65_535
ZIP64_LOCATOR, ZIP64_LOCATOR_SIZE = b"PK\x06\x07", 20
LOCAL_HEADER_SIZE = 30
ARCHIVES = re.compile(r"\.(zip|rar|7z|gz|tgz|bz2|xz|zst|tar|cab|iso|arj|lzh|ace|img)")
# Cuts a name, writes a line of its own or turns the reading of its end round. A space that doesn't
# break or a soft hyphen, which `isprintable` refuses as well, does no such thing.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What a machine runs by its name alone, and office files with macros.
RUN_BY_NAME = re.compile(
    r"\.(exe|com|scr|pif|msi|msp|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|lnk|reg|jar|apk|app|dmg|sh"
    r"|dll|sys|cpl|chm|docm|dotm|xlsm|xltm|xlam|pptm|potm)"
)
# Parts of an office file that act or carry other files (ECMA-376).
ACTIVE_PARTS = ("vbaproject", "vbadata", "macrosheets/", "activex/", "embeddings/", "customui/")
CONTENT_TYPES = "[Content_Types].xml"
BROKEN = "Berkas ZIP rusak atau tidak lengkap. Kemas ulang, lalu unggah kembali."
TOO_MANY = (
    f"Berkas ZIP memuat lebih dari {MAX_ENTRIES} berkas. "
    "Bagi menjadi beberapa ZIP yang lebih kecil."
)
BOMB = (
    "Isi berkas ZIP ini mengembang jauh lebih besar daripada wajarnya, sehingga tidak aman dibuka. "
    "Kemas ulang hanya dengan berkas yang diperlukan."
)
NO_WORKBOOK = (
    "Berkas Excel rusak atau bukan .xlsx. Simpan ulang sebagai .xlsx, lalu unggah kembali."
)


class BadArchive(ValueError):
    """An archive that isn't accepted; its text is for the person who uploaded it."""


def names_in(path: Path) -> list[str]:
    """The names of an archive's parts. Raises BadArchive when the list itself can't be read."""
    return [entry.filename for entry in _listed(path)]


def check_archive(path: Path, *, is_workbook: bool = False) -> None:
    """Count what is in an archive. Raises BadArchive."""
    entries, size = _listed(path), path.stat().st_size
    if not entries:
        raise BadArchive("Berkas ZIP kosong. Pilih berkas yang berisi.")
    for reason in _reasons(entries, size):
        raise BadArchive(reason)
    lowered = [entry.filename.lower() for entry in entries]
    if any(part in name for name in lowered for part in ACTIVE_PARTS):
        raise BadArchive(
            "Berkas memuat makro, skrip, atau berkas lain di dalamnya. "
            "Simpan ulang tanpa makro (xlsx biasa), lalu unggah kembali."
        )
    if is_workbook:
        _check_workbook(path, lowered)
    elif found := _carried(entries):
        raise BadArchive(found)


def _listed(path: Path) -> list[zipfile.ZipInfo]:
    _measure_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError):
        raise BadArchive(BROKEN) from None


def _measure_directory(path: Path) -> None:
    """Look at the closing record alone, before anything reads the directory it tells of."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - END.size - LONGEST_COMMENT - ZIP64_LOCATOR_SIZE))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END.size:
        raise BadArchive(BROKEN)
    _, _, _, _, count, directory_size, offset, comment = END.unpack_from(tail, at)
    if at + END.size + comment != len(tail):
        raise BadArchive(BROKEN)
    before = tail[max(0, at - ZIP64_LOCATOR_SIZE) : at]
    # A record of 64 bits would be believed instead of this one; nothing we accept is so large.
    if before.startswith(ZIP64_LOCATOR) or count > MAX_ENTRIES:
        raise BadArchive(TOO_MANY)
    if directory_size > MAX_DIRECTORY_BYTES:
        raise BadArchive(TOO_MANY)
    if directory_size + offset > size:
        raise BadArchive(BROKEN)


def _reasons(entries: list[zipfile.ZipInfo], size: int) -> Iterator[str]:
    """Why an archive isn't accepted, a sentence each."""
    if len(entries) > MAX_ENTRIES:
        yield TOO_MANY
    if any(entry.flag_bits & 0x1 for entry in entries):
        yield "Berkas ZIP terkunci kata sandi. Kemas ulang tanpa kata sandi, lalu unggah kembali."
    for entry in entries:
        if _leads_out(entry):
            yield (
                "Berkas ZIP memuat nama yang menunjuk ke luar foldernya. "
                "Kemas ulang dari satu folder biasa, lalu unggah kembali."
            )
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    # Parts that lie over each other are counted more than once: more than the file itself has.
    if packed + LOCAL_HEADER_SIZE * len(entries) > size:
        yield BOMB
    is_dense = any(entry.file_size > MAX_RATIO * max(1, entry.compress_size) for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_COUNTS_FROM and is_dense):
        yield BOMB


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    """Whether unpacking it could write elsewhere than into the folder chosen for it."""
    # As it stands in the file: the library cuts a name at a NUL and turns separators round.
    name = entry.orig_filename.replace("\\", "/")
    is_absolute = name.startswith("/") or name[1:2] == ":"
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return is_absolute or is_link or ".." in name.split("/") or bool(CONTROL.search(name))


def _carried(entries: list[zipfile.ZipInfo]) -> str:
    """A sentence about what an archive of measurements has no use for; empty for nothing."""
    for entry in entries:
        suffix, name = PurePosixPath(entry.filename).suffix.lower(), entry.filename[-80:]
        if ARCHIVES.fullmatch(suffix):
            return (
                f"Berkas ZIP memuat arsip lain ({name}). "
                "Keluarkan dulu isinya, kemas ulang menjadi satu ZIP, lalu unggah kembali."
            )
        if RUN_BY_NAME.fullmatch(suffix):
            return f"Berkas ZIP memuat program atau makro ({name}). Kemas ulang tanpa berkas itu."
    return ""


def _check_workbook(path: Path, names: list[str]) -> None:
    if CONTENT_TYPES.lower() not in names:
        raise BadArchive(NO_WORKBOOK)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(CONTENT_TYPES) as part:
            types = part.read(MEBIBYTE).lower()
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError, OSError, EOFError):
        raise BadArchive(NO_WORKBOOK) from None
    if b"macroenabled" in types:
        raise BadArchive("Berkas Excel memuat makro. Simpan ulang sebagai .xlsx tanpa makro.")
    if b"spreadsheetml.sheet.main+xml" not in types:
        raise BadArchive(NO_WORKBOOK)
