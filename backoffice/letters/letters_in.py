"""The agenda book of letters in; whoever keeps it corrects what customers wrote of theirs."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from peewee import Model, ModelSelect
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from backoffice.base import Filter
from backoffice.letters.books import BookView, card_link
from models import IncomingLetter, Request
from moves.officials import today
from outputs.workbooks import Column
from rules.formats import day, moment_short
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
    at, at_title = IncomingLetter.received_at, "Diterima sejak"
    order = (IncomingLetter.year.desc(), IncomingLetter.seq.desc())
    order_ascending = (IncomingLetter.year, IncomingLetter.seq)
    found_in = MappingProxyType({REQUESTS: IncomingLetter.request})
    filters = (
        Filter(
            "surat",
            "Surat",
            (
                ("bernomor", "Bernomor", IncomingLetter.number != ""),
                ("tanpa", "Tanpa nomor", IncomingLetter.number == ""),
            ),
        ),
        Filter(
            "melalui",
            "Melalui",
            tuple((code, one.title, Request.channel == code) for code, one in ORIGINS.items()),
        ),
    )
    columns = (
        ("Agenda", lambda row: f"{row.seq}/{row.year}"),
        ("Diterima", lambda row: moment_short(row.received_at)),
        ("Dari", _sender),
        ("Nomor surat", lambda row: row.number or "-"),
        ("Tanggal surat", lambda row: day(row.dated_on) if row.dated_on else "-"),
        ("Hal", lambda row: row.request.subject),
        ("Permohonan", lambda row: card_link(row.request)),
    )
    filename = "agenda-surat-masuk"
    book_columns = (
        Column("NO AGENDA", 12),
        Column("DITERIMA", 18, "date"),
        Column("DARI", 40),
        Column("NOMOR SURAT", 28),
        Column("TANGGAL SURAT", 16, "day"),
        Column("HAL", 50),
        Column("MELALUI", 18),
        Column("NOMOR PERMINTAAN", 24),
    )

    def cells_of(self, row: IncomingLetter) -> tuple[object, ...]:
        request = row.request
        return (
            f"{row.seq}/{row.year}",
            row.received_at,
            _sender(row),
            row.number,
            row.dated_on,
            request.subject,
            ORIGINS[request.channel].title,
            request.number or "",
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
