"""What a row of the queue says of its request; the card says the same."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from flask import request, session, url_for

import workflow
from backoffice.requests.queue_list import MINE, tabs_of
from models import Request
from moves.catalogue import flow_of
from outputs.dashboards.figures import STOPPED_STATUSES
from rules.calendar import WorkCalendar
from rules.formats import due_words
from rules.statuses import LABELS
from web.requests.request_card import waiting_words
from web.runtime import me, reader
from web.searched_words import KEY, TYPED
from workflow import Reader

SOON_DAYS = 1


def came_from_mine() -> bool:
    """Whether the list that led here was “Menunggu saya”, as far as the browser tells."""
    came = urlsplit(request.referrer or "")
    if (came.netloc, came.path) == (request.host, url_for("queue.index")):
        arguments = dict(parse_qsl(came.query))
        tab = arguments.get("tab")
        mine = tab == MINE or (tab not in tabs_of(reader()) and not {KEY, TYPED} & arguments.keys())
        # A message that is sent from the card, or a glance at the next one, changes no list.
        if session.get("from_mine") != mine:
            session["from_mine"] = mine
    return session.get("from_mine", False)


def queue_row(
    item: Request, calendar: WorkCalendar, at: datetime, reader: Reader
) -> Mapping[str, object]:
    """What the queue shows of one request. No query."""
    flow = flow_of(item)
    left = urgency(item, calendar, at)
    action = workflow.next_action(item) if waits_for(item, reader) else ""
    if item.held_by_id:
        state = held_words(item)
    elif item.pending or item.is_open:
        state = waiting_words(item)
    else:
        state = LABELS[item.status].title
    return {
        "item": item,
        "service": flow.title_of(item.subclass_code),
        "stage": state,
        "urgency": left,
        "days": brief_days(left[0]),
        "action": action,
        # An action begins with its verb, which is all that a row has room for.
        "verb": action.partition(" ")[0],
        "url": url_for("card.card", public_id=item.public_id),
        "open_by": [item.open_by] if item.open_by else [],
    }


def brief_days(words: str) -> str:
    """`terlambat 3 hari kerja` as `−3 hari`, `2 hari kerja lagi` as `2 hari`."""
    late, _, days = words.partition("terlambat ")
    brief = f"−{days}" if days and not late else words
    return brief.replace(" kerja", "").removesuffix(" lagi")


def waits_for(item: Request, reader: Reader) -> bool:
    """Whether it is this person's turn. No query."""
    return not item.held_by_id and reader.has_turn(
        item.waiting_role, item.service_code, item.assignee_id
    )


def held_words(item: Request) -> str:
    """Who is about to move a request, where that can still be undone."""
    if item.held_by_id == me().id:
        return "Anda kerjakan baru saja; masih dapat diurungkan."
    return f"Sedang diproses oleh {item.held_by.name}."


def urgency(item: Request, calendar: WorkCalendar, at: datetime) -> tuple[str, str]:
    """Words and tone of the time left at the current stage, or for a decision."""
    if item.status in STOPPED_STATUSES:
        return "jam berhenti", "paused"
    if not item.is_open and not item.pending:
        return "", "muted"
    left = calendar.days_left(at, item.stage_due_at)
    words = due_words(at, item.stage_due_at, left)
    if at > item.stage_due_at:
        return words, "late"
    return words, "soon" if left <= SOON_DAYS else "ok"
