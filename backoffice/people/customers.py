"""Customers' accounts, and what is corrected in them."""

from types import MappingProxyType

from flask import flash, request, url_for
from peewee import ModelSelect
from wtforms import EmailField, SelectField, StringField
from wtforms.validators import Length, Optional

from backoffice.filters import ByCondition, filters_for
from backoffice.lists import RowLink
from backoffice.people.people import ACCOUNT_FILTERS, PeopleView, PersonForm
from config.office import office
from messages.by_hand import after_correction
from models import Request, User
from rules.statuses import OPEN_STATUSES
from rules.text import one_line
from web.access import may
from web.accounts.identity import GENDERS, is_no_site, valid_email
from web.runtime import me, now, reader
from web.translations import OfficeForm

PROVED = User.email_confirmed_at.is_null(False) | User.phone_confirmed_at.is_null(False)


def institutions() -> list[tuple[str, str]]:
    return [(code, one.title) for code, one in office().institutions.items()]


class CustomerForm(PersonForm):
    email = EmailField("Email", description="Yang baru menerima tautan bukti dahulu.")
    institution_category = SelectField("Asal Instansi", validators=[Optional()])
    institution_name = StringField("Nama Instansi", validators=[Length(max=160), is_no_site])
    gender = SelectField("Jenis Kelamin", choices=GENDERS, validators=[Optional()])
    address = StringField("Alamat Rumah", filters=[one_line], validators=[Length(max=300)])

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.institution_category.choices = [("", "Belum diketahui"), *institutions()]

    def validate_email(self, field: EmailField) -> None:
        field.data = valid_email(field.data) if field.data else ""


class CustomerView(PeopleView):
    model = User
    name = "Pelanggan"
    url = "/backoffice/pelanggan"
    endpoint = "customers"
    category = "Orang"
    lead = "Akun pelanggan yang terdaftar."
    reads = "customers"
    writes = "customers_write"
    form_class = CustomerForm
    filename = "pelanggan"
    column_list = (
        "name",
        "institution_name",
        "institution_category",
        "email",
        "phone",
        "created_at",
        "confirmed_at",
        "active",
    )
    column_folded = ("institution_category", "created_at")
    column_sortable_list = (
        ("name", User.name_key),
        "institution_name",
        "email",
        "created_at",
    )
    column_extra_row_actions = (
        RowLink(
            "Permohonan",
            lambda row: (
                url_for("queue.index", tab="semua", pelanggan=row.public_id)
                if may("requests")
                else ""
            ),
        ),
    )
    column_filters = (
        *ACCOUNT_FILTERS,
        ByCondition("Terverifikasi", (("ya", "Ya", PROVED), ("belum", "Belum", ~PROVED))),
        *filters_for(User.institution_name, "Instansi"),
        *filters_for(User.institution_category, "Asal instansi", institutions),
    )
    column_formatters = MappingProxyType({
        **PeopleView.column_formatters,
        "institution_category": lambda view, context, row, name: dict(institutions()).get(
            row.institution_category, row.institution_category
        ),
    })  # fmt: skip

    def get_query(self) -> ModelSelect:
        return User.customers_visible_to(reader())

    def ask_first(self, form: CustomerForm, row: User) -> str:
        """What closing an account means, and what goes on without it."""
        if form.active.data and row.merged_into_id:
            form.active.errors = [
                f"Akun ini sudah digabung ke akun {row.merged_into.name} dan tetap tertutup."
            ]
            return self._form_page(form, row)
        if form.active.data or not row.active or request.form.get("confirm"):
            return ""
        running = Request.select().where(
            (Request.customer == row) & Request.status.in_(OPEN_STATUSES)
        )
        return self.render(
            "backoffice/people/customer_confirm.html", form=form, row=row, running=running.count()
        )

    def write(self, form: OfficeForm, row: User) -> tuple[User, list[str]]:
        """A corrected number ends the calls about it; the latest message follows its proof."""
        saved, changed = super().write(form, row)
        if "phone" in changed and saved.phone:
            actor = me()
            if after_correction(saved, actor=actor, now=now()):
                flash(
                    "Nomor baru menerima tautan bukti; pesan terakhir menyusul.",
                    "success",
                )
        return saved, changed
