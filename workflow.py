"""The only door through which a request moves.

Every move is one transaction that writes the state, the history and the outgoing messages
together. Who asks, with all rights at an instant (`Reader`), is an argument, never ambient. The
side paths are in `moves.sides`, who may take them in `moves.offers`, what every move shares in
`moves.movement`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import IntegrityError, ModelSelect

from config.office import office
from models import Event, HeldAct, Request, StageRecord, SurveyResponse, User
from models import SurveyReceipt as Receipt
from moves import clock, held_acts
from moves.catalogue import Offer, current_stage, flow_of, work_calendar
from moves.held_acts import Grace
from moves.letters import enter_letter
from moves.movement import (
    ATTACHMENT,
    REPORT,
    Actor,
    Given,
    StoredFile,
    assign,
    attach,
    clean_inputs,
    compare_and_set,
    conflict_of,
    desk_after,
    entering,
    issue_number,
    makers_of,
    order_documents,
    record_billing,
    record_payment,
    release_results,
    said_to_customer,
    tell_next,
    write_history,
)
from moves.notices import tell_customer, tell_post, template_after
from moves.offers import Choice, offered
from moves.officials import Reader, authority, today
from moves.refusals import Conflict, InvalidInput, Refused, Unlooked
from moves.side_moves import Move
from moves.sides import SIDES
from rules import events
from rules.formats import ZONE, day
from rules.labels import LATER_DATE
from rules.rights import Power
from rules.services import CUSTOMER, HANDOVER, OFFICE, SURVEY, Stage
from rules.statuses import WAITING_VERIFICATION
from rules.survey import CheckedAnswers, Questionnaire
from storage.database import database
from storage.fast import Bound, prepared
from storage.outage import is_unavailable

log = logging.getLogger("melasti")

__all__ = [
    "ATTACHMENT",
    "REPORT",
    "Choice",
    "Conflict",
    "Grace",
    "InvalidInput",
    "Reader",
    "Refused",
    "StoredFile",
    "Submission",
    "Unlooked",
    "act",
    "answer_survey",
    "carry_out_due",
    "choices",
    "hold",
    "next_action",
    "release_unanswered",
    "submit",
]
SYSTEM = Actor(None)
COMPLETE = "complete"
# What is asked of the post that has the turn while something is pending.
DECISIONS = {
    "completion": "Kirim kelengkapan",
    "suspension": "Lanjutkan layanan",
    "amendment": "Jawab perubahan lingkup",
    "cancellation": "Putuskan pembatalan",
    "objection": "Putuskan keberatan",
    "revision": "Putuskan perbaikan laporan",
}


@dataclass(frozen=True)
class Submission:
    """What a customer files. `details` are the service's own fields, `attachments` its files."""

    service_code: str
    subclass_code: str
    subject: str
    description: str
    statement_version: str
    file: StoredFile
    details: Mapping[str, object] = field(default_factory=dict)
    attachments: Mapping[str, StoredFile] = field(default_factory=dict)
    # How it came: portal, loket (at the counter) or surat (by letter).
    channel: str = "portal"
    is_free: bool = False
    # What the customer's letter says of itself, where it does.
    letter_number: str = ""
    letter_on: date | None = None
    letter_from: str = ""


UNPROVED_AT_COUNTER = (
    "Email atau no HP akun ini belum terbukti milik pelanggan: bisa jadi dibuat orang lain. Minta "
    "pelanggan membuka tautan bukti dan menekan tombolnya, atau catat sebagai pelanggan baru."
)

# -- filing --------------------------------------------------------------------------------------


def submit(
    customer: User,
    offer: Offer,
    submission: Submission,
    *,
    key: str,
    now: datetime,
    registered_by: Reader | None = None,
    acceptance: Mapping[str, object] | None = None,
) -> Request:
    """File a request, once per `key`: the same key gives the request already filed.

    `registered_by` is the member of staff who writes it down for somebody at the counter, and
    `acceptance` the inputs by which the same person completes the first desk with it.
    Raises Refused for an account that isn't verified or a key of somebody else, InvalidInput for
    an acceptance that lacks something; then nothing is written.
    """
    if customer.is_staff:
        raise Refused("Permohonan hanya dapat diajukan dari akun pelanggan.")
    if registered_by and customer.has_account and not customer.is_proved:
        # It may be an account that somebody made with a stranger's address.
        raise Refused(UNPROVED_AT_COUNTER)
    if not registered_by and not customer.confirmed_at:
        raise Refused("Akun Anda belum diverifikasi. Buka tautan verifikasi yang kami kirim.")
    power = _power_at_counter(registered_by) if registered_by else None
    if registered_by and power is None:
        able = office().titles_that_may("counter")
        raise Refused(f"Hanya {able} yang mencatat permohonan dari loket.")
    if found := _filed_with(key, customer):
        return found
    try:
        with database.atomic():
            clerk = registered_by.user if registered_by else customer
            who = Actor(clerk, power, on_behalf=bool(registered_by))
            request = _file(customer, offer, submission, who, key=key, now=now)
            if acceptance is None or registered_by is None:
                _tell_of_filing(request, customer, now)
                return request
            # Nobody is told of what waits no more: the number is the customer's one message.
            return act(request, COMPLETE, reader=registered_by, inputs=acceptance,
                       version=request.version)  # fmt: skip
    except IntegrityError:
        if found := _filed_with(key, customer):
            return found
        raise


def _filed_with(key: str, customer: User) -> Request | None:
    found = Request.get_or_none(Request.idempotency_key == key)
    if found and found.customer_id != customer.id:
        raise Refused("Formulir ini tidak berlaku lagi. Silakan isi formulir baru.")
    return found


def _file(
    customer: User,
    offer: Offer,
    submission: Submission,
    actor: Actor,
    *,
    key: str,
    now: datetime,
) -> Request:
    subclass = offer.flow.subclass(submission.subclass_code)
    if offer.flow.subclasses and (subclass is None or subclass.office_only):
        raise Refused("Pilih jenis layanan yang tersedia, lalu kirim kembali.")
    flow = offer.flow.as_walked(submission.subclass_code, is_free=submission.is_free)
    first, second = flow.stages[0], flow.stages[1].desks[0]
    calendar, promised = work_calendar(), flow.promised_days(submission.subclass_code)
    stage_days = flow.stage_days(second, submission.subclass_code)
    request = Request.create(
        idempotency_key=key,
        customer=customer,
        flow=offer.version_id,
        service_code=flow.code,
        subclass_code=submission.subclass_code,
        subject=submission.subject,
        description=submission.description,
        details=dict(submission.details),
        channel=submission.channel,
        registered_by=actor.user if actor.on_behalf else None,
        is_free=submission.is_free,
        is_urgent=bool(subclass and subclass.is_urgent),
        statement_version=submission.statement_version,
        status=WAITING_VERIFICATION,
        stage_code=second.code,
        waiting_role=second.role,
        submitted_at=now,
        submitted_month=now.astimezone(ZONE).strftime("%Y-%m"),
        stage_entered_at=now,
        stage_due_at=calendar.add_working_days(now, stage_days),
        due_at=calendar.add_working_days(now, promised),
    )
    enter_letter(
        request,
        number=submission.letter_number,
        dated_on=submission.letter_on,
        sender=submission.letter_from,
    )
    write_history(
        request,
        events.SUBMITTED,
        first,
        actor,
        now=now,
        data={
            "file": submission.file.sha256,
            "statement": submission.statement_version,
            "subclass": submission.subclass_code,
        },
    )
    titles = {entry.name: entry.label for entry in flow.attachments}
    attach(
        request, submission.file, kind=ATTACHMENT, title="Dokumen Pendukung", by=actor.user, now=now
    )
    for name, file in submission.attachments.items():
        attach(request, file, kind=name, title=titles[name], by=actor.user, now=now)
    order_documents(request, first.documents, actor=actor, now=now)
    return request


def _tell_of_filing(request: Request, customer: User, now: datetime) -> None:
    tell_customer(request, customer, "permintaan_diterima_sistem", now=now)
    tell_post(request, current_stage(request), now=now)


# -- what may be done ----------------------------------------------------------------------------


def choices(request: Request, reader: Reader) -> list[Choice]:
    """What this reader may do with the request, in the order of the buttons."""
    if request.held_by_id:
        return []
    desk, found = current_stage(request), []
    if request.is_open and not request.pending:
        found += _completing(request, desk, reader)
    found += offered(request, desk, reader)
    if reader.is_staff and request.registered_by_id:
        found += _for_customer_at_counter(request, desk, reader)
    return found


def next_action(request: Request) -> str:
    """The title of what waits for the post whose turn it is, for a list. No query."""
    if not request.waiting_role:
        return ""
    return DECISIONS[request.pending] if request.pending else current_stage(request).action


def _completing(request: Request, desk: Stage, reader: Reader) -> list[Choice]:
    if desk.kind in (SURVEY, CUSTOMER):
        mine = request.customer_id == reader.id and not reader.is_staff
        code = SURVEY if desk.kind == SURVEY else COMPLETE
        return [Choice(code, desk.action, desk, desk.inputs)] if mine else []
    if desk.kind not in (OFFICE, HANDOVER):
        return []
    power = authority(
        reader,
        desk.role,
        service_code=request.service_code,
        assignee_id=request.assignee_id,
        excluded=makers_of(request, desk),
    )
    return [Choice(COMPLETE, desk.action, desk, desk.inputs, power=power)] if power else []


def _power_at_counter(reader: Reader) -> Power | None:
    """By what right somebody writes down what a customer says at the counter, of any service."""
    return next((power for power in reader.powers_to("counter") if power.covers("")), None)


def _for_customer_at_counter(request: Request, desk: Stage, reader: Reader) -> list[Choice]:
    """The customer's own choices, written down by the admin for somebody without an account."""
    power = _power_at_counter(reader)
    if power is None or request.customer.has_account:
        return []
    customer = Reader.at(request.customer, reader.now)
    theirs = list(offered(request, desk, customer))
    if request.is_open and not request.pending:
        theirs = _completing(request, desk, customer) + theirs
    return [
        Choice(
            c.code,
            f"{c.title} (atas nama pelanggan)",
            c.stage,
            c.inputs,
            c.is_danger,
            c.confirm,
            power,
            on_behalf=True,
        )
        for c in theirs
    ]


def act(
    request: Request,
    choice_code: str,
    *,
    reader: Reader,
    inputs: Mapping[str, object],
    version: int,
) -> Request:
    """Carry out one choice on the state the reader saw (`version`); return the request anew.

    `inputs` maps an input's name to a string, a list of strings (checklist), a public id
    (person) or a StoredFile. Raises Conflict, InvalidInput or Refused; then nothing is written.
    """
    with database.atomic():
        [fresh] = _with_customer(pk=request.id)
        if fresh.version != version or fresh.held_by_id:
            raise conflict_of(fresh, reader.user)
        now, found = reader.now, {choice.code: choice for choice in choices(fresh, reader)}
        choice = found.get(choice_code)
        if choice is None or choice.code == SURVEY:
            raise Refused("Anda tidak dapat melakukan tindakan ini pada tahap sekarang.")
        given = clean_inputs(fresh, choice.inputs, inputs, now=now, roster=reader.roster)
        who = Actor(reader.user, choice.power, choice.on_behalf, reader.roster)
        if choice_code == COMPLETE:
            _complete(fresh, choice.stage, who, given, now=now)
            return fresh
        move = Move(fresh, flow_of(fresh), choice.stage, who, given, now)
        SIDES[choice_code].apply(move)
        return Request.get_by_id(request.id)


def hold(
    request: Request,
    choice_code: str,
    *,
    reader: Reader,
    inputs: Mapping[str, object],
    version: int,
    grace: Grace,
) -> Request:
    """Do what `act` does, but let it take effect only after a while in which it can be undone.

    Returns the request as it will be and raises what `act` raises. Until then nobody is told, no
    number is issued, and nobody else acts on the request.
    """
    with database.atomic():
        with database.atomic() as trial:
            # What is right now is likely to be right then: every rule is asked by obeying it.
            moved = act(request, choice_code, reader=reader, inputs=inputs, version=version)
            acted_for = _last_post(request)
            trial.rollback()
        desk = current_stage(request).desk
        done = held_acts.Act(choice_code, desk, acted_for, inputs, grace.words(moved))
        held_acts.hold(request, done, reader=reader, grace=grace)
        return moved


def _last_post(request: Request) -> str:
    found = Event.select(Event.acted_for).where(Event.request == request)
    return found.order_by(Event.seq.desc()).limit(1).scalar() or ""


def carry_out_due(now: datetime) -> int:
    """Carry out what was held long enough; return how many acts took effect.

    Each in a transaction of its own, by the rights and at the moment of who did it. One that isn't
    possible any more stays with the reason for its actor, and its request as it was.
    """
    done = 0
    for held in held_acts.due(now):
        try:
            done += _carry_out(held)
        except Exception as error:
            if is_unavailable(error):
                raise
            log.exception("a held act could not be carried out")
            with database.atomic():
                if held_acts.let_go(held):
                    held_acts.refuse(held, held_acts.BROKEN)
    return done


def _carry_out(held: HeldAct) -> bool:
    with database.atomic():
        if not held_acts.let_go(held):
            return False
        reader = Reader.at(User.get_by_id(held.actor_id), held.acted_at)
        request = Request.get_by_id(held.request_id)
        try:
            with database.atomic():
                if current_stage(request).desk != held.desk:
                    raise conflict_of(request, reader.user)
                # People were kept away; what the calendar or a reassignment changed is no conflict.
                act(request, held.choice_code, reader=reader, inputs=held_acts.inputs_of(held),
                    version=request.version)  # fmt: skip
        except Refused as refusal:
            held_acts.refuse(held, held_acts.words_of(refusal))
            return False
    return True


@prepared
def _with_customer() -> ModelSelect:
    joined = Request.select(Request, User).join(User, on=Request.customer)
    return joined.where(Request.id == Bound("pk"))


def answer_survey(
    request: Request,
    *,
    reader: Reader,
    answers: CheckedAnswers,
    questionnaire: Questionnaire,
    version: int,
) -> Request:
    """Complete the survey stage and store the answers apart from who gave them. Once only."""
    with database.atomic():
        fresh = Request.get_by_id(request.id)
        found = [c for c in choices(fresh, reader) if c.code == SURVEY]
        if Receipt.select().where(Receipt.request == fresh).exists():
            raise Conflict("Survei untuk layanan ini sudah diisi. Terima kasih.")
        if not found:
            raise Refused("Survei belum dapat diisi pada tahap sekarang.")
        if fresh.version != version:
            raise conflict_of(fresh, reader.user)
        [choice], now = found, reader.now
        who = Actor(reader.user, choice.power, choice.on_behalf)
        _complete(fresh, choice.stage, who, Given(), now=now)
        Receipt.create(request=fresh, answered_at=now)
        SurveyResponse.create(
            questionnaire=questionnaire.name,
            service_code=fresh.service_code,
            answered_on=now.astimezone(ZONE).date(),
            scores=dict(answers.scores),
            demographics=dict(answers.demographics),
            extras=dict(answers.extras),
        )
        return Request.get_by_id(request.id)


# -- completing ----------------------------------------------------------------------------------


def _complete(request: Request, desk: Stage, actor: Actor, given: Given, *, now: datetime) -> None:
    """Complete a desk and go on to the next one that waits for a person.

    Call inside a transaction.
    """
    _refuse_past_days(request, desk, given, now=now)
    assign(request, given.people)
    had_number = bool(request.number)
    data, changes = _effects(request, desk, given, now=now)
    flow = flow_of(request)
    following = desk_after(request, flow, desk)
    data["to"] = following.code if following else ""
    compare_and_set(request, {**changes, **entering(request, following, now=now)})
    kind = events.STAGE_COMPLETED if desk.is_last_desk else events.STEP_COMPLETED
    write_history(request, kind, desk, actor, given, now=now, data=data)
    for entry, files in given.files.items():
        is_result = entry.name == "report"
        attach(
            request,
            *files,
            kind=REPORT if is_result else entry.name,
            title=entry.label,
            by=actor.user,
            now=now,
            is_result=is_result,
            is_internal=not (is_result or entry.is_shown or desk.kind == CUSTOMER),
        )
    if desk.has_effect("release_report"):
        release_results(request, now=now)
    order_documents(request, desk.documents, actor=actor, now=now)
    if template := template_after(desk, following):
        if template == "hasil_siap" and request.revision:
            template = "revisi_terbit"
        if template == "permintaan_bernomor" and had_number:
            # It came back to this desk: the number was told long ago.
            template = "tahap_maju"
        more = said_to_customer(given, now) | {"versi": f"R{request.revision}"}
        tell_customer(request, request.customer, template, now=now, stage=desk, more=more)
    tell_next(request, following, now=now, roster=actor.roster)
    if following and following.automatic:
        _complete(request, following, SYSTEM, Given(), now=now)


def _effects(
    request: Request, desk: Stage, given: Given, *, now: datetime
) -> tuple[dict[str, object], dict[str, object]]:
    """Do what the desk's effects say: (data for the event, columns to set)."""
    data: dict[str, object] = {}
    changes: dict[str, object] = {}
    if desk.has_effect("issue_number"):
        changes |= issue_number(request, flow_of(request), now=now)
        data["number"] = changes.get("number", request.number)
    if desk.has_effect("stop_clock"):
        changes |= {"office_done_at": now, "office_days": clock.office_days(request, now)}
    if desk.has_effect("release_report"):
        changes["released_at"] = now
    if desk.has_effect("record_billing"):
        record_billing(request, given, now=now)
    if desk.has_effect("record_payment"):
        record_payment(request, given, now=now)
    if wanted := desk.effect_argument("agree_deadline"):
        changes |= _agree_deadline(request, wanted, given, now=now)
    changes |= _reclassify(request, desk, given)
    for name, value in changes.items():
        setattr(request, name, value)
    return data, changes


def _agree_deadline(
    request: Request, wanted: str, given: Given, *, now: datetime
) -> dict[str, object]:
    """The finishing day of the offer becomes the deadline at the moment it is agreed."""
    text = given.text(wanted)
    if not text:
        rows = StageRecord.select().where(StageRecord.request == request)
        written = [
            row.inputs[wanted] for row in rows.order_by(StageRecord.id) if wanted in row.inputs
        ]
        text = written[-1] if written else ""
    if not text:
        return {}
    agreed_on = date.fromisoformat(text)
    if agreed_on < today(now):
        raise Refused(
            f"Tanggal selesai yang ditawarkan, {day(agreed_on)}, sudah lewat. "
            "Mintalah perubahan agar kami menawarkan tanggal yang baru."
        )
    return {"agreed_due_on": agreed_on, "agreed_at": now, "expected_at": None}


def _refuse_past_days(request: Request, desk: Stage, given: Given, *, now: datetime) -> None:
    """Raise InvalidInput for a day that is to be agreed on later and has passed already."""
    agreed = {one.effect_argument("agree_deadline") for one in flow_of(request).desks}
    errors = {
        entry.name: LATER_DATE
        for entry in desk.inputs
        if entry.name in agreed
        and given.text(entry.name)
        and date.fromisoformat(given.text(entry.name)) <= today(now)
    }
    if errors:
        raise InvalidInput(errors)


def _reclassify(request: Request, desk: Stage, given: Given) -> dict[str, object]:
    """An input of type `subclass` gives the request another way from here on."""
    for entry in desk.inputs:
        code = given.text(entry.name) if entry.type == "subclass" else ""
        if code and code != request.subclass_code:
            subclass = flow_of(request).subclass(code)
            return {"subclass_code": code, "is_urgent": bool(subclass and subclass.is_urgent)}
    return {}


# -- what happens without anyone looking ---------------------------------------------------------


def release_unanswered(request: Request, *, now: datetime) -> bool:
    """Go past a survey that nobody fills, so that the result comes to the customer.

    Whether it did: not when the customer was faster. No receipt is written, so nothing counts
    as answered.
    """
    with database.atomic():
        fresh = Request.get_by_id(request.id)
        desk = current_stage(fresh)
        if fresh.version != request.version or not fresh.is_open or desk.kind != SURVEY:
            return False
        _complete(fresh, desk, SYSTEM, Given(), now=now)
    return True
