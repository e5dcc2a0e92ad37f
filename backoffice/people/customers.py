"""Customers' accounts, and what is corrected in them."""

from flask import flash, request
from peewee import ModelSelect
from wtforms import EmailField, StringField
from wtforms.validators import Length

from backoffice.people.people import PeopleView, PersonForm, yes_no
from messages.by_hand import after_correction
from models import Request, User
from rules.formats import day
from rules.statuses import OPEN_STATUSES
from web.accounts.identity import is_no_site, valid_email
from web.filters import shown_email, shown_phone
from web.runtime import me, now, reader
from web.translations import OfficeForm


class CustomerForm(PersonForm):
    email = EmailField("Email", description="Yang baru menerima tautan bukti dahulu.")
    institution_name = StringField("Nama Instansi", validators=[Length(max=160), is_no_site])

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
    columns = (
        ("Nama", lambda user: user.name),
        ("Instansi", lambda user: user.institution_name or "-"),
        ("Email", lambda user: shown_email(user) or "-"),
        ("No HP", lambda user: shown_phone(user) or "-"),
        ("Terverifikasi", lambda user: day(user.confirmed_at) if user.confirmed_at else "Belum"),
        ("Aktif", lambda user: yes_no(user.active)),
    )

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
