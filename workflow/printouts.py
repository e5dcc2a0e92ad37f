"""Papers about many requests: that one was made is written down, so that it can be checked.

The paper itself isn't kept. Its row holds what the public check page says, and no person's name
or number is among it.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.office import office
from database import database
from models.documents import Printout
from models.history import Event
from models.people import User
from rules import events
from rules.formats import ZONE
from workflow.movement import Refused
from workflow.officials import PREFIXES, SUBSTITUTE, Power, powers_of

RECAP, DASHBOARD, SURVEY_REPORT = "rekap", "dasbor", "laporan_skm"
TITLES = {
    RECAP: "Rekap Layanan",
    DASHBOARD: "Dasbor Layanan",
    SURVEY_REPORT: "Laporan Survei Kepuasan Masyarakat",
}


@dataclass(frozen=True)
class Paper:
    """What is made: `about` goes before everybody's eyes; papers with equal `series` follow each
    other; `roles` are the posts that may make it."""

    kind: str
    about: Sequence[tuple[str, str]]
    series: Sequence[object]
    roles: Collection[str]


def number_of(kind: str, now: datetime) -> str:
    """`REKAP-20240729-1257`: what the paper is called; the minute tells papers apart."""
    return f"{kind.replace('_', '-').upper()}-{now.astimezone(ZONE):%Y%m%d-%H%M}"


def issue(
    paper: Paper, *, code: str, sha256: str, size: int, actor: User, now: datetime
) -> Printout:
    """Write down that a paper with this check code and digest was made. Raises Refused."""
    power = _power_of(actor, paper.roles, now)
    series = "|".join(map(str, (paper.kind, power.role, *paper.series)))
    with database.atomic():
        row = Printout.create(
            code=code,
            kind=paper.kind,
            number=number_of(paper.kind, now),
            about=[list(pair) for pair in paper.about],
            series=hashlib.sha256(series.encode()).hexdigest(),
            role_code=power.role,
            issuer=_post_words(power),
            created_by=actor,
            created_at=now,
            sha256=sha256,
            size=size,
        )
        _record(events.PRINTOUT_ISSUED, row, actor, now=now)
    return row


def withdraw(row: Printout, *, actor: User, now: datetime) -> None:
    """Say that a paper doesn't hold any more, with nothing in its place. Raises Refused."""
    _power_of(actor, (row.role_code,), now)
    with database.atomic():
        mine = (Printout.id == row.id) & Printout.revoked_at.is_null()
        if not Printout.update(revoked_at=now).where(mine).execute():
            raise Refused(f"{row.number} sudah dicabut.")
        _record(events.PRINTOUT_WITHDRAWN, row, actor, now=now)


def newer_than(row: Printout) -> Printout | None:
    """The newest paper of the series that follows this one and still holds. One query."""
    later = (Printout.created_at > row.created_at) | (
        (Printout.created_at == row.created_at) & (Printout.id > row.id)
    )
    return (
        Printout.select()
        .where((Printout.series == row.series) & Printout.revoked_at.is_null() & later)
        .order_by(Printout.created_at.desc(), Printout.id.desc())
        .first()
    )


def in_force(rows: Sequence[Printout]) -> set[int]:
    """Ids of those of these papers that hold: the newest of their series. One query."""
    series = {row.series for row in rows}
    newest: dict[str, int] = {}
    held = (
        Printout.select(Printout.id, Printout.series)
        .where(Printout.series.in_(sorted(series)) & Printout.revoked_at.is_null())
        .order_by(Printout.created_at, Printout.id)
        .tuples()
    )
    for key, name in held:
        newest[name] = key
    return set(newest.values())


def _power_of(actor: User, roles: Collection[str], now: datetime) -> Power:
    """By what right somebody makes or withdraws it; the own post before one acted for."""
    found = next((power for power in powers_of(actor, now) if power.role in roles), None)
    if found is None:
        raise Refused("Dokumen ini diterbitkan atas nama pos yang tidak Anda pegang.")
    return found


def _post_words(power: Power) -> str:
    title = office().posts.get(power.role, power.role)
    if power.kind == SUBSTITUTE:
        return f"Pengganti {title}"
    return f"{PREFIXES[power.kind]} {title}" if power.kind in PREFIXES else title


def _record(kind: str, row: Printout, actor: User, *, now: datetime) -> None:
    said = {"printout": row.public_id, "kind": row.kind, "sha256": row.sha256}
    Event.record(kind, at=now, actor=actor, acted_for=row.role_code, data=said)
