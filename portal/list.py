"""The customer's requests as lists that can be narrowed, sorted and taken away."""

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue
from peewee import fn

from messages.conversation import unread_counts
from models import Request
from moves import clock
from moves.catalogue import flow_of
from moves.officials import today
from outputs.workbooks import (
    MEDIA_TYPE,
    latest_stage,
    process_limit,
    with_customer,
    write_customer_list,
)
from portal.blueprint import portal
from rules.formats import day, moment
from rules.statuses import (
    APPROVED_STATUSES,
    CANCELLED,
    CLOSED_STATUSES,
    EXPIRED,
    LABELS,
    OPEN_STATUSES,
)
from search.lookup import REQUESTS
from web.access import customer_required
from web.listing import (
    between_dates,
    list_page,
    text_argument,
    with_arguments,
)
from web.requests.request_card import customers_state
from web.requests.uploads import send_bytes
from web.runtime import now, reader, runtime
from web.searched_words import find_in

in_order = fn.melasti_order
SORTS = {
    "-submitted": (Request.submitted_at.desc(), Request.id.desc()),
    "submitted": (Request.submitted_at, Request.id),
    "due": (Request.due_at, Request.id),
    "-due": (Request.due_at.desc(), Request.id.desc()),
    "subject": (in_order(Request.subject), Request.id),
    "-subject": (in_order(Request.subject).desc(), Request.id.desc()),
}


# What the dashboard counts together: words, and the statuses that they stand for.
APPROVED, ENDED = "disetujui", "berakhir"
GROUPS = {
    APPROVED: ("Disetujui", APPROVED_STATUSES),
    ENDED: ("Dibatalkan atau kedaluwarsa", (CANCELLED, EXPIRED)),
}


@portal.get("/layanan/proses")
@customer_required
def running() -> ResponseReturnValue:
    return _list("Sedang Diproses", OPEN_STATUSES)


@portal.get("/layanan/selesai")
@customer_required
def finished() -> ResponseReturnValue:
    return _list("Selesai Diproses", CLOSED_STATUSES)


@portal.get("/layanan/rekap")
@customer_required
def recap() -> ResponseReturnValue:
    return _list("Rekap Layanan", tuple(LABELS))


def _list(title: str, statuses: tuple[str, ...]):
    query, chips = _filtered(statuses)
    if text_argument("format") == "xlsx":
        rows = with_customer(query)
        name = f"{title.lower().replace(' ', '-')}-{today(now()):%Y%m%d}.xlsx"
        return send_bytes(write_customer_list(rows, title=title), name, MEDIA_TYPE)
    page = list_page(query, sorts=SORTS, default_sort="-submitted")
    unread = unread_counts([item.id for item in page.rows], reader())
    return render_template(
        "portal/list.html",
        title=title,
        page=page,
        rows=[row_of(item, unread) for item in page.rows],
        chips=chips,
        statuses=[
            *((code, LABELS[code].to_customer or LABELS[code].title) for code in statuses),
            *((code, words) for code, (words, held) in GROUPS.items() if {*held} <= {*statuses}),
        ],
        export_url=with_arguments(format="xlsx"),
        sort_url=_sort_url,
    )


def row_of(item: Request, unread: Mapping[int, int]) -> dict[str, object]:
    """What a list shows of one request; `unread` counts new messages by request id."""
    latest, at = latest_stage(item)
    return {
        "item": item,
        "number": item.number or "-",
        "service": flow_of(item).title_of(item.subclass_code),
        "due": process_limit(item),
        "due_on": day(clock.latest_told(item)),
        "latest": latest,
        "latest_at": moment(at),
        "state": customers_state(item),
        "unread": unread.get(item.id, 0),
    }


def _filtered(statuses: tuple[str, ...]):
    """The list's scope narrowed by the filters of the address, and a chip for each of them."""
    query = Request.visible_to(reader())
    if len(statuses) < len(LABELS):
        query = query.where(Request.status.in_(statuses))
    chips = []
    words = text_argument("q")
    if words:
        query = find_in(query, words, {REQUESTS: Request.id})
        chips.append((f"Cari: {words}", with_arguments(q=None)))
    status = text_argument("status")
    words, held = GROUPS.get(status, ("", ()))
    if status in statuses:
        words, held = LABELS[status].to_customer or LABELS[status].title, (status,)
    if held and {*held} <= {*statuses}:
        query = query.where(Request.status.in_(held))
        chips.append((f"Status: {words}", with_arguments(status=None)))
    service = runtime().catalogue.get(text_argument("service"))
    if service:
        query = query.where(Request.service_code == service.flow.code)
        chips.append((service.flow.title, with_arguments(service=None)))
    query, dates = between_dates(query, Request.submitted_at)
    return query, chips + dates


def _sort_url(name: str) -> str:
    """The address that sorts by `name`, or turns the order round."""
    return with_arguments(sort=f"-{name}" if request.args.get("sort") == name else name)
