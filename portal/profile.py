"""What a customer may change about the own account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf import FlaskForm

from models import Event, User
from portal.blueprint import portal
from portal.channels import notification_choice_of
from rules.phone import display_phone, parse_phone
from storage.database import database
from web.access import customer_required
from web.accounts.identity import IdentityFields
from web.runtime import now


class ProfileForm(IdentityFields, FlaskForm):
    """What a customer may change about the own account."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.fill_choices()


@portal.route("/profil", methods=["GET", "POST"])
@customer_required
def profile() -> ResponseReturnValue:
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
