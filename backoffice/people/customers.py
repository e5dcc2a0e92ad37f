"""Customers' accounts, and what is corrected in them."""

from flask import flash, request
from peewee import Model, ModelSelect
from wtforms import StringField
from wtforms.validators import Length

from backoffice.people.people import PeopleView, PersonForm, yes_no
from messages.by_hand import after_correction
from models import Request, User
from rules.formats import day
from rules.phone import display_phone
from rules.statuses import OPEN_STATUSES
from web.runtime import me, now, reader
from web.translations import OfficeForm


class CustomerForm(PersonForm):
    institution_name = StringField("Nama Instansi", validators=[Length(max=160)])


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
        ("Email", lambda user: user.shown_email or "-"),
        ("No HP", lambda user: display_phone(user.phone) or "-"),
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

    def write(self, form: OfficeForm, row: Model | None) -> tuple[Model, list[str]]:
        """A corrected number ends the calls about it; the latest message goes there at once."""
        saved, changed = super().write(form, row)
        if "phone" in changed and saved.phone:
            actor = me()
            if after_correction(saved, actor=actor, now=now()):
                flash("Pesan terakhir dikirim ulang ke nomor baru.", "success")
        return saved, changed
