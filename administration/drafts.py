"""What the drafts of a service and of the questionnaire have in common.

There is one draft for each code; it is only written, thrown away or published over the state
that was seen, so that two administrators never undo each other's work unseen.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import Expression

from config.office import office
from models import FlowDraft, SurveyDraft, User
from moves.refusals import Conflict, Refused
from rules.formats import ZONE

Draft = FlowDraft | SurveyDraft

# A change is never stamped at the same instant as the one before it.
MOMENT = timedelta(microseconds=1)


def require_capability(actor: User, capability: str, what: str) -> str:
    """The post by which the actor may; anybody else is Refused, `what` being what they wanted."""
    able = sorted(actor.role_codes & office().posts_that_may(capability))
    if not (actor.is_in_service and able):
        raise Refused(f"Hanya {office().titles_that_may(capability)} yang mengubah {what}.")
    return able[0]


def begin_draft(
    model: type[Draft], code: dict[str, str], *, actor: User, now: datetime, **values: Any
) -> tuple[Draft, bool]:
    """The draft with this code and whether it is new; one that is open already stays as it is.

    `code` is the column that tells drafts apart, with its value.
    """
    if existing := model.get_or_none(**code):
        return existing, False
    row = {**code, **values, "updated_at": now, "updated_by": actor}
    made = model.insert(row).on_conflict_ignore().execute()
    return model.get(**code), made is not None


def stamp_of(draft: Draft) -> str:
    """What a form carries to say which state of the draft was seen."""
    return draft.updated_at.isoformat()


def overwrite(draft: Draft, definition: str, *, seen: str, actor: User, now: datetime) -> None:
    """Write a definition over the state that was seen. Raises Conflict."""
    at = max(now, draft.updated_at + MOMENT)
    changed = type(draft).update(definition=definition, updated_at=at, updated_by=actor)
    if changed.where(_as_seen(draft, seen)).execute() != 1:
        raise _conflict(draft)


def take_away(draft: Draft, seen: str) -> None:
    """Remove the draft as it was seen. Raises Conflict."""
    if type(draft).delete().where(_as_seen(draft, seen)).execute() != 1:
        raise _conflict(draft)


def read_note(note: str) -> str:
    """The note of a publication; Refused without one."""
    if not note.strip():
        raise Refused("Tulis catatan: apa yang berubah dan mengapa.")
    return note.strip()[:300]


def _as_seen(draft: Draft, seen: str) -> Expression:
    model = type(draft)
    try:
        at = datetime.fromisoformat(seen)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused("Formulir ini tidak lengkap. Muat ulang halaman, lalu coba lagi.")
    return (model.id == draft.id) & (model.updated_at == at.astimezone(UTC))


def _conflict(draft: Draft) -> Conflict:
    fresh = type(draft).get_or_none(type(draft).id == draft.id)
    if fresh is None:
        return Conflict("Draf ini baru saja diterbitkan atau dibuang oleh administrator lain.")
    who = fresh.updated_by.name if fresh.updated_by else "administrator lain"
    at = fresh.updated_at.astimezone(ZONE)
    return Conflict(f"Draf ini baru saja diubah oleh {who} pukul {at:%H:%M:%S} WITA.")
