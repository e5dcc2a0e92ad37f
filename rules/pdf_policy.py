"""Which PDFs we accept from people: small, whole, readable by all, and unable to act.

The structure is parsed in a child process with limits on memory, CPU and time, because a small
file can hold a very large one and parsers accept more than a reader should open.
"""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 2 * 1024 * 1024
MAX_PAGES = 500
MAX_OBJECTS = 100_000
HEADER_WITHIN = 1024
TAIL_AFTER_EOF = 1024
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
WALL_SECONDS = 10.0

SENTENCES = {
    "empty": "Berkas kosong. Pilih berkas PDF yang berisi.",
    "too_large": "Ukuran berkas melebihi 2 MB.",
    "not_pdf": "Berkas harus PDF.",
    "encrypted": "Berkas PDF terkunci kata sandi. Unggah versi tanpa kata sandi.",
    "active_content": "Berkas PDF memuat skrip, lampiran, atau tindakan otomatis. "
    "Cetak ulang menjadi PDF biasa, lalu unggah kembali.",
    "broken": "Berkas PDF rusak dan tidak dapat dibaca. Simpan ulang, lalu unggah kembali.",
    "too_many_pages": f"Berkas PDF melebihi {MAX_PAGES} halaman.",
    "too_complex": "Berkas PDF terlalu rumit untuk diperiksa. Cetak ulang menjadi PDF biasa.",
}
# Names of ISO 32000-1 (12.6, 7.7) that make a document act or carry another file.
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/XFA", "/RichMedia", "/EF"}
)
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition",
     "/Movie", "/Sound", "/RichMediaExecute"}
)  # fmt: skip
ACTIVE_SUBTYPES = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})


@dataclass(frozen=True)
class PdfFacts:
    """What was learned; `header_offset` bytes before `%PDF-` are to be cut when serving."""

    pages: int
    header_offset: int


class PdfRejected(ValueError):
    """A file that isn't accepted; the text is a sentence for the person who uploaded it."""

    def __init__(self, code: str):
        super().__init__(SENTENCES[code])
        self.code = code


def check_pdf(path: Path, *, max_bytes: int = MAX_BYTES) -> PdfFacts:
    """Check one file by policy. Raises PdfRejected."""
    size = path.stat().st_size
    if size == 0:
        raise PdfRejected("empty")
    if size > max_bytes:
        raise PdfRejected("too_large")
    content = path.read_bytes()
    offset = content[: HEADER_WITHIN + 5].find(b"%PDF-")
    if not 0 <= offset <= HEADER_WITHIN:
        raise PdfRejected("not_pdf")
    # A ZIP or HTML tail behind the document makes one file that is two.
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\r\n \t\x00"):
        raise PdfRejected("broken")
    return PdfFacts(_parse_apart(path), offset)


def _parse_apart(path: Path) -> int:
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).resolve()), str(path)],
            capture_output=True,
            timeout=WALL_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PdfRejected("too_complex") from None
    try:
        answer = json.loads(child.stdout)
    except ValueError:
        raise PdfRejected("too_complex") from None
    if "rejected" in answer:
        raise PdfRejected(answer["rejected"])
    return int(answer["pages"])


# -- in the child --------------------------------------------------------------------------------


def _examine(path: str) -> dict[str, object]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            return {"rejected": "encrypted"}
        pages = len(reader.pages)
        if pages == 0:
            return {"rejected": "broken"}
        if pages > MAX_PAGES:
            return {"rejected": "too_many_pages"}
        return _walk(reader) or {"pages": pages}
    except MemoryError:
        return {"rejected": "too_complex"}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError,
            IndexError, OSError):  # fmt: skip
        return {"rejected": "broken"}


def _walk(reader) -> dict[str, object] | None:
    """Look at every object that the trailer reaches, by parsed names, so that `/J#53` counts."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    pending, seen, count = [reader.trailer], set(), 0
    while pending:
        item = pending.pop()
        if isinstance(item, IndirectObject):
            if item.idnum in seen:
                continue
            seen.add(item.idnum)
            item = item.get_object()
        count += 1
        if count > MAX_OBJECTS:
            return {"rejected": "too_complex"}
        if isinstance(item, DictionaryObject):
            if _is_active(item):
                return {"rejected": "active_content"}
            pending.extend(item.raw_get(key) for key in item)
        elif isinstance(item, ArrayObject):
            pending.extend(list.__iter__(item))
    return None


def _is_active(item) -> bool:
    if ACTIVE_KEYS & item.keys():
        return True
    action, subtype = item.raw_get("/S") if "/S" in item else None, item.get("/Subtype")
    return action in ACTIVE_ACTIONS or subtype in ACTIVE_SUBTYPES


def _main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import logging

    logging.disable(logging.CRITICAL)
    answer = json.dumps(_examine(path))
    sys.stdout.write(answer)


if __name__ == "__main__":
    _main(sys.argv[1])
