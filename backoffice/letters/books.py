"""What the agenda books of letters in and out have in common: whose they are, and their cells."""

from types import MappingProxyType

from markupsafe import Markup

from backoffice.base import SafeView
from backoffice.filters import filters_for
from models import Request
from web.runtime import runtime


def services() -> list[tuple[str, str]]:
    return [(code, offer.flow.title) for code, offer in runtime().catalogue.items()]


def card_link(request: Request) -> Markup:
    """The way to the request that a letter is about."""
    words = request.number or "Belum bernomor"
    return Markup('<a href="/backoffice/permohonan/{}">{}</a>').format(request.public_id, words)


SERVICE_FILTERS = tuple(filters_for(Request.service_code, "Layanan", services, alias="layanan"))


class BookView(SafeView):
    """An agenda book: what stands on the page is what the file holds, the first number first."""

    category = "Surat"
    reads = "letters"
    writes = "letters_write"
    column_formatters = MappingProxyType(
        {"request.number": lambda view, context, row, name: card_link(row.request)}
    )
    export_kinds = MappingProxyType({
        "request.subject": ("text", 50),
        "request.number": ("text", 24),
        "party": ("text", 40),
    })  # fmt: skip
