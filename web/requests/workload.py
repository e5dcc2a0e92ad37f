"""What stands beside a name where a person is chosen: the open tasks, and whether they are away."""

from collections.abc import Collection
from datetime import datetime

from peewee import fn

from administration.absences import words_of
from models import Absence, Request
from moves.officials import today
from storage.fast import keys


def workload_words(ids: Collection[int], *, now: datetime) -> dict[int, str]:
    """Id of a person -> `3 tugas; cuti s.d. 5 Des 2026`. Two queries, however many they are."""
    if not ids:
        return {}
    running = Request.select(Request.assignee, fn.COUNT(Request.id)).where(
        Request.is_running() & Request.assignee.in_(keys(sorted(ids)))
    )
    counts = dict(running.group_by(Request.assignee).tuples())
    found = {key: f"{counts[key]} tugas" if key in counts else "tanpa tugas" for key in ids}
    on = today(now)
    for row in Absence.since(on).where(Absence.user.in_(keys(sorted(ids)))):
        found[row.user_id] += f"; {words_of(row, on)}"
    return found
