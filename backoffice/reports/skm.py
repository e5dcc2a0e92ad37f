"""The satisfaction survey: figures of a period, action plans, and the lock."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_security import current_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from administration import printouts
from administration.questionnaires import questionnaire_of, versions_named
from backoffice.base import StaffView
from models import ActionPlan, SurveyPeriod
from outputs.charts import value_bars
from outputs.survey import periods
from outputs.survey.figures import Results, history_of, results_of, suggestions_of
from outputs.workbooks import MEDIA_TYPE
from rules.formats import ZONE, decimal_id
from rules.labels import REQUIRED
from rules.periods import FIRST_YEAR, LAST_YEAR, Period, parse_period, recent_periods, semester_of
from rules.skm import ELEMENTS, Ikm
from rules.survey import Questionnaire
from rules.text import one_line
from web.access import may
from web.errors import flashed_refusal
from web.listing import text_argument
from web.requests.uploads import send_bytes
from web.runtime import me, now, reader, runtime
from web.translations import OfficeForm

COMPARED = 6


class PlanForm(OfficeForm):
    """Element, programme, until when, by whom, how far."""

    element = SelectField("Unsur", choices=[(code, f"{code} {t}") for code, t in ELEMENTS.items()])
    program = StringField(
        "Program",
        filters=[one_line],
        validators=[InputRequired(REQUIRED), DataRequired(REQUIRED), Length(max=300)],
    )
    due_on = DateField(
        "Selesai paling lambat",
        validators=[InputRequired("Isi tanggal, misalnya 30 Jun 2025.")],
    )
    responsible = StringField(
        "Penanggung jawab",
        filters=[one_line],
        validators=[InputRequired(REQUIRED), DataRequired(REQUIRED), Length(max=120)],
    )
    status = SelectField("Status", choices=list(periods.PLAN_STATUSES.items()))
    note = TextAreaField("Catatan", validators=[Optional(), Length(max=500)])

    def validate_due_on(self, field: DateField) -> None:
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError("Tahunnya tampak keliru. Periksa kembali.")


class SummaryForm(OfficeForm):
    summary = TextAreaField("Ringkasan saran dan keluhan", validators=[Length(max=4000)])


class LockForm(OfficeForm):
    sure = BooleanField(
        "Saya sudah memeriksa angka periode ini dan memahami bahwa kunci tidak dapat dibuka lagi.",
        validators=[InputRequired("Centang pernyataan ini untuk mengunci periode.")],
    )


class SatisfactionView(StaffView):
    """Leaders, TU, admins and the auditor read; TU plans; the head of the office locks."""

    name = "Survei (SKM)"
    url = "/backoffice/skm"
    endpoint = "skm"
    reads = "skm"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        today = now().astimezone(ZONE).date()
        asked = text_argument("periode")
        period = (parse_period(asked) or abort(404)) if asked else semester_of(today)
        return self._page(period)

    @expose("/<code>/kunci", methods=("POST",))
    def lock(self, code: str) -> ResponseReturnValue:
        period = _period(code)
        if not may("skm_lock"):
            abort(403)
        form = LockForm()
        if not form.validate():
            return self._page(period, lock_form=form), 422
        with flashed_refusal():
            periods.lock_period(period, reader=reader())
            flash(f"{period.title} sudah dikunci. Angkanya tidak berubah lagi.", "success")
        return redirect(_address(period))

    @expose("/<code>/ringkasan", methods=("POST",))
    def summary(self, code: str) -> ResponseReturnValue:
        period = _period(code)
        if not may("skm_plan"):
            abort(403)
        form = SummaryForm()
        if not form.validate():
            return self._page(period, summary_form=form), 422
        periods.write_summary(period, _plain(form.summary.data), reader=reader())
        flash("Ringkasan sudah disimpan.", "success")
        return redirect(_address(period, "ringkasan"))

    @expose("/<code>/rencana", methods=("GET", "POST"))
    def new_plan(self, code: str) -> ResponseReturnValue:
        return self._plan(_period(code), "")

    @expose("/<code>/rencana/<public_id>", methods=("GET", "POST"))
    def plan(self, code: str, public_id: str) -> ResponseReturnValue:
        return self._plan(_period(code), public_id)

    @expose("/<code>/laporan", methods=("POST",))
    def report(self, code: str) -> ResponseReturnValue:
        """The report as a PDF, which everybody who holds it can check."""
        # Here and not above, as in `outputs.papers.documents`.
        from outputs.survey.report import ReportData, write_survey_report

        period = _period(code)
        kept = SurveyPeriod.get_or_none(SurveyPeriod.code == period.code)
        results = _results(period, kept)
        if results.whole is None:
            flash(f"Laporan belum tersedia. {_why_hidden(results)}", "error")
            return redirect(_address(period))
        at = now()

        def write(number: str, check_code: str) -> bytes:
            data = ReportData(
                results=results,
                questionnaires=_asked(results),
                history=history_of(_compared(period)),
                plans=plans_of(period),
                earlier_plans=plans_of(period.previous),
                kept=kept,
                titles=_titles(),
                statuses=periods.PLAN_STATUSES,
                made_by=me().name,
                number=number,
                result_url=_result_url(results),
                check_url=f"{runtime().settings.base_url}/v/{check_code}",
            )
            return write_survey_report(data, now=at)

        number, content = printouts.publish(_paper(results), write, reader=reader())
        name = f"laporan-skm-{period.code}-{printouts.stamp_of(number)}.pdf"
        return send_bytes(content, name, "application/pdf")

    @expose("/<code>/data")
    def data(self, code: str) -> ResponseReturnValue:
        from outputs.survey.workbook import write_survey_book

        period = _period(code)
        results = _results(period)
        if results.whole is None:
            flash(f"Data olahan belum tersedia. {_why_hidden(results)}", "error")
            return redirect(_address(period))
        content = write_survey_book(
            results,
            plans=plans_of(period),
            statuses=periods.PLAN_STATUSES,
            titles=_titles(),
            made_by=current_user.name,
            now=now(),
        )
        return send_bytes(content, f"skm-{period.code}.xlsx", MEDIA_TYPE)

    def _plan(self, period: Period, public_id: str):
        if not may("skm_plan"):
            abort(403)
        row = _plan_of(period, public_id) if public_id else None
        element = text_argument("unsur")
        form = PlanForm(obj=row, element=row.element if row else element or "U1")
        if request.method == "POST" and form.validate():
            given = {name: value for name, value in form.data.items() if name != "csrf_token"}
            plan = periods.Plan(**given)
            periods.write_plan(period, plan, reader=reader(), row=row)
            flash("Rencana tindak lanjut sudah disimpan.", "success")
            return redirect(_address(period, "rencana"))
        page = self.render(
            "backoffice/reports/skm_plan.html",
            period=period,
            form=form,
            row=row,
            back=_address(period),
        )
        return page, 422 if form.errors else 200

    def _page(
        self,
        period: Period,
        lock_form: FlaskForm | None = None,
        summary_form: FlaskForm | None = None,
    ) -> ResponseReturnValue:
        today = now().astimezone(ZONE).date()
        kept = SurveyPeriod.get_or_none(SurveyPeriod.code == period.code)
        results = _results(period, kept)
        history = history_of(_compared(period))
        choices = recent_periods(today)
        return self.render(
            "backoffice/reports/skm.html",
            period=period,
            printed_at=now(),
            periods=choices if period in choices else [period, *choices],
            results=results,
            kept=kept,
            locked_by=kept.locked_by if kept and kept.locked_at else None,
            element_chart=_element_chart(results.whole),
            history=history,
            history_chart=value_bars(
                "riwayat",
                "IKM per periode",
                [(past.period.title, *_bar(past.ikm)) for past in history],
                top=100,
            ),
            plans=plans_of(period),
            plan_statuses=periods.PLAN_STATUSES,
            suggestions=suggestions_of(period) if results.whole else [],
            elements=ELEMENTS,
            titles=_titles(),
            weakest=results.whole.weakest if results.whole else (),
            may_plan=may("skm_plan"),
            may_lock=may("skm_lock") and not results.is_locked,
            has_ended=period.has_ended(today),
            lock_form=lock_form or LockForm(),
            summary_form=summary_form or SummaryForm(summary=kept.summary if kept else ""),
        )


def _results(period: Period, kept: SurveyPeriod | None = None) -> Results:
    kept = kept or SurveyPeriod.get_or_none(SurveyPeriod.code == period.code)
    return results_of(period, runtime().questionnaire, kept=kept)


def _asked(results: Results) -> list[Questionnaire]:
    """The questionnaires that were answered in a period, the oldest first."""
    names = [item.name for item in results.versions]
    found = [questionnaire_of(row) for row in versions_named(names)]
    # A period that was locked before versions were counted.
    return found or [runtime().questionnaire]


def _why_hidden(results: Results) -> str:
    if results.is_covered:
        return "Salah satu semester tahun ini diisi kurang dari lima responden."
    return "Sedikitnya lima responden harus mengisi survei."


def _result_url(results: Results) -> str:
    """The public page of a locked period, on the configured address."""
    if not (results.is_locked and results.is_intact):
        return ""
    path = url_for("portal.survey_result", code=results.period.code)
    return f"{runtime().settings.base_url}{path}"


def _paper(results: Results) -> printouts.Paper:
    """What the check page says of a report; later ones of a period take its place."""
    is_final = results.is_locked and results.is_intact
    return printouts.Paper(
        kind=printouts.SURVEY_REPORT,
        about=[
            ("Periode", results.period.title),
            ("Responden", str(results.count)),
            ("Angka", "Dikunci, tidak berubah lagi" if is_final else "Sementara"),
        ],
        series=(results.period.code,),
        capability="skm",
    )


def _titles() -> dict[str, str]:
    return {code: offer.flow.title for code, offer in runtime().catalogue.items()}


def plans_of(period: Period) -> list[ActionPlan]:
    rows = ActionPlan.select().where(ActionPlan.period_code == period.code)
    return list(rows.order_by(ActionPlan.element, ActionPlan.due_on, ActionPlan.id))


def _plan_of(period: Period, public_id: str) -> ActionPlan:
    mine = ActionPlan.period_code == period.code
    return ActionPlan.get_or_none((ActionPlan.public_id == public_id) & mine) or abort(404)


def _period(code: str) -> Period:
    return parse_period(code) or abort(404)


def _address(period: Period, anchor: str = "") -> str:
    return url_for("skm.index", periode=period.code, _anchor=anchor or None)


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\x00", "").strip()


def _compared(period: Period) -> list[Period]:
    """The period and those of its kind before it, the oldest first."""
    found = [period]
    while len(found) < COMPARED:
        found.append(found[-1].previous)
    return found[::-1]


def _element_chart(ikm: Ikm) -> Markup | str:
    if ikm is None:
        return ""
    rows = [
        (f"{code} {title}", float(ikm.elements[code]), decimal_id(ikm.elements[code]))
        for code, title in ELEMENTS.items()
    ]
    return value_bars("unsur", "Nilai tiap unsur", rows, top=100)


def _bar(ikm: Ikm) -> tuple[float | None, str]:
    return (float(ikm.value), f"{decimal_id(ikm.value)} {ikm.grade}") if ikm else (None, "–")
