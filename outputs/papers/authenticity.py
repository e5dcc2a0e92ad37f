"""What everybody who holds a document may learn about it: whether it is ours, and still holds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from administration.printouts import TITLES, newer_than
from config.office import office
from models import Document, Printout, Request, User
from outputs.papers.signatories import post_of
from outputs.papers.snapshot import snapshot_of
from rules import events
from rules.formats import mask_name, moment
from rules.services import MADE_DOCUMENTS

VALID, REPLACED, REVOKED = "BERLAKU", "DIGANTIKAN", "DICABUT"
CODE = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True)
class Proof:
    """What everybody may know of an issued paper; a customer's name is masked.

    `replaced_by` names what took its place, if something did; `ended_at` is when it stopped to
    hold. `document` is the file of a request, none for a paper that isn't kept.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    state: str
    sha256: str
    ended_at: datetime | None = None
    replaced_by: str = ""
    document: Document | None = None


def read_code(text: str) -> str:
    """A code as typed or scanned, without the spaces and dashes people put in; "" if it is none."""
    compact = re.sub(r"[\s\-\u2010-\u2015]", "", text).casefold()
    return compact if CODE.fullmatch(compact) else ""


def proof_of(code: str) -> Proof | None:
    """The paper with this code, if the office issued it. A fixed number of queries.

    What customers uploaded, drafts and results that weren't handed over have no proof.
    """
    found = (
        Document.select(Document, Request, User)
        .join(Request)
        .join(User, on=Request.customer)
        .where(Document.code == code)
        .first()
    )
    if found is not None:
        return _of_document(found) if _is_issued(found) else None
    printout = Printout.get_or_none(Printout.code == code)
    return _of_printout(printout) if printout else None


def _of_document(found: Document) -> Proof:
    state, ended_at, replaced_by = VALID, None, ""
    replacement = Document.get_or_none(Document.id == found.replaced_by_id)
    if replacement and _is_in_force(replacement):
        ended_at = replacement.released_at or replacement.created_at
        state, replaced_by = REPLACED, f"versi {replacement.version}"
    elif found.revoked_at:
        state, ended_at = REVOKED, found.revoked_at
    request = found.request
    return Proof(
        title=found.title,
        facts=[
            ("Nomor atau kode permohonan", request.number or request.public_id),
            ("Tanggal terbit", moment(found.released_at or found.created_at)),
            ("Versi", str(found.version)),
            ("Penerbit", _issuer(found)),
            ("Pelanggan", mask_name(request.customer.name)),
        ],
        state=state,
        sha256=found.sha256,
        ended_at=ended_at,
        replaced_by=replaced_by,
        document=found,
    )


def _of_printout(found: Printout) -> Proof:
    state, ended_at, replaced_by = VALID, None, ""
    if found.revoked_at:
        state, ended_at = REVOKED, found.revoked_at
    elif newer := newer_than(found):
        state, ended_at, replaced_by = REPLACED, newer.created_at, newer.number
    return Proof(
        title=TITLES[found.kind],
        facts=[
            ("Nomor", found.number),
            *((label, value) for label, value in found.about),
            ("Tanggal terbit", moment(found.created_at)),
            ("Penerbit", f"{office().name}, {found.issuer}"),
        ],
        state=state,
        sha256=found.sha256,
        ended_at=ended_at,
        replaced_by=replaced_by,
    )


def _is_issued(document: Document) -> bool:
    return bool(document.sha256) and (
        document.kind in MADE_DOCUMENTS or (document.is_result and bool(document.released_at))
    )


def _is_in_force(replacement: Document) -> bool:
    """A new result takes the place of the old one when it is handed over, not before."""
    return bool(replacement.released_at) or not replacement.is_result


def _issuer(document: Document) -> str:
    """The office and the post that acted; never a person's name."""
    if document.is_result:
        return office().name
    event = snapshot_of(document, base_url="").order.event
    if event.kind == events.SUBMITTED or event.actor is None:
        return f"{office().name}, otomatis oleh {office().short_name}"
    return f"{office().name}, {post_of(event)}"
