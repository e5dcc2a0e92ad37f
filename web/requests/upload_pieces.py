"""Uploads in pieces that go on where they stopped: begin, send a piece, give up.

What a page may send is in a signed permission that came with it (`web.requests.file_inputs`).
Answers are JSON for the script of the page; `error` is a sentence for whoever sits there.
"""

import logging
from collections.abc import Callable
from dataclasses import astuple
from functools import wraps
from pathlib import PurePosixPath

from flask import Blueprint, g, get_template_attribute, request
from flask.typing import ResponseReturnValue
from peewee import fn

from models import Upload
from storage.file_policy import FileRejected, NotNow
from storage.files import TooLarge
from storage.partial_files import NotThere
from storage.pdf_policy import MEBIBYTE
from web.access import person_required
from web.accounts.limits import is_within_limit, patience
from web.requests.file_inputs import file_of, limits, read_permit, sign
from web.requests.uploads import DISK_FULL, as_paper, is_disk_full, most_mb, take_in
from web.runtime import me, now, reader, runtime

log = logging.getLogger("melasti.uploads")
uploads = Blueprint("uploads", __name__)
# What one person may have lying here at a time.
MOST_WAITING = 4 * 1024 * MEBIBYTE
PER_HOUR = 200
LONGEST_NAME = 150
GONE = "Unggahan ini sudah tidak ada. Pilih berkasnya sekali lagi."


class UploadRefused(ValueError):
    """Carries the sentence and the status of an answer."""

    def __init__(self, sentence: str, status: int = 422, **more: object):
        super().__init__(sentence)
        self.status, self.more = status, more


def answering(view: Callable[..., ResponseReturnValue]) -> Callable:
    """Answer in JSON, refusals too."""

    @wraps(view)
    @person_required
    def answered(*args: object, **kwargs: object) -> ResponseReturnValue:
        # No message leaves because a file arrives: the outbox needn't be looked at each time.
        g.only_looked = True
        try:
            return view(*args, **kwargs)
        except UploadRefused as refusal:
            return {"error": str(refusal), **refusal.more}, refusal.status

    return answered


@uploads.post("/unggahan")
@answering
def begin() -> ResponseReturnValue:
    """Take note of a file that is to come, or find where the same one stopped."""
    permitted = read_permit(request.form.get("untuk", ""))
    if permitted is None:
        raise UploadRefused("Halaman ini sudah terlalu lama terbuka. Muat ulang, lalu coba lagi.")
    purpose, entry = permitted
    name = PurePosixPath(request.form.get("nama", "").replace("\\", "/")).name[-LONGEST_NAME:]
    size = _number(request.form.get("ukuran"))
    if not name or not size:
        raise UploadRefused("Berkas kosong. Pilih berkas yang berisi.")
    most = most_mb(entry, name)
    if size > most * MEBIBYTE:
        raise UploadRefused(f"Ukuran berkas melebihi {most} MB.")
    wanted = {
        "user": me(),
        "purpose": purpose,
        "filename": name,
        "size": size,
        "changed": request.form.get("berubah", "")[:20],
    }
    row = Upload.get_or_none(*(getattr(Upload, key) == value for key, value in wanted.items()))
    if row is None or row.sha256:
        _make_room(size)
        row = Upload.create(
            **wanted, kinds=",".join(entry.kinds), max_mb=entry.max_mb, updated_at=now()
        )
    return {"id": row.public_id, "there": runtime().partial.length(row.public_id)}, 201


def _make_room(size: int) -> None:
    if not is_within_limit("upload_begun", me().public_id, times=PER_HOUR, seconds=3600):
        raise UploadRefused(patience("Terlalu banyak unggahan dalam satu jam."), 429)
    waiting = Upload.visible_to(reader()).select(fn.COALESCE(fn.SUM(Upload.size), 0)).scalar()
    if int(waiting) + size > MOST_WAITING:
        raise UploadRefused(
            "Unggahan Anda yang belum dikirim sudah terlalu banyak. Kirim dulu formulirnya, "
            "atau batalkan sebagian."
        )
    if is_disk_full(besides=size):
        raise UploadRefused(DISK_FULL, 507)


@uploads.post("/unggahan/<public_id>")
@answering
def piece(public_id: str) -> ResponseReturnValue:
    """Write a piece that begins at byte `dari`; the last one has the file checked and kept.

    The answer says how much is there, or brings the kept file as the form shows it.
    """
    row = _mine(public_id)
    at = _number(request.args.get("dari"))
    if not row.sha256:
        try:
            there = runtime().partial.append(row.public_id, request.stream, at=at, most=row.size)
        except NotThere as elsewhere:
            raise UploadRefused("Lanjutkan dari tempatnya.", 409, there=elsewhere.there) from None
        except TooLarge:
            _drop(row)
            raise UploadRefused("Isi berkas lebih besar daripada ukurannya semula.") from None
        Upload.update(updated_at=now()).where(Upload.id == row.id).execute()
        if there < row.size:
            return {"there": there}
        _finish(row)
    stored = file_of(row)
    if stored is None:
        raise UploadRefused(GONE, 404)
    shown, name = (
        get_template_attribute("_inputs.html", "kept_file"),
        row.purpose.rpartition(":")[2],
    )
    token = sign(stored, limits(row.kinds, row.max_mb))
    return {"there": row.size, "kept": str(shown(name, token, stored))}


@uploads.post("/unggahan/<public_id>/batal")
@answering
def give_up(public_id: str) -> ResponseReturnValue:
    """Drop what has arrived."""
    _drop(_mine(public_id))
    return {}


def _mine(public_id: str) -> Upload:
    found = Upload.visible_to(reader()).where(Upload.public_id == public_id[:26]).first()
    if found is None:
        raise UploadRefused(GONE, 404)
    return found


def _finish(row: Upload) -> None:
    """Check and keep a file that is whole. Raises UploadRefused, and then it is gone."""
    staged = runtime().partial.stage(row.public_id)
    entry = limits(row.kinds, row.max_mb)
    try:
        file = take_in(as_paper(staged, entry), row.filename, entry)
    except NotNow as reason:
        # All of it is there: the script asks again by itself.
        raise UploadRefused(str(reason), 503) from None
    except FileRejected as rejection:
        _drop(row)
        raise UploadRefused(str(rejection)) from None
    row.file, row.sha256 = list(astuple(file)), file.sha256
    row.save()
    runtime().partial.drop(row.public_id)


def _drop(row: Upload) -> None:
    row.delete_instance()
    runtime().partial.drop(row.public_id)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else 0
