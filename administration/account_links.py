"""The links in messages about an account: each for one person, one address and one time.

No table holds them. They are made when their message leaves, and die with what they were made
for: another address, another password, or the end of their time.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from models import User

# Kind of link -> what stands before its token.
PATHS = {"proof": "/verifikasi/", "reset": "/lupa-sandi/", "invitation": "/undangan/"}


class BadLink(Exception):
    """A link that opens nothing: forged, used, or made for what has changed since."""


class LateLink(BadLink):
    """A genuine link whose time is over; `until` says when that was."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


@dataclass(frozen=True)
class AccountLink:
    """What a token says: whose it is, and by which way it came to them."""

    person: User
    channel: str
    address: str
    until: datetime


def path_of(
    kind: str, person: User, *, channel: str, address: str, until: datetime, secret_key: str
) -> str:
    """The path that a message carries to `address`; `kind` is one of PATHS."""
    told = [person.public_id, channel, int(until.timestamp()), _bound_to(person, address)]
    return f"{PATHS[kind]}{_sealed(kind, secret_key).dumps(told)}"


def read_link(kind: str, token: str, *, secret_key: str, now: datetime) -> AccountLink:
    """What the token of a link says. Raises BadLink, LateLink when only its time is over."""
    try:
        public_id, channel, seconds, bound_to = _sealed(kind, secret_key).loads(token)
    except (BadSignature, TypeError, ValueError):
        raise BadLink from None
    person = User.get_or_none((User.public_id == public_id) & User.active)
    if person is None:
        raise BadLink
    for address in person.addresses(channel):
        if _bound_to(person, address) == bound_to:
            break
    else:
        raise BadLink
    until = datetime.fromtimestamp(seconds, UTC)
    if until < now:
        raise LateLink(until)
    return AccountLink(person, channel, address, until)


def _bound_to(person: User, address: str) -> str:
    """Changes with the password, with a new invitation and with the address."""
    said = f"{person.fs_uniquifier}|{address}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _sealed(kind: str, secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=f"melasti-{kind}-link")
