"""Papers about many requests: that one was made is written down, so that it can be checked.

The paper itself isn't kept. Its row holds what the public check page says, and no person's name
or number is among it.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from config.office import office
from models import Event, Printout, User, lock_roles
from moves.officials import PREFIXES, Reader
from moves.refusals import Refused
from rules import events
from rules.formats import ZONE
from rules.rights import SUBSTITUTE, Power
from storage.database import database, new_check_code

RECAP, DASHBOARD, SURVEY_REPORT = "rekap", "dasbor", "laporan_skm"
TITLES = {
    RECAP: "Rekap Layanan",
    DASHBOARD: "Dasbor Layanan",
    SURVEY_REPORT: "Laporan Survei Kepuasan Masyarakat",
}
STAMP = re.compile(r"\d{8}-\d{6}(-\d+)?$")


@dataclass(frozen=True)
class Paper:
    """What is made: `about` goes before everybody's eyes; papers with equal `series` follow each
    other; `capability` is what lets a post make it."""

    kind: str
    about: Sequence[tuple[str, str]]
    series: Sequence[object]
    capability: str


class NumberTaken(Exception):
    """Another paper was issued under this number meanwhile: write it anew under the next one."""


def free_number(kind: str, now: datetime) -> str:
    """`REKAP-20240729-125745`, or `REKAP-20240729-125745-2` for the second of that second.

    Nobody has it yet; only `issue` can say that nobody took it while the paper was written.
    """
    number = f"{kind.replace('_', '-').upper()}-{now.astimezone(ZONE):%Y%m%d-%H%M%S}"
    alike = Printout.select(Printout.number).where(Printout.number.startswith(number))
    taken = {found for (found,) in alike.tuples()}
    return next(one for one in _numbered(number) if one not in taken)


def _numbered(number: str) -> Iterator[str]:
    yield number
    yield from (f"{number}-{n}" for n in count(2))


def stamp_of(number: str) -> str:
    """`20240729-125745` of a number, for names of files."""
    return STAMP.search(number)[0]


def publish(
    paper: Paper, write: Callable[[str, str], bytes], *, reader: Reader
) -> tuple[str, bytes]:
    """Write a paper under a number of its own and issue it; (number, content). Raises Refused.

    `write` makes it from its number and its check code; again, when somebody was faster.
    """
    code = new_check_code()
    while True:
        number = free_number(paper.kind, reader.now)
        content = write(number, code)
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
        with suppress(NumberTaken):
            issue(paper, number=number, code=code, sha256=digest, size=size, reader=reader)
            return number, content


def issue(
    paper: Paper, *, number: str, code: str, sha256: str, size: int, reader: Reader
) -> Printout:
    """Write down that a paper with this number, check code and digest was made.

    Raises Refused, and NumberTaken when the number is another paper's.
    """
    power = _power_of(reader.powers_to(paper.capability))
    series = "|".join(map(str, (paper.kind, power.role, *paper.series)))
    with database.atomic():
        # Two papers of one second would both see no other.
        lock_roles()
        if Printout.select().where(Printout.number == number).exists():
            raise NumberTaken(number)
        row = Printout.create(
            code=code,
            kind=paper.kind,
            number=number,
            about=[list(pair) for pair in paper.about],
            series=hashlib.sha256(series.encode()).hexdigest(),
            role_code=power.role,
            issuer=_post_words(power),
            created_by=reader.id,
            created_at=reader.now,
            sha256=sha256,
            size=size,
        )
        _record(events.PRINTOUT_ISSUED, row, reader.user, now=reader.now)
    return row


def withdraw(row: Printout, *, reader: Reader) -> None:
    """Say that a paper doesn't hold any more, with nothing in its place. Raises Refused."""
    _power_of([power for power in reader.powers if power.role == row.role_code])
    with database.atomic():
        mine = (Printout.id == row.id) & Printout.revoked_at.is_null()
        if not Printout.update(revoked_at=reader.now).where(mine).execute():
            raise Refused(f"{row.number} sudah dicabut.")
        _record(events.PRINTOUT_WITHDRAWN, row, reader.user, now=reader.now)


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


def _power_of(fitting: Sequence[Power]) -> Power:
    """By what right somebody makes or withdraws it; the own post before one acted for."""
    if not fitting:
        raise Refused("Dokumen ini diterbitkan atas nama pos yang tidak Anda pegang.")
    return fitting[0]


def _post_words(power: Power) -> str:
    title = office().posts.get(power.role, power.role)
    if power.kind == SUBSTITUTE:
        return f"Pengganti {title}"
    return f"{PREFIXES[power.kind]} {title}" if power.kind in PREFIXES else title


def _record(kind: str, row: Printout, actor: User, *, now: datetime) -> None:
    said = {"printout": row.public_id, "kind": row.kind, "sha256": row.sha256}
    Event.record(kind, at=now, actor=actor, acted_for=row.role_code, data=said)
