"""The customer's account: sign-up, and what follows a log-in."""

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import RegisterFormV2, current_user
from flask_security.forms import EmailValidation, email_required, unique_user_email
from wtforms import BooleanField, EmailField
from wtforms.validators import InputRequired, ValidationError

from administration.addresses import is_only_claimed
from config.office import statements
from models import NO_EMAIL, User
from portal.blueprint import portal
from rules.phone import parse_phone
from storage.database import new_public_id
from web.access import may, person_required
from web.accounts.identity import IdentityFields, can_be_mailed


def _nobodys_email(form: RegisterFormV2, field: EmailField) -> None:
    """Refuse the e-mail of an account, but for one that has it without having proved it.

    Else whoever signs up first with a stranger's e-mail would keep it from its owner.
    """
    try:
        unique_user_email(form, field)
    except ValidationError:
        if not is_only_claimed(form.existing_email_user):
            raise
        form.existing_email_user = None


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

    email = EmailField(
        "Email",
        validators=[email_required, EmailValidation(verify=True), can_be_mailed, _nobodys_email],
    )
    privacy = BooleanField(
        statements()["privacy"].text,
        validators=[InputRequired("Anda perlu menyetujui Kebijakan Privasi untuk mendaftar.")],
    )

    def __init__(self, *args: object, **kwargs: object):
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
            values["public_id"] = public_id = new_public_id()
            if User.select().where(User.email == values["email"]).exists():
                values["new_email"] = values["email"]
                values["email"] = f"{public_id}{NO_EMAIL}"
        return values


@portal.get("/setelah-masuk")
@person_required
def after_login() -> ResponseReturnValue:
    """Where a log-in leads: staff to their queue, who never has one to the first page of the post,
    customers to their draft or dashboard."""
    if current_user.is_staff:
        return redirect("/backoffice/" if may("works") else "/backoffice/beranda/")
    if key := session.get("draft"):
        return redirect(url_for("portal.new_request", formulir=key))
    return redirect(url_for("portal.dashboard"))


@portal.get("/daftar/terkirim")
def registered() -> ResponseReturnValue:
    return render_template("portal/registered.html")
