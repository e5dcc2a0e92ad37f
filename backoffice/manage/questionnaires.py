"""The questionnaire of the survey: versions, the draft, its preview, and its publication."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import JOIN, fn

from administration import questionnaires
from administration.drafts import stamp_of
from administration.questionnaires import questionnaire_of
from backoffice.base import StaffView, typed
from backoffice.manage.questionnaire_forms import (
    FORMS,
    KIND_WORDS,
    LATER,
    ExtraForm,
    HeadForm,
    PublishForm,
    plain,
)
from models import SurveyDraft, SurveyResponse, SurveyVersion, User
from rules.formats import ZONE
from rules.skm import ELEMENTS, SMALLEST_GROUP
from rules.survey import TITLES, Questionnaire
from rules.survey_edit import (
    DEMOGRAPHIC,
    EXTRA,
    QUESTION,
    differences,
    entry_of,
    may_move,
    may_remove,
)
from rules.text import one_line
from web.errors import flashed_refusal
from web.runtime import me, now
from web.translations import OfficeForm
from workflow import Conflict, Refused

WORDS = "kata"
# What an address calls the parts of a questionnaire.
PARTS = {"unsur": QUESTION, "responden": DEMOGRAPHIC, "tambahan": EXTRA}
NAMES = {part: name for name, part in PARTS.items()}
SAMPLE = {"sapaan": "Bapak/Ibu", "nama": "Pelanggan Contoh", "nomor": "48/L.Data/29/VII/24"}


class QuestionnaireView(StaffView):
    """Read by whoever reads the survey, written by the administrator."""

    name = "Kuesioner"
    url = "/backoffice/kuesioner"
    endpoint = "questionnaires"
    category = "Kelola"
    reads = "skm"
    writes = "questionnaire_write"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        at = now()
        return self.render(
            "backoffice/manage/questionnaires.html",
            current=questionnaires.version_in_force(at),
            waiting=questionnaires.version_to_come(at),
            versions=_versions(),
            answers=_answers(),
            draft=_draft_or_none(),
            may_write=self.may_write,
            smallest=SMALLEST_GROUP,
        )

    @expose("/versi/<label>")
    def version(self, label: str) -> ResponseReturnValue:
        row = _version(label)
        before = (
            SurveyVersion.select()
            .where((SurveyVersion.id < row.id) & SurveyVersion.withdrawn_at.is_null())
            .order_by(SurveyVersion.id.desc())
            .first()
        )
        shown = questionnaire_of(row)
        return self.render(
            "backoffice/manage/questionnaire.html",
            row=row,
            before=before,
            changes=differences(questionnaire_of(before), shown) if before else [],
            may_write=self.may_write,
            is_waiting=row.starts_at > now() and row.withdrawn_at is None,
            draft=_draft_or_none(),
            **_sample(shown),
        )

    @expose("/versi/<label>/draf", methods=("POST",))
    def open(self, label: str) -> ResponseReturnValue:
        """Begin the draft from this version."""
        self.writers_only()
        row = _version(label)
        draft = questionnaires.open_draft(row, actor=me(), now=now())
        if draft.base_id != row.id:
            flash("Draf sudah ada; lanjutkan atau buang draf itu dahulu.", "warning")
        return redirect(url_for(".draft"))

    @expose("/versi/<label>/batal", methods=("POST",))
    def withdraw(self, label: str) -> ResponseReturnValue:
        """Take back a version that hasn't begun."""
        self.writers_only()
        with flashed_refusal():
            questionnaires.withdraw(_version(label), actor=me(), now=now())
            flash("Jadwal dibatalkan. Kuesioner yang berlaku tidak berubah.", "success")
        return redirect(url_for(".index"))

    # -- the draft --

    @expose("/draf/", methods=("GET", "POST"))
    def draft(self) -> ResponseReturnValue:
        """What the draft asks, in its order; a POST moves or removes (`up:unsur:U3`)."""
        draft = _draft()
        if request.method == "POST":
            self.writers_only()
            return self._done(lambda: _arrange(draft, request.form.get("do", "")))
        raw = json.loads(draft.definition)
        return self.render(
            "backoffice/manage/questionnaire_draft.html",
            draft=draft,
            shown=questionnaire_of(draft),
            stamp=stamp_of(draft),
            changes=questionnaires.changes_to_publish(draft, now()),
            problems=questionnaires.problems_in(draft),
            may_write=self.may_write,
            may_move=lambda part, code, step: may_move(raw, PARTS[part], code, step),
            may_remove=lambda part, code: may_remove(PARTS[part], code),
            elements=ELEMENTS,
            kinds=KIND_WORDS,
        )

    @expose("/draf/pratinjau")
    def preview(self) -> ResponseReturnValue:
        """The draft as the customer will see it."""
        draft = _draft()
        sample = _sample(questionnaire_of(draft))
        return self.render(
            "backoffice/manage/questionnaire_preview.html",
            draft=draft,
            may_write=self.may_write,
            **sample,
        )

    @expose("/draf/kata", methods=("GET", "POST"))
    def words(self) -> ResponseReturnValue:
        """Title, greeting and closing."""
        self.writers_only()
        draft = _draft()
        form = HeadForm(typed(), data=json.loads(draft.definition))
        if request.method == "POST" and form.validate():
            given = plain(form, *TITLES)
            return self._done(
                lambda: questionnaires.rewrite_words(
                    draft, given, seen=_seen(), actor=me(), now=now()
                ),
                form=form,
                draft=draft,
                title="judul, pengantar, dan penutup",
            )
        return self._form(form, draft, "judul, pengantar, dan penutup")

    @expose("/draf/<part>/<code>", methods=("GET", "POST"))
    def entry(self, part: str, code: str) -> ResponseReturnValue:
        """The words of one question."""
        self.writers_only()
        draft = _draft()
        kind = PARTS.get(part) or abort(404)
        entry = entry_of(json.loads(draft.definition), kind, code) or abort(404)
        form, title = FORMS[kind].of(entry, typed()), _title(kind, code, entry)
        if request.method == "POST" and form.validate():
            return self._done(
                lambda: questionnaires.rewrite_entry(
                    draft, kind, code, form.values, seen=_seen(), actor=me(), now=now()
                ),
                form=form,
                draft=draft,
                title=title,
            )
        return self._form(form, draft, title)

    @expose("/draf/tambah", methods=("GET", "POST"))
    def add(self) -> ResponseReturnValue:
        """One more question outside the index."""
        self.writers_only()
        draft = _draft()
        form, title = ExtraForm(typed()), "pertanyaan tambahan baru"
        if request.method == "POST" and form.validate():
            values = form.values
            if values["kind"] != "text":
                del values["max_length"]
            return self._done(
                lambda: questionnaires.add_question(
                    draft, values, seen=_seen(), actor=me(), now=now()
                ),
                form=form,
                draft=draft,
                title=title,
            )
        return self._form(form, draft, title)

    @expose("/draf/buang", methods=("POST",))
    def discard(self) -> ResponseReturnValue:
        self.writers_only()
        draft = _draft()
        with flashed_refusal():
            questionnaires.discard_draft(draft, seen=_seen(), actor=me(), now=now())
            flash("Draf dibuang. Kuesioner yang berlaku tidak berubah.", "success")
        return redirect(url_for(".index"))

    @expose("/draf/terbitkan", methods=("GET", "POST"))
    def publish(self) -> ResponseReturnValue:
        self.writers_only()
        draft = _draft()
        form = PublishForm(typed())
        if request.method == "POST" and form.validate():
            try:
                version = questionnaires.publish_draft(
                    draft,
                    seen=_seen(),
                    note=one_line(form.note.data),
                    starts_on=form.starts_on.data if form.start.data == LATER else None,
                    actor=me(),
                    now=now(),
                )
            except Refused as refusal:
                return self._publish_page(draft, form, str(refusal)), _code(refusal)
            when = "berlaku sekarang" if version.starts_at <= now() else "dijadwalkan"
            flash(f"Versi {version.name} sudah diterbitkan dan {when}.", "success")
            return redirect(url_for(".index"))
        return self._publish_page(draft, form), 422 if form.errors else 200

    def _publish_page(self, draft: SurveyDraft, form: PublishForm, refused: str = ""):
        return self.render(
            "backoffice/manage/questionnaire_publish.html",
            draft=draft,
            stamp=_seen() or stamp_of(draft),
            form=form,
            refused=refused,
            changes=questionnaires.changes_to_publish(draft, now()),
            problems=questionnaires.problems_in(draft),
            current=questionnaires.version_in_force(now()),
            waiting=questionnaires.version_to_come(now()),
            may_write=True,
        )

    def _form(
        self, form: OfficeForm, draft: SurveyDraft, title: str, refused: str = "", code: int = 0
    ) -> ResponseReturnValue:
        page = self.render(
            "backoffice/manage/questionnaire_form.html",
            form=form,
            draft=draft,
            title=title,
            refused=refused,
            stamp=_seen() or stamp_of(draft),
            may_write=True,
        )
        return page, code or (422 if form.errors else 200)

    def _done(
        self,
        deed: Callable[[], object],
        *,
        form: OfficeForm | None = None,
        draft: SurveyDraft | None = None,
        title: str = "",
    ) -> ResponseReturnValue:
        """Do it and go back to the draft; a refusal keeps what was typed."""
        try:
            changed = deed()
        except Refused as refusal:
            if form is not None:
                return self._form(form, draft, title, str(refusal), _code(refusal))
            flash(str(refusal), "error")
        else:
            words = "Draf sudah disimpan." if changed else "Tidak ada yang berubah."
            flash(words, "success" if changed else "info")
        return redirect(url_for(".draft"))


def _arrange(draft: SurveyDraft, asked: str) -> bool:
    deed, _, place = asked.partition(":")
    part, _, code = place.partition(":")
    if part not in PARTS or deed not in ("up", "down", "remove"):
        raise Refused("Pilih tindakan pada daftar pertanyaan.")
    said = {"seen": _seen(), "actor": me(), "now": now()}
    if deed == "remove":
        return questionnaires.remove_question(draft, PARTS[part], code, **said)
    step = -1 if deed == "up" else 1
    return questionnaires.move_entry(draft, PARTS[part], code, step, **said)


def _code(refusal: Refused) -> int:
    return 409 if isinstance(refusal, Conflict) else 422


def _seen() -> str:
    return request.form.get("seen", "")


def _draft_or_none() -> SurveyDraft | None:
    return SurveyDraft.select(SurveyDraft, User).join(User).first()


def _draft() -> SurveyDraft:
    return _draft_or_none() or abort(404)


def _version(label: str) -> SurveyVersion:
    found = SurveyVersion.select(SurveyVersion, User).join(User, JOIN.LEFT_OUTER)
    label = label.replace("\x00", "")[:40]
    return found.where(SurveyVersion.name == label).first() or abort(404)


def _versions() -> list[SurveyVersion]:
    """The newest first, with who published them. One query."""
    found = SurveyVersion.select(SurveyVersion, User).join(User, JOIN.LEFT_OUTER)
    return list(found.order_by(SurveyVersion.starts_at.desc(), SurveyVersion.id.desc()))


def _answers() -> dict[str, int]:
    """Name of a version -> how many answered it. One query."""
    rows = SurveyResponse.select(SurveyResponse.questionnaire, fn.COUNT(SurveyResponse.id))
    return dict(rows.group_by(SurveyResponse.questionnaire).tuples())


def _title(part: str, code: str, entry: Mapping[str, Any]) -> str:
    if part == QUESTION:
        return f"{code} {ELEMENTS[code]}"
    return str(entry.get("label") or entry["text"])


def _sample(shown: Questionnaire) -> dict[str, object]:
    """What the templates of the survey need, with an example's facts."""
    year = now().astimezone(ZONE).year
    return {
        "questionnaire": shown,
        "title": shown.title.format(tahun=year),
        "greeting": shown.greeting.format(**SAMPLE),
        "closing": shown.closing.format(**SAMPLE),
        "given": {},
        "errors": {},
        "gender": "",
    }
