"""Invitations to staff: a link that holds for days and by which one sets one's password, once.

A lost password's link holds half an hour, since whoever asked for it is sitting there; who is
invited may be on leave.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from flask_security.recoverable import update_password
from peewee import fn

from administration.account_links import AccountLink, BadLink, LateLink, read_link
from administration.addresses import prove
from models import Message, User
from rules.formats import moment_short, salutation
from storage.database import database
from web.runtime import runtime

TEMPLATE = "undangan_petugas"
USED = (
    "Tautan undangan ini tidak berlaku lagi: kata sandi sudah dipilih, atau undangan yang lebih "
    "baru sudah dikirim."
)
LATE = "Undangan ini berlaku sampai {} dan sudah lewat."


class BadInvitation(Exception):
    """A link that opens nothing; the message is a sentence for whoever followed it."""


def invite(user: User, *, at: datetime) -> datetime:
    """Send an invitation by every channel and return until when it holds.

    One that was sent before opens nothing any more. Call inside a transaction.
    """
    until = at + timedelta(days=runtime().settings.invitation_days)
    user.fs_uniquifier = secrets.token_hex(32)
    user.save(only=[User.fs_uniquifier])
    for channel in ("whatsapp", "email") if user.phone else ("email",):
        Message.enqueue(
            TEMPLATE,
            recipient=user,
            channel=channel,
            at=at,
            dedupe_key=f"{user.public_id}:undangan:{at.timestamp():.6f}",
            variables={
                "sapaan": salutation(user.gender),
                "nama": user.name,
                "batas": moment_short(until),
            },
            expires_at=until,
            address=user.phone if channel == "whatsapp" else user.email,
            only_here=True,
            link="invitation",
        )
    return until


def read_invitation(token: str, *, at: datetime) -> AccountLink:
    """Whom a link invites, by which way it came, and until when. Raises BadInvitation."""
    try:
        link = read_link("invitation", token, secret_key=runtime().settings.secret_key, now=at)
    except LateLink as late:
        raise BadInvitation(LATE.format(moment_short(late.until))) from None
    except BadLink:
        raise BadInvitation(USED) from None
    # Whoever has chosen a password got another key, by which the link was made.
    if not link.person.is_staff:
        raise BadInvitation(USED)
    return link


def accept(link: AccountLink, password: str, *, at: datetime) -> bool:
    """Set the password of somebody invited; False when the invitation was used meanwhile.

    The address by which it came is proved with it, and no other.
    """
    with database.atomic():
        if not choose_password(link.person, password):
            return False
        prove(link, now=at)
    return True


def choose_password(user: User, password: str) -> bool:
    """Set a new password, by which every link of the account dies; False when one was used."""
    with database.atomic():
        mine = (User.id == user.id) & (User.fs_uniquifier == user.fs_uniquifier)
        if not User.update(fs_uniquifier=secrets.token_hex(32)).where(mine).execute():
            return False
        update_password(user, password)
    return True


def waiting_invitations(people: Collection[User]) -> dict[int, datetime | None]:
    """Person -> until when the newest invitation holds, of those who haven't chosen a password.

    None where that wasn't written down yet. One query.
    """
    waiting = [person.id for person in people if not person.has_account]
    invited = (
        Message.select(Message.recipient, fn.MAX(Message.expires_at))
        .where((Message.template == TEMPLATE) & Message.recipient.in_(waiting or [0]))
        .group_by(Message.recipient)
    )
    return dict.fromkeys(waiting) | dict(invited.tuples())
