"""The agenda books: a running number for each letter in, one of its register for each letter out.

Numbers are taken in the transaction that files the request or orders the paper: one that is
rolled back gives its number back, so that a book has no gaps. Who signs is written down with it.
"""

from collections.abc import Mapping
from datetime import date, datetime

from config.letters import AGENDA_IN, LetterKind
from config.office import office
from models import Document, IncomingLetter, NumberCounter, OutgoingLetter, Request, User
from moves.notices import tell_staff
from moves.officials import PREFIXES, Roster, people_for, recipients_for
from rules.numbering import format_letter_number, wita_year
from rules.rights import OWN, SUBSTITUTE, Power
from storage.database import new_public_id

SERIES = "surat:"
MOST_TOLD = 200


def enter_letter(
    request: Request, *, number: str = "", dated_on: date | None = None, sender: str = ""
) -> None:
    """Write the letter by which a request comes into the agenda book.

    Call inside the transaction that files it.
    """
    year = wita_year(request.submitted_at)
    IncomingLetter.insert(
        request=request,
        year=year,
        seq=NumberCounter.issue(SERIES + AGENDA_IN, year),
        received_at=request.submitted_at,
        number=number,
        dated_on=dated_on,
        sender=sender,
    ).execute()


def issue_letter(
    document: Document,
    *,
    actor: User | None,
    power: Power | None,
    roster: Roster | None,
    now: datetime,
) -> None:
    """Give an ordered paper its number, if its kind has one. Call inside the move's transaction.

    A newer version is a letter of its own: it gets the next number.
    """
    letters = office().letters
    kind = letters.kinds.get(document.kind)
    if kind is None:
        return
    register = letters.registers[kind.register]
    seq, year = NumberCounter.issue(SERIES + register.code, wita_year(now)), wita_year(now)
    role, signer, signature = _signer_of(kind, document.request, actor, power, roster, now)
    OutgoingLetter.insert(
        public_id=new_public_id(),
        register=register.code,
        year=year,
        seq=seq,
        number=format_letter_number(
            register.pattern,
            seq,
            now,
            classification=kind.classification,
            abbreviation=kind.abbreviation,
            office_code=letters.office_code,
        ),
        document=document,
        request=document.request_id,
        issued_at=now,
        signer_role=role,
        signer=signer,
        signature=signature,
    ).execute()


def _signer_of(
    kind: LetterKind,
    request: Request,
    actor: User | None,
    power: Power | None,
    roster: Roster | None,
    now: datetime,
) -> tuple[str, User | None, Mapping[str, str]]:
    """(post, person, words) of who signs: whoever acts, or the post that the kind names.

    A post named is signed for by its Plh./Plt. while one is in force, and by its substitute while
    it is vacant, as everywhere else.
    """
    if not kind.signer or (power and power.role == kind.signer):
        if power is None:
            # The system, or a customer's own deed: nobody of the office signs.
            return "", None, signature_words(None, "", OWN)
        return power.role, actor, signature_words(actor, power.role, power.kind)
    person, words = signer_of_post(
        kind.signer, roster or Roster.at(now), now=now, service_code=request.service_code
    )
    return kind.signer, person, words


def signer_of_post(
    role: str, roster: Roster, *, now: datetime, service_code: str = ""
) -> tuple[User | None, Mapping[str, str]]:
    """(person, words) of who signs for a post now: its own, its Plh./Plt., or its substitute."""
    post, _ = roster.standing_for(role, service_code)
    if post != role:
        found = people_for(role, now, service_code=service_code, roster=roster)
        person = found[0] if found else None
        return person, signature_words(person, role, SUBSTITUTE)
    ids = roster.recipients(role, service_code)
    person = User.select().where(User.id.in_(sorted(ids))).order_by(*User.name_order()).first()
    acting = {m.acting_id: m.kind for m in roster.mandates_for(role, service_code)}
    held = roster.holders.get(role, frozenset())
    return person, signature_words(person, role, OWN if person.id in held else acting[person.id])


def tell_signers(*, now: datetime) -> int:
    """Tell whoever signs of each letter that waits for a signature, once; how many wait.

    Only for an office in which a person signs: elsewhere a letter waits for a worker alone.
    """
    waiting = (
        OutgoingLetter.select(OutgoingLetter, Request)
        .join(Document)
        .switch(OutgoingLetter)
        .join(Request)
        .where(Document.sha256 == "")
        .order_by(OutgoingLetter.id)
        .limit(MOST_TOLD)
    )
    roster, found = Roster.at(now), list(waiting)
    for letter in found:
        request = letter.request
        for person in recipients_for(
            letter.signer_role, now, service_code=request.service_code, roster=roster
        ):
            tell_staff(
                request,
                person,
                "surat_menunggu_tanda_tangan",
                now=now,
                occasion=f"ttd{letter.id}",
                more={"surat": letter.number, "tautan": "/backoffice/tanda-tangan/"},
            )
    return len(found)


def signature_words(person: User | None, role: str, kind: str) -> dict[str, str]:
    """How a paper names who signs for a post by a right: `Plh. Kepala Balai`, name, rank, NIP.

    A substitute signs a.n. (in the name of) the post.
    """
    title = office().posts.get(role, "")
    if person is None:
        return {"post": title, "name": "", "rank": "", "nip": ""}
    if kind == OWN:
        post = person.position or title
    elif kind == SUBSTITUTE:
        post = f"a.n. {title}" + (f"\n{person.position}" if person.position else "")
    else:
        post = f"{PREFIXES[kind]} {title}"
    return {"post": post, "name": person.name, "rank": person.rank, "nip": person.nip}
