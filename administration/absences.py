"""Who is away when. It moves no work: it proposes a Plh., and warns where one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.office import office
from models import Absence, Mandate, User
from moves.changes import record_change
from moves.officials import holders_of_posts, today
from moves.refusals import InvalidInput
from rules.formats import day
from rules.labels import ABSENCES, ABSENCES_TOLD
from storage.database import database


@dataclass(frozen=True)
class Uncovered:
    """A post whose holder is or will be away, and for which nobody is named on all those days."""

    absence: Absence
    role: str

    @property
    def title(self) -> str:
        return office().posts[self.role]


def note(person: User, kind: str, first: date, last: date, *, by: User, now: datetime) -> Absence:
    """Write down that somebody is away. Raises InvalidInput."""
    if last < first:
        raise InvalidInput({"until_on": "Tanggal ini mendahului tanggal mulai."})
    if last < today(now):
        raise InvalidInput({"until_on": "Masa ini sudah lewat."})
    if kind not in ABSENCES:
        raise InvalidInput({"kind": "Pilih salah satu."})
    with database.atomic():
        row = Absence.create(
            user=person, kind=kind, from_on=first, until_on=last, created_at=now, created_by=by
        )
        after = {"name": person.name, "kind": kind, "from_on": first, "until_on": last}
        record_change(row, "record_created", before={}, after=after, actor=by, at=now)
    return row


def revoke(row: Absence, *, by: User, now: datetime) -> bool:
    """Take it back; False when somebody did before."""
    with database.atomic():
        mine = (Absence.id == row.id) & Absence.revoked_at.is_null()
        if not Absence.update(revoked_at=now).where(mine).execute():
            return False
        said = {"before": {"ended": False}, "after": {"ended": True}}
        record_change(row, "record_changed", **said, actor=by, at=now)
    return True


def words_of(row: Absence, on: date) -> str:
    """`cuti s.d. 5 Des 2026`, or with its first day while that is to come."""
    kind = ABSENCES_TOLD[row.kind].lower()
    if row.from_on <= on:
        return f"{kind} s.d. {day(row.until_on)}"
    return f"{kind} {day(row.from_on)} – {day(row.until_on)}"


def uncovered(now: datetime) -> list[Uncovered]:
    """Where a Plh. is still to be named: posts with a queue, of who is or will be away. Three
    queries."""
    on = today(now)
    away: Sequence[Absence] = list(Absence.since(on))
    if not away:
        return []
    held, queues = holders_of_posts(), office().posts_that_may("queue")
    mandates = list(Mandate.select().where(Mandate.revoked_at.is_null() & (Mandate.until_on >= on)))
    return [
        Uncovered(row, role)
        for row in away
        for role in office().posts
        if role in queues
        and row.user_id in held.get(role, ())
        # A post that somebody else holds too goes on by itself.
        and len(held[role]) == 1
        and not any(_covers(mandate, row, role, on) for mandate in mandates)
    ]


def _covers(mandate: Mandate, row: Absence, role: str, on: date) -> bool:
    is_for = mandate.role_code == role and mandate.absent_id == row.user_id
    return is_for and mandate.from_on <= max(row.from_on, on) and mandate.until_on >= row.until_on
