"""The calendar of the office: a year at a glance, and changes that are looked at beforehand."""

import calendar as weeks
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from administration import closures
from administration.closures import KINDS, Change, ClosedDay, Plan, Stale
from backoffice.manage.closure_lines import HEADINGS, Line, as_workbook, planned
from backoffice.manage.reference import ReferenceView
from backoffice.people.dry_run import sign, unsign, uploaded_rows
from backoffice.spreadsheets import BadSpreadsheet
from models import Holiday
from outputs.workbooks import MEDIA_TYPE
from rules.formats import MONTHS, ZONE, weekday_day
from rules.labels import REQUIRED, RIGHT_DATE
from web.listing import text_argument
from web.requests.uploads import send_bytes
from web.runtime import me, now
from web.translations import OfficeForm
from workflow import Conflict, InvalidInput

SHOWN_AT_MOST = 50
WEEKDAYS = (
    ("Sen", "Senin"),
    ("Sel", "Selasa"),
    ("Rab", "Rabu"),
    ("Kam", "Kamis"),
    ("Jum", "Jumat"),
    ("Sab", "Sabtu"),
    ("Min", "Minggu"),
)


class HolidayForm(OfficeForm):
    on = DateField("Tanggal", validators=[InputRequired(RIGHT_DATE)])
    title = StringField(
        "Nama",
        validators=[InputRequired(REQUIRED), Length(max=120, message="Paling banyak 120 huruf.")],
    )
    kind = SelectField("Jenis", choices=list(KINDS.items()))
    source = StringField("Sumber", validators=[Length(max=120, message="Paling banyak 120 huruf.")])

    def validate_on(self, field: DateField) -> None:
        if field.data and not closures.FIRST_YEAR <= field.data.year <= closures.LAST_YEAR:
            raise ValidationError(RIGHT_DATE)


class HolidayView(ReferenceView):
    """Every change goes through a plan: what would move is seen before it does."""

    model = Holiday
    name = "Hari Libur"
    url = "/backoffice/hari-libur"
    endpoint = "holidays"
    category = "Kelola"
    title = "Hari libur"
    form_class = HolidayForm
    edit_template = create_template = "backoffice/manage/closure_form.html"
    # `download` writes what bringing in reads.
    export = None

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        year = _year()
        days = closures.days_of(year)
        first, last = closures.years_known(now=now())
        return self.render(
            "backoffice/manage/closures.html",
            year=year,
            first=first,
            last=last,
            months=[_month(year, number, days) for number in range(1, 13)],
            weekdays=WEEKDAYS,
            counts=[
                (code, title, sum(one.kind == code for one in days))
                for code, title in KINDS.items()
            ],
            kinds=KINDS,
            suggested=_suggested(year, days) if self.may_write else [],
            is_empty=not days,
            doubt=closures.doubt_about(year, days, now=now()),
        )

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        self.writers_only()
        guess = {"on": date(_year(), 1, 1) if text_argument("tahun") else None}
        form = HolidayForm(request.form, data=guess)
        return self._form(form, None)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        self.writers_only()
        row = self.get_one(request.args.get("id", ""))
        form = HolidayForm(request.form, data=self.form_data(row))
        return self._form(form, row)

    def _form(self, form: HolidayForm, row: Holiday | None):
        if request.method == "GET" or request.form.get("back"):
            return self._form_page(form, row)
        if form.validate():
            day = ClosedDay(**form.data)
            try:
                return self._preview([Change(row.id if row else None, day)], form=form, row=row)
            except InvalidInput as refusal:
                form.on.errors = [refusal.errors["on"]]
        return self._form_page(form, row)

    @expose("/hapus/")
    def remove(self) -> ResponseReturnValue:
        self.writers_only()
        row = self.get_one(request.args.get("id", ""))
        return self._preview([Change(row.id, None)])

    @expose("/usulan/", methods=("POST",))
    def suggest(self) -> ResponseReturnValue:
        """Take in the days of a year that the library knows and the table doesn't."""
        self.writers_only()
        year = _year(request.form.get("tahun", ""))
        chosen = set(request.form.getlist("tanggal"))
        known = _suggested(year, closures.days_of(year))
        changes = [Change(None, day) for day in known if day.on.isoformat() in chosen]
        if not changes:
            flash("Pilih sedikitnya satu hari.", "warning")
            return redirect(url_for("holidays.index_view", tahun=year))
        return self._preview(changes)

    @expose("/unduh/")
    def download(self) -> ResponseReturnValue:
        """All days of the table, in the columns that bringing in expects."""
        days = Holiday.select().order_by(Holiday.on)
        return send_bytes(as_workbook(days), "hari-libur-melasti.xlsx", MEDIA_TYPE)

    @expose("/periksa/", methods=("POST",))
    def check(self) -> ResponseReturnValue:
        """The dry run of a spreadsheet: what each line would do, and what that would move."""
        self.writers_only()
        try:
            rows = uploaded_rows(HEADINGS)
        except BadSpreadsheet as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("holidays.index_view", _anchor="lembar-kerja"))
        lines, changes = planned(rows, HolidayForm)
        return self._show(closures.plan_changes(changes, now=now()), sheet=lines)

    @expose("/terapkan/", methods=("POST",))
    def carry_out(self) -> ResponseReturnValue:
        """Do what was looked at; when something else would happen now, show that first."""
        self.writers_only()
        changes = _unsign(request.form.get("plan", ""))
        if changes is None:
            flash("Pratinjau sudah kedaluwarsa. Ulangi perubahannya.", "warning")
            return redirect(url_for("holidays.index_view"))
        actor, stamp = me(), request.form.get("stamp", "")
        year = None
        try:
            plan = closures.carry_out(changes, stamp=stamp, actor=actor, now=now())
        except Stale as stale:
            return self._show(stale.plan, notice=str(stale)), 409
        except InvalidInput as refusal:
            flash(refusal.errors["on"], "warning")
        except Conflict as conflict:
            flash(f"{conflict} Belum ada yang disimpan; ulangi perubahannya.", "warning")
        else:
            flash(_outcome(plan), "success")
            year = _year_of(plan)
        return redirect(url_for("holidays.index_view", tahun=year))

    def _preview(
        self,
        changes: Sequence[Change],
        *,
        form: HolidayForm | None = None,
        row: Holiday | None = None,
    ):
        return self._show(closures.plan_changes(changes, now=now()), form=form, row=row)

    def _show(
        self,
        plan: Plan,
        *,
        form: HolidayForm | None = None,
        row: Holiday | None = None,
        notice: str = "",
        sheet: Sequence[Line] = (),
    ):
        return self.render(
            "backoffice/manage/closure_preview.html",
            plan=plan,
            lines=[_words(change, plan) for change in plan.changes],
            shown=plan.moved[:SHOWN_AT_MOST],
            token=sign("calendar", [_raw(change) for change in plan.changes]),
            form=form,
            row=row,
            notice=notice,
            sheet=sheet,
            year=_year_of(plan),
        )


# -- the year ------------------------------------------------------------------------------------


def _year(text: str = "") -> int:
    asked = text or text_argument("tahun")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else 0
    if closures.FIRST_YEAR <= year <= closures.LAST_YEAR:
        return year
    return now().astimezone(ZONE).year


def _year_of(plan: Plan) -> int | None:
    """The year of most of the days that a plan is about; the earlier one of equals."""
    days = [change.day or plan.before[change.holiday_id] for change in plan.changes]
    years = Counter(sorted(day.on.year for day in days))
    return years.most_common(1)[0][0] if years else None


def _month(year: int, number: int, days: Sequence[Holiday]) -> Mapping[str, object]:
    """A month as rows of weeks from Monday; a cell is (day or 0, its holiday or none)."""
    closed = {one.on.day: one for one in days if one.on.month == number}
    return {
        "title": MONTHS[number - 1],
        "weeks": [
            [(day, closed.get(day)) for day in week]
            for week in weeks.Calendar().monthdayscalendar(year, number)
        ],
        "days": [closed[day] for day in sorted(closed)],
    }


def _suggested(year: int, days: Collection[Holiday]) -> list[ClosedDay]:
    known = {one.on for one in days}
    return [day for day in closures.known_days([year]) if day.on not in known]


# -- a plan between two pages --------------------------------------------------------------------


def _raw(change: Change) -> list[object]:
    day = asdict(change.day) | {"on": change.day.on.isoformat()} if change.day else None
    return [change.holiday_id, day]


def _unsign(token: str) -> list[Change] | None:
    """The changes that were looked at; None for a token that is too old or not ours."""
    raw = unsign("calendar", token)
    if raw is None:
        return None
    return [
        Change(key, ClosedDay(**(day | {"on": date.fromisoformat(day["on"])})) if day else None)
        for key, day in raw
    ]


def _words(change: Change, plan: Plan) -> str:
    """One change as a sentence."""
    row = plan.before.get(change.holiday_id) if change.holiday_id else None
    if change.day is None:
        return f"Hapus {weekday_day(row.on)}: {row.title}"
    said = f"{weekday_day(change.day.on)}: {change.day.title} ({KINDS[change.day.kind].lower()})"
    if row is None:
        return f"Tambah {said}"
    return f"Ubah {weekday_day(row.on)}: {row.title} menjadi {said}"


def _outcome(plan: Plan) -> str:
    if not plan.moved:
        return "Kalender sudah disimpan. Tidak ada batas waktu yang berubah."
    return f"Kalender sudah disimpan dan batas waktu {len(plan.moved)} permohonan dihitung ulang."
