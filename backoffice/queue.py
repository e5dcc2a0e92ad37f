"""The first page of the backoffice: what waits for my post or for me, most urgent first."""

from collections.abc import Mapping

from flask import url_for
from flask_admin import AdminIndexView, expose
from flask_security import current_user
from peewee import ModelSelect

import appointments
import assignments
import workflow
from backoffice.base import StaffOnly
from catalogue import flow_of, work_calendar
from config.office import office
from conversation import unread_counts
from models import Request, User
from rules.calendar import WorkCalendar
from rules.formats import day, due_words
from rules.roles import ADMINISTRATOR, SEES_ALL_REQUESTS
from rules.statuses import (
    LABELS,
    NEEDS_COMPLETION,
    OPEN_STATUSES,
    SUSPENDED,
    WAITING_CUSTOMER,
)
from web.dossier import sentence_of
from web.listing import (
    date_argument,
    end_of,
    list_page,
    start_of,
    text_argument,
    with_arguments,
)
from web.runtime import now, runtime

MINE, ALL, CLOSED = "saya", "semua", "selesai"
TABS = ((MINE, "Menunggu saya"), (ALL, "Sedang berjalan"), (CLOSED, "Selesai"))
SORTS = {
    "due": (Request.stage_due_at, Request.id),
    "-submitted": (Request.submitted_at.desc(), Request.id.desc()),
}
SOON_DAYS = 1
STOPPED_STATUSES = (WAITING_CUSTOMER, NEEDS_COMPLETION, SUSPENDED)


class QueueView(StaffOnly, AdminIndexView):
    """Every member of staff has a queue, if an empty one."""

    def __init__(self):
        super().__init__(name="Antrean", url="/backoffice", endpoint="queue")

    @property
    def posts(self):
        return frozenset(office().posts)

    @expose("/")
    def index(self):
        tab = text_argument("tab") or MINE
        tab = tab if tab in dict(TABS) else MINE
        query, chips = _filtered(_scope(tab))
        with_people = query.select_extend(User).join(User, on=Request.customer)
        page = list_page(
            with_people,
            sorts=SORTS,
            default_sort="-submitted" if tab == CLOSED else "due",
            per_page=20,
        )
        calendar, at = work_calendar(), now()
        unread = unread_counts([item.id for item in page.rows], current_user)
        return self.render(
            "backoffice/queue.html",
            page=page,
            rows=[queue_row(item, calendar, at) for item in page.rows],
            unread=unread,
            tab=tab,
            tabs=[(code, words, url_for("queue.index", tab=code)) for code, words in TABS],
            chips=chips,
            catalogue=[offer.flow for offer in runtime().catalogue.values()],
            statuses=[(code, label.title) for code, label in LABELS.items()],
            sees_requests=bool(current_user.all_posts - {ADMINISTRATOR}),
            sees_all=bool(current_user.all_posts & SEES_ALL_REQUESTS),
            vacancies=appointments.vacancies(at) if current_user.holds(ADMINISTRATOR) else (),
            stranded=assignments.stranded() if current_user.holds(ADMINISTRATOR) else 0,
        )


def _scope(tab: str) -> ModelSelect:
    me = current_user._get_current_object()
    if tab == MINE:
        return Request.waiting_for(me)
    visible = Request.visible_to(me)
    if tab == CLOSED:
        # A closed request waits for nobody. Asked so, the newest come straight off an index,
        # however many there are; four statuses would have to be sorted together first.
        return visible.where(Request.waiting_role == "")
    return visible.where(Request.status.in_(OPEN_STATUSES))


def _filtered(query: ModelSelect) -> tuple[ModelSelect, list[tuple[str, str]]]:
    """Narrow a scope by the filters of the address; a chip for each."""
    chips = []
    words = text_argument("q")
    if words:
        query = query.where(Request.subject.contains(words) | Request.number.contains(words))
        chips.append((f"Cari: {words}", with_arguments(q=None)))
    service = runtime().catalogue.get(text_argument("service"))
    if service:
        query = query.where(Request.service_code == service.flow.code)
        chips.append((service.flow.title, with_arguments(service=None)))
    status = text_argument("status")
    if status in LABELS:
        query = query.where(Request.status == status)
        chips.append((f"Status: {LABELS[status].title}", with_arguments(status=None)))
    since, until = date_argument("since"), date_argument("until")
    if since:
        query = query.where(Request.submitted_at >= start_of(since))
        chips.append((f"Sejak {day(since)}", with_arguments(since=None)))
    if until:
        query = query.where(Request.submitted_at < end_of(until))
        chips.append((f"Sampai {day(until)}", with_arguments(until=None)))
    return query, chips


def queue_row(item: Request, calendar: WorkCalendar, at) -> Mapping[str, object]:
    """What the queue shows of one request. No query."""
    flow = flow_of(item)
    if item.pending or item.is_open:
        state = sentence_of(item).split(", perkiraan")[0].rstrip(".")
    else:
        state = LABELS[item.status].title
    return {
        "item": item,
        "service": flow.title_of(item.subclass_code),
        "stage": state,
        "urgency": urgency(item, calendar, at),
        "action": workflow.next_action(item) if waits_for(item, current_user) else "",
        "url": url_for("card.card", public_id=item.public_id),
    }


def waits_for(item: Request, person: User) -> bool:
    """Whether it is this person's turn. No query."""
    return person.has_turn(item.waiting_role, item.service_code, item.assignee_id)


def urgency(item: Request, calendar: WorkCalendar, at) -> tuple[str, str]:
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
