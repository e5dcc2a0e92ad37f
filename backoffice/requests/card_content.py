"""What the card shows of one request: beside the queue, and on a page of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import abort, request, session, url_for
from peewee import JOIN

import workflow
from backoffice.requests.phrase_pickers import pickers_of
from backoffice.requests.preferences import preferences_of
from backoffice.requests.presence import others_at
from backoffice.requests.queue_rows import came_from_mine, held_words, urgency
from config.office import office
from models import Document, Request, User
from moves import clock
from moves.catalogue import current_stage, flow_of, service_of, work_calendar
from moves.movement import makers_of
from moves.watchers import is_followed
from outputs.dashboards.figures import forecast_of
from outputs.papers.history import history_of
from rules.calendar import WorkCalendar
from rules.formats import moment
from rules.labels import ORIGINS
from rules.roles import PELANGGAN
from rules.services import MADE_DOCUMENTS, SURVEY
from rules.statuses import LABELS
from web.access import may
from web.requests.actions import NO_ATTEMPT, Attempt
from web.requests.delivery_status import (
    apart,
    beside_sheets,
    beside_steps,
    delivery_status_for_staff,
)
from web.requests.document_list import document_lines, documents_of
from web.requests.file_inputs import file_controls
from web.requests.remarks import NOTHING_POSTED, PostedRemark, show_thread
from web.requests.request_card import (
    Alarm,
    alarm_of,
    clause_words,
    deadline_words,
    details_of,
    forecast_for_staff,
    kinds_of,
    letter_of,
    people_for_inputs,
    related_to,
    sentence_of,
    sheets_for_staff,
    stage_deadline_words,
    timeline_of,
    waiting_words,
    without_survey,
)
from web.runtime import me, now, reader, runtime
from workflow import Choice

MOST_RELATED = 5
# The buttons of a request that is late, or will be.
CASE_WORDS = {
    "remind": "Ingatkan",
    "explain_delay": "Catat alasan",
    "tell_new_date": "Usulkan tanggal baru",
}
# The input whose ticks are those of a sheet of disposition.
TICKS = "instructions"


def content_of(
    item: Request, tried: Attempt = NO_ATTEMPT, said: PostedRemark = NOTHING_POSTED
) -> dict[str, object]:
    """Everything that `_glance.html` and `card.html` show. Notes that the request is open."""
    at, flow = now(), flow_of(item)
    history, pauses = history_of(item), clock.pauses_of(item)
    calendar = work_calendar()
    every = workflow.choices(item, reader())
    choices = _without_questions(without_survey(every))
    documents, old = documents_of(item, reader())
    related = related_to(item, reader(), limit=MOST_RELATED + 1)
    delivery_status = delivery_status_for_staff(item)
    forecast = forecast_of(item, calendar, now=at)
    alarm = alarm_of(item, history, forecast, calendar=calendar, now=at)
    steps = timeline_of(item, history.events, who=history.who, pauses=pauses)
    sheets = list(reversed(sheets_for_staff(history)))
    return {
        "item": item,
        "printed_at": at,
        "flow": flow,
        "subclass": flow.subclass(item.subclass_code),
        "sentence": _sentence(item, alarm),
        "clause": clause_words(current_stage(item)) if item.is_open else "",
        "notes": _notes(item, choices, me()),
        "urgency": _stage_urgency(item, calendar, at),
        "idle": _idle_words(item),
        "alarm": alarm,
        "forecast": forecast_for_staff(forecast),
        "why": [*deadline_words(item, pauses), stage_deadline_words(item)],
        "open_by": others_at(item, me(), may_act=False, now=at),
        "goes_on": _goes_on(tried),
        "preferences": preferences_of(me()),
        "letter": letter_of(item),
        "details": details_of(item),
        "steps": beside_steps(steps, delivery_status),
        "sheets": beside_sheets(sheets, delivery_status, steps),
        "other_delivery_status": apart(delivery_status, steps, sheets),
        "documents": document_lines(documents),
        "newest": document_lines(_newest(documents)),
        "old_documents": document_lines(old),
        "choices": choices,
        "addresses": {
            c.code: url_for("card.act", public_id=item.public_id, choice_code=c.code)
            for c in choices
        },
        "survey_waits": any(choice.code == SURVEY for choice in every),
        "people": people_for_inputs(choices, item, at),
        "kinds": kinds_of(service_of(item)),
        "tried": tried,
        "files": file_controls(item, choices, tried.choice_code, tried.kept),
        "thread": show_thread(item, reader(), said),
        "related": related[:MOST_RELATED],
        "has_more_related": len(related) > MOST_RELATED,
        "category": office().institutions.get(item.customer.institution_category),
        "may_reassign": item.is_open and may("assignments"),
        "is_followed": is_followed(item, reader=reader()),
        "pickers": pickers_of(item, choices) if may("works") else {},
        "usual": _usual_ticks(choices),
        "case_words": CASE_WORDS,
    }


def find_request(public_id: str) -> Request:
    """A request of this person's scope with its customer and assignee, or 404. One query."""
    return find_visible(public_id) or abort(404)


def find_visible(public_id: str) -> Request | None:
    """The same, or nothing. No query without an id."""
    if not public_id:
        return None
    assignee, clerk = User.alias(), User.alias()
    return (
        Request.visible_to(reader())
        .select_extend(User, assignee, clerk)
        .join(User, on=Request.customer)
        .switch(Request)
        .join(assignee, JOIN.LEFT_OUTER, on=Request.assignee)
        .switch(Request)
        .join(clerk, JOIN.LEFT_OUTER, on=Request.registered_by)
        .where(Request.public_id == public_id[:26])
        .first()
    )


def _sentence(item: Request, alarm: Alarm | None) -> str:
    """The state without a date that the alarm above it has overtaken."""
    if alarm and alarm.tone == "late":
        return f"{waiting_words(item)}."
    return sentence_of(item)


def _goes_on(tried: Attempt) -> bool:
    """Whether the next request opens afterwards: as ticked, as last chosen, else as one came."""
    mine = came_from_mine()
    if tried is not NO_ATTEMPT:
        return bool(request.form.get("then"))
    return session.get("goes_on", mine)


def _newest(documents: list[Document]) -> list[Document]:
    """What somebody handed in last: usually what is to be checked now. One or none."""
    given = [row for row in documents if row.kind not in MADE_DOCUMENTS and not row.revoked_at]
    return given[-1:]


def _stage_urgency(item: Request, calendar: WorkCalendar, at: datetime) -> tuple[str, str]:
    """As in the queue, and said what it is about: beside it stands the deadline of the whole."""
    words, tone = urgency(item, calendar, at)
    about = "keputusan ini" if item.pending else "tahap ini"
    return (words if tone == "paused" or not words else f"{about} {words}"), tone


def _idle_words(item: Request) -> str:
    """Why a reader has nothing to do here."""
    if item.held_by_id:
        return held_words(item)
    if not item.waiting_role:
        return f"Tidak ada tindakan bagi Anda; permohonan ini {LABELS[item.status].title.lower()}."
    who = office().posts[item.waiting_role]
    if item.waiting_role == PELANGGAN:
        who = "pelanggan"
    elif item.assignee_id:
        who = f"{who}: {item.assignee.name}"
    return f"Tidak ada tindakan bagi Anda sekarang; menunggu {who}."


def _notes(item: Request, choices: list[Choice], me: User) -> list[str]:
    """What a reader should know before acting."""
    notes = []
    if item.is_urgent:
        notes.append("Darurat bencana: dahulukan.")
    if item.registered_by:
        how = ORIGINS[item.channel].recorded
        notes.append(f"Permohonan {how} oleh {item.registered_by.name}.")
    if item.is_free:
        notes.append("Pelanggan internal kementerian: tidak dipungut biaya.")
    if item.revision:
        notes.append(f"Perbaikan laporan R{item.revision}.")
    if item.pending and item.pending_due_at:
        notes.append(f"Batas: {moment(item.pending_due_at)}.")
    notes += _rights(choices)
    if item.is_open and not item.pending and me.id in makers_of(item, current_stage(item)):
        notes.append("Anda menyusun bagian yang diperiksa di sini; pemeriksaannya oleh orang lain.")
    return notes


def _rights(choices: list[Choice]) -> list[str]:
    """In whose name the reader would act, once per right."""
    words = {"plh": "Plh. {}", "plt": "Plt. {}", "substitute": "pengganti pos {} yang kosong"}
    found = {
        f"Anda bertindak sebagai {words[c.power.kind].format(office().posts[c.power.role])}."
        for c in choices
        if c.power and c.power.kind in words
    }
    return sorted(found)


def _without_questions(choices: list[Choice]) -> list[Choice]:
    """What can be undone is done without a question before it; what a customer decides at the
    counter takes effect at once, so that one stays."""
    if not runtime().settings.undo_seconds:
        return choices
    return [one if one.on_behalf else replace(one, confirm="") for one in choices]


def _usual_ticks(choices: list[Choice]) -> dict[str, list[str]]:
    """Choice -> the ticks that this person gave the last disposition of this desk."""
    kept = session.get("ticks", {})
    return {
        choice.code: [
            option
            for place, option in enumerate(_ticks_of(choice))
            if place in kept.get(choice.stage.desk, ())
        ]
        for choice in choices
        if choice.code == workflow.COMPLETE
    }


def _ticks_of(choice: Choice) -> Sequence[str]:
    return next((entry.options for entry in choice.inputs if entry.name == TICKS), ())


def remember_ticks(choice: Choice) -> None:
    """Offer the ticks of this disposition to the next one; they are seen and can be changed."""
    ticked = request.form.getlist(TICKS)
    places = [place for place, option in enumerate(_ticks_of(choice)) if option in ticked]
    if places and choice.code == workflow.COMPLETE:
        session["ticks"] = session.get("ticks", {}) | {choice.stage.desk: places}
