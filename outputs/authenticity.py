"""What everybody who holds a document may learn about it: whether it is ours, and still holds."""

import re
from dataclasses import dataclass
from datetime import datetime

from config.office import office
from models.documents import Document
from models.people import User
from models.requests import Request
from outputs.signatories import post_of
from outputs.snapshot import snapshot_of
from rules import events
from rules.formats import mask_name
from rules.services import MADE_DOCUMENTS

VALID, REPLACED, REVOKED = "BERLAKU", "DIGANTIKAN", "DICABUT"
CODE = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True)
class Proof:
    """The public facts of one issued document; the customer's name is masked."""

    document: Document
    title: str
    number: str
    issuer: str
    customer: str
    state: str
    # When it stopped to hold, and the version that took its place, if one did.
    ended_at: datetime | None = None
    newer_version: int | None = None


def read_code(text: str) -> str:
    """A code as typed or scanned, without the spaces and dashes people put in; "" if it is none."""
    compact = re.sub(r"[\s\-–]", "", text).casefold()
    return compact if CODE.fullmatch(compact) else ""


def proof_of(code: str) -> Proof | None:
    """The document with this code, if the office issued it. A fixed number of queries.

    What customers uploaded, drafts and results that weren't handed over have no proof.
    """
    found = (
        Document.select(Document, Request, User)
        .join(Request)
        .join(User, on=Request.customer)
        .where(Document.code == code)
        .first()
    )
    if found is None or not _is_issued(found):
        return None
    state, ended_at, version = VALID, None, None
    replacement = Document.get_or_none(Document.id == found.replaced_by_id)
    if replacement and _is_in_force(replacement):
        ended_at = replacement.released_at or replacement.created_at
        state, version = REPLACED, replacement.version
    elif found.revoked_at:
        state, ended_at = REVOKED, found.revoked_at
    request = found.request
    return Proof(
        document=found,
        title=found.title,
        number=request.number or request.public_id,
        issuer=_issuer(found),
        customer=mask_name(request.customer.name),
        state=state,
        ended_at=ended_at,
        newer_version=version,
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
