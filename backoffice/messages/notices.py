"""What I was told: the list behind the bell, and the counts that open pages ask for."""

import re
from datetime import UTC, datetime

from flask import g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backoffice.base import ANY_POST, StaffView
from messages.compose import notice_of
from messages.staff_news import News, mark_seen, news_for, seen_until, told_to
from messages.unanswered import MOST_COUNTED
from models import Message
from web.listing import count_words, list_page
from web.runtime import now, reader, runtime

STAMP = "%Y%m%d%H%M%S%f"
DIGITS = re.compile(r"\d{20}")
# Before the words of a message that leaves by WhatsApp.
SENDER = "[MELASTI] "
SEEN = "notices_seen_until"


class NoticesView(StaffView):
    """Everybody's own notices; to look at them is a POST, which marks them as seen."""

    name = "Pemberitahuan"
    url = "/backoffice/pemberitahuan"
    endpoint = "notices"
    in_menu = False
    reads = ANY_POST

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, newest first; new is what wasn't seen before the bell was last opened."""
        newest = (Message.created_at.desc(), Message.id.desc())
        page = list_page(told_to(reader()), sorts={"": newest}, default_sort="", per_page=20)
        since = _read(session.get(SEEN, "")) or seen_until(reader())
        return self.render(
            "backoffice/messages/notices.html",
            page=page,
            rows=[_row(message, since) for message in page.rows],
        )

    @expose("/", methods=("POST",))
    def open(self) -> ResponseReturnValue:
        session[SEEN] = _written(seen_until(reader()))
        mark_seen(reader())
        return redirect(url_for(".index"), 303)

    @expose("/hitung")
    def counts(self) -> ResponseReturnValue:
        """What the head of a page counts, for the script of an open one; 304 for no news."""
        since = _read(request.args.get("sejak", "")) or now()
        found = news_for(reader(), since=since)
        answer = jsonify(
            unseen=_words(found.unseen),
            unanswered=_words(found.unanswered),
            arrived=_words(found.arrived),
        )
        answer.set_etag(found.mark)
        return answer.make_conditional(request)


def news_of_page() -> tuple[News, str]:
    """What the head of this page counts, and since when the page is open. One query a page."""
    if "news_of_page" not in g:
        g.news_of_page = news_for(reader(), since=now())
    return g.news_of_page, _written(now())


def _words(count: int) -> str:
    return count_words(count, MOST_COUNTED) if count else ""


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime(STAMP)


def _read(text: str) -> datetime | None:
    try:
        return (
            datetime.strptime(text, STAMP).replace(tzinfo=UTC) if DIGITS.fullmatch(text) else None
        )
    except ValueError:
        return None


def _row(message: Message, since: datetime) -> dict[str, object]:
    subject, text, link = notice_of(message, runtime().message_templates, under="/backoffice/")
    return {
        "at": message.created_at,
        "subject": subject,
        "text": text.removeprefix(SENDER),
        "link": link,
        "is_new": message.created_at > since,
    }
