"""The request card: everything about one request, and the next action at the same place."""

from flask import abort, current_app, flash, redirect, request, url_for
from flask_admin import expose
from flask_security import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from peewee import JOIN

import workflow
from backoffice.base import StaffView
from backoffice.queue import urgency
from catalogue import current_stage, flow_of, work_calendar
from config.office import office
from models import Document, Event, Request, StageRecord, User
from rules.formats import file_size
from rules.pdf_policy import PdfRejected
from rules.phone import display_phone
from rules.roles import ADMINISTRATOR, PELANGGAN
from rules.services import Input
from rules.timeline import build_timeline, state_sentence
from web.limits import count_attempt
from web.runtime import now, runtime
from web.uploads import keep_pdf
from workflow import Choice, Conflict, InvalidInput, Refused, StoredFile

# Shorter than the day after which the janitor removes files that no row names.
KEPT_SECONDS = 12 * 3600


class CardView(StaffView):
    """One request, for those whose scope holds it."""

    def __init__(self):
        super().__init__(name="Permohonan", url="/backoffice/permohonan", endpoint="card")

    @property
    def posts(self):
        return frozenset(office().posts) - {ADMINISTRATOR, PELANGGAN}

    def is_visible(self) -> bool:
        return False

    @expose("/")
    def index(self):
        return redirect(url_for("queue.index", tab="semua"))

    @expose("/<public_id>")
    def card(self, public_id: str):
        return self._show(_find(public_id))

    @expose("/<public_id>/<choice_code>", methods=("POST",))
    def act(self, public_id: str, choice_code: str):
        """Carry out one choice; what was typed comes back when something is wrong."""
        item, me = _find(public_id), current_user._get_current_object()
        offered = {choice.code: choice for choice in workflow.choices(item, me, now())}
        version = request.form.get("version", "")
        if choice_code not in offered and version == str(item.version):
            abort(403)
        choice = offered.get(choice_code)
        given, errors, kept = _read_inputs(choice.inputs if choice else ())
        try:
            if errors:
                raise InvalidInput(errors)
            moved = workflow.act(
                item,
                choice_code,
                actor=me,
                inputs=given,
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                now=now(),
            )
        except InvalidInput as refusal:
            page = self._show(item, choice_code, given, errors=refusal.errors, kept=kept)
            return page, 422
        except Conflict as conflict:
            flash(str(conflict), "warning")
            return self._show(_find(public_id)), 409
        except Refused as refusal:
            flash(str(refusal), "error")
            return self._show(_find(public_id)), 403
        flash(_outcome(moved, choice), "success")
        return redirect(url_for("queue.index"))

    def _show(self, item: Request, choice_code="", given=None, errors=None, kept=None) -> str:
        me, at, flow = current_user._get_current_object(), now(), flow_of(item)
        records = list(
            StageRecord.select(StageRecord, Event, User)
            .join(Event)
            .join(User, JOIN.LEFT_OUTER)
            .where(StageRecord.request == item)
            .order_by(Event.seq)
        )
        choices = workflow.choices(item, me, at)
        return self.render(
            "backoffice/card.html",
            item=item,
            flow=flow,
            subclass=flow.subclass(item.subclass_code),
            sentence=state_sentence(
                flow, status=item.status, stage_code=item.stage_code, due_at=item.due_at
            ),
            urgency=urgency(item, work_calendar(), at),
            steps=_steps(item, records),
            sheets=_sheets(item, records),
            documents=_documents(item),
            choices=choices,
            people={entry: _people(entry) for entry in _person_inputs(choices)},
            chosen=choice_code,
            given=given or {},
            errors=errors or {},
            kept=kept or {},
            phone=display_phone(item.customer.phone),
            category=office().institutions.get(item.customer.institution_category),
        )


def _find(public_id: str) -> Request:
    """A request of this person's scope with its customer and assignee, or 404. One query."""
    assignee = User.alias()
    found = (
        Request.visible_to(current_user._get_current_object())
        .select_extend(User, assignee)
        .join(User, on=Request.customer)
        .switch(Request)
        .join(assignee, JOIN.LEFT_OUTER, on=Request.assignee)
        .where(Request.public_id == public_id[:26])
        .first()
    )
    return found or abort(404)


def _read_inputs(wanted: tuple[Input, ...]):
    """The form as the workflow takes it: (values, errors by name, signed kept files)."""
    given: dict[str, object] = {}
    errors: dict[str, str] = {}
    kept: dict[str, tuple[str, StoredFile]] = {}
    for entry in wanted:
        if entry.type == "checklist":
            given[entry.name] = request.form.getlist(entry.name)
        elif entry.type == "file":
            file = _read_file(entry, errors)
            given[entry.name] = file
            if file:
                kept[entry.name] = (_sign(file), file)
        else:
            given[entry.name] = request.form.get(entry.name, "")
    return given, errors, kept


def _read_file(entry: Input, errors: dict[str, str]) -> StoredFile | None:
    """The uploaded file, or the one kept from an earlier try of the same form."""
    count_attempt("upload", current_user.public_id, times=60, seconds=3600)
    try:
        uploaded = keep_pdf(request.files.get(entry.name))
    except PdfRejected as rejection:
        errors[entry.name] = str(rejection)
        return None
    return uploaded or _unsign(request.form.get(f"{entry.name}_kept", ""))


def _signer() -> URLSafeTimedSerializer:
    salt = f"kept-file:{current_user.public_id}"
    return URLSafeTimedSerializer(current_app.secret_key, salt=salt)


def _sign(file: StoredFile) -> str:
    return _signer().dumps([file.sha256, file.size, file.filename, file.header_offset])


def _unsign(token: str) -> StoredFile | None:
    """The kept file of an earlier try, unless the janitor may have taken it meanwhile."""
    try:
        file = StoredFile(*_signer().loads(token, max_age=KEPT_SECONDS)) if token else None
    except BadSignature:
        return None
    return file if file and runtime().storage.path(file.sha256).exists() else None


def _person_inputs(choices: list[Choice]) -> list[Input]:
    return [entry for choice in choices for entry in choice.inputs if entry.type == "person"]


def _people(entry: Input) -> list[tuple[str, str]]:
    return [(person.public_id, person.name) for person in User.holding(entry.role)]


def _outcome(moved: Request, choice: Choice) -> str:
    """What happened and to whom it went."""
    name = moved.number or "Permohonan"
    if choice.code == "reject":
        return f"{name} ditolak. Pelanggan menerima alasan Anda."
    if not moved.is_open:
        return f"{name} selesai. Pelanggan dapat mengunduh dokumen hasil."
    following = current_stage(moved)
    post = office().posts[following.role]
    return f"{name}: “{choice.stage.short}” selesai. Diteruskan ke {post}."


def _steps(item: Request, records: list[StageRecord]):
    flow, posts = flow_of(item), office().posts
    completed, holders = {}, {stage.code: posts[stage.role] for stage in flow.stages}
    if item.is_open and item.assignee:
        holders[item.stage_code] = f"{posts[item.waiting_role]}: {item.assignee.name}"
    for record in records:
        if record.event.kind in workflow.COMPLETING_EVENTS:
            completed[record.stage_code] = record.event.at
            holders[record.stage_code] = _who(record, posts)
    return build_timeline(
        flow, completed, status=item.status, current_code=item.stage_code, holders=holders
    )


def _who(record: StageRecord, posts) -> str:
    actor = record.event.actor
    if actor is None:
        return "Sistem"
    post = posts.get(record.event.acted_for, posts[PELANGGAN])
    return f"{post}: {actor.name}"


def _sheets(item: Request, records: list[StageRecord]) -> list[dict[str, object]]:
    """What each holder wrote, as labelled lines; the disposition sheet of the request."""
    flow, posts, sheets = flow_of(item), office().posts, []
    names = _names_in(flow, records)
    for record in records:
        if not record.inputs:
            continue
        stage = flow.stage(record.stage_code)
        refused = record.event.kind == workflow.STAGE_REFUSED
        wanted = workflow.REJECT_INPUTS if refused else stage.inputs
        sheets.append(
            {
                "title": f"Penolakan pada {stage.short}" if refused else stage.short,
                "who": _who(record, posts),
                "at": record.event.at,
                "lines": _lines(wanted, record.inputs, names),
            }
        )
    return sheets


def _names_in(flow, records: list[StageRecord]) -> dict[str, str]:
    """Public id -> name of everybody that the records name. One query."""
    named = [
        record.inputs[entry.name]
        for record in records
        for entry in flow.stage(record.stage_code).inputs
        if entry.type == "person" and entry.name in record.inputs
    ]
    people = User.select(User.public_id, User.name).where(User.public_id.in_(named or [""]))
    return dict(people.tuples())


def _lines(wanted: tuple[Input, ...], inputs, names: dict[str, str]) -> list[tuple[str, str]]:
    lines = []
    for entry in wanted:
        value = inputs.get(entry.name)
        if value is None:
            continue
        if entry.type == "person":
            value = names.get(value, "-")
        elif entry.type == "file":
            value = "terlampir"
        elif isinstance(value, list):
            value = "; ".join(value)
        lines.append((entry.label, str(value)))
    return lines


def _documents(item: Request) -> list[tuple[str, str, str, str]]:
    found = Document.visible_to(current_user._get_current_object())
    return [
        (
            document.title,
            f"{document.filename} ({file_size(document.size) if document.size else 'PDF'})",
            url_for("portal.document", public_id=document.public_id),
            "Buka File",
        )
        for document in found.where(Document.request == item).order_by(Document.id)
    ]
