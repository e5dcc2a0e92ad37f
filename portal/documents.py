"""The papers of a request: the way to the receipt, each file by its own scope, all in one ZIP."""

from pathlib import Path

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from administration.file_store import note_damage
from models import INFECTED, WAITING_SCAN, Document, Event, Request
from outputs.papers.making import AwaitsSignature, make_document
from outputs.signing.registry import chosen_way
from outputs.signing.way import SigningFailed
from outputs.zip_stream import Packed, stream_zip
from portal.blueprint import portal
from portal.detail import find_request
from rules.file_names import request_stem
from storage.files import Damaged
from web.access import customer_required, person_required
from web.errors import error_page
from web.requests.uploads import as_download, send_document
from web.runtime import is_looking_ahead, me, now, reader, runtime

NOT_SERVED = {
    WAITING_SCAN: (
        "Berkas ini menunggu pemeriksaan",
        "Pemindai perangkat berbahaya belum dapat memeriksanya. Coba lagi beberapa menit lagi; "
        "berkasnya tersimpan utuh.",
    ),
    INFECTED: (
        "Berkas ini tidak dapat dibuka",
        "Pemindai menemukan perangkat lunak berbahaya di dalamnya. Petugas kami akan menggantinya.",
    ),
}
LATER = "Buka kembali setelah itu; tidak ada yang perlu Anda lakukan."


@portal.get("/layanan/<public_id>/tanda-terima")
@customer_required
def receipt(public_id: str) -> ResponseReturnValue:
    """The way to the receipt of a request; the document itself is fetched by its own scope."""
    item = find_request(public_id)
    made = (Document.request == item) & (Document.kind == "tanda_terima")
    found = Document.select().where(made).order_by(Document.id.desc()).first()
    if found is None:
        abort(404)
    return redirect(url_for("portal.document", public_id=found.public_id))


@portal.get("/dokumen/<public_id>")
@person_required
def document(public_id: str) -> ResponseReturnValue:
    """A document of a request one may see; made now if it was ordered and isn't made yet."""
    found = Document.visible_to(reader()).where(Document.public_id == public_id[:26]).first()
    if found is None:
        abort(404)
    if not found.is_served:
        return error_page(409, NOT_SERVED[found.scan])
    if not found.sha256:
        try:
            found = _made_now(found)
        except (AwaitsSignature, SigningFailed) as why:
            return error_page(409, ("Surat ini belum dapat dibuka", f"{why} {LATER}"))
    # What goes on where it stopped was fetched before.
    is_new = "Range" not in request.headers and not is_looking_ahead()
    if found.is_result and not current_user.is_staff and is_new:
        _note_download(found)
    return send_document(found, inline="lihat" in request.args)


def _made_now(ordered: Document) -> Document:
    settings = runtime().settings
    return make_document(
        ordered,
        way=chosen_way(settings),
        storage=runtime().storage,
        base_url=settings.base_url,
        now=now(),
    )


def _note_download(result: Document) -> None:
    Event.record("result_downloaded", at=now(), actor=me(), data={"document": result.public_id})


@portal.get("/layanan/<public_id>/berkas.zip")
@person_required
def archive(public_id: str) -> ResponseReturnValue:
    """The files of a request in one ZIP: a customer's results, or all that staff may see.

    In their newest versions, with a list of their digests; sent while it is made.
    """
    rows = _newest_files(public_id)
    if not rows:
        abort(404)
    if not current_user.is_staff and not is_looking_ahead():
        for row in rows:
            _note_download(row)
    files = []
    for row in rows:
        if row.is_served and (path := _whole(row)):
            files.append(Packed(row.download_name, path, row.header_offset, row.created_at))
    there = {file.name for file in files}
    left_out = [
        f"{row.download_name}: tidak disertakan" for row in rows if row.download_name not in there
    ]
    about = rows[0].request
    stem = request_stem(about.number, about.submitted_at, about.subject)
    body = stream_zip(files, left_out=left_out)
    return as_download(Response(body, mimetype="application/zip"), f"{stem}_berkas.zip")


def _whole(document: Document) -> Path | None:
    """Where the file of a document is; None, and an alarm, when it isn't as it was kept."""
    try:
        return runtime().storage.whole(document.sha256)
    except Damaged as damage:
        note_damage(damage, document=document.public_id, reference="", now=now())
        return None


def _newest_files(public_id: str) -> list[Document]:
    wanted = (
        (Request.public_id == public_id[:26])
        & (Document.sha256 != "")
        & Document.replaced_by.is_null()
    )
    if not current_user.is_staff:
        wanted &= Document.is_result
    return list(Document.visible_to(reader()).where(wanted).order_by(Document.id))
