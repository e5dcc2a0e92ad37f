"""The letter of refusal: why, on what basis, what else can be done, and how to object."""

from collections.abc import Iterator
from decimal import Decimal

from config.office import office
from models import StageRecord
from moves.catalogue import work_calendar
from moves.side_moves import DECISION_DAYS, superior_of
from outputs.papers.forms import dated, official, open_sheet, replaces
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Sheet, on_one_page
from rules import events
from rules.formats import clock_time, day, long_day, salutation, weekday_long_day

SECTIONS = (
    ("Alasan penolakan", "reason"),
    ("Dasar penolakan", "basis"),
    ("Yang dapat Anda lakukan selanjutnya", "alternative"),
)


def render_refusal(seen: Snapshot) -> bytes:
    return bytes(on_one_page(lambda scale: _letter(seen, scale), smallest=0.85).output())


def _letter(seen: Snapshot, scale: float) -> Sheet:
    request, record = seen.request, seen.order
    kind = office().letters.kinds.get(seen.document.kind)
    sheet = open_sheet("Surat Penolakan Permohonan", seen, scale=scale)
    sheet.letter_facts(
        [
            ("Nomor", seen.letter.number if seen.letter else ""),
            ("Sifat", kind.nature if kind else "Biasa"),
            ("Lampiran", ""),
            ("Hal", f"Penolakan permohonan layanan “{request.subject}”"),
        ],
        dated=dated(seen, record.event.at),
    )
    sheet.lines(_addressed(seen))
    sheet.gap(5)
    if words := replaces(seen):
        sheet.paragraph(f"{words}.")
    sheet.paragraph(_opening(seen))
    for title, name in SECTIONS:
        sheet.section(title, room=20)
        sheet.paragraph(str(record.inputs.get(name) or "-"))
    sheet.section("Hak mengajukan keberatan", room=20)
    for text in _objection_words(seen, record):
        sheet.paragraph(text)
    copies = [f"{n}. {name}" for n, name in enumerate(kind.copies if kind else (), start=1)]
    sheet.signatures(
        [official(seen, is_marked=True)],
        closing=f"Pengaduan atas layanan ini dapat disampaikan melalui {office().email}, WhatsApp "
        f"{office().whatsapp}, atau SP4N-LAPOR! ({office().complaint_url}). Demikian kami "
        "sampaikan; atas perhatian Saudara kami ucapkan terima kasih.",
        below=5.2 * (len(copies) + 1) if copies else 0,
    )
    if copies:
        sheet.lines(["Tembusan:", *copies])
    return sheet


def _addressed(seen: Snapshot) -> list[str]:
    customer = seen.request.customer
    where = [customer.institution_name, customer.address or "di tempat"]
    return [f"Yth. {salutation(customer.gender)} {customer.name}", *filter(None, where)]


def _opening(seen: Snapshot) -> str:
    """Which letter is answered, by its own number where it has one."""
    request, came = seen.request, seen.incoming
    known = ""
    if came and came.number:
        when = f" tanggal {day(came.dated_on)}" if came.dated_on else ""
        known = f" dengan surat Saudara nomor {came.number}{when}"
    numbered = f", nomor permintaan {request.number}," if request.number else ""
    return (
        f"Permohonan {seen.flow.title_of(request.subclass_code)}{known} yang kami terima pada "
        f"{long_day(request.submitted_at)}{numbered} sudah kami pelajari. Dengan menyesal kami "
        "sampaikan bahwa permohonan tersebut belum dapat kami penuhi, dengan penjelasan berikut."
    )


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
