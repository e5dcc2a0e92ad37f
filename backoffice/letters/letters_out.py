"""The registers of letters out: every number that was given, and what became of its paper."""

from types import MappingProxyType

from flask import url_for
from markupsafe import Markup
from peewee import ModelSelect

from backoffice.letters.books import BookView, card_link
from config.office import office
from models import Document, OutgoingLetter
from outputs.workbooks import Column
from rules.formats import moment_short
from rules.services import MADE_DOCUMENTS
from search.lookup import REQUESTS
from web.listing import text_argument, with_arguments
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


class OutgoingLetterView(BookView):
    model = OutgoingLetter
    name = "Surat keluar"
    url = "/backoffice/surat-keluar"
    endpoint = "letters_out"
    title = "Buku agenda surat keluar"
    lead = "Berurutan per buku dan tahun; sebuah nomor tidak pernah dipakai ulang."
    at, at_title = OutgoingLetter.issued_at, "Terbit sejak"
    order = (OutgoingLetter.issued_at.desc(), OutgoingLetter.id.desc())
    order_ascending = (OutgoingLetter.register, OutgoingLetter.year, OutgoingLetter.seq)
    found_in = MappingProxyType({REQUESTS: OutgoingLetter.request})
    columns = (
        ("Nomor", _number),
        ("Terbit", lambda row: moment_short(row.issued_at)),
        ("Surat", lambda row: row.document.title),
        ("Kepada", _addressee),
        ("Hal", lambda row: row.request.subject),
        ("Penanda tangan", _signer),
        ("Keadaan", _state),
        ("Permohonan", lambda row: card_link(row.request)),
    )
    filename = "agenda-surat-keluar"
    book_columns = (
        Column("BUKU", 18),
        Column("NO URUT", 10, "integer"),
        Column("NOMOR SURAT", 30),
        Column("TERBIT", 18, "date"),
        Column("SURAT", 26),
        Column("KEPADA", 40),
        Column("HAL", 50),
        Column("PENANDA TANGAN", 40),
        Column("KEADAAN", 30),
        Column("NOMOR PERMINTAAN", 24),
    )

    def registers(self) -> list[tuple[str, str]]:
        return [(code, one.title) for code, one in office().letters.registers.items()]

    def kinds(self) -> list[tuple[str, str]]:
        kinds = office().letters.kinds
        return [(code, title) for code, (title, _) in MADE_DOCUMENTS.items() if code in kinds]

    def _filtered(self):
        query, chips = super()._filtered()
        for name, label, column, known in (
            ("buku", "Buku", OutgoingLetter.register, dict(self.registers())),
            ("surat", "Surat", Document.kind, dict(self.kinds())),
        ):
            wanted = text_argument(name)
            if wanted in known:
                query = query.where(column == wanted)
                chips.append((f"{label}: {known[wanted]}", with_arguments(**{name: None})))
        return query, chips

    def choices(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """The further filters of this book: (argument, label, options)."""
        return [("buku", "Buku", self.registers()), ("surat", "Surat", self.kinds())]

    def cells_of(self, row: OutgoingLetter) -> tuple[object, ...]:
        title = dict(self.registers()).get(row.register, row.register)
        return (
            title,
            row.seq,
            row.number,
            row.issued_at,
            row.document.title,
            _addressee(row),
            row.request.subject,
            _signer(row),
            _state(row),
            row.request.number or "",
        )

    def get_query(self) -> ModelSelect:
        return OutgoingLetter.visible_to(reader())
