"""Documents after their move: rendered ones are stamped once, unscanned ones looked at again."""

import io
import logging
from collections.abc import Mapping
from datetime import datetime

from peewee import Expression

from models import INFECTED, WAITING_SCAN, Document, Event, OutgoingLetter, Request, User
from moves.catalogue import current_stage
from moves.notices import tell_post, tell_staff
from rules import events
from storage.database import database
from storage.files import Store
from storage.virus_scan import Infected, Unreachable, scan

log = logging.getLogger("melasti.documents")
AT_ONCE = 20
TEMPLATE = "berkas_berbahaya"


def store_document(
    document: Document,
    content: bytes,
    *,
    storage: Store,
    now: datetime,
    signature: Mapping[str, object] | None = None,
    actor: User | None = None,
    acted_for: str = "",
) -> Document:
    """Keep a rendered document and stamp its row, once; the first rendering wins.

    `signature` are the columns of its letter that say by what it was signed.
    """
    staged = storage.stage(io.BytesIO(content), max_bytes=len(content))
    storage.keep(staged)
    with database.atomic():
        stamped = (
            Document.update(sha256=staged.sha256, size=staged.size)
            .where((Document.id == document.id) & (Document.sha256 == ""))
            .execute()
        )
        if stamped:
            said = {"document": document.public_id, "sha256": staged.sha256}
            if signature:
                wanted = OutgoingLetter.document == document
                OutgoingLetter.update(**signature).where(wanted).execute()
                said["signed"] = signature["signed_by_way"]
            Event.record(
                events.DOCUMENT_MADE,
                at=now,
                actor=actor,
                acted_for=acted_for,
                request=document.request,
                data=said,
            )
    return Document.get_by_id(document.id)


def scan_waiting(storage: Store, address: str, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Have the files looked through that came while the scanner was away; return how many were.

    Without a scanner (`address` is empty) they are served as all others are. What can't be
    scanned waits on. No network inside a transaction.
    """
    waiting = Document.select(Document.sha256).where(Document.scan == WAITING_SCAN).distinct()
    done = 0
    for sha256 in [row.sha256 for row in waiting.order_by(Document.sha256).limit(limit)]:
        try:
            if address:
                scan(storage.whole(sha256), address)
        except Unreachable as reason:
            log.warning("a file still waits for the scanner: %s", reason)
            break
        except Infected as signature:
            _close(sha256, str(signature), now=now)
        else:
            Document.update(scan="").where(_waits(sha256)).execute()
        done += 1
    return done


def _waits(sha256: str) -> Expression:
    return (Document.sha256 == sha256) & (Document.scan == WAITING_SCAN)


def _close(sha256: str, signature: str, *, now: datetime) -> None:
    """Close an infected file for good, and tell who can put another in its place."""
    with database.atomic():
        found = Document.select(Document, Request).join(Request)
        for document in list(found.where(_waits(sha256))):
            Document.update(scan=INFECTED).where(Document.id == document.id).execute()
            request, by = document.request, document.created_by
            Event.record(
                events.FILE_INFECTED,
                at=now,
                actor=None,
                request=request,
                data={"document": document.public_id, "sha256": sha256, "found": signature},
            )
            more, occasion = {"berkas": document.title}, f"{document.public_id}:{INFECTED}"
            if by and by.is_staff:
                tell_staff(request, by, TEMPLATE, now=now, more=more, occasion=occasion)
            elif request.is_open:
                desk = current_stage(request)
                tell_post(request, desk, now=now, template=TEMPLATE, more=more)
