"""The customer's account: sign-up, and what follows a log-in."""

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import RegisterFormV2, current_user
from wtforms import BooleanField
from wtforms.validators import InputRequired

from config.office import statements
from portal.blueprint import portal
from rules.phone import parse_phone
from web.access import person_required
from web.accounts.identity import IdentityFields


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
        return values


@portal.get("/setelah-masuk")
@person_required
def after_login() -> ResponseReturnValue:
    """Where a log-in leads: staff to their queue, customers to their draft or dashboard."""
    if current_user.is_staff:
        return redirect("/backoffice/")
    return redirect(url_for("portal.new_request" if session.get("draft") else "portal.dashboard"))


@portal.get("/daftar/terkirim")
def registered() -> ResponseReturnValue:
    return render_template("portal/registered.html")
