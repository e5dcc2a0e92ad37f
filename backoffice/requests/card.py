"""The request card: everything about one request, and the next action at the same place."""

from datetime import datetime

from flask import abort, flash, get_template_attribute, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import JOIN

import workflow
from backoffice.base import StaffView
from backoffice.requests.preferences import preferences_of
from backoffice.requests.presence import leave, others_at
from backoffice.requests.queue import came_from_mine, urgency
from backoffice.requests.queue_filters import queue_address
from backoffice.requests.queue_list import next_waiting
from config.office import office
from messages.conversation import BACKOFFICE
from models import Document, Request, User
from moves import clock
from moves.catalogue import current_stage, flow_of, service_of, work_calendar
from moves.movement import makers_of
from outputs.dashboards.figures import forecast_of
from outputs.papers.history import history_of
from rules.calendar import WorkCalendar
from rules.formats import moment
from rules.labels import ORIGINS
from rules.roles import PELANGGAN
from rules.services import MADE_DOCUMENTS, SURVEY
from rules.statuses import LABELS
from web.access import may
from web.listing import text_argument
from web.requests.actions import NO_ATTEMPT, Attempt, attempt, outcome_of
from web.requests.delivery_status import (
    apart,
    beside_sheets,
    beside_steps,
    delivery_status_for_staff,
)
from web.requests.document_list import document_lines, documents_of
from web.requests.file_inputs import file_controls
from web.requests.remarks import NOTHING_POSTED, PostedRemark, show_thread, write_posted_remark
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
from web.runtime import is_looking_ahead, me, now, reader
from workflow import Choice

MOST_RELATED = 5


class CardView(StaffView):
    """One request, for those whose scope holds it."""

    name = "Permohonan"
    url = "/backoffice/permohonan"
    endpoint = "card"
    in_menu = False
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(url_for("queue.index", tab="semua"))

    @expose("/berikutnya")
    def following(self) -> ResponseReturnValue:
        """The next request that waits for this person, or the queue when none does."""
        name = text_argument("setelah")
        after = (
            Request.visible_to(reader()).where(Request.public_id == name).first() if name else None
        )
        return redirect(_next_address(after))

    @expose("/<public_id>")
    def card(self, public_id: str) -> ResponseReturnValue:
        return self._show(find_request(public_id))

    @expose("/<public_id>/<choice_code>", methods=("POST",))
    def act(self, public_id: str, choice_code: str) -> ResponseReturnValue:
        """Carry out one choice; what was typed comes back when something is wrong."""
        item = find_request(public_id)
        tried = attempt(item, choice_code)
        if tried.moved is not None:
            leave(item, me())
            flash(_outcome(tried.moved, tried.choice), "success")
            session["goes_on"] = bool(request.form.get("then"))
            back = queue_address(request.form.get("kembali", ""))
            return redirect(_next_address(back=back) if session["goes_on"] else back)
        if tried.refusal:
            flash(tried.refusal, "warning" if tried.code == 409 else "error")
            item = find_request(public_id)
        return self._show(item, tried), tried.code

    @expose("/<public_id>/percakapan", methods=("POST",))
    def say(self, public_id: str) -> ResponseReturnValue:
        """Write to the customer, or a note that stays inside."""
        item = find_request(public_id)
        said = write_posted_remark(item, reader(), via=BACKOFFICE)
        if said.remark is None:
            return self._show(item, said=said), said.code
        words = "Catatan internal disimpan." if said.is_internal else "Pesan dikirim ke pelanggan."
        flash(words, "success")
        return redirect(url_for("card.card", public_id=item.public_id, _anchor="percakapan"))

    @expose("/<public_id>/hadir", methods=("POST",))
    def present(self, public_id: str) -> ResponseReturnValue:
        """Note that the card is open still; the badge of whoever else has it open, or nothing."""
        item, at = find_request(public_id), now()
        names = others_at(item, me(), may_act=bool(workflow.choices(item, reader())), now=at)
        return {"badge": get_template_attribute("backoffice/requests/_keys.html", "opened")(names)}

    def _show(
        self, item: Request, tried: Attempt = NO_ATTEMPT, said: PostedRemark = NOTHING_POSTED
    ) -> str:
        at, flow = now(), flow_of(item)
        history, pauses = history_of(item), clock.pauses_of(item)
        calendar = work_calendar()
        every = workflow.choices(item, reader())
        choices = without_survey(every)
        documents, old = documents_of(item, reader())
        related = related_to(item, reader(), limit=MOST_RELATED + 1)
        delivery_status = delivery_status_for_staff(item)
        forecast = forecast_of(item, calendar, now=at)
        alarm = alarm_of(item, history, forecast, calendar=calendar, now=at)
        steps = timeline_of(item, history.events, who=history.who, pauses=pauses)
        sheets = list(reversed(sheets_for_staff(history)))
        return self.render(
            "backoffice/requests/card.html",
            item=item,
            printed_at=at,
            flow=flow,
            subclass=flow.subclass(item.subclass_code),
            sentence=_sentence(item, alarm),
            clause=clause_words(current_stage(item)) if item.is_open else "",
            notes=_notes(item, choices, me()),
            urgency=_stage_urgency(item, calendar, at),
            idle=_idle_words(item),
            alarm=alarm,
            forecast=forecast_for_staff(forecast),
            why=[*deadline_words(item, pauses), stage_deadline_words(item)],
            open_by=others_at(item, me(), may_act=bool(every) and not is_looking_ahead(), now=at),
            goes_on=_goes_on(tried),
            preferences=preferences_of(me()),
            letter=letter_of(item),
            details=details_of(item),
            steps=beside_steps(steps, delivery_status),
            sheets=beside_sheets(sheets, delivery_status, steps),
            other_delivery_status=apart(delivery_status, steps, sheets),
            documents=document_lines(documents),
            newest=document_lines(_newest(documents)),
            old_documents=document_lines(old),
            choices=choices,
            addresses={
                c.code: url_for("card.act", public_id=item.public_id, choice_code=c.code)
                for c in choices
            },
            survey_waits=any(choice.code == SURVEY for choice in every),
            people=people_for_inputs(choices, item, at),
            kinds=kinds_of(service_of(item)),
            tried=tried,
            files=file_controls(item, choices, tried.choice_code, tried.kept),
            thread=show_thread(item, reader(), said),
            related=related[:MOST_RELATED],
            has_more_related=len(related) > MOST_RELATED,
            category=office().institutions.get(item.customer.institution_category),
            may_reassign=item.is_open and may("assignments"),
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


def _next_address(after: Request | None = None, *, back: str = "") -> str:
    found = next_waiting(reader(), after)
    if found is None:
        flash("Tidak ada permohonan lain yang menunggu Anda.", "info")
        return back or url_for("queue.index")
    return url_for("card.card", public_id=found.public_id)


def find_request(public_id: str) -> Request:
    """A request of this person's scope with its customer and assignee, or 404. One query."""
    assignee, clerk = User.alias(), User.alias()
    found = (
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
    return found or abort(404)


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


def _outcome(moved: Request, choice: Choice) -> str:
    """What happened and to whom it went."""
    if words := outcome_of(moved, choice):
        return words
    name = moved.number or "Permohonan"
    if not moved.is_open:
        return f"{name} selesai. Pelanggan dapat mengunduh dokumen hasil."
    post = office().posts[current_stage(moved).role]
    return f"{name}: “{choice.stage.short}” selesai. Diteruskan ke {post}."
