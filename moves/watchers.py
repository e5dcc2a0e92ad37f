"""Who follows a request, and how they hear of its moves."""

from datetime import datetime

from peewee import ModelSelect

from models import Event, Request, User, Watcher
from moves.notices import tell_staff
from moves.officials import Reader
from rules import events
from storage.fast import Bound, prepared


def follow(request: Request, *, reader: Reader) -> None:
    """Note that this reader follows the request; again is the same."""
    row = Watcher.insert(request=request, user=reader.id, since_at=reader.now)
    row.on_conflict_ignore().execute()


def unfollow(request: Request, *, reader: Reader) -> None:
    Watcher.delete().where((Watcher.request == request) & (Watcher.user == reader.id)).execute()


def is_followed(request: Request, *, reader: Reader) -> bool:
    """One query."""
    return any(row.id == reader.id for row in _watchers(request=request.id))


def tell_watchers(request: Request, event: Event, *, now: datetime) -> None:
    """Tell who follows the request of a move that somebody else made.

    Not who has the turn now, and is told so anyway; nor who may not see it any more.
    """
    for person in _watchers(request=request.id):
        if person.id == event.actor_id:
            continue
        reader = Reader.at(person, now)
        where = (request.waiting_role, request.service_code, request.assignee_id)
        if reader.has_turn(*where) or not may_see(request, reader):
            continue
        more = {"kejadian": events.WORDS[event.kind]}
        tell_staff(request, person, "diikuti", now=now, key=event.kind, more=more)


def may_see(request: Request, reader: Reader) -> bool:
    return reader.may("requests") and (
        Request.visible_to(reader).where(Request.id == request.id).exists()
    )


@prepared
def _watchers() -> ModelSelect:
    found = User.select().join(Watcher, on=Watcher.user == User.id)
    return found.where(Watcher.request == Bound("request")).order_by(User.id)
