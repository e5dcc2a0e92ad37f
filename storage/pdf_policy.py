"""Which PDFs we accept from people: whole, readable by all, and unable to act.

The parent only counts bytes and looks at both ends of the file. The structure is parsed by a
helper of `storage.pdf_helpers`: this file run alone, with an empty environment and the parser
loaded. It looks at each file in a fork of its own with limits on memory, CPU and time, because a
small file can hold a very large one.

What is examined is what will be served: the bytes from the `%PDF-` header on.
"""

import gc
import json
import logging
import os
import re
import resource
import select
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

MEBIBYTE = 1024 * 1024
MAX_BYTES = 2 * MEBIBYTE
MAX_PAGES = 500
MAX_OBJECTS = 300_000
MAX_INFLATED_BYTES = 64 * MEBIBYTE
MAX_PICTURE_BYTES = 512 * MEBIBYTE  # twenty pages in colour at 300 dpi
HEADER_WITHIN = 1024
# Of a large file no more is held than of a small one.
END_WITHIN = MAX_BYTES
MEMORY_BYTES = 512 * MEBIBYTE
CPU_SECONDS = 5
WALL_SECONDS = 10.0
# A helper that nobody asks ends, and gives its memory back.
IDLE_SECONDS = 300

PRINTED_ANEW = (
    "Cetak ulang menjadi PDF biasa (Cetak, lalu Simpan sebagai PDF), lalu unggah kembali."
)
SENTENCES = {
    "empty": "Berkas kosong. Pilih berkas PDF yang berisi.",
    "too_large": "Ukuran berkas melebihi 2 MB.",
    "not_pdf": "Berkas harus PDF.",
    "encrypted": "Berkas PDF terkunci kata sandi. Unggah versi tanpa kata sandi.",
    **{
        f"active_content/{reason}": f"Berkas PDF memuat {thing}. {cure}"
        for reason, thing, cure in (
            ("script", "skrip (JavaScript)", PRINTED_ANEW),
            (
                "attachment",
                "lampiran di dalamnya",
                "Simpan lampirannya sebagai berkas tersendiri, hapus dari PDF, lalu unggah lagi.",
            ),
            (
                "other_file",
                "tautan ke berkas lain",
                "Hapus tautan itu di dokumen asalnya (di Word: klik kanan, Hapus Hyperlink), "
                "simpan sebagai PDF, lalu unggah kembali.",
            ),
            ("program", "tautan yang menjalankan program atau membuka berkas lain", PRINTED_ANEW),
            ("sending", "tombol yang mengirim atau mengambil data", PRINTED_ANEW),
            ("media", "video, suara, atau objek 3D", PRINTED_ANEW),
            ("form", "formulir dinamis (XFA)", PRINTED_ANEW),
            ("by_itself", "tindakan otomatis yang berjalan saat dibuka", PRINTED_ANEW),
            ("outside", "bagian yang diambil dari berkas di luarnya", PRINTED_ANEW),
        )
    },
    "broken": "Berkas PDF rusak dan tidak dapat dibaca. Simpan ulang, lalu unggah kembali.",
    "too_many_pages": f"Berkas PDF melebihi {MAX_PAGES} halaman.",
    "too_complex": "Berkas PDF terlalu rumit untuk diperiksa. "
    "Cetak ulang menjadi PDF biasa, lalu unggah kembali.",
}
TWO_FILES_IN_ONE = (
    "Berkas memuat data lain di belakang dokumen PDF. "
    "Simpan ulang sebagai PDF biasa, lalu unggah kembali."
)
ZIP_END = b"PK\x05\x06"
ZIP_END_SIZE = 22
ENDS_WITHOUT_MARK = re.compile(rb"\sstartxref\s+\d{1,10}[\s\x00]*(?:%|%%|%%E|%%EO)?[\s\x00]*\Z")
CHANGE = re.compile(rb"\s*\d{1,10}\s+\d{1,5}\s+obj\b")
AFTER_EOF = b"\r\n\t\f \x00\x1a"


@dataclass(frozen=True)
class PdfFacts:
    """What was learned; `header_offset` bytes before `%PDF-` are to be cut when serving."""

    pages: int
    header_offset: int


@dataclass(frozen=True)
class Limits:
    """What the check of one file may take: more for what is larger than a customer's letter."""

    memory_bytes: int
    inflated_bytes: int
    picture_bytes: int
    cpu_seconds: int
    wall_seconds: float

    @classmethod
    def of(cls, size: int) -> "Limits":
        more = max(0, size - MAX_BYTES)
        return cls(
            MEMORY_BYTES + 3 * more,
            MAX_INFLATED_BYTES + 8 * more,
            MAX_PICTURE_BYTES + 8 * more,
            CPU_SECONDS + more // (10 * MEBIBYTE),
            WALL_SECONDS + more / (5 * MEBIBYTE),
        )


class PdfRejected(ValueError):
    """A file that isn't accepted; `sentence`, also its text, is for the person who uploaded it.

    A code may say more precisely why, behind a slash.
    """

    def __init__(self, code: str, sentence: str = "") -> None:
        self.code = code.partition("/")[0]
        self.sentence = sentence or SENTENCES[code]
        super().__init__(self.sentence)


def check_pdf(path: Path, *, max_bytes: int = MAX_BYTES) -> PdfFacts:
    """Check one file by policy, in some hundredths of a second once a helper is there.

    Raises PdfRejected, and RuntimeError when the helpers themselves can't work.
    """
    size = path.stat().st_size
    if size == 0:
        raise PdfRejected("empty")
    if size > max_bytes:
        raise PdfRejected("too_large", f"Ukuran berkas melebihi {max_bytes // MEBIBYTE} MB.")
    with path.open("rb") as file:
        offset = file.read(HEADER_WITHIN).find(b"%PDF-")
        file.seek(max(0, size - END_WITHIN))
        ending = file.read()
    if offset < 0:
        raise PdfRejected("not_pdf")
    _check_end(ending)
    return PdfFacts(_pages_by_helper(path, offset, size), offset)


def _check_end(content: bytes) -> None:
    """Refuse a file that is two: something behind the document, or a ZIP around it.

    `content` is the whole file, or the end of a large one. An archive is read from its end, and
    its closing record may hide a `%%EOF` in its comment.
    """
    end = content.rfind(b"%%EOF")
    rest = content[end + 5 :] if end >= 0 else content
    record = content.rfind(ZIP_END)
    comment_at = record + ZIP_END_SIZE
    comment_size = int.from_bytes(content[comment_at - 2 : comment_at], "little")
    is_zip = record >= 0 and comment_at + comment_size == len(content)
    if is_zip:
        raise PdfRejected("broken", TWO_FILES_IN_ONE)
    # Some programs leave out the last five signs of a document or of a change behind it.
    is_whole_but_for_its_mark = ENDS_WITHOUT_MARK.search(rest) and (end < 0 or CHANGE.match(rest))
    if rest.strip(AFTER_EOF) and not is_whole_but_for_its_mark:
        raise PdfRejected("broken", "" if end < 0 else TWO_FILES_IN_ONE)


def _pages_by_helper(path: Path, offset: int, size: int) -> int:
    answer = helpers.ask([str(path), offset], within=Limits.of(size).wall_seconds)
    if answer is None:
        raise PdfRejected("too_complex")
    if "failed" in answer:
        raise RuntimeError(f"the PDF check does not run: {answer['failed']}")
    if "rejected" in answer:
        raise PdfRejected(answer["rejected"])
    return int(answer["pages"])


# -- in the helper -------------------------------------------------------------------------------
# pypdf is imported inside the functions: the parent must not pay for it.

# Given twice in one dictionary, readers disagree which counts; an action could hang on the other.
NEVER_TWICE = frozenset(
    {
        "/S",
        "/Subtype",
        "/A",
        "/OpenAction",
        "/Next",
        "/Names",
        "/Annots",
        "/Kids",
        "/Pages",
        "/Root",
        "/AcroForm",
        "/Fields",
    }
)
OBJECT_START = re.compile(rb"\d+[\s\x00]+\d+[\s\x00]+obj")
# What pypdf takes along where it is installed, to draw and to measure.
NOT_NEEDED = ("PIL", "fontTools")


class _Refused(Exception):
    """Carries the code of a rejection."""


class _LossWatch(logging.Handler):
    """Notices that the parser dropped a part of a dictionary, which another reader may see."""

    lost = False

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.endswith("_data_structures"):
            return
        values = record.args if isinstance(record.args, dict) else {}
        if "exception" in values or values.get("key") in NEVER_TWICE:
            self.lost = True


def _examine(content: bytes, watch: _LossWatch, limits: Limits) -> dict[str, object]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, LimitReachedError

    from storage.pdf_sizes import TooMuch

    try:
        # A second mark does no harm; none at all, or a torn one, would stop the parser.
        whole = content.rstrip(AFTER_EOF + b"%EO") + b"\n%%EOF\n"
        reader = PdfReader(BytesIO(whole), strict=False)
        # Banks and examinations lock their papers against changes: anybody opens and reads them.
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Refused("encrypted")
        _check_objects(reader, content, limits)
        pages = len(reader.pages)
        if pages == 0 or watch.lost:
            raise _Refused("broken")
        if pages > MAX_PAGES:
            raise _Refused("too_many_pages")
        return {"pages": pages}
    except _Refused as refusal:
        return {"rejected": str(refusal)}
    except (DependencyError, NotImplementedError):  # ciphers and handlers that we don't carry
        return {"rejected": "encrypted"}
    except (MemoryError, LimitReachedError, TooMuch):
        return {"rejected": "too_complex"}
    except Exception:  # a parser of hostile input fails in every way there is
        return {"rejected": "broken"}


def _check_objects(reader: Any, content: bytes, limits: Limits) -> None:
    """Look at every object: those the trailer reaches, and those that only stand in the file.

    Readers differ in which of several objects of one number they take; a harmless one here must
    not hide another there. Names are compared as parsed, so that `/J#53` counts.
    """
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

    from storage.pdf_actions import places_in, reason_against
    from storage.pdf_sizes import Unpacked, check_contents

    containers = (DictionaryObject, ArrayObject, IndirectObject)
    # Each with the place at which it stands, since an action acts only where one is looked for.
    pending = [("", each) for each in (reader.trailer, *_standing_objects(reader, content))]
    seen: set[tuple[int, int, str]] = set()
    looked_at, unpacked = 0, Unpacked(limits.inflated_bytes, limits.picture_bytes)
    while pending:
        place, item = pending.pop()
        if isinstance(item, IndirectObject):
            if (item.idnum, item.generation, place) in seen:
                continue
            seen.add((item.idnum, item.generation, place))
            item = item.get_object()
        looked_at += 1
        values: list[tuple[str, object]] = []
        if isinstance(item, DictionaryObject):
            is_stream = isinstance(item, StreamObject)
            if reason := reason_against(item, place, is_stream=is_stream):
                raise _Refused(f"active_content/{reason}")
            check_contents(item)
            values = list(places_in(item, place))
        elif isinstance(item, ArrayObject):
            values = [(place, each) for each in list.__iter__(item)]
        if isinstance(item, StreamObject):
            unpacked.add(item)
        if looked_at > MAX_OBJECTS:
            raise _Refused("too_complex")
        pending.extend(one for one in values if isinstance(one[1], containers))


def _standing_objects(reader: Any, content: bytes) -> Iterator[object]:
    """Objects found by their `n g obj`, and the contents of object streams among them.

    Those that the cross-reference table places just there come by reference, read once.
    """
    from pypdf.errors import LimitReachedError
    from pypdf.generic import IndirectObject, PdfObject, StreamObject, read_object

    from storage.pdf_actions import resolved

    file = BytesIO(content)
    for match in OBJECT_START.finditer(content):
        number, generation = map(int, match[0].replace(b"\x00", b" ").split()[:2])
        if reader.xref.get(generation, {}).get(number) == match.start():
            item: PdfObject | None = IndirectObject(number, generation, reader)
            target = reader.get_object(item)
        else:
            file.seek(match.end())
            try:
                _skip_white(file)
                item = target = read_object(file, reader)
            except (MemoryError, LimitReachedError):
                raise
            except Exception:  # the pattern stood in the middle of some data
                continue
        yield item
        if isinstance(target, StreamObject) and resolved(target, "/Type") == "/ObjStm":
            yield from _packed_objects(reader, target)


def _packed_objects(reader: Any, stream: Any) -> Iterator[object]:
    from pypdf.generic import read_object

    from storage.pdf_actions import resolved

    data, first = stream.get_data(), int(resolved(stream, "/First"))
    file = BytesIO(data)
    for offset in data[:first].split()[1 : 2 * int(resolved(stream, "/N")) : 2]:
        file.seek(first + int(offset))
        _skip_white(file)
        yield read_object(file, reader)


def _skip_white(file: BytesIO) -> None:
    while (byte := file.read(1)) and byte in b"\x00\t\n\f\r ":
        pass
    if byte:
        file.seek(-1, 1)


def _limit_self(limits: Limits) -> None:
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
    ):
        resource.setrlimit(kind, (limit, limit))


def _load() -> None:
    # A third of the start went into them, and a hostile file has the less to play with.
    for name in NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]
    # Before the limits: their absence is our fault, not the file's.
    import pypdf  # noqa: F401

    import storage.pdf_sizes  # noqa: F401

    gc.freeze()


def _answer(path: str, offset: int, limits: Limits) -> dict[str, object]:
    _limit_self(limits)
    watch = _LossWatch()
    log = logging.getLogger("pypdf")
    log.addHandler(watch)
    log.propagate = False
    with Path(path).open("rb") as file:
        file.seek(offset)
        content = file.read()
    return _examine(content, watch, limits)


def _answer_in_fork(path: str, offset: int) -> dict[str, object]:
    """What a fork with limits says of a file; one that a limit ended says nothing."""
    limits = Limits.of(Path(path).stat().st_size)
    reading, writing = os.pipe()
    if not (child := os.fork()):
        # Its usual answer is to end the process, which nothing that was parsed can hinder.
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
        try:
            said = _answer(path, offset, limits)
        except BaseException as problem:
            said = {"failed": repr(problem)[-500:]}
        os.write(writing, json.dumps(said).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        return {"rejected": "too_complex"}
    return json.loads(answer)


def _serve() -> None:
    """Answer one question after the other, until nobody has any for long or the asker is gone."""
    try:
        _load()
        failed = ""
    except ImportError as problem:
        failed = repr(problem)
    questions = sys.stdin.buffer
    while select.select([questions], [], [], IDLE_SECONDS)[0] and (line := questions.readline()):
        try:
            answer = {"failed": failed} if failed else _answer_in_fork(*json.loads(line))
        except OSError as problem:
            answer = {"failed": repr(problem)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # Run alone it finds nothing but what is installed.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    _serve()
else:
    from storage.pdf_helpers import Helpers

    helpers = Helpers(Path(__file__))
