"""Who is away when: told by each person, or for them by who keeps the accounts of the office."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from administration import absences
from backoffice.base import ANY_POST, StaffView
from models import Absence, User
from moves.officials import today
from rules.labels import ABSENCES, ABSENCES_TOLD, PICK_ONE, RIGHT_DATE
from web.access import may
from web.runtime import me, now
from web.translations import OfficeForm
from workflow import InvalidInput


class AbsenceForm(OfficeForm):
    person = SelectField("Petugas", validators=[InputRequired(PICK_ONE)])
    kind = SelectField("Sebab", choices=list(ABSENCES.items()))
    from_on = DateField("Mulai tanggal", validators=[InputRequired(RIGHT_DATE)])
    until_on = DateField("Sampai tanggal", validators=[InputRequired(RIGHT_DATE)])

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        people = [me()]
        if may("staff_write"):
            people = list(User.select().where(User.in_service()).order_by(*User.name_order()))
        self.people = {person.public_id: person for person in people}
        self.person.choices = [(code, person.name) for code, person in self.people.items()]


class AbsenceView(StaffView):
    """Everybody reads it; each writes the own, and who may write accounts everybody's."""

    name = "Cuti"
    url = "/backoffice/berhalangan"
    endpoint = "absences"
    category = "Orang"
    reads = ANY_POST

    @expose("/", methods=("GET", "POST"))
    def index(self) -> ResponseReturnValue:
        form = AbsenceForm(data=None if request.method == "POST" else {"person": me().public_id})
        if request.method == "POST" and form.validate():
            try:
                person, at = form.people[form.person.data], now()
                days = (form.from_on.data, form.until_on.data)
                absences.note(person, form.kind.data, *days, by=me(), now=at)
            except InvalidInput as refusal:
                for name, sentence in refusal.errors.items():
                    form[name].errors = [*form[name].errors, sentence]
            else:
                flash(f"{person.name}: {ABSENCES[form.kind.data].lower()} dicatat.", "success")
                return redirect(url_for("absences.index"))
        on = today(now())
        rows = [(row, self._cause(row), self._may_end(row)) for row in Absence.since(on)]
        status = 422 if form.errors else 200
        return self.render("backoffice/people/absences.html", form=form, rows=rows), status

    @expose("/<public_id>/batal", methods=("POST",))
    def revoke(self, public_id: str) -> ResponseReturnValue:
        row = Absence.get_or_none(Absence.public_id == public_id[:26])
        if row is None or not self._may_end(row):
            abort(404)
        if absences.revoke(row, by=me(), now=now()):
            flash("Catatan ini dibatalkan.", "success")
        return redirect(url_for("absences.index"))

    def _cause(self, row: Absence) -> str:
        """In full for whom it is about and who keeps the accounts alone."""
        return (ABSENCES if self._may_end(row) else ABSENCES_TOLD)[row.kind]

    @staticmethod
    def _may_end(row: Absence) -> bool:
        return row.user_id == me().id or may("staff_write")
