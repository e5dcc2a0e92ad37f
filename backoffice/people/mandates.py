"""Acting officials: who stands in for whom, by which letter, from when until when."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import ModelSelect
from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from administration import absences, appointments
from administration.appointments import (
    Appointment,
    may_appoint,
    may_appoint_for,
    posts_to_name_for,
    state_of,
    title_of,
)
from backoffice.base import StaffView
from config.office import office
from models import Mandate, User
from moves.officials import today
from rules.labels import PICK_ONE, RIGHT_DATE
from rules.rights import PLH, PLT
from web.errors import flashed_refusal
from web.listing import date_argument, list_page, text_argument
from web.runtime import me, now, runtime
from web.translations import OfficeForm
from workflow import InvalidInput

REPLACES = {PLH: "Berhalangan – ditunjuk Plh.", PLT: "Pos kosong – ditunjuk Plt."}


class MandateForm(OfficeForm):
    replaced = SelectField("Yang digantikan", validators=[InputRequired(PICK_ONE)])
    acting = SelectField("Pelaksana", validators=[InputRequired(PICK_ONE)])
    letter = StringField(
        "Nomor surat penunjukan",
        validators=[
            InputRequired("Isi nomor surat penunjukan."),
            Length(max=80, message="Paling banyak 80 huruf."),
        ],
    )
    from_on = DateField("Mulai tanggal", validators=[InputRequired(RIGHT_DATE)])
    until_on = DateField("Sampai tanggal", validators=[InputRequired(RIGHT_DATE)])
    services = SelectMultipleField(
        "Layanan yang dicakup",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, by: User, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        held, vacant = appointments.replaceable(by)
        titles = office().posts
        self.officials = {f"{role}:{person.public_id}": (role, person) for role, person in held}
        self.officials |= {role: (role, None) for role in vacant}
        self.replaced.choices = {
            "": [("", "Pilih …")],
            REPLACES[PLT]: [(role, titles[role]) for role in vacant],
            REPLACES[PLH]: [
                (f"{role}:{person.public_id}", f"{titles[role]} – {person.name}")
                for role, person in held
            ],
        }
        able = appointments.eligible(by)
        self.people = {person.public_id: person for person, _ in able}
        self.acting.choices = [("", "Pilih …")] + [
            (person.public_id, f"{person.name} – {', '.join(posts)}") for person, posts in able
        ]
        self.services.choices = [
            (code, offer.flow.title) for code, offer in runtime().catalogue.items()
        ]

    def asked(self) -> Appointment:
        """What the form says; call after it validated."""
        role, absent = self.officials[self.replaced.data]
        chosen = set(self.services.data or ())
        every = {code for code, _ in self.services.choices}
        return Appointment(
            role,
            absent,
            self.people[self.acting.data],
            self.letter.data,
            self.from_on.data,
            self.until_on.data,
            () if chosen == every else tuple(sorted(chosen)),
        )


class MandateView(StaffView):
    """Of all posts for who names acting officials, of the own one for who may name that.

    Others only read.
    """

    name = "Plh./Plt."
    url = "/backoffice/mandat"
    endpoint = "mandates"
    category = "Orang"
    reads = "mandates"

    @property
    def may_write(self) -> bool:
        return may_appoint(me()) or bool(posts_to_name_for(me()))

    @expose("/")
    def index(self) -> ResponseReturnValue:
        at = now()
        living = list(_living(at).order_by(Mandate.from_on, Mandate.id))
        past = list_page(
            _past(at),
            sorts={"": (Mandate.until_on.desc(), Mandate.id.desc())},
            default_sort="",
            per_page=20,
        )
        return self.render(
            "backoffice/people/mandates.html",
            running=[_row(m) for m in living if state_of(m, at) == appointments.RUNNING],
            coming=[_row(m) for m in living if state_of(m, at) == appointments.COMING],
            past=[_row(m) for m in past.rows],
            page=past,
            vacancies=appointments.vacancies(at),
            uncovered=[_proposal(one, at) for one in absences.uncovered(at)],
            may_write=may_appoint(me()),
            may_name_own=self.may_write,
        )

    @expose("/baru", methods=("GET", "POST"))
    def create(self) -> ResponseReturnValue:
        """The form, then what it will do, and only then the mandate."""
        self.writers_only()
        at = now()
        form = MandateForm(me(), request.form)
        if request.method == "GET":
            form.process(data=_first_guess(at, form))
        if request.method == "GET" or request.form.get("back"):
            return self._form(form)
        if not form.validate():
            return self._form(form), 422
        asked = form.asked()
        try:
            if not request.form.get("confirm"):
                appointments.examine(asked, by=me(), now=at)
                return self._preview(form, asked, at)
            made = appointments.appoint(asked, actor=me(), now=at)
        except InvalidInput as refusal:
            for name, sentence in refusal.errors.items():
                form[name].errors = [*form[name].errors, sentence]
            return self._form(form), 422
        flash(
            f"{title_of(made)} sudah ditetapkan: {asked.acting.name}. "
            "Pelaksana, pejabat yang digantikan, dan pengawas diberi tahu.",
            "success",
        )
        return redirect(url_for("mandates.index"))

    @expose("/<public_id>/akhiri", methods=("GET", "POST"))
    def end(self, public_id: str) -> ResponseReturnValue:
        self.writers_only()
        at = now()
        mandate = Mandate.with_people().where(Mandate.public_id == public_id[:26]).first() or abort(
            404
        )
        if not may_appoint_for(me(), mandate.role_code, mandate.absent):
            abort(403)
        if request.method == "POST":
            with flashed_refusal("warning"):
                appointments.revoke(mandate, actor=me(), now=at)
                flash(
                    f"Mandat {title_of(mandate)} sudah diakhiri. Keduanya diberi tahu.", "success"
                )
            return redirect(url_for("mandates.index"))
        if state_of(mandate, at) == appointments.PAST:
            flash("Mandat ini sudah berakhir.", "warning")
            return redirect(url_for("mandates.index"))
        work = appointments.moving_work(mandate.role_code, mandate.absent_id, mandate.services)
        return self.render(
            "backoffice/people/mandate_end.html",
            row=_row(mandate),
            is_running=state_of(mandate, at) == appointments.RUNNING,
            waiting=work.count(),
        )

    def _form(self, form: MandateForm):
        return self.render(
            "backoffice/people/mandate_form.html",
            form=form,
            is_own=not may_appoint(me()),
            letter_hint=office().mandate_letter.hint,
        )

    def _preview(self, form: MandateForm, asked: Appointment, at: datetime):
        absent_id = asked.absent.id if asked.absent else None
        work = appointments.moving_work(asked.role, absent_id, asked.services)
        return self.render(
            "backoffice/people/mandate_preview.html",
            form=form,
            asked=asked,
            scope=_scope(asked.services),
            waiting=work.count(),
            starts_later=asked.from_on > today(at),
        )


def _first_guess(at: datetime, form: MandateForm) -> Mapping[str, object]:
    """A vacancy's button names its post; who can only name the own has no choice."""
    only = next(iter(form.officials)) if len(form.officials) == 1 else ""
    first, last = date_argument("mulai"), date_argument("sampai")
    return {
        "replaced": text_argument("pos") or only,
        "from_on": first or today(at),
        "until_on": last,
    }


def _proposal(one: absences.Uncovered, at: datetime) -> Mapping[str, object]:
    """A post that is left without anybody, and the form that names its Plh., half filled."""
    row = one.absence
    first = max(row.from_on, today(at))
    pos = f"{one.role}:{row.user.public_id}"
    address = url_for("mandates.create", pos=pos, mulai=first, sampai=row.until_on)
    words = absences.words_of(row, today(at))
    is_able = may_appoint_for(me(), one.role, row.user)
    return {"title": one.title, "name": row.user.name, "words": words,
            "url": address if is_able else ""}  # fmt: skip


def _living(at: datetime) -> ModelSelect:
    return Mandate.with_people().where(
        Mandate.revoked_at.is_null() & (Mandate.until_on >= today(at))
    )


def _past(at: datetime) -> ModelSelect:
    return Mandate.with_people().where(
        Mandate.revoked_at.is_null(False) | (Mandate.until_on < today(at))
    )


def _scope(services: Iterable[str]) -> str:
    catalogue = runtime().catalogue
    titles = [catalogue[code].flow.title for code in services if code in catalogue]
    return ", ".join(titles) or "Semua layanan"


def _row(mandate: Mandate) -> Mapping[str, object]:
    return {
        "mandate": mandate,
        "title": title_of(mandate),
        "absent": mandate.absent.name if mandate.absent else "pos kosong",
        "acting": mandate.acting.name,
        "scope": _scope(mandate.services),
        "url": url_for("mandates.end", public_id=mandate.public_id),
        "may_end": may_appoint_for(me(), mandate.role_code, mandate.absent),
    }
