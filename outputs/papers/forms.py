"""What the printed forms share: how they begin, whom they address, what a customer may read."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from config.office import office
from models import Document, StageRecord, User
from moves.catalogue import service_of
from outputs.papers.history import lines_of
from outputs.papers.signatories import BLANK, post_of, titles
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Sheet, Signature
from rules import events
from rules.formats import long_day, moment
from rules.services import OFFICE

NO_NUMBER = "Terbit setelah diverifikasi Admin Layanan"
DIGESTS = "Sidik berkas (SHA-256)"


def open_sheet(title: str, seen: Snapshot, *, scale: float = 1.0) -> Sheet:
    """A sheet that names its request and its version on every page."""
    request, version = seen.request, seen.document.version
    note = f"versi {version}" if version > 1 else ""
    number = request.number or request.public_id
    sheet = Sheet(
        title,
        reference=number,
        note=note,
        check_url=seen.check_url,
        seal=seen.seal,
        scale=scale,
    )
    # Not the moment of making: made again, the file is the same to the last bit.
    sheet.set_creation_date(seen.at)
    return sheet


def reference(seen: Snapshot) -> str:
    """The lines under the title: its own number, which request, which version it replaces."""
    number = seen.request.number
    lines = [f"Nomor: {seen.letter.number}"] if seen.letter else []
    lines.append(f"Nomor permintaan: {number}" if number else f"Kode: {seen.request.public_id}")
    if replaced := replaces(seen):
        lines.append(replaced)
    return "\n".join(lines)


def replaces(seen: Snapshot) -> str:
    version = seen.document.version
    return f"Versi {version}, menggantikan versi {version - 1}" if version > 1 else ""


def dated(seen: Snapshot, at: datetime) -> str:
    """`Gerokgak, 30 November 2026`"""
    place = office().letters.place
    return f"{place}, {long_day(at)}" if place else long_day(at)


def digests(rows: Sequence[Document], *, as_downloaded: bool = False) -> list[str]:
    """Name and SHA-256 of each file, for the foot: as it came, or as it leaves."""
    names = (row.download_name if as_downloaded else row.filename for row in rows)
    return [f"{name}: {row.sha256}" for name, row in zip(names, rows, strict=True)]


def addressee(seen: Snapshot) -> str:
    customer = seen.request.customer
    return ", ".join(filter(None, (customer.name, customer.institution_name)))


def details(seen: Snapshot) -> list[tuple[str, str]]:
    """The answers to the service's own fields, labelled."""
    return lines_of(service_of(seen.request).fields, seen.request.details, {})


def shown(seen: Snapshot, record: StageRecord) -> list[tuple[str, str]]:
    """What was written at one move for the customer to read; never an internal note."""
    wanted = [entry for entry in seen.inputs(record) if entry.is_shown]
    return lines_of(wanted, record.inputs, seen.names)


def reviewed(seen: Snapshot, before: StageRecord) -> Iterator[tuple[str, str]]:
    """What earlier desks of the office wrote for the customer, of each desk the latest."""
    for record in seen.latest(events.STAGE_COMPLETED, events.STEP_COMPLETED):
        if record.id != before.id and seen.desk(record).kind == OFFICE:
            yield from shown(seen, record)


def signed(record: StageRecord, place: str = "") -> Signature:
    """The official who made a move, with the post and the right by which."""
    event = record.event
    name = event.actor.name if event.actor else "MELASTI"
    note = f"Dicatat di MELASTI {moment(event.at)}"
    return Signature(place, f"{post_of(event)},", name, note, titles=titles_of(event.actor))


def official(seen: Snapshot, *, place: str = "", is_marked: bool = False) -> Signature:
    """Who signs the letter, as written down when it was ordered; else who made the move."""
    if seen.letter is None:
        return signed(seen.order, place)
    said = seen.letter.signature
    return Signature(
        place,
        f"{said['post'] or office().name},",
        said["name"] or BLANK,
        titles=titles(said["rank"], said["nip"]),
        is_marked=is_marked,
    )


def titles_of(person: User | None) -> tuple[str, ...]:
    return titles(person.rank, person.nip) if person and person.is_staff else ()
