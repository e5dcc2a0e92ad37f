"""Before a draft is the flow on offer: what is wrong with it, its rehearsal, its publication."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration import flow_drafts
from administration.drafts import stamp_of
from administration.flow_drafts import definition_of
from administration.flow_simulation import MONTHS_OFFERED, MOST_REQUESTS, simulate
from backoffice.base import StaffView, typed
from backoffice.manage.flow_forms import NoteForm
from backoffice.manage.flow_rows import draft_of, open_draft, parsed
from moves.catalogue import newest_versions
from outputs.flow_diagram import days_words
from rules.flow_check import Problem
from rules.services import Flow
from web.access import may
from web.listing import text_argument
from web.runtime import me, now, runtime
from workflow import Refused

PUBLISHED = (
    "Versi {} sudah berlaku bagi permohonan baru. Permohonan yang sedang berjalan tetap pada "
    "versinya."
)


class ReleasePages(StaffView):
    """The pages between a draft and its publication; `FlowView` puts them at its addresses."""

    @expose("/<code>/draf/periksa")
    def check(self, code: str) -> ResponseReturnValue:
        """Everything that is wrong with the draft, beside the stage where it is."""
        draft = open_draft(code)
        raw, flow = parsed(draft)
        problems = flow_drafts.review(raw, code, now=now())
        return self.render(
            "backoffice/manage/flow_check.html",
            draft=draft,
            flow=flow,
            errors=_placed([p for p in problems if p.is_error], flow),
            warnings=_placed([p for p in problems if not p.is_error], flow),
            may_write=self.may_write,
        )

    @expose("/<code>/draf/simulasi")
    def simulation(self, code: str) -> ResponseReturnValue:
        """The draft rehearsed with the requests of the past months."""
        draft = open_draft(code)
        _, flow = parsed(draft)
        asked = text_argument("bulan")
        months = int(asked) if asked in map(str, MONTHS_OFFERED) else 12
        return self.render(
            "backoffice/manage/flow_simulation.html",
            draft=draft,
            flow=flow,
            months=months,
            offered=MONTHS_OFFERED,
            most=MOST_REQUESTS,
            result=simulate(flow, months=months, now=now()),
            days_words=days_words,
            sees_requests=may("sees_all"),
            may_write=self.may_write,
        )

    @expose("/<code>/draf/terbitkan", methods=("GET", "POST"))
    def publish(self, code: str) -> ResponseReturnValue:
        """What changes, in words, and a note; then the draft is the version on offer."""
        self.writers_only()
        draft = open_draft(code)
        raw, flow = parsed(draft)
        form = NoteForm(typed())
        refused = ""
        if request.method == "POST" and form.validate():
            try:
                version = flow_drafts.publish_draft(
                    draft,
                    seen=request.form.get("seen", ""),
                    note=form.note.data,
                    actor=me(),
                    now=now(),
                )
            except Refused as refusal:
                refused = str(refusal)
                draft = draft_of(code)
                if draft is None:
                    flash(refused, "warning")
                    return redirect(url_for("flows.service", code=code))
                raw, flow = parsed(draft)
            else:
                runtime().catalogue.refresh()
                edition = definition_of(version)["edition"]
                flash(PUBLISHED.format(edition), "success")
                return redirect(url_for("flows.service", code=code))
        problems = flow_drafts.review(raw, code, now=now())
        current = newest_versions([code])[code]
        page = self.render(
            "backoffice/manage/flow_publish.html",
            draft=draft,
            stamp=stamp_of(draft),
            flow=flow,
            form=form,
            refused=refused,
            edition=flow_drafts.edition_after(code),
            changes=flow_drafts.changes_from(current, raw),
            overtaken=current if draft.base_id != current.id else None,
            running=sum(flow_drafts.running_versions(code).values()),
            errors=_placed([p for p in problems if p.is_error], flow),
            warnings=_placed([p for p in problems if not p.is_error], flow),
        )
        return page, 409 if refused else 422 if form.errors else 200


def _placed(problems: list[Problem], flow: Flow) -> list[tuple[str, str, str]]:
    """(short title of the stage or empty, its code, sentence)"""
    found = []
    for problem in problems:
        code = problem.desk.partition("/")[0]
        short = flow.stage(code).short if flow.has_stage(code) else code
        found.append((short, code if flow.has_stage(code) else "", problem.words))
    return found
