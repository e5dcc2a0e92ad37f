"""Flows as data: look at a service as a drawing, change a draft of it, check, rehearse, publish."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_security import current_user
from peewee import JOIN, fn

from backoffice.base import LONGEST_ID, StaffView
from backoffice.flow_forms import (
    TYPE_WORDS,
    DaysForm,
    DeskForm,
    InputForm,
    NewStageForm,
    NoteForm,
    StageForm,
    listed_errors,
)
from models.history import Event
from models.people import User
from models.requests import FlowDraft, FlowVersion
from outputs.flow_diagram import days_words, draw_flow, effect_words, own_days, rows_of
from outputs.simulation import MONTHS_OFFERED, MOST_REQUESTS, simulate
from rules import events as event_words
from rules import flow_edit
from rules.flow_changes import marks_of
from rules.flow_check import RESULT, Problem
from rules.flow_edit import BadEdit
from rules.flow_shape import LARGEST_FILE, TAKEN_NAMES, read_toml, write_toml
from rules.roles import (
    ADMIN_LAYANAN,
    ADMINISTRATOR,
    AUDITOR,
    KASUBAG_TU,
    KEPALA_BALAI,
    KETUA_TIM,
    MANAJER_TEKNIS,
    SEES_ALL_REQUESTS,
)
from rules.services import (
    CUSTOMER,
    HANDOVER,
    MADE_DOCUMENTS,
    OFFICE,
    BadFlow,
    Flow,
    Stage,
    parse_flow,
)
from web.access import holds_one_of
from web.listing import text_argument
from web.runtime import now, runtime
from web.uploads import send_bytes
from workflow import drafts
from workflow.catalogue import newest_versions
from workflow.door import Conflict, Refused
from workflow.drafts import definition_of, stamp_of
from workflow.movement import ATTACHMENT, REPORT

READERS = (ADMINISTRATOR, AUDITOR, ADMIN_LAYANAN, KEPALA_BALAI, KASUBAG_TU, KETUA_TIM,
           MANAJER_TEKNIS)  # fmt: skip

TRAIL_LENGTH = 20
# Filing asks for the fields of the service, and a survey for its questionnaire.
ASKED_KINDS = (OFFICE, CUSTOMER, HANDOVER)
CHANGES = {
    "days": "waktu dan janji",
    "moved": "urutan tahap",
    "removed": "tahap dihapus",
    "added": "tahap ditambahkan",
    "stage": "kata, pos, dan jalur samping tahap",
    "inputs": "isian tahap",
    "file": "diganti dengan berkas",
}
PUBLISHED = (
    "Versi {} sudah berlaku bagi permohonan baru. Permohonan yang sedang berjalan tetap pada "
    "versinya."
)


class FlowView(StaffView):
    """Read by those who lead and by the auditor, changed by the administrator."""

    posts = READERS

    def __init__(self):
        super().__init__(name="Alur Layanan", url="/backoffice/alur", endpoint="flows")

    # -- looking --

    @expose("/")
    def index(self):
        """Every service with its version, what still runs on older ones, and its draft."""
        offers = runtime().catalogue
        current = newest_versions(list(offers))
        running, open_drafts = drafts.running_versions(), {d.service_code: d for d in _drafts()}
        published = dict(_count_published().tuples())
        of_service = dict(FlowVersion.select(FlowVersion.id, FlowVersion.service_code)
                          .where(FlowVersion.id.in_(list(running) or [0])).tuples())  # fmt: skip
        rows = []
        for code, offer in offers.items():
            old = sum(count for version, count in running.items()
                      if of_service[version] == code and version != offer.version_id)  # fmt: skip
            rows.append({
                "flow": offer.flow, "version": current[code], "edition": published.get(code, 1),
                "running": running.get(offer.version_id, 0), "old": old,
                "draft": open_drafts.get(code),
            })  # fmt: skip
        return self.render("backoffice/flows.html", rows=rows)

    @expose("/<code>")
    def service(self, code: str):
        """One service: drawing, table, and every version with who published it and why."""
        flow, current = _on_offer(code)
        versions = _versions(code)
        running = drafts.running_versions(code)
        published = [row for row in versions if row.published_at]
        proposals = [row for row in versions if not row.published_at and row.id > current.id]
        return self.render(
            "backoffice/flow.html",
            flow=flow,
            drawing=draw_flow(flow),
            stages=rows_of(flow),
            current=current,
            versions=[(len(published) - i, row, running.get(row.id, 0))
                      for i, row in enumerate(published)],
            proposal=proposals[0] if proposals else None,
            draft=_draft(code),
            trail=_trail(code, flow),
            may_write=_may_write(),
        )  # fmt: skip

    @expose("/<code>/versi/<number>")
    def version(self, code: str, number: str):
        """A version as it was, and what is different in the one on offer."""
        row = _version(code, number)
        flow, current = parse_flow(definition_of(row), code), newest_versions([code])[code]
        changes = drafts.changes_from(row, definition_of(current)) if row != current else []
        return self.render(
            "backoffice/flow_version.html",
            flow=flow,
            row=row,
            drawing=draw_flow(flow),
            stages=rows_of(flow),
            changes=changes,
            is_current=row == current,
            draft=_draft(code),
            may_write=_may_write(),
        )

    @expose("/<code>/versi/<number>/berkas")
    def version_file(self, code: str, number: str):
        return _toml(code, definition_of(_version(code, number)))

    # -- a draft --

    @expose("/<code>/draf", methods=("GET", "POST"))
    def draft(self, code: str):
        """The draft: days of all stages in one table, their order, what differs, what is wrong."""
        draft = _open_draft(code)
        raw, flow = _parsed(draft)
        if request.method == "POST":
            _writers_only()
            return self._change(draft, raw, flow)
        return self._draft_page(draft, raw, flow, DaysForm.of(raw, flow))

    def _draft_page(self, draft: FlowDraft, raw: Any, flow: Flow, days: DaysForm):
        current = newest_versions([draft.service_code])[draft.service_code]
        changes = drafts.changes_from(current, raw)
        marks = marks_of(changes)
        problems = drafts.review(raw, draft.service_code, now=now())
        page = self.render(
            "backoffice/flow_draft.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            days=days,
            rows=[(row, flow_edit.why_not_removable(stage, raw))
                  for row, stage in zip(rows_of(flow, marks), raw["stage"], strict=True)],
            drawing=draw_flow(flow, marks),
            changes=changes,
            overtaken=current if draft.base_id != current.id else None,
            errors=sum(problem.is_error for problem in problems),
            warnings=sum(not problem.is_error for problem in problems),
            may_write=_may_write(),
        )  # fmt: skip
        return page, 422 if days.errors else 200

    def _change(self, draft: FlowDraft, raw: Any, flow: Flow):
        """Days as typed, and then what the button said: nothing more, up, down or away."""
        days = DaysForm.read(raw, flow)
        if days.errors:
            return self._draft_page(draft, raw, flow, days)
        verb, _, stage_code = request.form.get("do", "days").partition(":")
        if verb not in ("days", "up", "down", "remove") or (
            verb != "days" and not flow.has_stage(stage_code)
        ):
            abort(404)
        new = flow_edit.with_days(raw, days.own, days.promise, days.promises)
        try:
            if verb in ("up", "down"):
                new = flow_edit.with_stage_moved(new, stage_code, -1 if verb == "up" else 1)
            elif verb == "remove":
                new = flow_edit.without_stage(new, stage_code)
        except BadEdit as reason:
            flash(str(reason), "error")
            return redirect(url_for("flows.draft", code=draft.service_code))
        what = {"days": "days", "remove": "removed"}.get(verb, "moved")
        self._save(draft, new, what=what, stages=[stage_code] if stage_code else [])
        return redirect(url_for("flows.draft", code=draft.service_code))

    def _save(self, draft: FlowDraft, raw: Any, *, what: str, stages: list[str]) -> bool:
        """Save over what was seen; a conflict is told and nothing is written."""
        try:
            drafts.save_draft(draft, raw, seen=request.form.get("seen", ""), what=what,
                              stages=stages, actor=_me(), now=now())  # fmt: skip
        except Refused as refusal:
            flash(str(refusal), "warning" if isinstance(refusal, Conflict) else "error")
            return False
        flash("Draf sudah disimpan.", "success")
        return True

    @expose("/<code>/draf/buka", methods=("POST",))
    def open(self, code: str):
        """Begin a draft from the version on offer, or from one that the form names."""
        _writers_only()
        _, current = _on_offer(code)
        source = _version(code, request.form.get("version") or str(current.id))
        known = _draft(code)
        drafts.open_draft(source, actor=_me(), now=now())
        if known:
            flash("Draf untuk layanan ini sudah ada; lanjutkan atau buang dulu.", "info")
        return redirect(url_for("flows.draft", code=code))

    @expose("/<code>/draf/buang", methods=("POST",))
    def discard(self, code: str):
        _writers_only()
        draft = _open_draft(code)
        try:
            drafts.discard_draft(draft, seen=request.form.get("seen", ""), actor=_me(), now=now())
        except Refused as refusal:
            flash(str(refusal), "warning")
            return redirect(url_for("flows.service", code=code))
        flash("Draf sudah dibuang. Alur yang berlaku tidak berubah.", "success")
        return redirect(url_for("flows.service", code=code))

    @expose("/<code>/draf/tahap/<stage_code>", methods=("GET", "POST"))
    def stage(self, code: str, stage_code: str):
        """The words, the post and the side moves of one stage."""
        draft = _open_draft(code)
        raw, flow = _parsed(draft)
        if not flow.has_stage(stage_code):
            abort(404)
        if request.method == "POST":
            _writers_only()
        stage, typed = flow.stage(stage_code), request.form if request.method == "POST" else None
        form, desks = _stage_forms(flow, stage, typed)
        valid = request.method == "POST" and all([form.validate(), *(d.validate() for d in desks)])
        if valid:
            words = {name: form[name].data for name in ("title", "short", "clause")}
            new = flow_edit.with_stage_words(raw, stage_code, words, form.working_days,
                                             {d.desk.step: d.values for d in desks})  # fmt: skip
            if self._save(draft, new, what="stage", stages=[stage_code]):
                return redirect(url_for("flows.draft", code=code))
            draft = _draft(code) or abort(404)
        status = (409 if valid else 422) if request.method == "POST" else 200
        inputs = [InputForm(desk, None) for desk in stage.desks]
        return self._stage_page(draft, flow, stage, form, desks, inputs), status

    def _stage_page(self, draft: FlowDraft, flow: Flow, stage: Stage, form, desks, inputs) -> str:
        return self.render(
            "backoffice/flow_stage.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            stage=stage,
            form=form,
            desks=desks,
            inputs=[one for one in inputs if one.desk.kind in ASKED_KINDS],
            input_types=TYPE_WORDS,
            effect_words=effect_words,
            listed=listed_errors([form, *desks, *inputs]),
            may_write=_may_write(),
        )

    @expose("/<code>/draf/tahap/<stage_code>/isian", methods=("POST",))
    def inputs(self, code: str, stage_code: str):
        """Ask for one thing more at a desk, for one less, or make one needed or not."""
        _writers_only()
        draft = _open_draft(code)
        raw, flow = _parsed(draft)
        turn = request.form.get("desk", "0")
        if not flow.has_stage(stage_code) or not turn.isdecimal() or len(turn) > 1:
            abort(404)
        stage = flow.stage(stage_code)
        if int(turn) >= stage.turns or stage.desks[int(turn)].kind not in ASKED_KINDS:
            abort(404)
        desk = stage.desks[int(turn)]
        verb, _, name = request.form.get("do", "add").partition(":")
        inputs = [InputForm(one, None) for one in stage.desks]
        if verb == "add":
            inputs[desk.step] = typed = InputForm(desk, request.form)
            if not typed.validate():
                return self._stage_page(draft, flow, stage, *_stage_forms(flow, stage, None),
                                        inputs), 422  # fmt: skip
            name = flow_edit.new_input_name(typed.label.data, _taken_names(flow))
            new = flow_edit.with_input(raw, stage_code, desk.step, typed.raw_input(name))
        elif verb in ("remove", "required", "optional") and name in {i.name for i in desk.inputs}:
            new = (
                flow_edit.without_input(raw, stage_code, desk.step, name)
                if verb == "remove"
                else flow_edit.with_input_required(raw, stage_code, desk.step, name,
                                                   required=verb == "required")
            )  # fmt: skip
        else:
            abort(404)
        if not self._save(draft, new, what="inputs", stages=[stage_code]) and verb == "add":
            draft = _draft(code) or abort(404)
            return self._stage_page(draft, flow, stage, *_stage_forms(flow, stage, None),
                                    inputs), 409  # fmt: skip
        return redirect(url_for("flows.stage", code=code, stage_code=stage_code))

    @expose("/<code>/draf/tahap-baru", methods=("GET", "POST"))
    def new_stage(self, code: str):
        """A stage more, behind one that is there."""
        _writers_only()
        draft = _open_draft(code)
        raw, flow = _parsed(draft)
        form = NewStageForm(flow, request.form if request.method == "POST" else None)
        valid = request.method == "POST" and form.validate()
        if valid:
            stage_code = flow_edit.new_code(form.short.data, drafts.used_codes(code, raw))
            new = flow_edit.with_stage(raw, form.raw_stage(stage_code), form.working_days,
                                       after=form.after.data)  # fmt: skip
            if self._save(draft, new, what="added", stages=[stage_code]):
                return redirect(url_for("flows.draft", code=code))
            draft = _draft(code) or abort(404)
        page = self.render(
            "backoffice/flow_stage_new.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            form=form,
            listed=listed_errors([form]),
        )
        return page, (409 if valid else 422) if request.method == "POST" else 200

    @expose("/<code>/draf/berkas", methods=("GET", "POST"))
    def file(self, code: str):
        """The draft as a file for experts: down with GET, up with POST."""
        draft = _open_draft(code)
        if request.method == "GET":
            return _toml(code, definition_of(draft))
        _writers_only()
        upload = request.files.get("file")
        content = upload.stream.read(LARGEST_FILE + 1) if upload and upload.filename else b""
        try:
            if not content:
                raise BadFlow("berkas", ["Pilih berkas .toml yang akan diunggah."])
            raw = read_toml(content)
            raw.pop("edition", None)
            flow = parse_flow(raw, code)
            if flow.code != code:
                raise BadFlow("berkas", [f"Berkas ini untuk layanan “{flow.code}”."])
        except BadFlow as refusal:
            page = self.render("backoffice/flow_refused.html", draft=draft, code=code,
                               problems=refusal.problems[:50])  # fmt: skip
            return page, 422
        self._save(draft, raw, what="file", stages=[])
        return redirect(url_for("flows.draft", code=code))

    # -- before publishing --

    @expose("/<code>/draf/periksa")
    def check(self, code: str):
        """Everything that is wrong with the draft, beside the stage where it is."""
        draft = _open_draft(code)
        raw, flow = _parsed(draft)
        problems = drafts.review(raw, code, now=now())
        return self.render(
            "backoffice/flow_check.html",
            draft=draft,
            flow=flow,
            errors=_placed([p for p in problems if p.is_error], flow),
            warnings=_placed([p for p in problems if not p.is_error], flow),
            may_write=_may_write(),
        )

    @expose("/<code>/draf/simulasi")
    def simulation(self, code: str):
        """The draft rehearsed with the requests of the past months."""
        draft = _open_draft(code)
        _, flow = _parsed(draft)
        asked = text_argument("bulan")
        months = int(asked) if asked in map(str, MONTHS_OFFERED) else 12
        return self.render(
            "backoffice/flow_simulation.html",
            draft=draft,
            flow=flow,
            months=months,
            offered=MONTHS_OFFERED,
            most=MOST_REQUESTS,
            result=simulate(flow, months=months, now=now()),
            days_words=days_words,
            sees_requests=holds_one_of(SEES_ALL_REQUESTS),
            may_write=_may_write(),
        )

    @expose("/<code>/draf/terbitkan", methods=("GET", "POST"))
    def publish(self, code: str):
        """What changes, in words, and a note; then the draft is the version on offer."""
        _writers_only()
        draft = _open_draft(code)
        raw, flow = _parsed(draft)
        form = NoteForm(request.form if request.method == "POST" else None)
        refused = ""
        if request.method == "POST" and form.validate():
            try:
                version = drafts.publish_draft(
                    draft,
                    seen=request.form.get("seen", ""),
                    note=form.note.data,
                    actor=_me(),
                    now=now(),
                )
            except Refused as refusal:
                refused = str(refusal)
                draft = _draft(code)
                if draft is None:
                    flash(refused, "warning")
                    return redirect(url_for("flows.service", code=code))
                raw, flow = _parsed(draft)
            else:
                runtime().catalogue.refresh()
                edition = definition_of(version)["edition"]
                flash(PUBLISHED.format(edition), "success")
                return redirect(url_for("flows.service", code=code))
        problems = drafts.review(raw, code, now=now())
        current = newest_versions([code])[code]
        page = self.render(
            "backoffice/flow_publish.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            form=form,
            refused=refused,
            edition=drafts.edition_after(code),
            changes=drafts.changes_from(current, raw),
            overtaken=current if draft.base_id != current.id else None,
            running=sum(drafts.running_versions(code).values()),
            errors=_placed([p for p in problems if p.is_error], flow),
            warnings=_placed([p for p in problems if not p.is_error], flow),
        )
        return page, 409 if refused else 422 if form.errors else 200


# -- rows ----------------------------------------------------------------------------------------


def _me() -> User:
    return current_user._get_current_object()


def _may_write() -> bool:
    return ADMINISTRATOR in current_user.role_codes


def _writers_only() -> None:
    if not _may_write():
        abort(403)


def _on_offer(code: str) -> tuple[Flow, FlowVersion]:
    offer = runtime().catalogue.get(code) or abort(404)
    return offer.flow, FlowVersion.get_by_id(offer.version_id)


def _drafts():
    return FlowDraft.select(FlowDraft, User).join(User, JOIN.LEFT_OUTER)


def _draft(code: str) -> FlowDraft | None:
    return _drafts().where(FlowDraft.service_code == code).first()


def _open_draft(code: str) -> FlowDraft:
    if code not in runtime().catalogue:
        abort(404)
    return _draft(code) or abort(404)


def _parsed(draft: FlowDraft) -> tuple[dict[str, Any], Flow]:
    raw = definition_of(draft)
    return raw, parse_flow(raw, draft.service_code)


def _stage_forms(flow: Flow, stage: Stage, typed: Any) -> tuple[StageForm, list[DeskForm]]:
    form = StageForm(typed, data={
        "title": stage.title, "short": stage.short, "clause": stage.clause,
        "days": days_words(own_days(flow, stage)),
    })  # fmt: skip
    return form, [DeskForm(desk, typed) for desk in stage.desks]


def _taken_names(flow: Flow) -> set[str]:
    """Names that a new input can't have: those of the service, of forms and of documents."""
    names = {entry.name for desk in flow.desks for entry in desk.inputs}
    names |= {entry.name for entry in (*flow.fields, *flow.attachments)}
    return names | TAKEN_NAMES | set(MADE_DOCUMENTS) | {RESULT, ATTACHMENT, REPORT}


def _versions(code: str) -> list[FlowVersion]:
    """All versions of a service without their definitions, the newest first. One query."""
    return list(
        FlowVersion.select(FlowVersion.id, FlowVersion.created_at, FlowVersion.published_at,
                           FlowVersion.published_by, FlowVersion.note, FlowVersion.digest, User)
        .join(User, JOIN.LEFT_OUTER)
        .where(FlowVersion.service_code == code)
        .order_by(fn.COALESCE(FlowVersion.published_at, FlowVersion.created_at).desc(),
                  FlowVersion.id.desc())
    )  # fmt: skip


def _trail(code: str, flow: Flow) -> list[tuple[Event, str]]:
    """The last deeds on this service's definition, each with a sentence. One query."""
    deeds = Event.select(Event, User).join(User, JOIN.LEFT_OUTER)
    deeds = deeds.where(Event.stream == drafts.stream_of(code)).order_by(Event.seq.desc())
    return [(event, _told(event, flow)) for event in deeds.limit(TRAIL_LENGTH)]


def _told(event: Event, flow: Flow) -> str:
    """`Draf alur diubah: kata dan pos tahap (Telaah TU)`"""
    said = event_words.WORDS.get(event.kind, event.kind)
    if event.kind == event_words.FLOW_PUBLISHED:
        return f"{said}: versi {event.data.get('edition', '')}"
    what = CHANGES.get(str(event.data.get("what", "")), "")
    stages = ", ".join(flow.stage(code).short if flow.has_stage(code) else code
                       for code in event.data.get("stages", ()))  # fmt: skip
    return said + (f": {what}" if what else "") + (f" ({stages})" if stages else "")


def _version(code: str, number: str) -> FlowVersion:
    if code not in runtime().catalogue or not number.isdecimal() or len(number) > LONGEST_ID:
        abort(404)
    found = FlowVersion.select(FlowVersion, User).join(User, JOIN.LEFT_OUTER)
    mine = (FlowVersion.id == int(number)) & (FlowVersion.service_code == code)
    return found.where(mine).first() or abort(404)


def _count_published():
    return (
        FlowVersion.select(FlowVersion.service_code, fn.COUNT(FlowVersion.id))
        .where(FlowVersion.published_at.is_null(False))
        .group_by(FlowVersion.service_code)
    )


def _placed(problems: list[Problem], flow: Flow) -> list[tuple[str, str, str]]:
    """(short title of the stage or empty, its code, sentence)"""
    found = []
    for problem in problems:
        code = problem.desk.partition("/")[0]
        short = flow.stage(code).short if flow.has_stage(code) else code
        found.append((short, code if flow.has_stage(code) else "", problem.words))
    return found


def _toml(code: str, raw: dict[str, Any]) -> Response:
    return send_bytes(write_toml(raw).encode(), f"alur-{code}.toml", "application/toml")
