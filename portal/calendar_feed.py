"""The agenda of one of the office's people, for their own calendar program: by a secret address."""

from datetime import timedelta

from flask import Response, abort
from flask.typing import ResponseReturnValue

from models import CalendarFeed, User
from moves.officials import today
from outputs.agenda.events import happenings, own_requests
from outputs.agenda.ics import write_calendar
from portal.blueprint import portal
from web.accounts.limits import is_within_limit, visitor
from web.accounts.sessions import token_digest
from web.runtime import now, runtime
from workflow import Reader

BACK, AHEAD = timedelta(days=30), timedelta(days=400)


@portal.get("/kalender/<token>.ics")
def calendar_feed(token: str) -> ResponseReturnValue:
    """What waits for this person or was given to them; 404 for whoever guesses, or has left."""
    if not is_within_limit("calendar", visitor(), times=120, seconds=3600):
        abort(429)
    found = CalendarFeed.select(CalendarFeed, User).join(User)
    row = found.where(
        (CalendarFeed.token_digest == token_digest(token)) & User.in_service()
    ).first()
    if row is None:
        abort(404)
    reader, on = Reader.at(row.user, now()), today(now())
    items = happenings(own_requests(reader), first=on - BACK, last=on + AHEAD)
    text = write_calendar(items, base_url=runtime().settings.base_url, now=now())
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
