"""The customer's own requests: dashboard, lists, detail, documents."""

from flask import abort, redirect, render_template, request, url_for
from flask_security import current_user

import workflow
from catalogue import current_stage, flow_of
from config.office import office
from models import Document, Event, Message, Request, StageRecord
from outputs.documents import render_document
from outputs.statistics import count_for_dashboard
from outputs.workbooks import with_customer, write_customer_list
from portal.blueprint import portal
from rules.formats import day, file_size, moment, moment_short
from rules.phone import display_phone
from rules.services import SURVEY
from rules.statuses import CLOSED_STATUSES, LABELS, OPEN_STATUSES, REJECTED, WAITING_CUSTOMER
from rules.timeline import build_timeline, state_sentence
from web.access import customer_required, person_required
from web.listing import (
    date_argument,
    end_of,
    list_page,
    start_of,
    text_argument,
    with_arguments,
)
from web.runtime import now, runtime
from web.uploads import send_bytes, send_document

SORTS = {
    "-submitted": (Request.submitted_at.desc(), Request.id.desc()),
    "submitted": (Request.submitted_at, Request.id),
    "due": (Request.due_at, Request.id),
    "-due": (Request.due_at.desc(), Request.id.desc()),
    "subject": (Request.subject, Request.id),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def find_request(public_id: str) -> Request:
    """A request of this customer, or 404. One query; the customer is the person logged in."""
    found = Request.visible_to(current_user).where(Request.public_id == public_id[:26]).first()
    if found is None:
        abort(404)
    found.customer = current_user._get_current_object()
    return found


@portal.get("/dasbor")
@customer_required
def dashboard():
    mine = Request.visible_to(current_user)
    waiting = mine.where(Request.status == WAITING_CUSTOMER).order_by(Request.stage_entered_at)
    latest = mine.order_by(Request.submitted_at.desc()).limit(5)
    return render_template(
        "portal/dashboard.html",
        counters=count_for_dashboard(mine),
        tasks=[_task(item) for item in waiting.limit(10)],
        rows=[_row(item) for item in latest],
    )


def _task(item: Request) -> tuple[str, str, str, str]:
    stage = current_stage(item)
    if stage.kind == SURVEY:
        title = f"Isi survei untuk {item.number}"
        return title, item.subject, url_for("portal.survey", public_id=item.public_id), "Isi Survey"
    url = url_for("portal.detail", public_id=item.public_id)
    return f"{stage.action} untuk {item.number}", item.subject, url, "Buka"


def _row(item: Request) -> dict[str, object]:
    """What a list shows of one request."""
    flow = flow_of(item)
    position = flow.position(item.stage_code)
    if item.status == REJECTED:
        latest, at = LABELS[REJECTED].title, item.closed_at
    elif item.is_open:
        latest, at = flow.stages[max(0, position - 1)].short, item.stage_entered_at
    else:
        latest, at = flow.stages[position].short, item.closed_at
    return {
        "item": item,
        "number": item.number or "-",
        "service": flow.title_of(item.subclass_code),
        "due": moment(item.due_at) if item.is_open else "selesai",
        "latest": latest,
        "latest_at": moment_short(at) if at else "",
    }


# -- lists ---------------------------------------------------------------------------------------


@portal.get("/layanan/proses")
@customer_required
def running():
    return _list("Sedang Diproses", OPEN_STATUSES)


@portal.get("/layanan/selesai")
@customer_required
def finished():
    return _list("Selesai Diproses", CLOSED_STATUSES)


@portal.get("/layanan/rekap")
@customer_required
def recap():
    return _list("Rekap Layanan", tuple(LABELS))


def _list(title: str, statuses: tuple[str, ...]):
    query, chips = _filtered(statuses)
    if text_argument("format") == "xlsx":
        rows = with_customer(query)
        name = f"{title.lower().replace(' ', '-')}-{now():%Y%m%d}.xlsx"
        return send_bytes(write_customer_list(rows, title=title), name, XLSX)
    page = list_page(query, sorts=SORTS, default_sort="-submitted")
    return render_template(
        "portal/list.html",
        title=title,
        page=page,
        rows=[_row(item) for item in page.rows],
        chips=chips,
        statuses=[(code, LABELS[code].title) for code in statuses],
        export_url=with_arguments(format="xlsx"),
        sort_url=_sort_url,
    )


def _filtered(statuses: tuple[str, ...]):
    """The list's scope narrowed by the filters of the address, and a chip for each of them."""
    query = Request.visible_to(current_user)
    if len(statuses) < len(LABELS):
        query = query.where(Request.status.in_(statuses))
    chips = []
    words = text_argument("q")
    if words:
        query = query.where(Request.subject.contains(words) | Request.number.contains(words))
        chips.append((f"Cari: {words}", with_arguments(q=None)))
    status = text_argument("status")
    if status in statuses:
        query = query.where(Request.status == status)
        chips.append((f"Status: {LABELS[status].title}", with_arguments(status=None)))
    service = runtime().catalogue.get(text_argument("service"))
    if service:
        query = query.where(Request.service_code == service.flow.code)
        chips.append((service.flow.title, with_arguments(service=None)))
    since, until = date_argument("since"), date_argument("until")
    if since:
        query = query.where(Request.submitted_at >= start_of(since))
        chips.append((f"Sejak {day(since)}", with_arguments(since=None)))
    if until:
        query = query.where(Request.submitted_at < end_of(until))
        chips.append((f"Sampai {day(until)}", with_arguments(until=None)))
    return query, chips


def _sort_url(name: str) -> str:
    """The address that sorts by `name`, or turns the order round."""
    return with_arguments(sort=f"-{name}" if request.args.get("sort") == name else name)


# -- detail --------------------------------------------------------------------------------------


@portal.get("/layanan/<public_id>")
@customer_required
def detail(public_id: str):
    item = find_request(public_id)
    flow = flow_of(item)
    events = list(Event.select().where(Event.request == item).order_by(Event.seq))
    documents = list(
        Document.visible_to(current_user).where(Document.request == item).order_by(Document.id)
    )
    choices = workflow.choices(item, current_user._get_current_object(), now())
    return render_template(
        "portal/detail.html",
        item=item,
        flow=flow,
        subclass=flow.subclass(item.subclass_code),
        sentence=state_sentence(
            flow, status=item.status, stage_code=item.stage_code, due_at=item.due_at
        ),
        steps=_timeline(item, events),
        refusal=_refusal(item),
        survey_waits=any(choice.stage.kind == SURVEY for choice in choices),
        results=[document for document in documents if document.is_result],
        documents=[_document_row(document) for document in documents if not document.is_result],
        phone=display_phone(current_user.phone),
    )


def _timeline(item: Request, events: list[Event]):
    flow, posts = flow_of(item), office().posts
    completed = {
        event.stage_code: event.at for event in events if event.kind in workflow.COMPLETING_EVENTS
    }
    holders = {stage.code: posts[stage.role] for stage in flow.stages}
    return build_timeline(
        flow, completed, status=item.status, current_code=item.stage_code, holders=holders
    )


def _refusal(item: Request) -> dict[str, str] | None:
    """Why a request was refused, as the customer reads it."""
    if item.status != REJECTED:
        return None
    record = (
        StageRecord.select(StageRecord, Event)
        .join(Event)
        .where((StageRecord.request == item) & (Event.kind == workflow.STAGE_REFUSED))
        .first()
    )
    return record.inputs if record else None


def _document_row(document: Document) -> tuple[str, str, str, str]:
    size = file_size(document.size) if document.size else "dibuat saat diunduh"
    url = url_for("portal.document", public_id=document.public_id)
    words = "Buka File" if document.kind == workflow.ATTACHMENT else "Unduh"
    return document.title, f"{document.filename} ({size})", url, words


@portal.get("/layanan/<public_id>/tanda-terima")
@customer_required
def receipt(public_id: str):
    """The way to the receipt of a request; the document itself is fetched by its own scope."""
    item = find_request(public_id)
    found = Document.get_or_none((Document.request == item) & (Document.kind == "tanda_terima"))
    if found is None:
        abort(404)
    return redirect(url_for("portal.document", public_id=found.public_id))


@portal.get("/dokumen/<public_id>")
@person_required
def document(public_id: str):
    """A document of a request one may see; made now if it was ordered and isn't made yet."""
    found = Document.visible_to(current_user).where(Document.public_id == public_id[:26]).first()
    if found is None:
        abort(404)
    if not found.sha256:
        found = workflow.store_document(
            found, render_document(found), storage=runtime().storage, now=now()
        )
    if found.is_result and not current_user.is_staff:
        Event.record(
            "result_downloaded",
            at=now(),
            actor=current_user._get_current_object(),
            data={"document": found.public_id},
        )
    return send_document(found)


@portal.get("/pemberitahuan")
@customer_required
def notifications():
    """What we wrote to this customer, newest first, without links that open an account."""
    wordings = runtime().stationery.wordings
    query = Message.select().where(Message.recipient == current_user.id)
    page = list_page(
        query, sorts={"-at": (Message.created_at.desc(), Message.id.desc())}, default_sort="-at"
    )
    rows = []
    for message in page.rows:
        wording = wordings[message.template]
        link = message.variables.get("tautan", "")
        subject, text = wording.render({**message.variables, "tautan": ""})
        rows.append(
            {
                "at": message.created_at,
                "subject": subject,
                "text": text.replace(": .", ".").strip().rstrip(":"),
                "link": "" if wording.is_secret or not link.startswith("/layanan/") else link,
            }
        )
    return render_template("portal/notifications.html", page=page, rows=rows)
