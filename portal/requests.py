"""The customer's own requests: dashboard, lists, detail, documents."""

import re
from collections.abc import Mapping
from dataclasses import replace

from flask import abort, flash, redirect, render_template, request, url_for
from flask_security import current_user

import workflow
from messages.compose import words_of
from messages.conversation import PORTAL, unread_counts
from models import Document, Event, Message, Request
from moves.catalogue import current_stage, flow_of, work_calendar
from moves.documents import store_document
from outputs.dashboards.figures import forecast_of
from outputs.dashboards.statistics import count_for_dashboard
from outputs.papers.documents import render_document
from outputs.papers.history import history_of
from outputs.workbooks import MEDIA_TYPE, with_customer, write_customer_list
from portal.blueprint import portal
from rules.formats import moment, moment_short
from rules.phone import display_phone
from rules.roles import PELANGGAN
from rules.services import SURVEY
from rules.statuses import CLOSED_STATUSES, LABELS, OPEN_STATUSES, REJECTED
from web.access import customer_required, person_required
from web.listing import (
    between_dates,
    list_page,
    text_argument,
    with_arguments,
)
from web.requests.actions import NO_ATTEMPT, Attempt, attempt, outcome_of
from web.requests.delivery_status import beside_sheets, beside_steps, delivery_status_for_customer
from web.requests.remarks import NOTHING_POSTED, PostedRemark, show_thread, write_posted_remark
from web.requests.request_card import (
    deadline_words,
    details_of,
    document_lines,
    documents_of,
    forecast_for_customer,
    said_to_customer,
    sentence_of,
    sheets_for_customer,
    timeline_of,
    without_survey,
)
from web.requests.uploads import send_bytes, send_document
from web.runtime import me, now, reader, runtime

SORTS = {
    "-submitted": (Request.submitted_at.desc(), Request.id.desc()),
    "submitted": (Request.submitted_at, Request.id),
    "due": (Request.due_at, Request.id),
    "-due": (Request.due_at.desc(), Request.id.desc()),
    "subject": (Request.subject, Request.id),
}
# What led to the link in a message, when the link is taken out: “… . Rincian:”.
STUMP = re.compile(r"(?<=[.!?]) [^.!?]*:$")


def find_request(public_id: str) -> Request:
    """A request of this customer, or 404. One query; the customer is the person logged in."""
    found = Request.visible_to(reader()).where(Request.public_id == public_id[:26]).first()
    if found is None:
        abort(404)
    found.customer = me()
    return found


@portal.get("/dasbor")
@customer_required
def dashboard():
    mine = Request.visible_to(reader())
    waiting = mine.where(Request.waiting_role == PELANGGAN).order_by(Request.stage_entered_at)
    latest = list(mine.order_by(Request.submitted_at.desc()).limit(5))
    unread = unread_counts(None, reader())
    return render_template(
        "portal/dashboard.html",
        counters=count_for_dashboard(mine),
        tasks=[_task(item) for item in waiting.limit(10)],
        rows=[_row(item, unread) for item in latest],
        unread_elsewhere=sum(unread.values()) - sum(unread.get(item.id, 0) for item in latest),
    )


def _task(item: Request) -> tuple[str, str, str, str]:
    if not item.pending and current_stage(item).kind == SURVEY:
        title = f"Isi survei untuk {item.number}"
        return title, item.subject, url_for("portal.survey", public_id=item.public_id), "Isi Survey"
    url = url_for("portal.detail", public_id=item.public_id)
    title = f"{workflow.next_action(item)} – {item.number or 'belum bernomor'}"
    return title, item.subject, url, "Buka"


def _row(item: Request, unread: Mapping[int, int]) -> dict[str, object]:
    """What a list shows of one request; `unread` counts new messages by request id."""
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
        "unread": unread.get(item.id, 0),
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
        return send_bytes(write_customer_list(rows, title=title), name, MEDIA_TYPE)
    page = list_page(query, sorts=SORTS, default_sort="-submitted")
    unread = unread_counts([item.id for item in page.rows], reader())
    return render_template(
        "portal/list.html",
        title=title,
        page=page,
        rows=[_row(item, unread) for item in page.rows],
        chips=chips,
        statuses=[(code, LABELS[code].title) for code in statuses],
        export_url=with_arguments(format="xlsx"),
        sort_url=_sort_url,
    )


def _filtered(statuses: tuple[str, ...]):
    """The list's scope narrowed by the filters of the address, and a chip for each of them."""
    query = Request.visible_to(reader())
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
    query, dates = between_dates(query, Request.submitted_at)
    return query, chips + dates


def _sort_url(name: str) -> str:
    """The address that sorts by `name`, or turns the order round."""
    return with_arguments(sort=f"-{name}" if request.args.get("sort") == name else name)


# -- detail --------------------------------------------------------------------------------------


@portal.get("/layanan/<public_id>")
@customer_required
def detail(public_id: str):
    return _show(find_request(public_id))


@portal.post("/layanan/<public_id>/tindakan/<choice_code>")
@customer_required
def act(public_id: str, choice_code: str):
    """Carry out one of the customer's choices; what was typed comes back when it is wrong."""
    item = find_request(public_id)
    tried = attempt(item, choice_code)
    if tried.moved is not None:
        words = outcome_of(tried.moved, tried.choice) or "Terima kasih. Jawaban Anda sudah dicatat."
        flash(words, "success")
        return redirect(url_for("portal.detail", public_id=item.public_id))
    if tried.refusal:
        flash(tried.refusal, "warning" if tried.code == 409 else "error")
        item = find_request(public_id)
    return _show(item, tried), tried.code


@portal.post("/layanan/<public_id>/pesan")
@customer_required
def say(public_id: str):
    """Write to the office about a request."""
    item = find_request(public_id)
    said = write_posted_remark(item, reader(), via=PORTAL)
    if said.remark is None:
        return _show(item, said=said), said.code
    flash("Pesan Anda sudah kami terima.", "success")
    return redirect(url_for("portal.detail", public_id=item.public_id, _anchor="percakapan"))


def _show(item: Request, tried: Attempt = NO_ATTEMPT, said: PostedRemark = NOTHING_POSTED) -> str:
    flow, history = flow_of(item), history_of(item)
    every = workflow.choices(item, reader())
    choices = without_survey(every)
    documents, old = documents_of(item, reader())
    delivery_status = delivery_status_for_customer(item)
    steps = [
        replace(step, wait_text=said_to_customer(step.wait_text))
        for step in timeline_of(item, history.events)
    ]
    news = list(reversed(beside_sheets(sheets_for_customer(history), delivery_status, steps)))
    return render_template(
        "portal/detail.html",
        item=item,
        flow=flow,
        subclass=flow.subclass(item.subclass_code),
        sentence=said_to_customer(sentence_of(item)),
        forecast=forecast_for_customer(forecast_of(item, work_calendar(), now=now())),
        why=deadline_words(item),
        steps=beside_steps(steps, delivery_status),
        news=news,
        asked=news[0] if news and item.waiting_role == PELANGGAN else None,
        details=details_of(item),
        choices=choices,
        addresses={
            c.code: url_for("portal.act", public_id=item.public_id, choice_code=c.code)
            for c in choices
        },
        tried=tried,
        thread=show_thread(item, reader(), said),
        survey_waits=any(choice.code == SURVEY for choice in every),
        results=[document for document in documents if document.is_result],
        documents=document_lines(d for d in documents if not d.is_result),
        old_documents=document_lines(old),
        phone=display_phone(current_user.phone),
    )


@portal.get("/layanan/<public_id>/tanda-terima")
@customer_required
def receipt(public_id: str):
    """The way to the receipt of a request; the document itself is fetched by its own scope."""
    item = find_request(public_id)
    made = (Document.request == item) & (Document.kind == "tanda_terima")
    found = Document.select().where(made).order_by(Document.id.desc()).first()
    if found is None:
        abort(404)
    return redirect(url_for("portal.document", public_id=found.public_id))


@portal.get("/dokumen/<public_id>")
@person_required
def document(public_id: str):
    """A document of a request one may see; made now if it was ordered and isn't made yet."""
    found = Document.visible_to(reader()).where(Document.public_id == public_id[:26]).first()
    if found is None:
        abort(404)
    if not found.sha256:
        content = render_document(found, base_url=runtime().settings.base_url)
        found = store_document(found, content, storage=runtime().storage, now=now())
    if found.is_result and not current_user.is_staff:
        Event.record(
            "result_downloaded",
            at=now(),
            actor=me(),
            data={"document": found.public_id},
        )
    # Staff look at a paper beside its card; a customer always gets the file.
    return send_document(found, inline=current_user.is_staff and "lihat" in request.args)


@portal.get("/pemberitahuan")
@customer_required
def notifications():
    """What we wrote to this customer, newest first, without links that open an account."""
    templates = runtime().message_templates
    query = Message.select().where(Message.recipient == current_user.id)
    page = list_page(
        query, sorts={"-at": (Message.created_at.desc(), Message.id.desc())}, default_sort="-at"
    )
    rows = []
    for message in page.rows:
        wording = templates.wording_of(message)
        link = message.variables.get("tautan", "")
        subject, text = words_of(message, templates, link="")
        rows.append(
            {
                "at": message.created_at,
                "subject": subject,
                "text": STUMP.sub("", text.replace(": .", ".").strip()).rstrip(":"),
                "link": "" if wording.is_secret or not link.startswith("/layanan/") else link,
            }
        )
    return render_template("portal/notifications.html", page=page, rows=rows)
