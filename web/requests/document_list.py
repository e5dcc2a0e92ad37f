"""The documents of a request as pages list them: what each is, how large, and whether it opens."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for

from models import INFECTED, WAITING_SCAN, Document, Request
from rules.formats import file_size, moment_short
from rules.services import MADE_DOCUMENTS
from storage.file_policy import XLSX_TYPE
from web.requests.request_card import Sheet
from web.requests.uploads import SHOWN
from workflow import ATTACHMENT, Reader

# What a file is, to people; of others their name says it.
TYPE_WORDS = {
    "application/pdf": "PDF",
    XLSX_TYPE: "Excel",
    "text/csv": "CSV",
    "application/zip": "ZIP",
    "image/jpeg": "gambar",
    "image/png": "gambar",
    "image/webp": "gambar",
    "image/tiff": "gambar",
}
SCAN_WORDS = {
    WAITING_SCAN: "Menunggu pemeriksaan; belum dapat dibuka.",
    INFECTED: "Berbahaya menurut pemindai; tidak dapat dibuka. Perlu diganti.",
}


@dataclass(frozen=True)
class FileLine:
    """A document as pages list it; `url` is empty while it isn't served, and `warning` says why.

    `is_shown` when a browser shows it without saving it first.
    """

    title: str
    about: str
    meta: str
    url: str
    words: str
    is_shown: bool
    warning: str
    sha256: str = ""


def documents_of(item: Request, reader: Reader) -> tuple[list[Document], list[Document]]:
    """(newest versions, replaced ones) that this reader may see. One query."""
    found = Document.visible_to(reader).where(Document.request == item).order_by(Document.id)
    rows = list(found)
    seen = {row.id for row in rows}
    old = [row for row in rows if row.replaced_by_id in seen]
    return [row for row in rows if row not in old], old


def document_lines(rows: Iterable[Document]) -> list[FileLine]:
    return [
        FileLine(
            title=row.title,
            about=row.description,
            meta=f"{file_words(row)} · {moment_short(row.created_at)}",
            url=url_for("portal.document", public_id=row.public_id) if row.is_served else "",
            words="Buka File" if row.kind == ATTACHMENT else "Unduh",
            is_shown=row.media_type in SHOWN,
            warning=SCAN_WORDS.get(row.scan, ""),
            sha256=row.sha256 if row.is_result and not row.header_offset else "",
        )
        for row in rows
    ]


def beside_papers(sheets: Iterable[Sheet], documents: Iterable[Document]) -> list[Sheet]:
    """The history with the papers that came with it.

    A document is written in the transaction of its event, at the same instant: that ties them.
    """
    at: dict[datetime, list[Document]] = {}
    for row in documents:
        at.setdefault(row.created_at, []).append(row)
    return [replace(sheet, papers=document_lines(at.get(sheet.at, ()))) for sheet in sheets]


def file_words(row: Document) -> str:
    """`tabel.xlsx (Excel, 3,1 MB) · versi 2`; what we made ourselves by its name for downloads."""
    size = file_size(row.size) if row.size else "dibuat saat diunduh"
    name = row.download_name if row.kind in MADE_DOCUMENTS else row.filename
    kind = TYPE_WORDS.get(row.media_type.partition(";")[0], "")
    version = f" · versi {row.version}" if row.version > 1 else ""
    version += " · sudah digantikan" if row.replaced_by_id else ""
    version += " · dicabut" if row.revoked_at else ""
    return f"{name} ({', '.join(filter(None, (kind, size)))}){version}"
