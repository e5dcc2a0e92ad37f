"""The way in for the first administrator, or for one whom every message fails to reach.

Whoever may run commands on the server holds everything already, so the link is printed there.
"""

import secrets
from datetime import datetime, timedelta

from administration.account_links import path_of
from config.office import office
from models import LoginSession, User
from moves.changes import record_change
from storage.database import database


class NotStaff(ValueError):
    """The e-mail is a customer's: one account is never both."""


def appoint_administrator(
    email: str, name: str, *, secret_key: str, days: int, now: datetime
) -> tuple[str, datetime]:
    """Make or revive the account, give it the post that gives posts, and return the path by which
    a password is chosen, and until when. Earlier links and log-ins of the account end.

    `email` is a checked address as `email_key` writes it. Raises NotStaff.
    """
    until = now + timedelta(days=days)
    able = office().posts_that_may("staff_write")
    post = next(code for code in office().posts if code in able)
    with database.atomic():
        person = User.get_or_none(User.email == email)
        if person is not None and not person.is_staff:
            raise NotStaff(email)
        if person is None:
            person = User(email=email, name=name, is_staff=True, created_at=now)
        person.active, person.fs_uniquifier = True, secrets.token_hex(32)
        person.save()
        LoginSession.delete().where(LoginSession.user == person).execute()
        before = sorted(person.role_codes)
        person.hold_posts({*before, post})
        record_change(
            person,
            "record_changed",
            before={"posts": before},
            after={"posts": sorted(person.role_codes)},
            actor=None,
            at=now,
            data={"by": "command"},
            stream=f"user:{person.public_id}",
        )
    way = {"channel": "email", "address": person.email, "until": until, "secret_key": secret_key}
    return path_of("invitation", person, **way), until
