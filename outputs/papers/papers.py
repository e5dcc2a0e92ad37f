"""The printed forms: each from rows as they were when the form was ordered (see `snapshot`).

A form that the customer may open shows only what the office wrote for the customer.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from config.office import office
from models import Document, Request, StageRecord
from moves.catalogue import service_of, work_calendar
from moves.side_moves import DECISION_DAYS, superior_of
from outputs.papers.disposition import render_disposition
from outputs.papers.forms import (
    NO_NUMBER,
    addressee,
    details,
    open_sheet,
    reference,
    reviewed,
    shown,
    signed,
)
from outputs.papers.history import value_words
from outputs.papers.signatories import post_of
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Line, Sheet, Signature, spaced_code
from rules import events
from rules.formats import (
    clock_time,
    file_size,
    local,
    long_day,
    moment,
    salutation,
    weekday_day,
    weekday_long_day,
)
from rules.labels import ORIGINS
from rules.numerals import date_words, rupiah_words
from rules.phone import display_phone
from rules.services import CUSTOMER, Stage


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


def render_receipt(seen: Snapshot) -> bytes:
    """The receipt: what was filed, when, and until when it will be done."""
    request, customer, due_at = seen.request, seen.request.customer, seen.due_at()
    sheet = open_sheet("Tanda Terima Permohonan Layanan", seen)
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
    sheet.ruled(
        (3, 4, 1.4, 6),
        [
            (row.title, row.filename, file_size(row.size), [Line(row.sha256, is_small=True)])
            for row in seen.documents()
            if row.sha256 and row.id != seen.document.id
        ],
        heads=("Dokumen", "Nama berkas", "Ukuran", "Sidik berkas (SHA-256)"),
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
    return bytes(sheet.output())


# -- surat penolakan -------------------------------------------------------------------------------


def render_refusal(seen: Snapshot) -> bytes:
    """The letter of refusal: why, on what basis, what else can be done, and how to object."""
    request, record = seen.request, seen.order
    given = record.inputs
    sheet = open_sheet("Surat Penolakan Permohonan", seen)
    sheet.heading("Surat Penolakan Permohonan", reference(seen))
    sheet.facts(
        [
            ("Tanggal", long_day(record.event.at)),
            ("Hal", f"Jawaban atas permohonan layanan “{request.subject}”"),
            ("Kepada Yth.", f"{salutation(request.customer.gender)} {addressee(seen)}"),
        ],
        label_width=28,
    )
    sheet.gap(3)
    sheet.paragraph(
        f"Permohonan {seen.flow.title_of(request.subclass_code)} yang kami terima pada "
        f"{long_day(request.submitted_at)} sudah kami pelajari. Dengan menyesal kami sampaikan "
        "bahwa permohonan tersebut belum dapat kami penuhi, dengan penjelasan berikut."
    )
    for title, name in (
        ("Alasan penolakan", "reason"),
        ("Dasar penolakan", "basis"),
        ("Yang dapat Anda lakukan selanjutnya", "alternative"),
    ):
        sheet.section(title)
        sheet.paragraph(str(given.get(name) or "-"))
    sheet.section("Hak mengajukan keberatan")
    for text in _objection_words(seen, record):
        sheet.paragraph(text)
    sheet.signatures(
        [signed(record)],
        closing=f"Pengaduan atas layanan ini dapat disampaikan melalui {office().email}, WhatsApp "
        f"{office().whatsapp}, atau SP4N-LAPOR! ({office().complaint_url}).",
    )
    return bytes(sheet.output())


def _objection_words(seen: Snapshot, record: StageRecord) -> Iterator[str]:
    """The right of objection with its last moment, as `moves.offers.may_object` counts it."""
    if any(one.event.kind == events.OBJECTED for one in seen.history.records):
        yield (
            "Keberatan hanya dapat diajukan satu kali dan sudah diajukan untuk permohonan ini. "
            "Anda tetap dapat menyampaikan pengaduan."
        )
        return
    days = seen.flow.objection_days
    until = work_calendar().add_working_days(record.event.at, Decimal(days))
    superior = office().posts[superior_of(record.event.acted_for)]
    yield (
        f"Anda dapat mengajukan keberatan satu kali, paling lambat {weekday_long_day(until)} pukul "
        f"{clock_time(until)} ({days} hari kerja sejak penolakan), melalui halaman permohonan ini "
        "di MELASTI atau melalui loket layanan."
    )
    yield (
        f"Keberatan diputus oleh {superior} dalam {DECISION_DAYS} hari kerja. Mengajukan keberatan "
        "tidak dipungut biaya."
    )


# -- berita acara serah terima ---------------------------------------------------------------------


def render_handover(seen: Snapshot) -> bytes:
    """The deed of handing over: who gave what to whom, with the digest of each file."""
    record, customer = seen.order, seen.request.customer
    at, event = record.event.at, record.event
    by_system = event.actor is None
    giver = office().name if by_system else event.actor.name
    giver_post = "melalui sistem MELASTI" if by_system else post_of(event)
    sheet = open_sheet("Berita Acara Serah Terima", seen)
    sheet.heading("Berita Acara Serah Terima", reference(seen))
    sheet.paragraph(
        f"Pada hari ini, {date_words(at)} ({local(at):%d-%m-%Y}), pukul {clock_time(at)}, telah "
        "dilakukan serah terima hasil layanan antara:"
    )
    sheet.paragraph("PIHAK PERTAMA (yang menyerahkan)", bold=True)
    sheet.facts([("Nama", giver), ("Jabatan", giver_post), ("Instansi", office().name)])
    sheet.paragraph("PIHAK KEDUA (yang menerima)", bold=True)
    sheet.facts(
        [
            ("Nama", customer.name),
            ("Instansi", customer.institution_name or "Perorangan"),
            ("No HP", display_phone(customer.phone)),
        ]
    )
    sheet.paragraph(
        "PIHAK PERTAMA menyerahkan kepada PIHAK KEDUA hasil "
        f"{seen.flow.title_of(seen.request.subclass_code)} dengan perihal “{seen.request.subject}” "
        "berupa:"
    )
    handed = [
        row
        for row in seen.documents()
        if row.is_result and row.released_at and row.released_at <= seen.at
    ]
    sheet.ruled(
        (0.8, 3.6, 3.8, 1.6, 6),
        [
            (
                str(number),
                [Line(row.title), *_more_about(row)],
                row.filename,
                file_size(row.size),
                [Line(row.sha256, is_small=True)],
            )
            for number, row in enumerate(handed, start=1)
        ],
        heads=("No", "Dokumen", "Nama berkas", "Ukuran", "Sidik berkas (SHA-256)"),
    )
    sheet.facts(shown(seen, record))
    sheet.signatures(
        [
            Signature("Yang menerima,", "PIHAK KEDUA", customer.name),
            Signature("Yang menyerahkan,", "PIHAK PERTAMA", giver, giver_post),
        ],
        closing="Berkas diserahkan secara elektronik melalui halaman permohonan di MELASTI dan "
        "dapat diunduh PIHAK KEDUA sejak saat tersebut di atas. Sidik berkas memastikan bahwa "
        "berkas yang diterima sama dengan yang diserahkan.",
    )
    return bytes(sheet.output())


def _more_about(row: Document) -> list[Line]:
    version = f"versi {row.version}, " if row.version > 1 else ""
    return [Line(f"{version}kode {spaced_code(row.code)}", is_small=True)]


# -- lembar konfirmasi layanan ---------------------------------------------------------------------


def render_offer(seen: Snapshot) -> bytes:
    """What the office offers and the customer agrees to: scope, schedule and cost."""
    request, record = seen.request, seen.order
    desk = seen.desk(record)
    sheet = open_sheet("Lembar Konfirmasi Layanan", seen)
    sheet.heading("Lembar Konfirmasi Layanan", reference(seen))
    sheet.facts(
        [
            ("Tanggal penawaran", long_day(record.event.at)),
            ("Pelanggan", addressee(seen)),
            (
                "No HP / email",
                " / ".join(
                    filter(
                        None, (display_phone(request.customer.phone), request.customer.shown_email)
                    )
                ),
            ),
            ("Layanan", seen.flow.title_of(request.subclass_code)),
            ("Perihal", request.subject),
            *details(seen),
        ]
    )
    if review := list(reviewed(seen, record)):
        sheet.section("Hasil kaji ulang permintaan")
        sheet.facts(review)
    for entry in desk.inputs:
        if entry.is_shown and entry.type == "longtext":
            sheet.section(entry.label.removesuffix(" yang ditawarkan"))
            sheet.paragraph(str(record.inputs.get(entry.name) or "-"))
    sheet.section("Biaya dan tanggal selesai")
    sheet.facts(_offer_facts(seen, record))
    people = [
        Signature(
            "Tanggal: ....................................",
            "Pelanggan",
            request.customer.name,
            request.customer.institution_name,
        ),
        signed(record),
    ]
    agreements = [(option, False) for option in _agreements(seen, desk)]
    # What is agreed to stands on the page that is signed.
    sheet.section(
        "Persetujuan pelanggan", room=30 + 6 * len(agreements) + sheet.signatures_height(people)
    )
    sheet.ticks(agreements)
    sheet.signatures(
        people,
        closing="Lembar ini ditandatangani pelanggan, lalu diunggah pada halaman permohonan di "
        "MELASTI. Waktu menunggu persetujuan tidak mengurangi waktu pengerjaan. Perubahan sesudah "
        "disepakati hanya berlaku dengan persetujuan kedua pihak.",
    )
    return bytes(sheet.output())


def _offer_facts(seen: Snapshot, record: StageRecord) -> list[tuple[str, str]]:
    """Cost and schedule of the offer, amounts in figures and words."""
    facts = []
    for entry in seen.inputs(record):
        value = record.inputs.get(entry.name)
        if not entry.is_shown or entry.type == "longtext" or value in (None, "", []):
            continue
        words = value_words(entry, value, seen.names)
        if entry.type == "money":
            amount = int(str(value))
            words = f"{words} ({rupiah_words(amount)})" if amount else "Tidak dipungut biaya"
        elif entry.type == "date":
            words = weekday_long_day(date.fromisoformat(str(value)))
        facts.append((entry.label, words))
    facts.append(("Ketentuan biaya", service_of(seen.request).cost))
    if not seen.request.is_free:
        facts.append(
            (
                "Cara membayar",
                "Langsung ke kas negara dengan kode billing yang diterbitkan "
                "Bendahara Penerimaan; tidak ada pembayaran kepada petugas.",
            )
        )
    return facts


def _agreements(seen: Snapshot, desk: Stage) -> Iterator[str]:
    """What the customer is asked to agree to at the desk that follows."""
    following = seen.flow.after(desk)
    if following and following.kind == CUSTOMER:
        for entry in following.inputs:
            yield from entry.options if entry.type == "checklist" else ()


RENDERERS: Mapping[str, Callable[[Snapshot], bytes]] = {
    "tanda_terima": render_receipt,
    "lembar_disposisi": render_disposition,
    "surat_penolakan": render_refusal,
    "berita_acara": render_handover,
    "penawaran": render_offer,
}
