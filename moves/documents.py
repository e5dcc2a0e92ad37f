"""Rendered documents, kept and stamped once."""

import io
from datetime import datetime

from models import Document, Event
from rules import events
from storage.database import database
from storage.files import LocalStorage


def store_document(
    document: Document, content: bytes, *, storage: LocalStorage, now: datetime
) -> Document:
    """Keep a rendered document and stamp its row, once; the first rendering wins."""
    staged = storage.stage(io.BytesIO(content), max_bytes=len(content))
    storage.keep(staged)
    with database.atomic():
        stamped = (
            Document.update(sha256=staged.sha256, size=staged.size)
            .where((Document.id == document.id) & (Document.sha256 == ""))
            .execute()
        )
        if stamped:
            Event.record(
                events.DOCUMENT_MADE,
                at=now,
                actor=None,
                request=document.request,
                data={"document": document.public_id, "sha256": staged.sha256},
            )
    return Document.get_by_id(document.id)
