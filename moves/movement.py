"""What every move has in common: the guarded write of the state, its history, its documents.

Whoever calls this does so inside the one transaction of the move.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import JOIN, ModelSelect

from models import (
    Assignment,
    Billing,
    Document,
    Event,
    NumberCounter,
    Participation,
    Request,
    StageRecord,
    SurveyReceipt,
    User,
)
from moves import clock
from moves.catalogue import flow_of, service_of
from moves.input_rules import broken_rules
from moves.letters import issue_letter
from moves.notices import tell_post
from moves.officials import Roster, people_for
from moves.refusals import Conflict, InvalidInput, Unlooked
from moves.unique_values import claim_unique
from moves.watchers import tell_watchers
from rules import events
from rules.formats import ZONE, day, moment, rupiah
from rules.inputs import BadInput, clean_value
from rules.labels import PICK_ONE
from rules.numbering import format_number, normalise_number, wita_year
from rules.rights import OWN, Power
from rules.services import CUSTOMER, HANDOVER, MADE_DOCUMENTS, OFFICE, SURVEY, Flow, Input, Stage
from rules.statuses import DONE, IN_PROCESS, WAITING_CUSTOMER, WAITING_VERIFICATION
from storage.database import canonical_json
from storage.fast import Bound, prepared
from storage.file_policy import words_of

REPORT = "laporan"
ATTACHMENT = "pendukung"
MOST_FILES = 20
# Of what a stage wrote, so much is found by the search.
LONGEST_FOUND = 400


# Of a file that waits to be looked at until all else is right; no document is made of it.
UNCHECKED = "unchecked"
NOT_LOOKED_AT = "Berkas ini belum diperiksa. Kirim formulirnya sekali lagi."


@dataclass(frozen=True)
class StoredFile:
    """A checked file that the storage already keeps under its SHA-256."""

    sha256: str
    size: int
    filename: str
    header_offset: int = 0
    media_type: str = "application/pdf"
    # As `Document.scan`: empty, or it still has to be looked through for malware; or UNCHECKED.
    scan: str = ""
    description: str = ""

    @property
    def is_unchecked(self) -> bool:
        return self.scan == UNCHECKED


@dataclass(frozen=True)
class Given:
    """Cleaned inputs: what is kept, and the people and files among them."""

    kept: Mapping[str, object] = field(default_factory=dict)
    people: Mapping[Input, User] = field(default_factory=dict)
    files: Mapping[Input, tuple[StoredFile, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return str(self.kept.get(name, ""))


@dataclass(frozen=True)
class Actor:
    """Who moves: a person by a right, or the system (`user` is None)."""

    user: User | None
    power: Power | None = None
    # Staff who writes down for a customer at the counter what the customer decided.
    on_behalf: bool = False
    # Who is at which post at the moment of the move, when that was read for the right to it.
    roster: Roster | None = None


# -- inputs --------------------------------------------------------------------------------------


def clean_inputs(
    request: Request,
    wanted: Collection[Input],
    given: Mapping[str, object],
    *,
    now: datetime,
    roster: Roster | None = None,
) -> Given:
    """Clean what a form gave. Raises InvalidInput with a sentence per wrong input, and Unlooked
    when nothing is wrong but that files are unchecked.

    Writes what may stand in one request only; call inside the transaction of the move.
    """
    kept, people, files, errors = {}, {}, {}, {}
    for entry in wanted:
        try:
            value = _clean(request, entry, given.get(entry.name), now=now, roster=roster)
        except BadInput as problem:
            errors[entry.name] = str(problem)
            errors |= {f"{entry.name}-{place}": said for place, said in problem.points.items()}
            continue
        if isinstance(value, User):
            people[entry], kept[entry.name] = value, value.public_id
        elif entry.type == "file":
            digests = [file.sha256 for file in value]
            if value:
                files[entry] = value
                kept[entry.name] = digests if entry.many else digests[0]
        elif value:
            kept[entry.name] = value
    errors = broken_rules(request, wanted, kept, now=now) | errors
    if errors:
        raise InvalidInput(errors)
    if taken := claim_unique(request, wanted, kept):
        raise InvalidInput(taken)
    if waiting := [one for one, its in files.items() if any(f.is_unchecked for f in its)]:
        raise Unlooked({entry.name: NOT_LOOKED_AT for entry in waiting})
    return Given(kept, people, files)


def _clean(
    request: Request, entry: Input, value: object, *, now: datetime, roster: Roster | None
) -> object:
    if entry.type == "file":
        return _clean_files(entry, value)
    text = clean_value(entry, value)
    if text and entry.type == "person":
        holders = people_for(entry.role, now, service_code=request.service_code, roster=roster)
        for person in holders:
            if person.public_id == text:
                return person
        raise BadInput("Orang ini tidak lagi memegang pos tersebut. Pilih yang lain.")
    if text and entry.type == "subclass" and flow_of(request).subclass(str(text)) is None:
        raise BadInput(PICK_ONE)
    return text


def _clean_files(entry: Input, value: object) -> tuple[StoredFile, ...]:
    """The files of one input: none, one, or several where there may be."""
    given = (value,) if isinstance(value, StoredFile) else tuple(value or ())  # type: ignore[call-overload]
    files = tuple({file.sha256: file for file in given if isinstance(file, StoredFile)}.values())
    if entry.required and not files:
        raise BadInput(f"Unggah berkas {words_of(entry.kinds)}.")
    if len(files) > 1 and not entry.many:
        raise BadInput("Pilih satu berkas saja.")
    if len(files) > MOST_FILES:
        raise BadInput(f"Paling banyak {MOST_FILES} berkas. Kemas sebagian menjadi satu ZIP.")
    return files


# -- state ---------------------------------------------------------------------------------------


def conflict_of(request: Request, reader: User | None = None) -> Conflict:
    """The conflict that tells the loser of a race who was first; only staff read names of staff."""
    if request.held_by_id:
        return _held_conflict(request, reader)
    last = (
        Event.select(Event, User)
        .join(User, JOIN.LEFT_OUTER)
        .where(
            (Event.request == request) & (Event.seq > 1) & Event.kind.not_in(events.CONVERSATION)
        )
        .order_by(Event.seq.desc())
        .first()
    )
    if last is None or last.actor is None:
        return Conflict("Permohonan ini baru saja berubah. Periksa keadaan terbarunya.")
    at = last.at.astimezone(ZONE).strftime("%H:%M:%S")
    may_know = reader is not None and (reader.is_staff or reader.id == last.actor_id)
    who = f" oleh {last.actor.name}" if may_know else ""
    return Conflict(f"Permohonan ini baru saja diproses{who} pukul {at} WITA.")


def _held_conflict(request: Request, reader: User | None) -> Conflict:
    if reader is not None and reader.id == request.held_by_id:
        return Conflict(
            "Tindakan Anda atas permohonan ini sedang dijalankan. Urungkan dahulu bila keliru."
        )
    if reader is None or not reader.is_staff:
        return Conflict("Petugas sedang memproses permohonan ini. Coba lagi sebentar lagi.")
    return Conflict(f"Permohonan ini sedang diproses oleh {request.held_by.name}.")


def compare_and_set(request: Request, changes: Mapping[str, object]) -> None:
    """Write the new state only over the version that was read. Raises Conflict."""
    held = request.held_by_id
    seen = (Request.id == request.id) & (Request.version == request.version)
    seen &= Request.held_by.is_null() if held is None else Request.held_by == held
    changed = Request.update(**changes, version=request.version + 1).where(seen).execute()
    if changed != 1:
        raise conflict_of(request)
    for name, value in changes.items():
        setattr(request, name, value)
    request.version += 1


def write_history(
    request: Request,
    kind: str,
    desk: Stage,
    actor: Actor,
    given: Given | None = None,
    *,
    now: datetime,
    data: Mapping[str, object] | None = None,
) -> Event:
    """One event per move, and beside it what the holder wrote, pinned by its digest."""
    kept = dict(given.kept) if given else {}
    said = dict(data or {})
    if desk.step:
        said["step"] = desk.step
    if actor.on_behalf:
        said["on_behalf"] = True
    if actor.power and actor.power.kind != OWN:
        said["power"] = actor.power.kind
        if actor.power.mandate:
            said["mandate"] = actor.power.mandate
    if kept:
        said["inputs"] = hashlib.sha256(canonical_json(kept).encode()).hexdigest()
    event = Event.record(
        kind,
        at=now,
        actor=actor.user,
        request=request,
        stage_code=desk.code,
        acted_for=actor.power.role if actor.power else "",
        data=said,
    )
    StageRecord.create(
        request=request,
        event=event,
        stage_code=desk.code,
        inputs=kept,
        words=_found_words(desk, kept),
    )
    if actor.user and actor.power:
        Participation.note(request, actor.user.id, actor.power.role)
    if kind != events.SUBMITTED:
        tell_watchers(request, event, now=now)
    return event


def _found_words(desk: Stage, kept: Mapping[str, object]) -> str:
    """What of the inputs the search finds, such as the method of a test."""
    lines = (
        str(kept[entry.name])
        for entry in desk.inputs
        if entry.is_shown and entry.is_line and kept.get(entry.name)
    )
    return " ".join(lines)[:LONGEST_FOUND]


def status_at(request: Request, desk: Stage) -> str:
    if desk.kind in (SURVEY, CUSTOMER):
        return WAITING_CUSTOMER
    return IN_PROCESS if request.number else WAITING_VERIFICATION


def entering(request: Request, desk: Stage | None, *, now: datetime) -> dict[str, object]:
    """Column values for lying at `desk`, or for the end when there is none.

    Moves the clock as well: it stands while the customer has the turn.
    """
    if desk is None:
        clock.go_on(request, now=now)
        return {
            "status": DONE,
            "waiting_role": "",
            "assignee": None,
            "closed_at": now,
            "pending": "",
            "pending_due_at": None,
        }
    assigned = next((user for (user,) in _assigned(request=request.id, desk=desk.desk)), None)
    if desk.kind in (SURVEY, CUSTOMER):
        pauses = clock.stop(request, clock.CUSTOMER_TURN, now=now)
    else:
        pauses = clock.go_on(request, now=now)
    return {
        "status": status_at(request, desk),
        "stage_code": desk.code,
        "step": desk.step,
        "pending": "",
        "pending_due_at": None,
        "waiting_role": desk.role,
        "assignee": assigned,
        "stage_entered_at": now,
        "closed_at": None,
        **clock.due_columns(request, desk, pauses=pauses),
    }


@prepared
def _assigned() -> ModelSelect:
    """Who was named for a desk of a request."""
    rows = Assignment.select(Assignment.user).where(
        (Assignment.request == Bound("request")) & (Assignment.stage_code == Bound("desk"))
    )
    return rows.tuples()


def makers_of(request: Request, desk: Stage) -> set[int]:
    """People who hold a desk that this one must not be held by. One query, or none."""
    if not desk.not_by:
        return set()
    # The whole definition: this kind of request may skip some of them.
    service = service_of(request)
    wanted = {(other.code, other.step) for other in map(service.desk_named, desk.not_by)}
    rows = Event.select().where(
        (Event.request == request)
        & Event.kind.in_(("stage_completed", "step_completed"))
        & Event.stage_code.in_([code for code, _ in wanted])
    )
    return {
        row.actor_id
        for row in rows
        if row.actor_id and (row.stage_code, row.data.get("step", 0)) in wanted
    }


def is_surveyed(request: Request) -> bool:
    return SurveyReceipt.select().where(SurveyReceipt.request == request).exists()


def desk_after(request: Request, flow: Flow, desk: Stage) -> Stage | None:
    """The next desk; a survey that was answered before a revision isn't asked again."""
    following = flow.after(desk)
    if following and following.kind == SURVEY and is_surveyed(request):
        following = flow.after(following)
    return following


def assign(request: Request, people: Mapping[Input, User]) -> None:
    for entry, person in people.items():
        for desk in entry.assigns:
            Assignment.insert(request=request, stage_code=desk, user=person).on_conflict(
                conflict_target=[Assignment.request, Assignment.stage_code],
                update={Assignment.user: person},
            ).execute()


def tell_next(
    request: Request, desk: Stage | None, *, now: datetime, roster: Roster | None = None
) -> None:
    if desk and desk.kind in (OFFICE, HANDOVER) and not desk.automatic:
        tell_post(request, desk, now=now, excluded=makers_of(request, desk), roster=roster)


# -- effects -------------------------------------------------------------------------------------


def issue_number(request: Request, flow: Flow, *, now: datetime) -> dict[str, object]:
    """Column values of the request's number; issued once, kept through every return and
    reopening, which changes nothing then."""
    if request.number:
        return {}
    seq = NumberCounter.issue(request.service_code, wita_year(now))
    number = format_number(seq, flow.number_code, now)
    return {"number": number, "number_key": normalise_number(number), "accepted_at": now}


def attach(
    request: Request,
    *files: StoredFile,
    kind: str,
    title: str,
    by: User | None,
    now: datetime,
    is_result: bool = False,
    is_internal: bool = False,
) -> None:
    """Keep files as documents of one kind; those of before stay, as an older version."""
    if any(file.is_unchecked for file in files):
        raise ValueError("a file that nobody has looked at")
    older, version = _line_of(request, kind)
    made = [
        Document.create(
            request=request,
            kind=kind,
            title=title,
            filename=file.filename,
            sha256=file.sha256,
            size=file.size,
            header_offset=file.header_offset,
            media_type=file.media_type,
            description=file.description,
            part=part if len(files) > 1 else 0,
            scan=file.scan,
            created_by=by,
            created_at=now,
            is_result=is_result,
            is_internal=is_internal,
            version=version,
        )
        for part, file in enumerate(files, start=1)
    ]
    _replace(older, made[0])


def order_documents(
    request: Request, kinds: Collection[str], *, actor: Actor, now: datetime
) -> None:
    """Write rows for documents that `outputs` will make; the row is the order.

    What goes out as a letter gets its number here.
    """
    for kind in kinds:
        title, is_internal = MADE_DOCUMENTS.get(kind, (kind.replace("_", " ").title(), False))
        older, version = _line_of(request, kind)
        made = Document.create(
            request=request,
            kind=kind,
            title=title,
            filename=f"{kind.replace('_', '-')}.pdf",
            created_at=now,
            is_internal=is_internal,
            version=version,
        )
        _replace(older, made)
        issue_letter(made, actor=actor.user, power=actor.power, roster=actor.roster, now=now)


def revoke_documents(request: Request, kinds: Collection[str], *, now: datetime) -> None:
    """Withdraw papers that a later decision took the ground from; they stay readable."""
    Document.update(revoked_at=now).where(
        (Document.request == request)
        & Document.kind.in_(list(kinds))
        & Document.replaced_by.is_null()
        & Document.revoked_at.is_null()
    ).execute()


def _line_of(request: Request, kind: str) -> tuple[list[int], int]:
    """Ids of the documents of a kind that none has replaced, and the number of the next one."""
    rows = _documents_of_kind(request=request.id, kind=kind)
    living = [key for key, _, replaced_by in rows if replaced_by is None]
    return living, max((version for _, version, _ in rows), default=0) + 1


@prepared
def _documents_of_kind() -> ModelSelect:
    rows = Document.select(Document.id, Document.version, Document.replaced_by).where(
        (Document.request == Bound("request")) & (Document.kind == Bound("kind"))
    )
    return rows.order_by(Document.id).tuples()


def _replace(older: list[int], made: Document) -> None:
    if older:
        Document.update(replaced_by=made).where(Document.id.in_(older)).execute()


def release_results(request: Request, *, now: datetime) -> None:
    """Open the newest results to the customer; replaced drafts never become readable."""
    Document.update(released_at=now).where(
        (Document.request == request)
        & Document.is_result
        & Document.released_at.is_null()
        & Document.replaced_by.is_null()
    ).execute()


def record_billing(request: Request, given: Given, *, now: datetime) -> None:
    """Keep a SIMPONI bill; it takes the place of an unpaid one. Raises InvalidInput."""
    code, expires_on = given.text("billing"), date.fromisoformat(given.text("berlaku"))
    if Billing.select().where(Billing.code == code).exists():
        raise InvalidInput({"billing": "Kode billing ini sudah dipakai."})
    if expires_on < now.astimezone(ZONE).date():
        raise InvalidInput({"berlaku": "Tanggal kedaluwarsa sudah lewat."})
    Billing.update(replaced_at=now).where(
        (Billing.request == request) & Billing.ntpn.is_null() & Billing.replaced_at.is_null()
    ).execute()
    Billing.create(
        request=request,
        code=code,
        amount=int(given.text("nominal")),
        issued_at=now,
        expires_on=expires_on,
    )


def record_payment(request: Request, given: Given, *, now: datetime) -> None:
    """Note that the treasury has the money, by its NTPN. Raises InvalidInput."""
    ntpn, paid_on = given.text("ntpn"), date.fromisoformat(given.text("dibayar"))
    if Billing.select().where(Billing.ntpn == ntpn).exists():
        raise InvalidInput({"ntpn": "NTPN ini sudah dipakai pada pembayaran lain."})
    if paid_on > now.astimezone(ZONE).date():
        raise InvalidInput({"dibayar": "Tanggal bayar belum tiba."})
    Billing.update(ntpn=ntpn, paid_on=paid_on, verified_at=now).where(
        (Billing.request == request) & Billing.ntpn.is_null() & Billing.replaced_at.is_null()
    ).execute()


def said_to_customer(given: Given, now: datetime) -> dict[str, str]:
    """The inputs that messages may name, in the words of people."""
    said = {}
    for name in ("billing", "ntpn", "kode", "kondisi"):
        if name in given.kept:
            said[name] = given.text(name)
    if "nominal" in given.kept:
        said["nominal"] = rupiah(int(given.text("nominal"))).removeprefix("Rp")
    if "berlaku" in given.kept:
        said["batas"] = day(date.fromisoformat(given.text("berlaku")))
    if said:
        said["waktu"] = moment(now)
    return said
