"""What the lists of customers and of staff have in common."""

from types import MappingProxyType

from peewee import Model
from wtforms import BooleanField, StringField, TelField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from backoffice.base import Filter, SafeView
from models import LoginSession, User
from rules.labels import REQUIRED
from rules.phone import BadPhone, parse_phone
from search.lookup import PEOPLE
from web.accounts.identity import is_name
from web.translations import OfficeForm


def yes_no(value: object) -> str:
    return "Ya" if value else "Tidak"


class PersonForm(OfficeForm):
    """What is common to customers and staff."""

    name = StringField(
        "Nama",
        validators=[InputRequired(REQUIRED), DataRequired(REQUIRED), Length(max=120), is_name],
    )
    phone = TelField("No HP")
    active = BooleanField("Akun aktif", default=True)

    def validate_phone(self, field: TelField) -> None:
        if not field.data:
            return
        try:
            field.data = parse_phone(field.data)
        except BadPhone as refusal:
            raise ValidationError(str(refusal)) from None


class PeopleView(SafeView):
    """Accounts; a deactivated one is logged out everywhere at once."""

    can_edit = True
    found_in = MappingProxyType({PEOPLE: User.id})
    order = User.name_order()
    filters = (
        Filter(
            "active",
            "Akun",
            (("ya", "Aktif", User.active), ("tidak", "Tidak aktif", ~User.active)),
        ),
    )

    def write(self, form: OfficeForm, row: Model | None) -> tuple[Model, list[str]]:
        saved, changed = super().write(form, row)
        if "active" in changed and not saved.active:
            LoginSession.delete().where(LoginSession.user == saved).execute()
        return saved, changed
