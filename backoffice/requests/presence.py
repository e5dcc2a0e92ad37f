"""“Sedang dibuka oleh …”: who could act on a request and looks at it now. A hint, never a lock.

An open card says every minute that it is open still, as long as somebody sees it.
"""

import logging
from datetime import datetime, timedelta

from peewee import Function, PeeweeException, fn

from models import Presence, Request, User
from storage.fast import Bound

log = logging.getLogger("melasti")

PRESENT_FOR = timedelta(minutes=3)
# A page that is opened again and again writes once in so long.
WRITTEN_EVERY = timedelta(seconds=30)


def present_since(now: datetime) -> datetime:
    """Who opened a request after this moment has it open still."""
    return now - PRESENT_FOR


def others_at(item: Request, me: User, *, may_act: bool, now: datetime) -> list[str]:
    """Names of the colleagues who have this request open; notes that I do, if I may act on it.

    Who only reads gets into nobody's way. Two queries at most.
    """
    rows = list(
        Presence.select(Presence, User.id, User.name)
        .join(User)
        .where((Presence.request == item) & (Presence.seen_at > present_since(now)))
        .order_by(*User.name_order())
    )
    mine = next((row for row in rows if row.user_id == me.id), None)
    if may_act and (mine is None or mine.seen_at <= now - WRITTEN_EVERY):
        _note(item, me, now=now)
    return [row.user.name for row in rows if row.user_id != me.id]


def _note(item: Request, me: User, *, now: datetime) -> None:
    try:
        Presence.insert(request=item, user=me, seen_at=now).on_conflict(
            conflict_target=[Presence.request, Presence.user], update={Presence.seen_at: now}
        ).execute()
    except PeeweeException:
        # A reader mustn't fail because the database is busy or read-only.
        log.warning("presence could not be noted", exc_info=True)


def leave(item: Request, me: User) -> None:
    """Whoever has acted has it open no more."""
    Presence.delete().where((Presence.request == item) & (Presence.user == me)).execute()


def open_elsewhere(me: User, since: datetime | Bound) -> Function:
    """A column for lists of requests: the name of a colleague who has it open, or nothing."""
    visitor = User.alias()
    names = (
        Presence.select(fn.MIN(visitor.name))
        .join(visitor, on=(Presence.user == visitor.id))
        .where(
            (Presence.request == Request.id) & (Presence.seen_at > since) & (Presence.user != me.id)
        )
    )
    return fn.COALESCE(names, "")
