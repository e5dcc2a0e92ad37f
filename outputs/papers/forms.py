"""What the printed forms share: how they begin, whom they address, what a customer may read."""

from collections.abc import Iterator

from models import StageRecord
from moves.catalogue import service_of
from outputs.papers.history import lines_of
from outputs.papers.signatories import post_of
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Sheet, Signature
from rules import events
from rules.formats import moment
from rules.services import OFFICE

NO_NUMBER = "Terbit setelah diverifikasi Admin Layanan"


def open_sheet(title: str, seen: Snapshot) -> Sheet:
    """A sheet that names its request and its version on every page."""
    request, version = seen.request, seen.document.version
    note = f"versi {version}" if version > 1 else ""
    number = request.number or request.public_id
    sheet = Sheet(title, reference=number, note=note, check_url=seen.check_url)
    # Not the moment of making: made again, the file is the same to the last bit.
    sheet.set_creation_date(seen.at)
    return sheet


def reference(seen: Snapshot) -> str:
    """The line under the title: which request, and which earlier version it replaces."""
    number = seen.request.number
    words = f"Nomor permintaan: {number}" if number else f"Kode: {seen.request.public_id}"
    if seen.document.version > 1:
        words += f"\nVersi {seen.document.version}, menggantikan versi {seen.document.version - 1}"
    return words


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
    return Signature(place, f"{post_of(event)},", name, f"Dicatat di MELASTI {moment(event.at)}")
