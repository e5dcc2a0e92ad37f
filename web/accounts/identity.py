"""The fields of a customer's identity: at sign-up, in the profile, and at the counter."""

from flask import current_app
from wtforms import BooleanField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from config.office import office, statements
from messages.health import why_not_mailed
from rules.email_addresses import email_key
from rules.labels import BAD_EMAIL, REQUIRED
from rules.names import name_problem, site_problem
from rules.phone import BadPhone, parse_phone
from rules.text import one_line

GENDERS = (("", "Pilih"), ("L", "Laki-laki"), ("P", "Perempuan"))
PHONE_REGIONS = (
    ("ID", "Indonesia (+62)"),
    ("AU", "Australia (+61)"),
    ("BN", "Brunei (+673)"),
    ("JP", "Jepang (+81)"),
    ("MY", "Malaysia (+60)"),
    ("NL", "Belanda (+31)"),
    ("PH", "Filipina (+63)"),
    ("SG", "Singapura (+65)"),
    ("TH", "Thailand (+66)"),
    ("TL", "Timor-Leste (+670)"),
    ("US", "Amerika Serikat (+1)"),
)


def _length(longest: int) -> Length:
    return Length(max=longest, message=f"Paling banyak {longest} huruf.")


def is_name(form: object, field: StringField) -> None:
    if problem := name_problem(field.data or ""):
        raise ValidationError(problem)


def is_no_site(form: object, field: StringField) -> None:
    if problem := site_problem(field.data or ""):
        raise ValidationError(problem)


def valid_email(text: str) -> str:
    """The same rule as at sign-up, so that one can also log in by it."""
    try:
        found = current_app.extensions["security"].mail_util.validate(text)
    except ValueError:
        raise ValidationError(BAD_EMAIL) from None
    refuse_unmailed(found)
    return found


def refuse_unmailed(email: str) -> None:
    """What our mail server can't take is told at once, not by a message that never comes."""
    if why := why_not_mailed(email):
        raise ValidationError(why)


def can_be_mailed(form: object, field: StringField) -> None:
    refuse_unmailed(email_key(field.data or ""))


class IdentityFields:
    """The fields of a customer's identity, shared by sign-up and profile."""

    name = StringField(
        "Name", filters=[one_line], validators=[InputRequired(REQUIRED), _length(120), is_name]
    )
    institution_category = SelectField("Asal Instansi", validators=[InputRequired(REQUIRED)])
    institution_name = StringField(
        "Nama Instansi", filters=[one_line], validators=[_length(160), is_no_site]
    )
    phone_region = SelectField("Kode negara", choices=PHONE_REGIONS, default="ID")
    phone = TelField("No HP", filters=[one_line], validators=[InputRequired(REQUIRED)])
    gender = SelectField("Jenis Kelamin", choices=GENDERS, validators=[InputRequired(REQUIRED)])
    address = StringField("Alamat Rumah", filters=[one_line], validators=[Optional(), _length(300)])
    newsletter = BooleanField(statements()["newsletter"].text)

    def fill_choices(self) -> None:
        institutions = office().institutions.values()
        self.institution_category.choices = [
            ("", "Pilih"),
            *((institution.code, institution.title) for institution in institutions),
        ]

    def validate_institution_name(self, field: StringField) -> None:
        institution = office().institutions.get(self.institution_category.data or "")
        if institution and institution.needs_name and not field.data:
            raise ValidationError(REQUIRED)

    def validate_phone(self, field: TelField) -> None:
        try:
            parse_phone(field.data or "", self.phone_region.data or "ID")
        except BadPhone as refusal:
            raise ValidationError(str(refusal)) from None
