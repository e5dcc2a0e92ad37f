"""The customer's account: sign-up, profile, own history, and what follows a log-in."""

from flask import abort, flash, redirect, render_template, session, url_for
from flask_security import RegisterFormV2, current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired

from config.office import statements
from messages.compose import compose
from models import Event, Message, User
from portal.blueprint import portal
from portal.channels import notification_choice_of
from rules import events
from rules.labels import CHANNELS
from rules.phone import display_phone, parse_phone
from storage.database import database
from web.access import customer_required, person_required
from web.accounts.identity import IdentityFields
from web.listing import list_page
from web.runtime import now, runtime

EVENT_WORDS = {
    "account_registered": "Mendaftar akun",
    "account_verified": "Memverifikasi akun",
    "logged_in": "Masuk",
    "logged_out": "Keluar",
    "password_changed": "Mengubah kata sandi",
    "profile_changed": "Mengubah profil",
    "submitted": "Mengajukan permohonan",
    "stage_completed": "Menyelesaikan tahap",
    "result_downloaded": "Mengunduh dokumen hasil",
    "channel_chosen": "Memilih cara pemberitahuan",
    "message_written": "Menulis pesan",
}


class SignUpForm(IdentityFields, RegisterFormV2):
    """Flask-Security's form with the fields of the manual, in the manual's order."""

    ORDER = (
        "name",
        "institution_category",
        "institution_name",
        "phone_region",
        "phone",
        "gender",
        "address",
        "email",
        "password",
        "privacy",
        "newsletter",
    )

    privacy = BooleanField(
        statements()["privacy"].text,
        validators=[InputRequired("Anda perlu menyetujui Kebijakan Privasi untuk mendaftar.")],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fill_choices()
        # The fields of the parent were made first; the summary of errors follows the page.
        rest = [name for name in self._fields if name not in self.ORDER]
        self._fields = {name: self._fields[name] for name in (*self.ORDER, *rest)}

    def to_dict(self, only_user: bool) -> dict[str, object]:
        values = super().to_dict(only_user)
        if only_user:
            values["phone"] = parse_phone(self.phone.data, self.phone_region.data)
            values["privacy_version"] = statements()["privacy"].version
        return values


class ProfileForm(IdentityFields, FlaskForm):
    """What a customer may change about the own account."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fill_choices()


@portal.get("/setelah-masuk")
@person_required
def after_login():
    """Where a log-in leads: staff to their queue, customers to their draft or dashboard."""
    if current_user.is_staff:
        return redirect("/backoffice/")
    return redirect(url_for("portal.new_request" if session.get("draft") else "portal.dashboard"))


@portal.get("/daftar/terkirim")
def registered():
    return render_template("portal/registered.html")


@portal.route("/profil", methods=["GET", "POST"])
@customer_required
def profile():
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        _save_profile(form)
        flash("Profil Anda sudah disimpan.", "success")
        return redirect(url_for("portal.profile"))
    if not form.is_submitted():
        form.phone.data = display_phone(current_user.phone)
    return render_template(
        "portal/profile.html", form=form, notification=notification_choice_of(current_user)
    ), 422 if form.errors else 200


def _save_profile(form: ProfileForm) -> None:
    names = (
        "name",
        "institution_category",
        "institution_name",
        "phone",
        "gender",
        "address",
        "newsletter",
    )
    given = {name: form[name].data for name in names} | {
        "phone": parse_phone(form.phone.data, form.phone_region.data)
    }
    user = User.get_by_id(current_user.id)
    changed = [name for name in names if getattr(user, name) != given[name]]
    with database.atomic():
        for name in changed:
            setattr(user, name, given[name])
        if changed:
            user.save()
            Event.record("profile_changed", at=now(), actor=user, data={"fields": changed})


@portal.get("/profil/riwayat")
@customer_required
def history():
    """The customer's own activity."""
    query = Event.select().where(Event.actor == current_user.id)
    page = list_page(
        query, sorts={"-at": (Event.at.desc(), Event.id.desc())}, default_sort="-at", per_page=20
    )
    words = events.WORDS | EVENT_WORDS
    rows = [(event.at, words.get(event.kind, event.kind)) for event in page.rows]
    return render_template("portal/history.html", page=page, rows=rows)


@portal.get("/demo/pesan")
def demo_messages():
    """In demo mode only: the messages that were sent, so that a newcomer can follow the links."""
    settings = runtime().settings
    if not settings.is_demo:
        abort(404)
    page = list_page(
        Message.select(),
        sorts={"-at": (Message.created_at.desc(), Message.id.desc())},
        default_sort="-at",
        per_page=20,
    )
    rows = [
        (
            message,
            compose(message, runtime().message_templates),
            message.variables.get("tautan", ""),
        )
        for message in page.rows
    ]
    return render_template("portal/demo_messages.html", page=page, rows=rows, channels=CHANNELS)
