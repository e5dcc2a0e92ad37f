"""The papers of a request: the way to the receipt, and each file by its own scope."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from models import Document, Event
from moves.documents import store_document
from outputs.papers.documents import render_document
from portal.blueprint import portal
from portal.detail import find_request
from web.access import customer_required, person_required
from web.requests.uploads import send_document
from web.runtime import me, now, reader, runtime


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
    if not found.sha256:
        content = render_document(found, base_url=runtime().settings.base_url)
        found = store_document(found, content, storage=runtime().storage, now=now())
    if found.is_result and not current_user.is_staff:
        Event.record(
            "result_downloaded",
            at=now(),
            actor=me(),
            data={"document": found.public_id},
        )
    # Staff look at a paper beside its card; a customer always gets the file.
    return send_document(found, inline=current_user.is_staff and "lihat" in request.args)
