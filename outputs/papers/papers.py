"""The printed forms: each from rows as they were when the form was ordered (see `snapshot`).

A form that the customer may open shows only what the office wrote for the customer.
"""

from collections.abc import Callable, Mapping

from models import Request
from outputs.papers.disposition import render_disposition
from outputs.papers.forms import DIGESTS, NO_NUMBER, details, digests, open_sheet
from outputs.papers.handover import render_handover
from outputs.papers.offer import render_offer
from outputs.papers.refusal import render_refusal
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Sheet, on_one_page
from rules.formats import clock_time, file_size, moment, weekday_day
from rules.labels import ORIGINS
from rules.letters import letter_words
from rules.phone import display_phone


def sample(title: str, text: str) -> bytes:
    """A one-page PDF for the demo data."""
    sheet = Sheet(title)
    sheet.heading(title)
    sheet.paragraph(text)
    return bytes(sheet.output())


# -- tanda terima ----------------------------------------------------------------------------------


def _origin(request: Request) -> str:
    origin = ORIGINS[request.channel]
    return f"{origin.title}, dicatat oleh petugas" if origin.recorded else origin.title


def _letter(seen: Snapshot) -> str:
    came = seen.incoming
    return letter_words(came.number, came.dated_on, came.sender) if came else ""


def render_receipt(seen: Snapshot) -> bytes:
    """The receipt: what was filed, when, and until when it will be done."""
    return bytes(on_one_page(lambda scale: _receipt(seen, scale), smallest=0.9).output())


def _receipt(seen: Snapshot, scale: float) -> Sheet:
    request, customer, due_at = seen.request, seen.request.customer, seen.due_at()
    sheet = open_sheet("Tanda Terima Permohonan Layanan", seen, scale=scale)
    sheet.heading(
        "Tanda Terima Permohonan Layanan",
        f"Permohonan berikut kami terima pada {moment(request.submitted_at)}.",
    )
    sheet.facts(
        [
            ("Kode permohonan", request.public_id),
            ("No permintaan layanan", request.number or NO_NUMBER),
            ("Klasifikasi layanan", seen.flow.title_of(request.subclass_code)),
            ("Perihal", request.subject),
            ("Surat permohonan", _letter(seen)),
            ("Diajukan melalui", _origin(request)),
            ("Tanggal maksimal proses", f"{weekday_day(due_at)} pukul {clock_time(due_at)}"),
        ]
    )
    sheet.section("Pemohon")
    sheet.facts(
        [
            ("Nama pelanggan", customer.name),
            ("Instansi", customer.institution_name or "Perorangan"),
            ("Email", customer.shown_email),
            ("No HP", display_phone(customer.phone)),
        ]
    )
    sheet.section("Yang diajukan")
    sheet.facts([("Deskripsi", request.description), *details(seen)])
    received = [row for row in seen.documents() if row.sha256 and row.id != seen.document.id]
    sheet.ruled(
        (5, 7, 1.8),
        [(row.title, row.filename, file_size(row.size)) for row in received],
        heads=("Dokumen", "Nama berkas", "Ukuran"),
        title="Dokumen yang diterima",
    )
    sheet.paragraph(
        "Langkah berikutnya: Admin Layanan memverifikasi permohonan Anda. Setelah diterima, nomor "
        "permintaan terbit dan kami memberi tahu Anda pada setiap tahap."
    )
    sheet.paragraph(
        "Pemohon telah menyetujui pernyataan antigratifikasi versi "
        f"{request.statement_version}. Tidak ada pembayaran kepada petugas."
    )
    sheet.endnotes(DIGESTS, digests(received))
    return sheet


RENDERERS: Mapping[str, Callable[[Snapshot], bytes]] = {
    "tanda_terima": render_receipt,
    "lembar_disposisi": render_disposition,
    "surat_penolakan": render_refusal,
    "berita_acara": render_handover,
    "penawaran": render_offer,
}
