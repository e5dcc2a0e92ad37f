"""What a customer may change about the own account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import verify_password
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from administration.addresses import asked_for, change
from models import Event, User
from portal.blueprint import portal
from portal.channels import notification_choice_of
from rules.labels import REQUIRED
from rules.phone import display_phone, parse_phone
from storage.database import database
from web.access import customer_required
from web.accounts.identity import IdentityFields, valid_email
from web.accounts.limits import is_past_limit, is_within_limit, patience
from web.runtime import me, now

ADDRESSES = {"email": "email", "phone": "whatsapp"}
NEEDS_PASSWORD = "Isi kata sandi Anda untuk mengubah email atau no HP."
SENT = (
    "Tautan bukti sudah dikirim ke alamat yang baru. Sampai Anda membukanya dan menekan tombolnya, "
    "alamat yang lama tetap dipakai."
)
TOO_OFTEN = "Email atau no HP sudah beberapa kali diubah hari ini."
CHANGES_PER_DAY, DAY = 5, 24 * 3600


class ProfileForm(IdentityFields, FlaskForm):
    """What a customer may change about the own account; how to be reached with the password."""

    email = EmailField("Email", validators=[InputRequired(REQUIRED)])
    password = PasswordField("Kata sandi sekarang")

    def validate_email(self, field: EmailField) -> None:
        field.data = valid_email(field.data or "")

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.fill_choices()


@portal.route("/profil", methods=["GET", "POST"])
@customer_required
def profile() -> ResponseReturnValue:
    person = me()
    form = ProfileForm(obj=person)
    if form.validate_on_submit() and _may_change(form, person):
        _save_profile(form, person)
        flash("Profil Anda sudah disimpan.", "success")
        return redirect(url_for("portal.profile"))
    if not form.is_submitted():
        form.phone.data = display_phone(asked_for(person, "whatsapp"))
        form.email.data = asked_for(person, "email")
    page = render_template(
        "portal/profile.html", form=form, notification=notification_choice_of(person)
    )
    return page, 429 if is_past_limit() else 422 if form.errors else 200


def _given_addresses(form: ProfileForm, person: User) -> dict[str, str]:
    """Field -> the address that is typed there, of those that differ from what was asked for."""
    typed = {
        "email": form.email.data,
        "phone": parse_phone(form.phone.data, form.phone_region.data),
    }
    return {
        name: address
        for name, address in typed.items()
        if address != asked_for(person, ADDRESSES[name])
    }


def _may_change(form: ProfileForm, person: User) -> bool:
    """Whether the password stands beside another address: a screen left open is not enough."""
    if not _given_addresses(form, person):
        return True
    if not is_within_limit("address", person.public_id, times=CHANGES_PER_DAY, seconds=DAY):
        form.form_errors = [patience(TOO_OFTEN)]
        return False
    if verify_password(form.password.data or "", person.password):
        return True
    form.password.errors = ["Kata sandi salah." if form.password.data else NEEDS_PASSWORD]
    return False


def _save_profile(form: ProfileForm, person: User) -> None:
    names = (
        "name",
        "institution_category",
        "institution_name",
        "gender",
        "address",
        "newsletter",
    )
    user, addresses = User.get_by_id(person.id), _given_addresses(form, person)
    changed = [name for name in names if getattr(user, name) != form[name].data]
    with database.atomic():
        for name in changed:
            setattr(user, name, form[name].data)
        user.save()
        for name, address in addresses.items():
            change(user, ADDRESSES[name], address, actor=user, now=now())
        if fields := [*changed, *addresses]:
            Event.record("profile_changed", at=now(), actor=user, data={"fields": fields})
    if addresses:
        flash(SENT, "info")
