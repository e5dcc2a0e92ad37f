"""What the agenda books of letters in and out have in common: filters, the file, the paper."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from flask import abort
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from peewee import Field, Model, ModelSelect

from backoffice.base import SafeView
from models import Request
from outputs.recap.files import harmless
from outputs.workbooks import MEDIA_TYPE, Column, write_table
from rules.formats import ZONE
from web.listing import between_dates, text_argument, with_arguments
from web.requests.uploads import send_bytes
from web.runtime import now, runtime

# A book of some years; more than that is asked for by the year.
MOST_LINES = 20_000
CSV_TYPE = "text/csv; charset=utf-8"


class BookView(SafeView):
    """An agenda book: what stands on the page is what the file holds, the first number first."""

    category = "Surat"
    reads = "letters"
    writes = "letters_write"
    list_template = "backoffice/letters/book.html"
    order_ascending: Sequence[Field] = ()
    # The moment by which the days of the filter are meant, and its name.
    at: Field
    at_title = ""
    book_columns: Sequence[Column] = ()
    filename = ""

    def cells_of(self, row: Model) -> Sequence[object]:
        """The line of a letter in the file, in the order of `book_columns`."""
        raise NotImplementedError

    def choices(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Further filters of a book: (argument, label, options)."""
        return []

    def services(self) -> list[tuple[str, str]]:
        return [(code, offer.flow.title) for code, offer in runtime().catalogue.items()]

    def _filtered(self) -> tuple[ModelSelect, list[tuple[str, str]]]:
        query, chips = super()._filtered()
        services, wanted = dict(self.services()), text_argument("layanan")
        if wanted in services:
            query = query.where(Request.service_code == wanted)
            chips.append((f"Layanan: {services[wanted]}", with_arguments(layanan=None)))
        query, days = between_dates(query, self.at)
        return query, chips + days

    @expose("/unduh")
    def download(self) -> ResponseReturnValue:
        """The book as a spreadsheet, under the filters of the page."""
        kind = text_argument("jenis")
        if kind not in ("xlsx", "csv"):
            abort(404)
        query, _ = self._filtered()
        rows = query.order_by(*(term.asc() for term in self.order_ascending)).limit(MOST_LINES)
        lines = (self.cells_of(row) for row in rows)
        name = f"{self.filename}-{now().astimezone(ZONE):%Y-%m-%d}.{kind}"
        if kind == "csv":
            return send_bytes(_csv(self.book_columns, lines), name, CSV_TYPE)
        return send_bytes(write_table(self.title, self.book_columns, lines), name, MEDIA_TYPE)


def card_link(request: Request) -> Markup:
    """The way to the request that a letter is about."""
    words = request.number or "Belum bernomor"
    return Markup('<a href="/backoffice/permohonan/{}">{}</a>').format(request.public_id, words)


def _csv(columns: Sequence[Column], lines: Iterable[Sequence[object]]) -> bytes:
    """Semicolons, as an Indonesian Excel reads them, with a BOM for UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow([column.title for column in columns])
    for line in lines:
        writer.writerow([_plain(value) for value in line])
    return file.getvalue().encode("utf-8-sig")


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else harmless(str(value))
