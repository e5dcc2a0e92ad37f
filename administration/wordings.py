"""The office's own words for its messages: kept by version, checked, and put back to the default.

A change holds for every message that is sent after it, those that wait already included.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from peewee import JOIN, IntegrityError

from config.office import office
from config.settings import CONTENT
from models import ChangeRecord, Event, OwnWording, User
from moves.refusals import Conflict, InvalidInput
from rules import events
from rules.wording import Wording, problems_of, read_wordings
from storage.database import database


@cache
def default_wordings() -> tuple[Mapping[str, Wording], str]:
    """The defaults by code, and the footer of e-mails with the facts of the office."""
    wordings, footer = read_wordings(CONTENT / "messages.toml")
    facts = {
        "kantor": office().name,
        "alamat": office().address,
        "email": office().email,
        "wa": office().whatsapp,
    }
    return wordings, footer.format_map(facts)


def own_wordings() -> Mapping[str, Sequence[tuple[datetime, Wording]]]:
    """The office's own words by code, oldest first, each with its moment. One query."""
    defaults, _ = default_wordings()
    found: dict[str, list[tuple[datetime, Wording]]] = {}
    for row in OwnWording.select().order_by(OwnWording.code, OwnWording.version):
        if row.code in defaults:
            found.setdefault(row.code, []).append((row.created_at, words_of_row(row)))
    return found


def words_of_row(row: OwnWording) -> Wording:
    default = default_wordings()[0][row.code]
    subject, text = (default.subject, default.text) if row.is_default else (row.subject, row.text)
    return default.reworded(subject, text, row.version)


def versions_of(code: str) -> list[OwnWording]:
    """Newest first, with who wrote them. One query."""
    rows = OwnWording.select(OwnWording, User).join(User, JOIN.LEFT_OUTER)
    return list(rows.where(OwnWording.code == code).order_by(OwnWording.version.desc()))


def reword(code: str, subject: str, text: str, *, version: int, actor: User, now: datetime) -> bool:
    """Put other words in force over version `version`; False when they are the same.

    Raises InvalidInput with a sentence per field, Conflict when somebody was first.
    """
    default = default_wordings()[0][code]
    subject, text = subject.strip(), text.replace("\r\n", "\n").strip()
    if errors := problems_of(default, subject, text):
        raise InvalidInput(errors)
    is_default = (subject, text) == (default.subject, default.text)
    return _write(code, subject, text, is_default, version=version, actor=actor, now=now)


def restore(code: str, *, version: int, actor: User, now: datetime) -> bool:
    """Put the default in force again; False when it is. Raises Conflict."""
    default = default_wordings()[0][code]
    return _write(code, default.subject, default.text, True, version=version, actor=actor, now=now)


def _write(
    code: str,
    subject: str,
    text: str,
    is_default: bool,
    *,
    version: int,
    actor: User,
    now: datetime,
) -> bool:
    with database.atomic():
        newest = OwnWording.select().where(OwnWording.code == code)
        newest = newest.order_by(OwnWording.version.desc()).first()
        if (newest.version if newest else 0) != version:
            raise Conflict("Pesan ini baru saja diubah orang lain. Periksa kata-kata terbarunya.")
        before = words_of_row(newest) if newest else default_wordings()[0][code]
        was_default = newest is None or newest.is_default
        if (subject, text) == (before.subject, before.text) and is_default == was_default:
            return False
        try:
            with database.atomic():
                row = OwnWording.create(
                    code=code,
                    version=version + 1,
                    subject="" if is_default else subject,
                    text="" if is_default else text,
                    is_default=is_default,
                    created_at=now,
                    created_by=actor,
                )
        except IntegrityError:
            raise Conflict("Pesan ini baru saja diubah orang lain. Periksa lagi.") from None
        _record(row, before, subject, text, actor=actor, now=now)
    return True


def _record(
    row: OwnWording, before: Wording, subject: str, text: str, *, actor: User, now: datetime
) -> None:
    event = Event.record(
        events.WORDING_RESTORED if row.is_default else events.WORDING_CHANGED,
        at=now,
        actor=actor,
        data={
            "code": row.code,
            "version": row.version,
            "before": _digest(before.subject, before.text),
            "after": _digest(subject, text),
        },
    )
    ChangeRecord.create(
        event=event,
        table="own_wording",
        row_id=row.id,
        before={"subject": before.subject, "text": before.text},
        after={"subject": subject, "text": text},
    )


def _digest(subject: str, text: str) -> str:
    return hashlib.sha256(f"{subject}\n{text}".encode()).hexdigest()
