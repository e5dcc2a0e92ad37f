"""Uploads and downloads of PDFs: staged, checked by policy, kept; served so that they can't act."""

import re
from pathlib import PurePosixPath

from flask import Response, abort
from werkzeug.datastructures import FileStorage

from models import Document
from storage.files import TooLarge
from storage.pdf_policy import MAX_BYTES, PdfRejected, check_pdf
from web.runtime import runtime
from workflow import StoredFile

UNSAFE = re.compile(r"[^\w.()-]+")


def keep_pdf(upload: FileStorage | None) -> StoredFile | None:
    """Check and keep an uploaded PDF; None when none was chosen. Raises PdfRejected.

    The file is on disk and in place before any row can name it.
    """
    if upload is None or not upload.filename:
        return None
    storage = runtime().storage
    try:
        staged = storage.stage(upload.stream, max_bytes=MAX_BYTES)
    except TooLarge:
        raise PdfRejected("too_large") from None
    try:
        facts = check_pdf(staged.path)
    except BaseException:
        storage.discard(staged)
        raise
    storage.keep(staged)
    return StoredFile(staged.sha256, staged.size, safe_name(upload.filename), facts.header_offset)


def safe_name(name: str) -> str:
    """A file name fit for a header and any disk: letters, digits, dots, and `.pdf` at the end."""
    stem = PurePosixPath(name.replace("\\", "/")).name
    stem = UNSAFE.sub("-", stem.removesuffix(".pdf").removesuffix(".PDF")).strip("-.")
    return f"{stem[:120] or 'dokumen'}.pdf"


def send_document(document: Document, *, inline: bool = False) -> Response:
    """The stored file, without the bytes before its header: as an attachment, or to be looked at
    in a frame of our own pages."""
    try:
        with runtime().storage.open(document.sha256) as file:
            file.seek(document.header_offset)
            content = file.read()
    except (FileNotFoundError, ValueError):
        abort(404)
    response = send_bytes(content, document.filename, "application/pdf")
    if inline:
        response.headers.set("Content-Disposition", "inline", filename=document.filename)
        # A browser's own viewer doesn't start in a sandbox; it keeps the file from our pages.
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
            "frame-ancestors 'self'"
        )
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def send_bytes(content: bytes, filename: str, media_type: str) -> Response:
    return as_download(Response(content, mimetype=media_type), filename)


def as_download(response: Response, filename: str) -> Response:
    """Make a response a file to be saved, which can't act as a page of ours."""
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
