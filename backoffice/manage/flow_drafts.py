"""Change a draft of a flow: its days and order, its stages, what they ask for, or all by a file."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_wtf import FlaskForm

from administration import flow_drafts
from administration.drafts import stamp_of
from administration.flow_drafts import definition_of
from backoffice.base import StaffView, typed
from backoffice.manage.flow_forms import (
    TYPE_WORDS,
    DaysForm,
    DeskForm,
    InputForm,
    NewStageForm,
    StageForm,
    listed_errors,
)
from backoffice.manage.flow_rows import (
    as_file,
    draft_of,
    flow_on_offer,
    open_draft,
    parsed,
    version_of,
)
from models import FlowDraft
from moves.catalogue import newest_versions
from outputs.flow_diagram import days_words, draw_flow, effect_words, own_days, rows_of
from rules import flow_edit
from rules.flow_changes import marks_of
from rules.flow_check import RESULT
from rules.flow_edit import BadEdit
from rules.flow_shape import LARGEST_FILE, TAKEN_NAMES, read_toml
from rules.input_rules import rule_words
from rules.services import (
    CUSTOMER,
    HANDOVER,
    MADE_DOCUMENTS,
    OFFICE,
    BadFlow,
    Flow,
    Input,
    Stage,
    parse_flow,
)
from web.errors import flashed_refusal
from web.runtime import me, now
from workflow import ATTACHMENT, REPORT

# Filing asks for the fields of the service, and a survey for its questionnaire.
ASKED_KINDS = (OFFICE, CUSTOMER, HANDOVER)


class DraftPages(StaffView):
    """The pages on which a draft is written; `FlowView` puts them at its addresses."""

    @expose("/<code>/draf", methods=("GET", "POST"))
    def draft(self, code: str) -> ResponseReturnValue:
        """The draft: days of all stages in one table, their order, what differs, what is wrong."""
        draft = open_draft(code)
        raw, flow = parsed(draft)
        if request.method == "POST":
            self.writers_only()
            return self._change(draft, raw, flow)
        return self._draft_page(draft, raw, flow, DaysForm.of(raw, flow))

    def _draft_page(self, draft: FlowDraft, raw: Any, flow: Flow, days: DaysForm):
        current = newest_versions([draft.service_code])[draft.service_code]
        changes = flow_drafts.changes_from(current, raw)
        marks = marks_of(changes)
        problems = flow_drafts.review(raw, draft.service_code, now=now())
        page = self.render(
            "backoffice/manage/flow_draft.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            days=days,
            rows=[
                (row, flow_edit.why_not_removable(stage, raw))
                for row, stage in zip(rows_of(flow, marks), raw["stage"], strict=True)
            ],
            drawing=draw_flow(flow, marks),
            changes=changes,
            overtaken=current if draft.base_id != current.id else None,
            errors=sum(problem.is_error for problem in problems),
            warnings=sum(not problem.is_error for problem in problems),
            may_write=self.may_write,
        )
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
        with flashed_refusal():
            flow_drafts.save_draft(
                draft,
                raw,
                seen=request.form.get("seen", ""),
                what=what,
                stages=stages,
                actor=me(),
                now=now(),
            )
            flash("Draf sudah disimpan.", "success")
            return True
        return False

    @expose("/<code>/draf/buka", methods=("POST",))
    def open(self, code: str) -> ResponseReturnValue:
        """Begin a draft from the version on offer, or from one that the form names."""
        self.writers_only()
        _, current = flow_on_offer(code)
        source = version_of(code, request.form.get("version") or str(current.id))
        known = draft_of(code)
        flow_drafts.open_draft(source, actor=me(), now=now())
        if known:
            flash("Draf untuk layanan ini sudah ada; lanjutkan atau buang dulu.", "info")
        return redirect(url_for("flows.draft", code=code))

    @expose("/<code>/draf/buang", methods=("POST",))
    def discard(self, code: str) -> ResponseReturnValue:
        self.writers_only()
        draft = open_draft(code)
        with flashed_refusal("warning"):
            flow_drafts.discard_draft(
                draft, seen=request.form.get("seen", ""), actor=me(), now=now()
            )
            flash("Draf sudah dibuang. Alur yang berlaku tidak berubah.", "success")
        return redirect(url_for("flows.service", code=code))

    @expose("/<code>/draf/tahap/<stage_code>", methods=("GET", "POST"))
    def stage(self, code: str, stage_code: str) -> ResponseReturnValue:
        """The words, the post and the side moves of one stage."""
        draft = open_draft(code)
        raw, flow = parsed(draft)
        if not flow.has_stage(stage_code):
            abort(404)
        if request.method == "POST":
            self.writers_only()
        stage = flow.stage(stage_code)
        form, desks = _stage_forms(flow, stage, typed())
        valid = request.method == "POST" and all([form.validate(), *(d.validate() for d in desks)])
        if valid:
            words = {name: form[name].data for name in ("title", "short", "clause")}
            new = flow_edit.with_stage_words(
                raw, stage_code, words, form.working_days, {d.desk.step: d.values for d in desks}
            )
            if self._save(draft, new, what="stage", stages=[stage_code]):
                return redirect(url_for("flows.draft", code=code))
            draft = draft_of(code) or abort(404)
        status = (409 if valid else 422) if request.method == "POST" else 200
        inputs = [InputForm(desk, None) for desk in stage.desks]
        return self._stage_page(draft, flow, stage, form, desks, inputs), status

    def _stage_page(
        self, draft: FlowDraft, flow: Flow, stage: Stage, form: FlaskForm, desks: list, inputs: list
    ) -> str:
        return self.render(
            "backoffice/manage/flow_stage.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            stage=stage,
            form=form,
            desks=desks,
            inputs=[one for one in inputs if one.desk.kind in ASKED_KINDS],
            input_types=TYPE_WORDS,
            rules=_rules_of(flow, stage),
            effect_words=effect_words,
            listed=listed_errors([form, *desks, *inputs]),
            may_write=self.may_write,
        )

    @expose("/<code>/draf/tahap/<stage_code>/isian", methods=("POST",))
    def inputs(self, code: str, stage_code: str) -> ResponseReturnValue:
        """Ask for one thing more at a desk, for one less, or make one needed or not."""
        self.writers_only()
        draft = open_draft(code)
        raw, flow = parsed(draft)
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
            inputs[desk.step] = wanted = InputForm(desk, request.form)
            if not wanted.validate():
                return self._stage_page(
                    draft, flow, stage, *_stage_forms(flow, stage, None), inputs
                ), 422
            name = flow_edit.new_input_name(wanted.label.data, _taken_names(flow))
            new = flow_edit.with_input(raw, stage_code, desk.step, wanted.raw_input(name))
        elif verb in ("remove", "required", "optional") and name in {i.name for i in desk.inputs}:
            new = (
                flow_edit.without_input(raw, stage_code, desk.step, name)
                if verb == "remove"
                else flow_edit.with_input_required(
                    raw, stage_code, desk.step, name, required=verb == "required"
                )
            )
        else:
            abort(404)
        if not self._save(draft, new, what="inputs", stages=[stage_code]) and verb == "add":
            draft = draft_of(code) or abort(404)
            return self._stage_page(
                draft, flow, stage, *_stage_forms(flow, stage, None), inputs
            ), 409
        return redirect(url_for("flows.stage", code=code, stage_code=stage_code))

    @expose("/<code>/draf/tahap-baru", methods=("GET", "POST"))
    def new_stage(self, code: str) -> ResponseReturnValue:
        """A stage more, behind one that is there."""
        self.writers_only()
        draft = open_draft(code)
        raw, flow = parsed(draft)
        form = NewStageForm(flow, typed())
        valid = request.method == "POST" and form.validate()
        if valid:
            stage_code = flow_edit.new_code(form.short.data, flow_drafts.used_codes(code, raw))
            new = flow_edit.with_stage(
                raw, form.raw_stage(stage_code), form.working_days, after=form.after.data
            )
            if self._save(draft, new, what="added", stages=[stage_code]):
                return redirect(url_for("flows.draft", code=code))
            draft = draft_of(code) or abort(404)
        page = self.render(
            "backoffice/manage/flow_stage_new.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            form=form,
            listed=listed_errors([form]),
        )
        return page, (409 if valid else 422) if request.method == "POST" else 200

    @expose("/<code>/draf/berkas", methods=("GET", "POST"))
    def file(self, code: str) -> ResponseReturnValue:
        """The draft as a file for experts: down with GET, up with POST."""
        draft = open_draft(code)
        if request.method == "GET":
            return as_file(code, definition_of(draft))
        self.writers_only()
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
            page = self.render(
                "backoffice/manage/flow_refused.html",
                draft=draft,
                code=code,
                problems=refusal.problems[:50],
            )
            return page, 422
        self._save(draft, raw, what="file", stages=[])
        return redirect(url_for("flows.draft", code=code))


def _stage_forms(flow: Flow, stage: Stage, typed: Any) -> tuple[StageForm, list[DeskForm]]:
    form = StageForm(
        typed,
        data={
            "title": stage.title,
            "short": stage.short,
            "clause": stage.clause,
            "days": days_words(own_days(flow, stage)),
        },
    )
    return form, [DeskForm(desk, typed) for desk in stage.desks]


def _taken_names(flow: Flow) -> set[str]:
    """Names that a new input can't have: those of the service, of forms and of documents."""
    names = {entry.name for desk in flow.desks for entry in desk.inputs}
    names |= {entry.name for entry in (*flow.fields, *flow.attachments)}
    return names | TAKEN_NAMES | set(MADE_DOCUMENTS) | {RESULT, ATTACHMENT, REPORT}


def _rules_of(flow: Flow, stage: Stage) -> dict[Input, list[str]]:
    """The rules of each input of a stage, in words."""
    asked = [*flow.fields, *(entry for desk in flow.desks for entry in desk.inputs)]
    labels = {entry.name: entry.label for entry in asked}
    return {entry: rule_words(entry, labels) for desk in stage.desks for entry in desk.inputs}
