"""Uploads and downloads: staged, checked by policy, kept; served so that they can't act."""

import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from flask import Response, after_this_request, g, make_response, request, send_file
from peewee import PeeweeException
from werkzeug.datastructures import FileStorage
from werkzeug.wsgi import wrap_file

from administration.file_store import drop_refused, note_damage
from config.clock import utc_now
from models import WAITING_SCAN, Document
from moves.movement import UNCHECKED
from rules.file_names import content_disposition, safe_stem
from rules.services import Input
from rules.text import one_line
from storage.file_policy import (
    ANY,
    BUSY,
    IMAGE,
    PDF,
    FileFacts,
    FileRejected,
    NotNow,
    Postponed,
    check_file,
)
from storage.files import Damaged, Staged, StoreUnavailable, TooLarge
from storage.pdf_policy import MEBIBYTE
from storage.photos import MOST_PHOTOS, PHOTO_MB, PhotoRejected, is_photo, photos_to_pdf
from storage.turns import Busy
from storage.virus_scan import Infected, Unreachable, scan
from web.errors import error_page
from web.runtime import runtime
from workflow import StoredFile

log = logging.getLogger("melasti.uploads")

DISK_FULL = (
    "Ruang simpan server kami hampir penuh, jadi untuk sementara tidak ada yang dapat diunggah "
    "atau diajukan. Isian Anda masih ada di sini; coba lagi nanti atau hubungi Pusat Bantuan."
)
# The customer's own letter, as the office's manual has it: a PDF of at most 2 MB.
LETTER = Input("file", "file", "Dokumen Pendukung")
# Shown by a browser without being saved first; nothing of ours that acts is among them.
SHOWN = ("application/pdf", "image/jpeg", "image/png", "image/webp")


def keep_upload(upload: FileStorage | None, entry: Input = LETTER) -> StoredFile | None:
    """Keep a file that came whole; None when none was chosen. Raises FileRejected.

    The file is on disk and in place before any row can name it. A PDF comes back unchecked:
    `look_at` it once all else of its form is right.
    """
    if upload is None or not upload.filename:
        return None
    if is_disk_full():
        raise NotNow(DISK_FULL)
    most = max(entry.max_mb, PHOTO_MB) if _takes_photos(entry) else entry.max_mb
    try:
        staged = runtime().storage.stage(upload.stream, max_bytes=most * MEBIBYTE)
    except TooLarge:
        raise FileRejected(f"Ukuran berkas melebihi {entry.max_mb} MB.") from None
    staged = as_paper(staged, entry)
    return take_in(staged, upload.filename, entry, turn=_postpone)


def keep_paper(uploads: Sequence[FileStorage], entry: Input = LETTER) -> StoredFile | None:
    """What was chosen for one paper: a file as `keep_upload` takes it, or photos of its pages."""
    chosen = [upload for upload in uploads if upload.filename]
    if len(chosen) < 2:
        return keep_upload(chosen[0] if chosen else None, entry)
    if is_disk_full():
        raise NotNow(DISK_FULL)
    if len(chosen) > MOST_PHOTOS:
        raise FileRejected(f"Paling banyak {MOST_PHOTOS} foto untuk satu dokumen.")
    storage, pages = runtime().storage, []
    try:
        for upload in chosen:
            pages.append(storage.stage(upload.stream, max_bytes=PHOTO_MB * MEBIBYTE))
        paper = _photographed(pages, entry)
    except TooLarge:
        raise FileRejected(f"Ukuran foto melebihi {PHOTO_MB} MB.") from None
    finally:
        for page in pages:
            storage.discard(page)
    if paper is None:
        raise FileRejected(
            "Beberapa berkas sekaligus hanya untuk foto. Gabungkan yang lain menjadi satu PDF."
        )
    return take_in(paper, chosen[0].filename or "", entry, turn=_postpone)


def _takes_photos(entry: Input) -> bool:
    """Whether a photo is made a PDF: where papers are asked for, and no pictures."""
    return PDF in entry.kinds and IMAGE not in entry.kinds and ANY not in entry.kinds


def most_mb(entry: Input, name: str) -> int:
    """Of how many MiB a file of this name may arrive: a photo of a paper is made smaller here."""
    is_named_photo = name.lower().endswith((".jpg", ".jpeg", ".png"))
    return max(entry.max_mb, PHOTO_MB) if is_named_photo and _takes_photos(entry) else entry.max_mb


def as_paper(staged: Staged, entry: Input) -> Staged:
    """A photo as a PDF within the limit of its input; any other file as it is.

    Raises FileRejected, and then the file is gone.
    """
    try:
        paper = _photographed([staged], entry)
    except FileRejected:
        runtime().storage.discard(staged)
        raise
    if paper is None:
        return staged
    runtime().storage.discard(staged)
    return paper


def _photographed(pages: Sequence[Staged], entry: Input) -> Staged | None:
    """The paper of which these are photos; None where one is none, or none are wanted."""
    storage, made = runtime().storage, pages[0].path.with_suffix(".photo.pdf")
    most = entry.max_mb * MEBIBYTE
    try:
        if not _takes_photos(entry) or not all(is_photo(page.path) for page in pages):
            return None
        with runtime().checks.turn():
            photos_to_pdf([page.path for page in pages], made, max_bytes=most)
        with made.open("rb") as file:
            return storage.stage(file, max_bytes=most)
    except PhotoRejected as reason:
        raise FileRejected(str(reason)) from None
    except Busy:
        raise NotNow(BUSY) from None
    finally:
        made.unlink(missing_ok=True)


def _postpone() -> AbstractContextManager:
    raise Postponed


def take_in(
    staged: Staged,
    name: str,
    entry: Input,
    *,
    turn: Callable[[], AbstractContextManager] | None = None,
) -> StoredFile:
    """Check a staged file by its kind, have it scanned, keep it. Raises FileRejected.

    A `turn` that raises Postponed leaves a PDF unchecked.
    """
    storage = runtime().storage
    try:
        facts, state = _checked(staged.path, name, entry, turn or runtime().checks.turn)
    except Postponed:
        facts, state = FileFacts(PDF, "application/pdf", ".pdf"), UNCHECKED
    except BaseException:
        storage.discard(staged)
        raise
    storage.keep(staged)
    return StoredFile(
        staged.sha256,
        staged.size,
        safe_name(name, facts),
        facts.header_offset,
        facts.media_type,
        state,
    )


def look_at(file: StoredFile, entry: Input) -> StoredFile:
    """A kept file as checked; itself when it was. Waits for its turn. Raises FileRejected.

    A file that is refused goes with this request, unless a row names it then.
    """
    if not file.is_unchecked:
        return file
    storage = runtime().storage
    try:
        kept_at = storage.kept_at(file.sha256)
        path = storage.whole(file.sha256)
    except (Damaged, FileNotFoundError):
        raise FileRejected("Berkas ini sudah tidak ada. Pilih berkasnya sekali lagi.") from None
    try:
        facts, state = _checked(path, file.filename, entry, runtime().checks.turn)
    except NotNow:
        raise
    except FileRejected:
        _drop_after_this_request(file.sha256, kept_at)
        raise
    return replace(file, header_offset=facts.header_offset, scan=state)


def _drop_after_this_request(sha256: str, kept_at: float) -> None:
    """By then the draft that named the file is written without it, and committed."""

    @after_this_request
    def drop(answer: Response) -> Response:
        try:
            drop_refused(runtime().storage, sha256, kept_at=kept_at, now=utc_now())
        except (OSError, PeeweeException, StoreUnavailable) as reason:
            # The answer is made, and the sweep takes what no row names.
            log.warning("a refused file stays until the next sweep: %s", reason)
        return answer


def _checked(
    path: Path, name: str, entry: Input, turn: Callable[[], AbstractContextManager]
) -> tuple[FileFacts, str]:
    most = entry.max_mb * MEBIBYTE
    facts = check_file(path, name, accepted=entry.kinds, max_bytes=most, turn=turn)
    return facts, _scanned(path)


def is_disk_full(*, besides: int = 0) -> bool:
    """Whether so little is free that nothing may be written but what keeps the office going."""
    settings = runtime().settings
    if shutil.disk_usage(settings.files_dir).free >= besides + settings.free_disk_mb * MEBIBYTE:
        return False
    log.error("less than FREE_DISK_MB=%d is free", settings.free_disk_mb)
    return True


def _scanned(path: Path) -> str:
    """The state of a file that isn't infected. Raises FileRejected for one that is."""
    if not runtime().settings.clamd:
        return ""
    try:
        scan(path, runtime().settings.clamd)
    except Infected as signature:
        log.warning("an upload was refused: %s", signature)
        raise FileRejected(
            f"Pemindai menemukan perangkat lunak berbahaya ({signature}) di dalam berkas ini, jadi "
            "berkas tidak disimpan. Periksa komputer Anda, lalu unggah berkas yang bersih."
        ) from None
    except Unreachable as reason:
        log.warning("an upload waits for the scanner: %s", reason)
        return WAITING_SCAN
    return ""


def safe_name(name: str, facts: FileFacts) -> str:
    """A file name fit for any disk: letters, digits, dots, and the end that its content has."""
    stem = PurePosixPath(one_line(name).replace("\\", "/")).name
    is_named_so = facts.suffix and stem.lower().endswith(facts.suffix)
    stem = stem[: -len(facts.suffix)] if is_named_so else _without_suffix(stem, facts)
    return safe_stem(stem) + facts.suffix


def _without_suffix(stem: str, facts: FileFacts) -> str:
    """A picture called `.jpeg` is no `foto.jpeg.jpg`; a PDF called `surat.exe` says so still."""
    # A photo that was made a PDF is no `foto.jpg.pdf` either.
    known = {IMAGE: (".jpeg", ".tiff"), PDF: (".jpg", ".jpeg", ".png")}.get(facts.kind, ())
    return PurePosixPath(stem).stem if stem.lower().endswith(known) and known else stem


# -- downloads -----------------------------------------------------------------------------------


DAMAGED = (
    "Berkas ini sedang tidak dapat dibuka",
    "Berkas di penyimpanan kami hilang atau tidak sama lagi dengan yang disimpan, jadi tidak kami "
    "berikan. Administrator sudah diberi tahu. Mohon hubungi kami dengan kode rujukan di bawah.",
)
# A browser's own viewer doesn't start in a sandbox; it keeps the file from our pages.
PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


def show_pdf(content: bytes, filename: str) -> Response:
    """A PDF of ours that isn't kept, to be looked at."""
    response = send_bytes(content, filename, "application/pdf")
    response.headers["Content-Disposition"] = content_disposition("inline", filename)
    response.headers["Content-Security-Policy"] = PDF_POLICY
    return response


def send_document(document: Document, *, inline: bool = False) -> Response:
    """The stored file, without the bytes before its header, never held in memory as a whole.

    As an attachment, or to be looked at in a frame of our own pages where a browser only shows it.
    One that isn't as it was kept doesn't leave: the page says so, and an alarm does.
    """
    try:
        path = runtime().storage.whole(document.sha256)
    except Damaged as damage:
        return send_damaged(damage, document.public_id)
    inline = inline and document.media_type in SHOWN
    name = document.download_name
    if document.header_offset:
        file = path.open("rb")
        file.seek(document.header_offset)
        body = wrap_file(request.environ, file)
        response = Response(body, mimetype=document.media_type, direct_passthrough=True)
        response.content_length = document.size - document.header_offset
    else:
        # Ranges too, so that a download of two hundred megabytes goes on where it stopped.
        response = send_file(path, mimetype=document.media_type, etag=document.sha256, max_age=0)
    as_download(response, name)
    if inline:
        response.headers["Content-Disposition"] = content_disposition("inline", name)
        if document.media_type == "application/pdf":
            response.headers["Content-Security-Policy"] = PDF_POLICY
        else:
            response.headers["Content-Security-Policy"] = (
                "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
                "frame-ancestors 'self'; sandbox"
            )
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def send_damaged(damage: Damaged, public_id: str) -> Response:
    """The page in place of a file that isn't as it was kept; raises the alarm."""
    page, code = error_page(500, DAMAGED)
    note_damage(damage, document=public_id, reference=g.error_reference, now=utc_now())
    return make_response(page, code)


def send_bytes(content: bytes, filename: str, media_type: str) -> Response:
    return as_download(Response(content, mimetype=media_type), filename)


def as_download(response: Response, filename: str) -> Response:
    """Make a response a file to be saved, which can't act as a page of ours."""
    response.headers["Content-Disposition"] = content_disposition("attachment", filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
