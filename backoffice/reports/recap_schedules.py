"""Recaps that are sent on a day of every month: which there are, a new one, and their end."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from backoffice.base import StaffView
from config.office import office
from models import RecapSchedule, Role, RoleHolding, User
from moves.officials import today
from outputs.recap import schedules
from outputs.recap.choice import BY_FILING, DATES, Choice
from outputs.recap.order import stage_titles
from rules.formats import day
from rules.periods import PRESETS
from web.access import may
from web.runtime import now, reader, runtime
from web.translations import OfficeForm
from workflow import Refused

FORMATS = {"xlsx": "Excel", "pdf": "PDF", "csv": "CSV"}


class ScheduleForm(OfficeForm):
    title = StringField(
        "Nama",
        default="Rekap bulanan",
        validators=[InputRequired("Beri nama rekap ini."), Length(max=60)],
    )
    period = SelectField("Periode", choices=list(PRESETS.items()), default="bulan-lalu")
    by = SelectField("Menurut", choices=list(DATES.items()), default=BY_FILING)
    service = SelectField("Layanan")
    format = SelectField("Bentuk", choices=list(FORMATS.items()))
    day_of_month = SelectField(
        "Tanggal kirim",
        choices=[(str(number), f"Tanggal {number}") for number in schedules.DAYS],
        default="1",
        description="Dikirim setiap bulan pada tanggal ini.",
    )
    recipients = SelectMultipleField(
        "Penerima",
        validators=[InputRequired("Pilih paling sedikit satu penerima.")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="Masing-masing menerima tautan ke berkas yang hanya terbuka setelah masuk.",
    )

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        catalogue = runtime().catalogue
        self.service.choices = [("", "Semua"), *((c, o.flow.title) for c, o in catalogue.items())]
        self.people = {person.public_id: person for person in able_people()}
        self.recipients.choices = [(code, one.name) for code, one in self.people.items()]

    def asked(self) -> schedules.Wanted:
        """What the form says; call after it validated."""
        given = {name: [self[name].data] for name in ("period", "by", "service")}
        return schedules.Wanted(
            " ".join(self.title.data.split()),
            self.format.data,
            int(self.day_of_month.data),
            Choice.read(given, runtime().catalogue.keys()),
            [self.people[code] for code in self.recipients.data],
        )


def able_people() -> list[User]:
    """Those in service whose own posts read the recap, by name. One query."""
    posts = sorted(office().posts_that_may("recap"))
    held = RoleHolding.select(RoleHolding.user).join(Role).where(Role.name.in_(posts))
    people = User.select().where(User.id.in_(held) & User.in_service())
    return list(people.order_by(*User.name_order()))


class RecapScheduleView(StaffView):
    """For who reads the recap; changed by who also shares with colleagues."""

    name = "Rekap terjadwal"
    url = "/backoffice/rekap/jadwal"
    endpoint = "recap_schedules"
    in_menu = False
    reads = "recap"

    @property
    def may_write(self) -> bool:
        return may("recap") and may("shares")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> ResponseReturnValue:
        form = ScheduleForm()
        if request.method == "POST":
            self.writers_only()
            if form.validate() and (made := self._made(form)):
                on = schedules.next_day(made, today(now()))
                flash(f"“{made.title}” dikirim mulai {day(on)}.", "success")
                return redirect(url_for("recap_schedules.index"))
        return self._page(form), 422 if form.errors or form.form_errors else 200

    def _made(self, form: ScheduleForm) -> RecapSchedule | None:
        try:
            return schedules.create(form.asked(), reader=reader())
        except Refused as refusal:
            form.form_errors = [str(refusal)]
            return None

    @expose("/<public_id>/akhiri", methods=("POST",))
    def end(self, public_id: str) -> ResponseReturnValue:
        self.writers_only()
        row = RecapSchedule.get_or_none(RecapSchedule.public_id == public_id) or abort(404)
        if schedules.end(row, reader=reader()):
            flash(f"“{row.title}” tidak dikirim lagi.", "success")
        else:
            flash("Jadwal ini sudah diakhiri.", "error")
        return redirect(url_for("recap_schedules.index"))

    def _page(self, form: ScheduleForm) -> str:
        rows, on = schedules.running(), today(now())
        ids = {key for row in rows for key in row.recipients}
        people = User.select(User.id, User.name).where(User.id.in_(sorted(ids) or [0]))
        names = dict(people.order_by(*User.name_order()).tuples())
        flows = [offer.flow for offer in runtime().catalogue.values()]
        words = {flow.code: flow.title for flow in flows} | stage_titles(flows)
        return self.render(
            "backoffice/reports/recap_schedules.html",
            form=form,
            may_write=self.may_write,
            rows=[
                {
                    "row": row,
                    "next": schedules.next_day(row, on),
                    "format": FORMATS[row.format],
                    "who": [name for key, name in names.items() if key in row.recipients],
                    "what": _what(Choice.from_text(row.arguments), words),
                }
                for row in rows
            ],
        )


def _what(choice: Choice, words: dict[str, str]) -> str:
    """`Bulan lalu, menurut tanggal selesai; Layanan: …`"""
    said = [PRESETS.get(choice.period, choice.period)]
    if choice.by != BY_FILING:
        said.append(f"menurut {DATES[choice.by].lower()}")
    if choice.service:
        said.append(words.get(choice.service, choice.service))
    return ", ".join(said)
