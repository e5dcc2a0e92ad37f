"""The only door through which a request moves.

Every move is one transaction that writes the state, the history and the outgoing messages
together. `actor` and `now` are arguments, never ambient.
"""

import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import IntegrityError

from adapters.storage import LocalStorage
from catalogue import Offer, current_stage, flow_of, work_calendar
from database import canonical_json, database
from models import (
    Assignment,
    Document,
    Event,
    NumberCounter,
    Request,
    StageRecord,
    SurveyReceipt,
    SurveyResponse,
    User,
)
from notices import tell_customer, tell_post, template_after
from rules.formats import ZONE
from rules.numbering import format_number, normalise_number, wita_year
from rules.services import (
    CUSTOMER,
    HANDOVER,
    OFFICE,
    SURVEY,
    Input,
    Stage,
)
from rules.statuses import DONE, IN_PROCESS, REJECTED, WAITING_CUSTOMER, WAITING_VERIFICATION
from rules.survey import CheckedAnswers, Questionnaire

SUBMITTED, STAGE_COMPLETED, STAGE_REFUSED = "submitted", "stage_completed", "rejected"
COMPLETING_EVENTS = (SUBMITTED, STAGE_COMPLETED)
DOCUMENT_TITLES = {"tanda_terima": "Tanda Terima Permohonan"}
REPORT = "laporan"
ATTACHMENT = "pendukung"


class Refused(Exception):
    """A move that isn't allowed; the text is a sentence fit for the reader."""


class Conflict(Refused):
    """Somebody else moved the request first."""


class InvalidInput(Refused):
    """Inputs that don't satisfy the stage; `errors` maps an input's name to a sentence."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__("Periksa kembali isian yang ditandai.")
        self.errors = dict(errors)


@dataclass(frozen=True)
class StoredFile:
    """A checked file that the storage already keeps under its SHA-256."""

    sha256: str
    size: int
    filename: str
    header_offset: int = 0


@dataclass(frozen=True)
class Submission:
    """What a customer files."""

    service_code: str
    subclass_code: str
    subject: str
    description: str
    statement_version: str
    file: StoredFile


@dataclass(frozen=True)
class Choice:
    """One thing this person may do now; a button."""

    code: str
    title: str
    stage: Stage
    inputs: tuple[Input, ...] = ()
    is_danger: bool = False
    confirm: str = ""


REJECT_INPUTS = (
    Input(
        "reason",
        "longtext",
        "Alasan penolakan",
        required=True,
        min_length=20,
        hint="Dibaca pelanggan. Sedikitnya 20 huruf.",
    ),
    Input("basis", "text", "Dasar penolakan", required=True, max_length=300,
          hint="Ketentuan atau keadaan yang menjadi dasar."),
    Input("alternative", "longtext", "Saran untuk pelanggan", required=True, max_length=1000,
          hint="Apa yang dapat dilakukan pelanggan selanjutnya."),
)  # fmt: skip


# -- filing --------------------------------------------------------------------------------------


def submit(
    customer: User, offer: Offer, submission: Submission, *, key: str, now: datetime
) -> Request:
    """File a request, once per `key`: the same key gives the request already filed.

    Raises Refused for an account that isn't verified or a key of somebody else.
    """
    if customer.is_staff:
        raise Refused("Permohonan hanya dapat diajukan dari akun pelanggan.")
    if not customer.confirmed_at:
        raise Refused("Akun Anda belum diverifikasi. Buka tautan verifikasi yang kami kirim.")
    if found := _filed_with(key, customer):
        return found
    try:
        with database.atomic():
            return _file(customer, offer, submission, key=key, now=now)
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
    customer: User, offer: Offer, submission: Submission, *, key: str, now: datetime
) -> Request:
    flow, calendar = offer.flow, work_calendar()
    first, second = flow.stages[0], flow.stages[1]
    promised = flow.promised_days(submission.subclass_code)
    request = Request.create(
        idempotency_key=key,
        customer=customer,
        flow=offer.version_id,
        service_code=flow.code,
        subclass_code=submission.subclass_code,
        subject=submission.subject,
        description=submission.description,
        statement_version=submission.statement_version,
        status=WAITING_VERIFICATION,
        stage_code=second.code,
        waiting_role=second.role,
        submitted_at=now,
        submitted_month=now.astimezone(ZONE).strftime("%Y-%m"),
        stage_entered_at=now,
        stage_due_at=calendar.add_working_days(
            now, flow.stage_days(second, submission.subclass_code)
        ),
        due_at=calendar.add_working_days(now, promised),
    )
    event = Event.record(
        SUBMITTED,
        at=now,
        actor=customer,
        request=request,
        stage_code=first.code,
        data={"file": submission.file.sha256, "statement": submission.statement_version},
    )
    StageRecord.create(request=request, event=event, stage_code=first.code)
    _attach(request, submission.file, kind=ATTACHMENT, title="Dokumen Pendukung", by=customer,
            now=now)  # fmt: skip
    _order_documents(request, first, now=now)
    tell_customer(request, customer, "permintaan_diterima_sistem", now=now)
    tell_post(request, second, now=now)
    return request


def _attach(
    request: Request,
    file: StoredFile,
    *,
    kind: str,
    title: str,
    by: User,
    now: datetime,
    is_result: bool = False,
) -> None:
    Document.create(
        request=request,
        kind=kind,
        title=title,
        filename=file.filename,
        sha256=file.sha256,
        size=file.size,
        header_offset=file.header_offset,
        created_by=by,
        created_at=now,
        is_result=is_result,
    )


def _order_documents(request: Request, stage: Stage, *, now: datetime) -> None:
    """Write rows for documents that `outputs` will make; the row is the order."""
    for kind in stage.documents:
        Document.create(
            request=request,
            kind=kind,
            title=DOCUMENT_TITLES.get(kind, kind.replace("_", " ").title()),
            filename=f"{kind.replace('_', '-')}-{request.public_id}.pdf",
            created_at=now,
        )


# -- what may be done ----------------------------------------------------------------------------


def choices(request: Request, actor: User, now: datetime) -> list[Choice]:
    """What `actor` may do with the request at `now`, in the order of the buttons."""
    if not request.is_open:
        return []
    stage = current_stage(request)
    if stage.kind in (SURVEY, CUSTOMER):
        mine = request.customer_id == actor.id and not actor.is_staff
        return [Choice(stage.kind, stage.action, stage, stage.inputs)] if mine else []
    if stage.kind not in (OFFICE, HANDOVER) or not _holds(request, stage, actor):
        return []
    offered = [Choice("complete", stage.action, stage, stage.inputs)]
    if "reject" in stage.allows:
        offered.append(
            Choice(
                "reject",
                "Tolak permohonan",
                stage,
                REJECT_INPUTS,
                is_danger=True,
                confirm="Tolak permohonan ini? Pelanggan akan membaca alasan Anda. "
                "Tindakan ini tidak dapat diurungkan.",
            )
        )
    return offered


def _holds(request: Request, stage: Stage, actor: User) -> bool:
    if not actor.is_staff or not actor.active or not actor.holds(stage.role):
        return False
    return request.assignee_id in (None, actor.id)


def act(
    request: Request,
    choice_code: str,
    *,
    actor: User,
    inputs: Mapping[str, object],
    version: int,
    now: datetime,
) -> Request:
    """Carry out one choice on the state the actor saw (`version`); return the request anew.

    `inputs` maps an input's name to a string, a list of strings (checklist), a public id
    (person) or a StoredFile. Raises Conflict, InvalidInput or Refused; then nothing is written.
    """
    with database.atomic():
        fresh = Request.get_by_id(request.id)
        if fresh.version != version:
            raise _conflict(fresh)
        offered = {choice.code: choice for choice in choices(fresh, actor, now)}
        choice = offered.get(choice_code)
        if choice is None or choice.stage.kind == SURVEY:
            raise Refused("Anda tidak dapat melakukan tindakan ini pada tahap sekarang.")
        cleaned, people, files = _clean_inputs(choice.inputs, inputs)
        if choice_code == "reject":
            _reject(fresh, choice.stage, actor=actor, cleaned=cleaned, now=now)
        else:
            _complete(fresh, choice.stage, actor, cleaned, people=people, files=files, now=now)
        return Request.get_by_id(request.id)


def answer_survey(
    request: Request,
    *,
    actor: User,
    answers: CheckedAnswers,
    questionnaire: Questionnaire,
    version: int,
    now: datetime,
) -> Request:
    """Complete the survey stage and store the answers apart from who gave them. Once only."""
    with database.atomic():
        fresh = Request.get_by_id(request.id)
        offered = [c for c in choices(fresh, actor, now) if c.stage.kind == SURVEY]
        if SurveyReceipt.select().where(SurveyReceipt.request == fresh).exists():
            raise Conflict("Survei untuk layanan ini sudah diisi. Terima kasih.")
        if not offered:
            raise Refused("Survei belum dapat diisi pada tahap sekarang.")
        if fresh.version != version:
            raise _conflict(fresh)
        stage = offered[0].stage
        _complete(fresh, stage, actor, {}, now=now)
        SurveyReceipt.create(request=fresh, answered_at=now)
        SurveyResponse.create(
            questionnaire=f"{questionnaire.code}-{questionnaire.version}",
            service_code=fresh.service_code,
            answered_on=now.astimezone(ZONE).date(),
            scores=dict(answers.scores),
            demographics=dict(answers.demographics),
            extras=dict(answers.extras),
        )
        following = flow_of(fresh).after(stage)
        if following and following.automatic:
            fresh = Request.get_by_id(fresh.id)
            _complete(fresh, following, None, {}, now=now)
        return Request.get_by_id(request.id)


def _conflict(request: Request) -> Conflict:
    last = (
        Event.select(Event, User)
        .join(User)
        .where((Event.request == request) & (Event.seq > 1))
        .order_by(Event.seq.desc())
        .first()
    )
    if last is None:
        return Conflict("Permohonan ini baru saja berubah. Periksa keadaan terbarunya.")
    at = last.at.astimezone(ZONE).strftime("%H:%M:%S")
    return Conflict(f"Permohonan ini baru saja diproses oleh {last.actor.name} pukul {at} WITA.")


# -- inputs --------------------------------------------------------------------------------------


def _clean_inputs(
    wanted: Collection[Input], given: Mapping[str, object]
) -> tuple[dict[str, object], dict[Input, User], dict[Input, StoredFile]]:
    cleaned, people, files, errors = {}, {}, {}, {}
    for entry in wanted:
        try:
            value = _clean_input(entry, given.get(entry.name))
        except Refused as refusal:
            errors[entry.name] = str(refusal)
            continue
        if isinstance(value, User):
            people[entry] = value
            cleaned[entry.name] = value.public_id
        elif isinstance(value, StoredFile):
            files[entry] = value
            cleaned[entry.name] = value.sha256
        elif value:
            cleaned[entry.name] = value
    if errors:
        raise InvalidInput(errors)
    return cleaned, people, files


def _clean_input(entry: Input, value: object) -> object:
    """The value in the form the stage keeps; None when nothing was given. Raises Refused."""
    if entry.type == "checklist":
        return _clean_checklist(entry, value)
    if entry.type == "file":
        if entry.required and not isinstance(value, StoredFile):
            raise Refused("Unggah berkas PDF.")
        return value
    text = str(value or "").replace("\x00", "").strip()
    if not text:
        if entry.required:
            raise Refused("Wajib diisi.")
        return None
    if len(text) > entry.max_length:
        raise Refused(f"Paling banyak {entry.max_length} huruf.")
    if len(text) < entry.min_length:
        raise Refused(f"Sedikitnya {entry.min_length} huruf.")
    if entry.type == "choice" and text not in entry.options:
        raise Refused("Pilih salah satu.")
    if entry.type == "person":
        person = User.holding(entry.role).where(User.public_id == text).first()
        if person is None:
            raise Refused("Orang ini tidak lagi memegang pos tersebut. Pilih yang lain.")
        return person
    return text


def _clean_checklist(entry: Input, value: object) -> list[str]:
    ticked = [value] if isinstance(value, str) else list(value or ())
    known = [option for option in entry.options if option in ticked]
    if entry.required and len(known) < len(entry.options):
        raise Refused("Periksa dan centang setiap butir.")
    return known


# -- moving --------------------------------------------------------------------------------------


def _complete(
    request: Request,
    stage: Stage,
    actor: User | None,
    cleaned: Mapping[str, object],
    *,
    people: Mapping[Input, User] | None = None,
    files: Mapping[Input, StoredFile] | None = None,
    now: datetime,
) -> None:
    """Complete `stage` and enter the next one. Call inside a transaction."""
    following = flow_of(request).after(stage)
    for entry, person in (people or {}).items():
        for code in entry.assigns:
            Assignment.insert(request=request, stage_code=code, user=person).on_conflict(
                conflict_target=[Assignment.request, Assignment.stage_code],
                update={Assignment.user: person},
            ).execute()
    changes = _entering(request, following, now=now)
    if stage.has_effect("stop_clock"):
        changes |= _stopped_clock(request, now=now)
    if stage.has_effect("release_report"):
        changes["released_at"] = now
    _compare_and_set(request, changes)
    data: dict[str, object] = {"to": following.code if following else ""}
    if stage.has_effect("issue_number"):
        data["number"] = _issue_number(request, now=now)
    _write_history(request, STAGE_COMPLETED, stage, actor, cleaned, data=data, now=now)
    for entry, file in (files or {}).items():
        _attach(request, file, kind=REPORT if entry.name == "report" else entry.name,
                title=entry.label, by=actor, now=now, is_result=True)  # fmt: skip
    _order_documents(request, stage, now=now)
    tell_customer(request, request.customer, template_after(stage, following), now=now,
                   stage=stage)  # fmt: skip
    if following and following.kind in (OFFICE, HANDOVER) and not following.automatic:
        tell_post(request, following, now=now)


def _entering(request: Request, following: Stage | None, *, now: datetime) -> dict[str, object]:
    """Column values for entering `following`, or for the end when there is none."""
    if following is None:
        return {"status": DONE, "waiting_role": "", "assignee": None, "closed_at": now}
    assigned = Assignment.get_or_none(request=request, stage_code=following.code)
    waits_for_customer = following.kind in (SURVEY, CUSTOMER)
    flow = flow_of(request)
    days = flow.stage_days(following, request.subclass_code)
    return {
        "status": WAITING_CUSTOMER if waits_for_customer else IN_PROCESS,
        "stage_code": following.code,
        "waiting_role": following.role,
        "assignee": assigned.user_id if assigned else None,
        "stage_entered_at": now,
        "stage_due_at": work_calendar().add_working_days(request.submitted_at, days),
    }


def _stopped_clock(request: Request, *, now: datetime) -> dict[str, object]:
    days = work_calendar().working_days_between(request.submitted_at, now)
    return {"office_done_at": now, "office_days": float(days)}


def _compare_and_set(request: Request, changes: Mapping[str, object]) -> None:
    """Write the new state only over the version that was read. Raises Conflict."""
    changed = (
        Request.update(**changes, version=request.version + 1)
        .where((Request.id == request.id) & (Request.version == request.version))
        .execute()
    )
    if changed != 1:
        raise _conflict(request)
    for name, value in changes.items():
        setattr(request, name, value)
    request.version += 1


def _issue_number(request: Request, *, now: datetime) -> str:
    flow = flow_of(request)
    seq = NumberCounter.issue(request.service_code, wita_year(now))
    number = format_number(seq, flow.number_code, now)
    Request.update(number=number, number_key=normalise_number(number), accepted_at=now).where(
        Request.id == request.id
    ).execute()
    request.number, request.accepted_at = number, now
    return number


def _reject(
    request: Request, stage: Stage, *, actor: User, cleaned: Mapping[str, object], now: datetime
) -> None:
    _compare_and_set(
        request,
        {"status": REJECTED, "waiting_role": "", "assignee": None, "closed_at": now},
    )
    _write_history(request, STAGE_REFUSED, stage, actor, cleaned, data={}, now=now)
    tell_customer(
        request,
        request.customer,
        "ditolak",
        now=now,
        stage=stage,
        more={"alasan": str(cleaned["reason"]).rstrip(". ")},
    )


def _write_history(
    request: Request,
    kind: str,
    stage: Stage,
    actor: User | None,
    cleaned: Mapping[str, object],
    *,
    data: Mapping[str, object],
    now: datetime,
) -> None:
    """One event per move, and beside it what the holder wrote, pinned by its digest."""
    said = dict(data)
    if cleaned:
        said["inputs"] = hashlib.sha256(canonical_json(dict(cleaned)).encode()).hexdigest()
    event = Event.record(
        kind,
        at=now,
        actor=actor,
        request=request,
        stage_code=stage.code,
        acted_for=stage.role if actor and actor.is_staff else "",
        data=said,
    )
    StageRecord.create(request=request, event=event, stage_code=stage.code, inputs=dict(cleaned))


# -- documents -----------------------------------------------------------------------------------


def store_document(
    document: Document, content: bytes, *, storage: LocalStorage, now: datetime
) -> Document:
    """Keep a rendered document and stamp its row, once; the first rendering wins."""
    staged = storage.stage(io.BytesIO(content), max_bytes=len(content))
    storage.keep(staged)
    with database.atomic():
        stamped = (
            Document.update(sha256=staged.sha256, size=staged.size)
            .where((Document.id == document.id) & (Document.sha256 == ""))
            .execute()
        )
        if stamped:
            Event.record(
                "document_made",
                at=now,
                actor=None,
                request=document.request,
                data={"document": document.public_id, "sha256": staged.sha256},
            )
    return Document.get_by_id(document.id)
