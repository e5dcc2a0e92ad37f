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


class EmailTaken(Refused):
    """Another account has the e-mail, and rightly."""


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
        for address in person.unproved(channel):
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
    is_here: bool = False,
) -> None:
    """Tell somebody about their account by every channel that is proved.

    With `is_here` to the addresses of now, whatever takes their place before it leaves.
    """
    for channel in CHANNELS:
        if is_here and channel == "whatsapp" and not person.wants_whatsapp:
            continue
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
                address=person.proved_address(channel) if is_here else "",
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
                release(link.address, keeper=link.person, now=now)
            person = User.get_by_id(link.person.id)
            is_first = not person.confirmed_at
            _put(person, link.channel, link.address, proved_at=now)
            kind = "phone_proved" if link.channel == "whatsapp" else "email_proved"
            Event.record(kind, at=now, actor=person)
            _let_go(person, now=now)
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
        person.email = address or f"{person.public_id}{NO_EMAIL}"
        person.email_confirmed_at = proved_at
        person.new_email = ""
    person.save()


def release(email: str, *, keeper: User | None = None, now: datetime) -> None:
    """Take an e-mail from the account that claimed it without proving it.

    Raises EmailTaken when that account is its owner's.
    """
    holder = User.get_or_none(User.email == email)
    if holder is None or holder == keeper:
        return
    if holder.email_confirmed_at or holder.is_staff:
        raise EmailTaken(TAKEN)
    holder.email = f"{holder.public_id}{NO_EMAIL}"
    holder.save()
    Event.record("email_released", at=now, actor=None, stream=f"user:{holder.public_id}")
    tell_of_account(holder, "alamat_dilepas", now=now, path="/")


def _let_go(person: User, *, now: datetime) -> None:
    """Send now what waited for an address to be proved, by whichever channel: it may go on."""
    waiting = (Message.recipient == person) & (Message.state == "queued")
    Message.update(next_attempt_at=now, queued_at=now).where(
        waiting & (Message.next_attempt_at > now)
    ).execute()


# -- changing --------------------------------------------------------------------------------------


def change(person: User, channel: str, address: str, *, actor: User, now: datetime) -> None:
    """Take another address for a person, or none; nothing but its proof goes there at first.

    What the owner changes stays in use until the new one is proved, and so does an e-mail that
    the office changes, since one logs in by it; a number that the office corrects is wrong. The
    proved addresses are told. Raises EmailTaken to staff. Call inside a transaction.
    """
    proved = person.proved_address(channel)
    if proved and address != proved:
        by = "Anda sendiri" if actor.id == person.id else "petugas kami"
        told = {"saluran": CALLED[channel], "oleh": by, "waktu": moment_short(now)}
        tell_of_account(person, "alamat_diubah", now=now, path="/profil", more=told, is_here=True)
    is_kept = bool(proved) and (actor.id == person.id or channel == "email")
    if address and address == proved:
        _wait_for(person, channel, "")
    elif address and (_is_elsewhere(channel, address, person, actor) or is_kept):
        _wait_for(person, channel, address)
    else:
        _put(person, channel, address, proved_at=None)
    data = {"channel": channel, "user": person.public_id}
    stream = f"user:{person.public_id}"
    Event.record("address_changed", at=now, actor=actor, stream=stream, data=data)
    if person.has_account or not person.is_staff:
        lifetime = OWN_PROOF if actor.id == person.id else OFFICE_PROOF
        ask_for_proof(person, "bukti_alamat", now=now, lifetime=lifetime, channels=(channel,))


def asked_for(person: User, channel: str) -> str:
    """The address that somebody wants to be reached at: what waits, else what is in use."""
    return next(iter(reversed(person.addresses(channel))), "")


def _wait_for(person: User, channel: str, address: str) -> None:
    if channel == "whatsapp":
        person.new_phone = address
    else:
        person.new_email = address
    person.save()


def _is_elsewhere(channel: str, email: str, person: User, actor: User) -> bool:
    """Whether another account has this e-mail; a phone may be shared.

    Raises EmailTaken for one that is proved, but not to a customer, who would learn by it who has
    an account here.
    """
    if channel == "whatsapp":
        return False
    holder = User.get_or_none((User.email == email) & (User.id != person.id))
    if holder and not is_only_claimed(holder) and actor.id != person.id:
        raise EmailTaken(TAKEN)
    return holder is not None


def is_only_claimed(holder: User) -> bool:
    """Whether an account has its e-mail without anybody having proved or written it down."""
    return not (holder.email_confirmed_at or holder.is_staff) and holder.has_account
