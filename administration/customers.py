"""One customer with two accounts: the requests of one go to the other.

It happens at the counter, and to people with two e-mail addresses. Nothing is deleted: the account
that is given up is closed and points to the one that took over.
"""

from datetime import datetime
from itertools import groupby

from peewee import SQL, Expression, fn

from models import (
    CallTask,
    IncomingMessage,
    LoginSession,
    Message,
    Request,
    RequestDraft,
    User,
    lock_roles,
)
from moves.catalogue import current_stage
from moves.changes import record_change
from moves.movement import Actor, compare_and_set, write_history
from moves.refusals import Refused
from rules import events
from storage.database import database

MOST_REQUESTS = 500
UNPROVED = (
    "Email atau no HP akun {} belum terbukti: bisa jadi milik orang lain. Minta pemiliknya membuka "
    "tautan bukti dahulu."
)
MOST_GROUPS = 50


def merge(duplicate: User, kept: User, *, actor: User, now: datetime) -> int:
    """Give all that is `duplicate`'s to `kept` and close it; return how many requests.

    Raises Refused for staff, for one and the same account, and for one that is closed already.
    """
    with database.atomic():
        # Joined both ways at once, each would be closed in favour of the other.
        lock_roles()
        kept, duplicate = User.get_by_id(kept.id), User.get_by_id(duplicate.id)
        _check(duplicate, kept)
        moved = list(Request.select().where(Request.customer == duplicate).limit(MOST_REQUESTS))
        for request in moved:
            compare_and_set(request, {"customer": kept.id})
            write_history(
                request,
                events.CUSTOMER_MERGED,
                current_stage(request),
                Actor(actor),
                now=now,
                data={"from_user": duplicate.public_id, "to_user": kept.public_id},
            )
        Message.update(recipient=kept).where(Message.recipient == duplicate).execute()
        # Who phones, or answers, does it to the account that lives.
        waiting = (CallTask.recipient == duplicate) & CallTask.done_at.is_null()
        CallTask.update(recipient=kept).where(waiting).execute()
        IncomingMessage.update(sender=kept).where(IncomingMessage.sender == duplicate).execute()
        RequestDraft.update(user=kept).where(RequestDraft.user == duplicate).execute()
        LoginSession.delete().where(LoginSession.user == duplicate).execute()
        User.update(active=False, merged_into=kept).where(User.id == duplicate.id).execute()
        record_change(
            duplicate,
            events.CUSTOMER_MERGED,
            before={"active": True, "digabung ke": ""},
            after={
                "active": False,
                "digabung ke": _called(kept),
            },
            actor=actor,
            at=now,
            data={"from_user": duplicate.public_id, "to_user": kept.public_id},
        )
    return len(moved)


def _called(person: User) -> str:
    return f"{person.name} ({person.shown_email})" if person.shown_email else person.name


def _check(duplicate: User, kept: User) -> None:
    if duplicate.is_staff or kept.is_staff:
        raise Refused("Hanya akun pelanggan yang dapat digabungkan.")
    if duplicate.id == kept.id:
        raise Refused("Pilih dua akun yang berbeda.")
    for person in (duplicate, kept):
        # What nobody owns but the office, because no one can log in to it, waits for no proof.
        if not person.is_proved and (person is kept or person.has_account):
            raise Refused(UNPROVED.format(person.name))
    if duplicate.merged_into_id or not kept.active or kept.merged_into_id:
        raise Refused("Salah satu akun sudah ditutup. Muat ulang daftarnya.")
    if Request.select().where(Request.customer == duplicate).count() > MOST_REQUESTS:
        raise Refused(f"Akun ini mempunyai lebih dari {MOST_REQUESTS} permohonan.")


def likely_duplicates() -> list[list[User]]:
    """Groups of living customers with one telephone, or one name at one institution.

    Two queries, which read the customers once each; at most fifty groups of each kind.
    """
    name = fn.LOWER(User.name).concat(SQL("'|'")).concat(fn.LOWER(User.institution_name))
    groups: dict[frozenset[int], list[User]] = {}
    for key, condition in ((User.phone, User.phone != ""), (name, True)):
        for group in _alike(key, condition):
            groups.setdefault(frozenset(person.id for person in group), group)
    return list(groups.values())


def _alike(key: Expression, condition: Expression) -> list[list[User]]:
    """Groups of at least two living customers that agree in `key`. One query."""
    living = User.select().where(~User.is_staff & User.active & condition)
    shared = living.select(key).group_by(key).having(fn.COUNT(User.id) > 1)
    found = living.select(User, key.alias("shared_key")).where(
        key.in_(shared.order_by(key).limit(MOST_GROUPS))
    )
    people = found.order_by(key, User.id).limit(MOST_GROUPS * 10).objects()
    return [list(group) for _, group in groupby(people, key=lambda one: one.shared_key)]
