"""The registers of letters out: every number that was given, and what became of its paper."""

from types import MappingProxyType

from flask import url_for
from markupsafe import Markup
from peewee import ModelSelect

from backoffice.filters import filters_for
from backoffice.letters.books import SERVICE_FILTERS, BookView
from config.office import office
from models import Document, OutgoingLetter
from rules.formats import moment_short
from rules.services import MADE_DOCUMENTS
from search.lookup import REQUESTS
from web.runtime import reader


def _addressee(row: OutgoingLetter) -> str:
    customer = row.request.customer
    return ", ".join(filter(None, (customer.name, customer.institution_name)))


def _signer(row: OutgoingLetter) -> str:
    post = " ".join(str(row.signature.get("post", "")).split())
    return ": ".join(filter(None, (post, row.signature.get("name", "")))) or office().name


def _state(row: OutgoingLetter) -> str:
    document = row.document
    if document.revoked_at:
        return f"Dicabut {moment_short(document.revoked_at)}"
    if document.replaced_by_id:
        return "Digantikan"
    if row.signed_at:
        how = "Disegel" if row.signed_by_way == "pyhanko" else "Ditandatangani"
        return f"{how} {moment_short(row.signed_at)}"
    return "Terbit" if document.sha256 else "Menunggu dibuat atau ditandatangani"


def _number(row: OutgoingLetter) -> Markup:
    address = url_for("portal.document", public_id=row.document.public_id, lihat=1)
    return Markup('<a href="{}">{}</a>').format(address, row.number)


def _registers() -> list[tuple[str, str]]:
    return [(code, one.title) for code, one in office().letters.registers.items()]


def _kinds() -> list[tuple[str, str]]:
    kinds = office().letters.kinds
    return [(code, title) for code, (title, _) in MADE_DOCUMENTS.items() if code in kinds]


class OutgoingLetterView(BookView):
    model = OutgoingLetter
    name = "Surat keluar"
    url = "/backoffice/surat-keluar"
    endpoint = "letters_out"
    title = "Buku agenda surat keluar"
    lead = "Berurutan per buku dan tahun; sebuah nomor tidak pernah dipakai ulang."
    filename = "agenda-surat-keluar"
    found_in = MappingProxyType({REQUESTS: OutgoingLetter.request})
    column_list = (
        "number", "issued_at", "document.title", "party", "request.subject", "signer", "state",
        "request.number", "register", "seq",
    )  # fmt: skip
    column_folded = ("register", "seq")
    column_labels = MappingProxyType({
        "number": "Nomor surat",
        "issued_at": "Terbit",
        "document.title": "Surat",
        "party": "Kepada",
        "request.subject": "Hal",
        "signer": "Penanda tangan",
        "state": "Keadaan",
        "request.number": "Nomor permintaan",
        "register": "Buku",
        "seq": "No urut",
    })  # fmt: skip
    column_formatters = MappingProxyType({
        **BookView.column_formatters,
        "number": lambda view, context, row, name: _number(row),
        "party": lambda view, context, row, name: _addressee(row),
        "signer": lambda view, context, row, name: _signer(row),
        "state": lambda view, context, row, name: _state(row),
        "register": lambda view, context, row, name: dict(_registers()).get(row.register),
    })  # fmt: skip
    column_sortable_list = (
        "number",
        "issued_at",
        ("register", (OutgoingLetter.register, OutgoingLetter.year, OutgoingLetter.seq)),
    )
    column_default_sort = ("issued_at", True)
    export_default_sort = ("register", False)
    column_filters = (
        *filters_for(OutgoingLetter.register, "Buku", _registers, alias="buku"),
        *filters_for(Document.kind, "Surat", _kinds, alias="surat"),
        *SERVICE_FILTERS,
        *filters_for(OutgoingLetter.issued_at, "Terbit", alias="since"),
        *filters_for(OutgoingLetter.signed_at, "Ditandatangani"),
        *filters_for(OutgoingLetter.number, "Nomor surat"),
    )

    def get_query(self) -> ModelSelect:
        return OutgoingLetter.visible_to(reader())
