"""The deed of handing over: who gave what to whom, with the digest of each file."""

from config.office import office
from models import Document
from outputs.page import spaced_code
from outputs.papers.forms import (
    DIGESTS,
    digests,
    official,
    open_sheet,
    reference,
    shown,
    titles_of,
)
from outputs.papers.signatories import post_of
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Line, Sheet, Signature, on_one_page
from rules.formats import clock_time, file_size, local
from rules.nip import display_nip
from rules.numerals import date_words
from rules.phone import display_phone


def render_handover(seen: Snapshot) -> bytes:
    return bytes(on_one_page(lambda scale: _deed(seen, scale), smallest=0.75).output())


def _deed(seen: Snapshot, scale: float) -> Sheet:
    record, customer = seen.order, seen.request.customer
    at = record.event.at
    sheet = open_sheet("Berita Acara Serah Terima", seen, scale=scale)
    sheet.heading("Berita Acara Serah Terima", reference(seen))
    sheet.paragraph(
        f"Pada hari ini, {date_words(at)} ({local(at):%d-%m-%Y}), pukul {clock_time(at)}, telah "
        "dilakukan serah terima hasil layanan antara:"
    )
    giver = _giver(seen)
    sheet.paragraph("PIHAK PERTAMA (yang menyerahkan)", bold=True)
    sheet.facts([(label, value) for label, value in giver if value], label_width=30)
    sheet.paragraph("PIHAK KEDUA (yang menerima)", bold=True)
    sheet.facts(
        [
            ("Nama", customer.name),
            ("Instansi", customer.institution_name or "Perorangan"),
            ("No HP", display_phone(customer.phone)),
        ],
        label_width=30,
    )
    sheet.paragraph(
        "PIHAK PERTAMA menyerahkan kepada PIHAK KEDUA hasil "
        f"{seen.flow.title_of(seen.request.subclass_code)} dengan perihal “{seen.request.subject}” "
        "berupa:"
    )
    handed = _handed(seen)
    sheet.ruled(
        (0.8, 5, 7, 1.8),
        [
            (
                str(number),
                [Line(row.title), *_described(row), *_more_about(row)],
                row.download_name,
                file_size(row.size),
            )
            for number, row in enumerate(handed, start=1)
        ],
        heads=("No", "Dokumen", "Nama berkas", "Ukuran"),
    )
    sheet.facts(shown(seen, record))
    sheet.signatures(
        _signatures(seen),
        closing="Berkas diserahkan secara elektronik melalui halaman permohonan di MELASTI dan "
        "dapat diunduh PIHAK KEDUA sejak saat tersebut di atas. Sidik berkas di kaki lembar ini "
        "memastikan bahwa berkas yang diterima sama dengan yang diserahkan.",
        below=sheet.endnotes_height(DIGESTS, digests(handed, as_downloaded=True)),
    )
    sheet.endnotes(DIGESTS, digests(handed, as_downloaded=True))
    return sheet


def _giver(seen: Snapshot) -> list[tuple[str, str]]:
    """Who hands over: the official, or the office where the system did it by itself."""
    event = seen.order.event
    if event.actor is None:
        return [("Nama", office().name), ("Jabatan", "melalui sistem MELASTI")]
    return [
        ("Nama", event.actor.name),
        ("NIP", display_nip(event.actor.nip)),
        ("Jabatan", post_of(event)),
        ("Instansi", office().name),
    ]


def _described(row: Document) -> list[Line]:
    """What one of several files is, in the words of who handed it in."""
    return [Line(row.description, is_small=True)] if row.description else []


def _handed(seen: Snapshot) -> list[Document]:
    return [
        row
        for row in seen.documents()
        if row.is_result and row.released_at and row.released_at <= seen.at
    ]


def _signatures(seen: Snapshot) -> list[Signature]:
    """Both parties, and below them the official who takes note, where the office wants one."""
    event = seen.order.event
    by_system = event.actor is None
    name = office().name if by_system else event.actor.name
    giver = Signature("Yang menyerahkan,", "PIHAK PERTAMA", name, titles=titles_of(event.actor))
    people = [Signature("Yang menerima,", "PIHAK KEDUA", seen.request.customer.name), giver]
    letter = seen.letter
    if letter and letter.signer_role and (by_system or letter.signer_id != event.actor_id):
        people.append(official(seen, place="Mengetahui,"))
    return people


def _more_about(row: Document) -> list[Line]:
    version = f"versi {row.version}, " if row.version > 1 else ""
    return [Line(f"{version}kode {spaced_code(row.code)}", is_small=True)]
