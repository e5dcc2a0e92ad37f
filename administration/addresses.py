"""The e-mail and the phone of an account: who owns them is proved for each apart.

A link proves the address that it came to, and nothing else. What waits to take the place of a
proved address is told nothing but its own link; the old one stays in use until then.
"""

from datetime import datetime, timedelta

from peewee import IntegrityError

from administration.account_links import AccountLink
from models import NO_EMAIL, Event, Message, User
from moves.refusals import Refused
from rules.formats import moment_short, salutation
from storage.database import database

CHANNELS = ("whatsapp", "email")
CALLED = {"whatsapp": "no HP", "email": "email"}
# Who asked for it sits there; who was written down by the office may be on a journey.
OWN_PROOF, OFFICE_PROOF = timedelta(hours=24), timedelta(days=7)
RESET = timedelta(minutes=30)
# So many accounts may wait for one e-mail and be written to for it.
MOST_CLAIMS = 3
TAKEN = (
    "Alamat ini sudah dibuktikan oleh akun lain. Masuklah dengan akun itu, atau hubungi kami bila "
    "bukan Anda pemiliknya."
)


def unproved(person: User, channel: str) -> list[str]:
    """The addresses of a channel that are given and not proved."""
    proved = person.proved_address(channel)
    return [address for address in person.addresses(channel) if address != proved]


def is_proved(person: User) -> bool:
    """Whether all that the account tells us about how to reach its owner is proved."""
    return not any(unproved(person, channel) for channel in CHANNELS)


# -- links -----------------------------------------------------------------------------------------


def ask_for_proof(
    person: User,
    template: str,
    *,
    now: datetime,
    lifetime: timedelta = OWN_PROOF,
    channels: tuple[str, ...] = CHANNELS,
) -> int:
    """Send each address that isn't proved the link that proves it; return how many."""
    asked = 0
    for channel in channels:
        for address in unproved(person, channel):
            Message.enqueue(
                template,
                recipient=person,
                channel=channel,
                at=now,
                # Without a name: who reads it may be anybody, and the name may be anything.
                dedupe_key=f"{person.public_id}:{template}:{now.timestamp():.6f}:{asked}",
                variables={"batas": moment_short(now + lifetime)},
                expires_at=now + lifetime,
                address=address,
                only_here=True,
                link="proof",
            )
            asked += 1
    return asked


def claims_of(email: str) -> list[User]:
    """The accounts for which an e-mail that is nobody's yet waits to be proved."""
    has_it = (User.email == email) & User.email_confirmed_at.is_null()
    waits = (User.new_email == email) & (User.new_email != "")
    found = User.select().where((has_it | waits) & User.active)
    return list(found.order_by(User.id.desc()).limit(MOST_CLAIMS))


def send_reset(person: User, *, now: datetime) -> None:
    """Send the link for a new password to what is proved; ask for the proof of the e-mail else.

    Nothing is said about the account to an address that may be a stranger's.
    """
    if not person.email_confirmed_at:
        for one in claims_of(person.email):
            ask_for_proof(one, "kirim_ulang_verifikasi", now=now, channels=("email",))
    for channel in CHANNELS:
        if person.proved_address(channel):
            Message.enqueue(
                "reset_sandi",
                recipient=person,
                channel=channel,
                at=now,
                dedupe_key=f"{person.public_id}:reset_sandi:{now.timestamp():.6f}",
                variables={"sapaan": salutation(person.gender), "nama": person.name},
                expires_at=now + RESET,
                link="reset",
            )


def tell_of_account(
    person: User,
    template: str,
    *,
    now: datetime,
    path: str,
    more: dict[str, str] | None = None,
) -> None:
    """Tell somebody about their account by every channel that is proved."""
    for channel in CHANNELS:
        if person.proved_address(channel):
            Message.enqueue(
                template,
                recipient=person,
                channel=channel,
                at=now,
                dedupe_key=f"{person.public_id}:{template}:{now.timestamp():.6f}",
                variables={
                    "sapaan": salutation(person.gender),
                    "nama": person.name,
                    "tautan": path,
                    **(more or {}),
                },
            )


# -- proving ---------------------------------------------------------------------------------------


def prove(link: AccountLink, *, now: datetime) -> User:
    """Note that the address of a link is its owner's, and use it from now on.

    Raises Refused when another account has proved the same e-mail. An account that only claimed
    it loses it.
    """
    try:
        with database.atomic():
            if link.channel == "email":
                _release(link.address, keeper=link.person, now=now)
            person = User.get_by_id(link.person.id)
            is_first = not person.confirmed_at
            _put(person, link.channel, link.address, proved_at=now)
            kind = "phone_proved" if link.channel == "whatsapp" else "email_proved"
            Event.record(kind, at=now, actor=person)
            _let_go(person, link.channel, now=now)
            if is_first and person.has_account:
                Event.record("account_verified", at=now, actor=person)
                tell_of_account(person, "akun_aktif", now=now, path="/masuk")
    except IntegrityError:
        raise Refused(TAKEN) from None
    return person


def _put(person: User, channel: str, address: str, *, proved_at: datetime | None) -> None:
    if channel == "whatsapp":
        person.phone, person.phone_confirmed_at = address, proved_at
        person.new_phone = ""
    else:
        person.email, person.email_confirmed_at = address, proved_at
        person.new_email = ""
    person.save()


def _release(email: str, *, keeper: User, now: datetime) -> None:
    """Take an e-mail from the account that claimed it without proving it."""
    holder = User.get_or_none((User.email == email) & (User.id != keeper.id))
    if holder is None:
        return
    if holder.email_confirmed_at or holder.is_staff:
        raise Refused(TAKEN)
    holder.email = f"{holder.public_id}{NO_EMAIL}"
    holder.save()
    Event.record("email_released", at=now, actor=None, stream=f"user:{holder.public_id}")
    tell_of_account(holder, "alamat_dilepas", now=now, path="/")


def _let_go(person: User, channel: str, *, now: datetime) -> None:
    """Send now what waited for the address to be proved."""
    waiting = (Message.recipient == person) & (Message.channel == channel)
    Message.update(next_attempt_at=now, queued_at=now).where(
        waiting & (Message.state == "queued") & (Message.next_attempt_at > now)
    ).execute()


# -- changing --------------------------------------------------------------------------------------


def change(person: User, channel: str, address: str, *, actor: User, now: datetime) -> None:
    """Take another address for a person; one that is proved stays in use until the new one is.

    Its owner is told there, and by the other channel. Call inside a transaction.
    """
    kept = person.proved_address(channel)
    by = "Anda sendiri" if actor.id == person.id else "petugas kami"
    if kept and address != kept:
        told = {"saluran": CALLED[channel], "oleh": by, "waktu": moment_short(now)}
        tell_of_account(person, "alamat_diubah", now=now, path="/profil", more=told)
    if address and (kept or _is_taken(person, channel, address)):
        new = "" if address == kept else address
        person.__setattr__("new_phone" if channel == "whatsapp" else "new_email", new)
        person.save()
    else:
        _put(person, channel, address, proved_at=None)
    data = {"channel": channel, "user": person.public_id}
    stream = f"user:{person.public_id}"
    Event.record("address_changed", at=now, actor=actor, stream=stream, data=data)
    lifetime = OWN_PROOF if actor.id == person.id else OFFICE_PROOF
    ask_for_proof(person, "bukti_alamat", now=now, lifetime=lifetime, channels=(channel,))


def _is_taken(person: User, channel: str, address: str) -> bool:
    """Whether an account has this e-mail already; a phone may be shared."""
    if channel == "whatsapp":
        return False
    return User.select().where((User.email == address) & (User.id != person.id)).exists()
