"""Requests that were begun and never sent: reminded of once, and gone in the end."""

from datetime import datetime, timedelta

from models import Message, RequestDraft, User
from rules.formats import day, salutation
from storage.database import database

LIFETIME = timedelta(days=30)
# Nobody finds a visitor's any more once the browser has forgotten its key.
VISITORS_LIFETIME = timedelta(days=7)
REMINDED_AFTER = timedelta(days=3)
REMINDER = "draf_menunggu"
NO_SUBJECT = "tanpa perihal"


def is_outdated(now: datetime) -> object:
    """The condition of drafts that nobody comes back to."""
    visitors = RequestDraft.user.is_null() & (RequestDraft.updated_at < now - VISITORS_LIFETIME)
    return visitors | (RequestDraft.updated_at < now - LIFETIME)


def remind_of_drafts(*, now: datetime) -> int:
    """Tell each customer once of what lies unsent for three days; return how many were told.

    Several drafts of one person are one message. Safe to run twice; what a night missed the next
    one says.
    """
    left = (
        RequestDraft.select(RequestDraft, User)
        .join(User)
        .where(
            RequestDraft.reminded_at.is_null()
            & (RequestDraft.updated_at <= now - REMINDED_AFTER)
            & (RequestDraft.updated_at > now - LIFETIME)
            & User.active
            & ~User.is_staff
        )
        .order_by(RequestDraft.updated_at)
    )
    # Of one person the latest.
    newest = {draft.user_id: draft for draft in left}
    return sum(_remind(draft, now=now) for draft in newest.values())


def _remind(draft: RequestDraft, *, now: datetime) -> bool:
    person, gone_at = draft.user, draft.updated_at + LIFETIME
    with database.atomic():
        told = RequestDraft.update(reminded_at=now).where(
            (RequestDraft.user == person)
            & RequestDraft.reminded_at.is_null()
            & (RequestDraft.updated_at <= now - REMINDED_AFTER)
        )
        if not told.execute() or not (person.phone or person.shown_email):
            return False
        Message.enqueue(
            REMINDER,
            recipient=person,
            channel="whatsapp" if person.phone else "email",
            at=now,
            dedupe_key=f"{REMINDER}:{draft.key}",
            variables={
                "sapaan": salutation(person.gender),
                "nama": person.name,
                "perihal": draft.answers.get("subject") or NO_SUBJECT,
                "batas": day(gone_at),
                "tautan": f"/ajukan?formulir={draft.key}",
            },
            expires_at=gone_at,
        )
    return True
