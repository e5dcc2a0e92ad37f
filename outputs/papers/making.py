"""From an ordered paper to the file that is kept: rendered, signed where letters are, stored."""

from datetime import datetime

from config.office import office
from models import Document, OutgoingLetter
from moves.documents import store_document
from moves.letters import signature_words
from moves.officials import Reader
from outputs.papers.documents import render_document
from outputs.signing.way import Credentials, Order, SigningFailed, Way
from rules.rights import Power
from storage.files import Store

DRAFT = "KONSEP untuk diperiksa: belum ditandatangani dan belum berlaku."
DONE = "Surat ini sudah ditandatangani."


class AwaitsSignature(Exception):
    """The paper isn't there before somebody has signed it; the text is a sentence for a reader."""

    def __init__(self, letter: OutgoingLetter):
        who = office().posts.get(letter.signer_role, "pejabat balai")
        super().__init__(f"Surat ini menunggu tanda tangan elektronik {who}.")


def make_document(
    document: Document, *, way: Way, storage: Store, base_url: str, now: datetime
) -> Document:
    """Make what was ordered; a letter is sealed where the office's way does so by itself.

    Raises AwaitsSignature for a letter that a person has to sign, SigningFailed when it couldn't
    be sealed: then nothing is kept.
    """
    letter = OutgoingLetter.get_or_none(OutgoingLetter.document == document)
    if letter is None or not way.seal:
        content = render_document(document, base_url=base_url)
        return store_document(document, content, storage=storage, now=now)
    if way.needs_signer:
        raise AwaitsSignature(letter)
    content = render_document(document, base_url=base_url, seal=way.seal)
    signed = way.sign(_order(document, content, base_url))
    kept = {"signed_by_way": way.name, "signature_id": signed.signature_id, "signed_at": now}
    return store_document(document, signed.content, storage=storage, now=now, signature=kept)


def preview(document: Document, *, base_url: str) -> bytes:
    """The paper as it would be, for who is about to sign; nothing is kept."""
    return render_document(document, base_url=base_url, seal=DRAFT)


def power_to_sign(letter: OutgoingLetter, reader: Reader) -> Power | None:
    """By what right this reader signs a letter: for its post, own, by mandate or as substitute."""
    service = letter.request.service_code
    for power in reader.powers:
        is_post = power.role == letter.signer_role or not letter.signer_role
        if is_post and "signatures" in power.may and power.covers(service):
            return power
    return None


def sign_letter(
    letter: OutgoingLetter,
    *,
    reader: Reader,
    by: Credentials,
    way: Way,
    storage: Store,
    base_url: str,
) -> None:
    """Have a waiting letter signed by the person who is there, in the name that is theirs now.

    The network is asked outside every transaction. Raises SigningFailed; then it waits as before.
    """
    power = power_to_sign(letter, reader)
    if power is None:
        raise SigningFailed("Anda tidak berwenang menandatangani surat ini.")
    document = Document.get_by_id(letter.document_id)
    if document.sha256:
        raise SigningFailed(DONE)
    words = signature_words(reader.user, power.role, power.kind)
    content = render_document(document, base_url=base_url, seal=way.seal, signature=words)
    signed = way.sign(_order(document, content, base_url), by)
    kept = {
        "signer": reader.user,
        "signature": words,
        "signed_by_way": way.name,
        "signature_id": signed.signature_id,
        "signed_at": reader.now,
    }
    store_document(
        document,
        signed.content,
        storage=storage,
        now=reader.now,
        signature=kept,
        actor=reader.user,
        acted_for=power.role,
    )


def _order(document: Document, content: bytes, base_url: str) -> Order:
    return Order(
        content,
        document.filename,
        reason=document.title,
        location=office().letters.place,
        check_url=f"{base_url}/v/{document.code}",
    )
