"""Papers that can't be made: tried again after growing pauses, and never at another's expense."""

from datetime import datetime, timedelta

from peewee import ModelSelect, Node

from config.logs import told_error
from models import Document, DocumentFailure

# After so many minutes it is tried again; in the end each hour, in case the cause goes by itself.
PAUSES = (1, 2, 4, 8, 15, 60)


def not_due(now: datetime | Node) -> ModelSelect:
    """Ids of the documents that failed and aren't tried again yet."""
    return DocumentFailure.select(DocumentFailure.document).where(
        DocumentFailure.next_attempt_at > now
    )


def note(document: Document, error: Exception, *, now: datetime) -> None:
    """Count a failure, with its kind and place. Writes."""
    causes, places = told_error(error)
    told = f"{causes[0].partition(':')[0]} di {places[-1] if places else '-'}"[:300]
    failed = DocumentFailure.get_or_none(DocumentFailure.document == document)
    attempts = 1 + (failed.attempts if failed else 0)
    pause = timedelta(minutes=PAUSES[min(attempts, len(PAUSES)) - 1])
    values = {
        "attempts": attempts,
        "failed_at": now,
        "next_attempt_at": now + pause,
        "error": told,
    }
    if not failed:
        DocumentFailure.insert(document=document, **values).on_conflict_ignore().execute()
    else:
        DocumentFailure.update(values).where(DocumentFailure.id == failed.id).execute()


def forget(document: Document) -> None:
    """It was made after all."""
    DocumentFailure.delete().where(DocumentFailure.document == document).execute()


def retry(*, now: datetime) -> int:
    """Have all of them tried at once; return how many."""
    return DocumentFailure.update(next_attempt_at=now).execute()


def failing() -> list[DocumentFailure]:
    """With their documents, those that failed most first."""
    found = DocumentFailure.select(DocumentFailure, Document).join(Document)
    found = found.where(Document.sha256 == "")
    return list(found.order_by(DocumentFailure.attempts.desc(), DocumentFailure.id).limit(20))
