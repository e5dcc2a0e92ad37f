"""One request of the customer: where it stands, what can be done, and the conversation."""

from dataclasses import replace

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

import workflow
from messages.conversation import PORTAL
from models import Request
from moves import clock
from moves.catalogue import flow_of, work_calendar
from outputs.dashboards.figures import forecast_of
from outputs.papers.history import history_of
from portal.blueprint import portal
from portal.turn import bill_of, without_bill
from rules.phone import display_phone
from rules.roles import PELANGGAN
from rules.services import SURVEY
from rules.statuses import REJECTED
from rules.timeline import STEP_DONE, place_words, runs_of
from web.access import customer_required
from web.requests.actions import NO_ATTEMPT, Attempt, attempt, outcome_of
from web.requests.delivery_status import delivery_status_for_customer, last_sent
from web.requests.document_list import beside_papers, document_lines, documents_of
from web.requests.file_inputs import file_controls
from web.requests.remarks import (
    NOTHING_POSTED,
    PostedRemark,
    note_read,
    show_thread,
    write_posted_remark,
)
from web.requests.request_card import (
    customers_sentence,
    deadline_words,
    details_of,
    forecast_for_customer,
    letter_of,
    sheets_for_customer,
    timeline_of,
    without_survey,
)
from web.runtime import me, now, reader


def find_request(public_id: str) -> Request:
    """A request of this customer, or 404. One query; the customer is the person logged in."""
    found = Request.visible_to(reader()).where(Request.public_id == public_id[:26]).first()
    if found is None:
        abort(404)
    found.customer = me()
    return found


@portal.get("/layanan/<public_id>")
@customer_required
def detail(public_id: str) -> ResponseReturnValue:
    return _show(find_request(public_id))


@portal.post("/layanan/<public_id>/tindakan/<choice_code>")
@customer_required
def act(public_id: str, choice_code: str) -> ResponseReturnValue:
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
def say(public_id: str) -> ResponseReturnValue:
    """Write to the office about a request."""
    item = find_request(public_id)
    said = write_posted_remark(item, reader(), via=PORTAL)
    if said.remark is None:
        return _show(item, said=said), said.code
    flash("Pesan Anda sudah kami terima.", "success")
    return redirect(url_for("portal.detail", public_id=item.public_id, _anchor="percakapan"))


@portal.post("/layanan/<public_id>/pesan/dibaca")
@customer_required
def read(public_id: str) -> ResponseReturnValue:
    """Note that what the office wrote was seen."""
    item = find_request(public_id)
    note_read(item, reader())
    return redirect(url_for("portal.detail", public_id=item.public_id, _anchor="percakapan"), 303)


def _show(item: Request, tried: Attempt = NO_ATTEMPT, said: PostedRemark = NOTHING_POSTED) -> str:
    flow, history = flow_of(item), history_of(item)
    every = workflow.choices(item, reader())
    choices = without_survey(every)
    documents, old = documents_of(item, reader())
    steps = [
        replace(step, wait_text="")  # The sentence on top says it.
        for step in timeline_of(item, history.events)
    ]
    news = list(reversed(beside_papers(sheets_for_customer(history), [*documents, *old])))
    my_turn = bool(choices) and (item.waiting_role == PELANGGAN or item.status == REJECTED)
    asked = news[0] if news and my_turn else None
    bill = bill_of(item, now())
    return render_template(
        "portal/detail.html",
        item=item,
        flow=flow,
        subclass=flow.subclass(item.subclass_code),
        sentence=customers_sentence(item, now()),
        forecast=forecast_for_customer(forecast_of(item, work_calendar(), now=now()), item),
        foreseen_at=clock.latest_told(item),
        why=deadline_words(item),
        place=place_words(steps),
        done=sum(step.state == STEP_DONE for step in steps),
        steps=steps,
        runs=runs_of(steps),
        sent=last_sent(delivery_status_for_customer(item)),
        news=news[1:] if asked else news,
        asked=asked,
        asked_lines=without_bill(asked, bill) if asked else (),
        bill=bill,
        my_turn=my_turn,
        letter=letter_of(item),
        details=details_of(item),
        choices=choices,
        addresses={
            c.code: url_for("portal.act", public_id=item.public_id, choice_code=c.code)
            for c in choices
        },
        tried=tried,
        files=file_controls(item, choices, tried.choice_code, tried.kept),
        thread=show_thread(item, reader(), said),
        survey_waits=any(choice.code == SURVEY for choice in every),
        results=document_lines(row for row in documents if row.is_result),
        documents=document_lines(d for d in documents if not d.is_result),
        old_documents=document_lines(old),
        phone=display_phone(current_user.phone),
    )
