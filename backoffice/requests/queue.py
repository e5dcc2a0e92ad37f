"""The first page of the backoffice: what waits for my post or for me, most urgent first."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from flask import request, session, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView, expose
from peewee import ModelSelect

import workflow
from administration import appointments, closures
from backoffice.base import ANY_POST, StaffOnly
from backoffice.requests.preferences import COLUMNS, preferences_of, views_of
from backoffice.requests.queue_filters import Filters, current_arguments, offered, read_filters
from backoffice.requests.queue_list import (
    ALL,
    CLOSED,
    MINE,
    SORTS,
    Listed,
    list_of,
    tabs_of,
)
from messages import inbox
from messages.conversation import unread_counts
from models import Request, User
from moves import assignments
from moves.catalogue import flow_of, work_calendar
from outputs.dashboards.figures import STOPPED_STATUSES
from rules.calendar import WorkCalendar
from rules.formats import due_words
from rules.statuses import LABELS
from storage.fast import prepared
from web.access import may
from web.listing import text_argument, with_arguments
from web.requests.request_card import waiting_words
from web.runtime import me, now, reader
from web.searched_words import KEY, TYPED
from workflow import Reader

SOON_DAYS = 1


class QueueView(StaffOnly, AdminIndexView):
    """Every member of staff has a queue, if an empty one."""

    name = "Antrean"
    url = "/backoffice"
    endpoint = "queue"
    reads = ANY_POST

    @expose("/")
    def index(self) -> ResponseReturnValue:
        staff = _staff()
        filters = read_filters(reader(), staff)
        tab = text_argument("tab")
        if tab not in tabs_of(reader()):
            # A search looks everywhere; the tabs narrow it afterwards.
            tab = ALL if filters.text else MINE
        listed = list_of(tab, filters, reader())
        calendar, at = work_calendar(), now()
        unread = unread_counts([item.id for item in listed.page.rows], reader())
        preferences = preferences_of(me())
        return self.render(
            "backoffice/requests/queue.html",
            page=listed.page,
            printed_at=at,
            rows=[queue_row(item, calendar, at, reader()) for item in listed.page.rows],
            unread=unread,
            tab=tab,
            tabs=_tabs(tab, listed, filters),
            listed=listed,
            sorts=[(code, SORTS[code].words) for code in listed.sorts],
            chips=filters.chips,
            **offered(staff),
            vacancies=appointments.vacancies(at) if may("staff_write") else (),
            year_doubts=closures.year_doubts(at) if may("reference_write") else (),
            stranded=assignments.stranded() if may("assignments_all") else 0,
            incoming_waiting=inbox.waiting() if may("incoming_write") else 0,
            acting=appointments.sentences_for(reader()),
            posts=[role.title for role in me().roles],
            preferences=preferences,
            # What is closed, and who only reads, has nothing to do together.
            may_pick=tab != CLOSED and may("works"),
            columns=COLUMNS,
            views=views_of(reader()),
            arguments=current_arguments(),
            may_share=sorted(reader().held),
            sees_requests=may("requests"),
        )


@prepared
def _staff() -> ModelSelect:
    """Everybody who may hold a request. One query.

    Compared with a value, an index finds them; the bare column would walk all customers.
    """
    people = User.select(User.id, User.public_id, User.name).where(User.is_staff == 1)
    return people.where(User.in_service()).order_by(*User.name_order())


def _tabs(tab: str, listed: Listed, filters: Filters) -> list[tuple[str, str, str, str]]:
    """Code, words, address and count of each tab; filters stay when one changes the tab."""
    return [
        (
            code,
            words,
            with_arguments(tab=code, sort=None),
            listed.count_of(code, is_whole=code == tab or not filters),
        )
        for code, words in tabs_of(reader()).items()
    ]


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


# -- rows ----------------------------------------------------------------------------------------


def queue_row(
    item: Request, calendar: WorkCalendar, at: datetime, reader: Reader
) -> Mapping[str, object]:
    """What the queue shows of one request. No query."""
    flow = flow_of(item)
    if item.pending or item.is_open:
        state = waiting_words(item)
    else:
        state = LABELS[item.status].title
    return {
        "item": item,
        "service": flow.title_of(item.subclass_code),
        "stage": state,
        "urgency": urgency(item, calendar, at),
        "action": workflow.next_action(item) if waits_for(item, reader) else "",
        "url": url_for("card.card", public_id=item.public_id),
        "open_by": [item.open_by] if item.open_by else [],
    }


def waits_for(item: Request, reader: Reader) -> bool:
    """Whether it is this person's turn. No query."""
    return reader.has_turn(item.waiting_role, item.service_code, item.assignee_id)


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
