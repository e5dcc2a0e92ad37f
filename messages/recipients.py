"""Where somebody is reached now: address, consent and account as they are, not as they were."""

from collections.abc import Sequence

from models import Message, User
from rules.wording import AKUN, PETUGAS, Wording

CLOSED = "Akun penerima sudah ditutup."
OUT_OF_SERVICE = "Penerima tidak bertugas lagi."
NOT_WANTED = "Penerima tidak lagi ingin dihubungi lewat WhatsApp."
NO_ADDRESS = "Penerima tidak memiliki alamat pada saluran ini."
UNPROVED = "Penerima belum membuktikan alamatnya."


class Withdrawn(Exception):
    """Nobody is to be told this any more; the message says why."""


class NotHere(Exception):
    """Not by this channel; another one may do. The message says why."""


class Unproved(Exception):
    """Every address of this person still waits for the proof that it is theirs."""


def person_of(message: Message) -> User:
    """Who is told: the recipient, or the account that took over theirs."""
    return User.get_by_id(message.recipient_id).in_use


def address_of(person: User, channel: str) -> str:
    """Where a message with content goes by a channel; empty for nowhere."""
    if channel == "whatsapp" and not person.wants_whatsapp:
        return ""
    return person.proved_address(channel)


def address_now(message: Message, words: Wording, ladder: Sequence[str]) -> str:
    """Where a message goes that is about to leave. Raises Withdrawn, NotHere or Unproved."""
    if message.only_here:
        return message.address
    person = person_of(message)
    if not person.active:
        raise Withdrawn(CLOSED)
    if words.purpose == PETUGAS and not person.is_in_service:
        raise Withdrawn(OUT_OF_SERVICE)
    if address := address_of(person, message.channel):
        return address
    if any(address_of(person, one) for one in ladder):
        raise NotHere(_why(person, message.channel))
    if words.purpose != AKUN and is_unproved(person, ladder):
        raise Unproved(UNPROVED)
    raise NotHere(_why(person, message.channel))


def is_unproved(person: User, ladder: Sequence[str]) -> bool:
    """Whether there is an address that could yet be proved."""
    ways = [one for one in ladder if one != "whatsapp" or person.wants_whatsapp]
    return any(address for way in ways for address in person.addresses(way))


def _why(person: User, channel: str) -> str:
    if channel == "whatsapp":
        if not person.wants_whatsapp:
            return NOT_WANTED
        return UNPROVED if person.phone else NO_ADDRESS
    return UNPROVED if person.shown_email else NO_ADDRESS
