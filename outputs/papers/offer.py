"""What the office offers and the customer agrees to: scope, schedule and cost."""

from collections.abc import Iterator
from datetime import date

from models import StageRecord
from moves.catalogue import service_of
from outputs.papers.forms import (
    addressee,
    dated,
    details,
    official,
    open_sheet,
    reference,
    reviewed,
)
from outputs.papers.history import value_words
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Sheet, Signature, on_one_page
from rules.formats import long_day, weekday_long_day
from rules.numerals import rupiah_words
from rules.phone import display_phone
from rules.services import CUSTOMER, Stage


def render_offer(seen: Snapshot) -> bytes:
    return bytes(on_one_page(lambda scale: _offer(seen, scale)).output())


def _offer(seen: Snapshot, scale: float) -> Sheet:
    request, record = seen.request, seen.order
    desk = seen.desk(record)
    sheet = open_sheet("Lembar Konfirmasi Layanan", seen, scale=scale)
    sheet.heading("Lembar Konfirmasi Layanan", reference(seen))
    sheet.facts(
        [
            ("Tanggal penawaran", long_day(record.event.at)),
            ("Pelanggan", addressee(seen)),
            ("No HP / email", _reached_by(seen)),
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
        official(seen, place=dated(seen, record.event.at)),
    ]
    agreements = [(option, False) for option in _agreements(seen, desk)]
    # What is agreed to stands on the page that is signed.
    room = (30 + 6 * len(agreements)) * sheet.scale
    sheet.section("Persetujuan pelanggan", room=room + sheet.signatures_height(people))
    sheet.ticks(agreements)
    sheet.signatures(
        people,
        closing="Lembar ini ditandatangani pelanggan, lalu diunggah pada halaman permohonan di "
        "MELASTI. Waktu menunggu persetujuan tidak mengurangi waktu pengerjaan. Perubahan sesudah "
        "disepakati hanya berlaku dengan persetujuan kedua pihak.",
    )
    return sheet


def _reached_by(seen: Snapshot) -> str:
    customer = seen.request.customer
    return " / ".join(filter(None, (display_phone(customer.phone), customer.shown_email)))


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
