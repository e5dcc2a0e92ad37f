"""The agenda book of letters in; whoever keeps it corrects what customers wrote of theirs."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from peewee import Model, ModelSelect
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from backoffice.filters import ByCondition, filters_for
from backoffice.letters.books import SERVICE_FILTERS, BookView
from models import IncomingLetter, Request
from moves.officials import today
from rules.inputs import BadInput, clean_value
from rules.labels import ORIGINS
from rules.services import Input
from rules.text import one_line
from search.lookup import REQUESTS
from web.runtime import now, reader
from web.translations import OfficeForm

DATE = Input("dated_on", "date", "Tanggal surat")


class LetterForm(OfficeForm):
    number = StringField(
        "Nomor surat",
        filters=[one_line],
        validators=[Length(max=100)],
        description="Seperti tertulis pada surat; kosong bila surat tidak bernomor.",
    )
    dated_on = StringField("Tanggal surat", filters=[one_line], render_kw={"type": "date"})
    sender = StringField(
        "Penanda tangan surat",
        filters=[one_line],
        validators=[Length(max=160)],
        description="Nama atau jabatan, bila bukan pemohon sendiri.",
    )

    def validate_dated_on(self, field: StringField) -> None:
        try:
            text = clean_value(DATE, field.data)
        except BadInput as problem:
            raise ValidationError(str(problem)) from None
        if text and date.fromisoformat(str(text)) > today(now()):
            raise ValidationError("Tanggal surat belum tiba. Periksa kembali tanggalnya.")


def _sender(row: IncomingLetter) -> str:
    customer = row.request.customer
    return ", ".join(filter(None, (row.sender, customer.name, customer.institution_name)))


class IncomingLetterView(BookView):
    model = IncomingLetter
    name = "Surat masuk"
    url = "/backoffice/surat-masuk"
    endpoint = "letters_in"
    title = "Buku agenda surat masuk"
    lead = "Setiap permohonan bernomor agenda sejak diajukan; tidak ada nomor yang terlompat."
    can_edit = True
    form_class = LetterForm
    filename = "agenda-surat-masuk"
    found_in = MappingProxyType({REQUESTS: IncomingLetter.request})
    column_list = (
        "seq", "received_at", "party", "number", "dated_on", "request.subject", "request.channel",
        "request.number",
    )  # fmt: skip
    column_folded = ("request.channel",)
    column_labels = MappingProxyType({
        "seq": "No agenda",
        "received_at": "Diterima",
        "party": "Dari",
        "number": "Nomor surat",
        "dated_on": "Tanggal surat",
        "request.subject": "Hal",
        "request.channel": "Melalui",
        "request.number": "Nomor permintaan",
    })  # fmt: skip
    column_formatters = MappingProxyType({
        **BookView.column_formatters,
        "seq": lambda view, context, row, name: f"{row.seq}/{row.year}",
        "party": lambda view, context, row, name: _sender(row),
        "request.channel": lambda view, context, row, name: ORIGINS[row.request.channel].title,
    })  # fmt: skip
    column_sortable_list = (
        ("seq", (IncomingLetter.year, IncomingLetter.seq)), "received_at", "number", "dated_on",
    )  # fmt: skip
    column_default_sort = ("seq", True)
    export_default_sort = ("seq", False)
    column_filters = (
        ByCondition(
            "Surat",
            (
                ("bernomor", "Bernomor", IncomingLetter.number != ""),
                ("tanpa", "Tanpa nomor", IncomingLetter.number == ""),
            ),
            alias="surat",
        ),
        *SERVICE_FILTERS,
        *filters_for(
            Request.channel,
            "Melalui",
            tuple((code, one.title) for code, one in ORIGINS.items()),
            alias="melalui",
        ),
        *filters_for(IncomingLetter.received_at, "Diterima", alias="since"),
        *filters_for(IncomingLetter.dated_on, "Tanggal surat"),
        *filters_for(IncomingLetter.sender, "Penanda tangan"),
    )

    def get_query(self) -> ModelSelect:
        return IncomingLetter.visible_to(reader())

    def form_data(self, row: IncomingLetter) -> Mapping[str, object]:
        on = row.dated_on.isoformat() if row.dated_on else ""
        return {"number": row.number, "dated_on": on, "sender": row.sender}

    def write(self, form: LetterForm, row: Model | None) -> tuple[Model, list[str]]:
        given = form.data
        before = self.form_data(row)
        changed = [name for name, value in given.items() if value != before[name]]
        row.number, row.sender = given["number"], given["sender"]
        row.dated_on = date.fromisoformat(given["dated_on"]) if given["dated_on"] else None
        row.save()
        return row, changed
