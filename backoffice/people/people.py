"""What the lists of customers and of staff have in common."""

from collections.abc import Mapping
from types import MappingProxyType

from peewee import IntegrityError
from wtforms import BooleanField, StringField, TelField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from administration import addresses
from backoffice.base import SafeView
from backoffice.filters import filters_for
from models import LoginSession, User
from rules.formats import day
from rules.labels import REQUIRED
from rules.phone import BadPhone, parse_phone
from search.lookup import PEOPLE
from web.accounts.identity import is_name
from web.filters import shown_email, shown_phone
from web.runtime import me, now
from web.translations import OfficeForm

# Field -> the channel that it is the address of.
ADDRESSES = {"phone": "whatsapp", "email": "email"}
ACCOUNT = (("ya", "Aktif"), ("tidak", "Tidak aktif"))
ACCOUNT_FILTERS = (
    *filters_for(User.active, "Akun", ACCOUNT, alias="active"),
    *filters_for(User.created_at, "Terdaftar"),
)
TAKEN = "Email ini sudah dipakai akun lain."


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
    unique, taken_words = "email", TAKEN
    found_in = MappingProxyType({PEOPLE: User.id})
    column_default_sort = ("name", False)
    column_labels = MappingProxyType({
        "name": "Nama",
        "institution_name": "Instansi",
        "email": "Email",
        "phone": "No HP",
        "created_at": "Terdaftar",
        "confirmed_at": "Terverifikasi",
        "active": "Aktif",
        "nip": "NIP",
        "rank": "Pangkat/golongan",
        "position": "Jabatan",
        "address": "Alamat",
        "institution_category": "Asal instansi",
        "notify_by": "Pemberitahuan",
        "posts": "Pos",
        "invitation": "Undangan",
    })  # fmt: skip
    column_formatters = MappingProxyType({
        "email": lambda view, context, row, name: shown_email(row),
        "phone": lambda view, context, row, name: shown_phone(row),
        "confirmed_at": lambda view, context, row, name: (
            day(row.confirmed_at) if row.confirmed_at else "Belum"
        ),
    })  # fmt: skip

    def form_data(self, row: User) -> dict[str, object]:
        asked = {name: addresses.asked_for(row, channel) for name, channel in ADDRESSES.items()}
        return {**super().form_data(row), **asked}

    def write(self, form: OfficeForm, row: User) -> tuple[User, list[str]]:
        return write_person(row, form.data)


def write_person(person: User, given: Mapping[str, object]) -> tuple[User, list[str]]:
    """Save what is given of somebody who is there already; return the names that changed.

    Call inside a transaction. Raises IntegrityError for an e-mail of another account.
    """
    before = {name: addresses.asked_for(person, channel) for name, channel in ADDRESSES.items()}
    changed = [name for name, value in given.items()
               if before.get(name, getattr(person, name)) != value]  # fmt: skip
    for name in changed:
        if name not in ADDRESSES:
            setattr(person, name, given[name])
    person.save()
    for name in changed:
        if name in ADDRESSES:
            try:
                addresses.change(person, ADDRESSES[name], given[name], actor=me(), now=now())
            except addresses.EmailTaken:
                raise IntegrityError from None
    if "active" in changed and not person.active:
        LoginSession.delete().where(LoginSession.user == person).execute()
    return person, changed
