"""The only door through which the questionnaire of the survey changes.

An administrator works on the one draft and publishes it as a version, from now or from a day on.
A published version never changes; answers name theirs, and a survey shows the one in force.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from administration.drafts import (
    MOMENT,
    begin_draft,
    overwrite,
    read_note,
    require_capability,
    take_away,
)
from models import SurveyDraft, SurveyVersion, User
from moves.changes import record_change
from moves.refusals import Refused
from rules import events
from rules.formats import ZONE, day
from rules.periods import start_of
from rules.survey import Questionnaire, parse_questionnaire, problems_of, read_definition
from rules.survey_edit import (
    EXTRA,
    MOST_EXTRAS,
    TITLES,
    Difference,
    add_extra,
    differences,
    entry_of,
    may_move,
    may_remove,
    move,
    remove_extra,
    rewrite,
)
from storage.database import canonical_json, database

# The first questionnaire has been in force as long as anybody asked.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
SUBJECT = "kuesioner"
CAPABILITY = "questionnaire_write"
MOST_DAYS_AHEAD = 366


# -- versions ------------------------------------------------------------------------------------


def take_in_file(path: Path, *, now: datetime) -> None:
    """Publish the questionnaire that comes with the program, unless people keep their own.

    Raises ValueError for a faulty file, and for one that says otherwise than it did under the
    same version: answers have been given to that.
    """
    raw = read_definition(path)
    name, text = parse_questionnaire(raw).name, canonical_json(raw)
    with database.atomic():
        newest = SurveyVersion.select().order_by(SurveyVersion.id.desc()).first()
        if newest and newest.published_by_id is not None:
            return
        SurveyVersion.insert(
            name=name,
            definition=text,
            starts_at=now if newest else ALWAYS,
            published_at=now,
        ).on_conflict_ignore().execute()
        if SurveyVersion.get(SurveyVersion.name == name).definition != text:
            raise ValueError(f"{path.name}: {name} is published with other words; raise `version`")


def questionnaire_of(row: SurveyVersion | SurveyDraft) -> Questionnaire:
    return _parsed(row.definition)


@lru_cache(maxsize=64)
def _parsed(definition: str) -> Questionnaire:
    return parse_questionnaire(json.loads(definition))


def _standing():
    return SurveyVersion.select().where(SurveyVersion.withdrawn_at.is_null())


def version_in_force(now: datetime) -> SurveyVersion:
    """The version that a survey shows at this moment. One query."""
    begun = _standing().where(SurveyVersion.starts_at <= now)
    return begun.order_by(SurveyVersion.starts_at.desc(), SurveyVersion.id.desc()).get()


def in_force(now: datetime) -> Questionnaire:
    return questionnaire_of(version_in_force(now))


def version_to_come(now: datetime) -> SurveyVersion | None:
    """The version that waits for its day. One query."""
    return _standing().where(SurveyVersion.starts_at > now).first()


def versions_named(names: Collection[str]) -> list[SurveyVersion]:
    """The versions with these names, the oldest first. One query."""
    rows = SurveyVersion.select().where(SurveyVersion.name.in_(list(names) or [""]))
    return list(rows.order_by(SurveyVersion.starts_at, SurveyVersion.id))


# -- the draft -----------------------------------------------------------------------------------


def open_draft(source: SurveyVersion, *, actor: User, now: datetime) -> SurveyDraft:
    """Begin the draft from a version; the one that is open already is returned as it is."""
    require_capability(actor, CAPABILITY, SUBJECT)
    code = questionnaire_of(source).code
    with database.atomic():
        draft, is_new = begin_draft(
            SurveyDraft,
            {"code": code},
            definition=source.definition,
            base=source,
            actor=actor,
            now=now,
        )
        if is_new:
            record_change(
                draft,
                events.SURVEY_DRAFT_OPENED,
                before={},
                after={"dimulai dari": source.name},
                actor=actor,
                at=now,
            )
    return draft


def rewrite_words(
    draft: SurveyDraft, words: Mapping[str, str], *, seen: str, actor: User, now: datetime
) -> bool:
    """Change title, greeting and closing; False when they are the same. Raises Conflict."""
    given = {name: words[name] for name in TITLES}
    return _change(draft, lambda raw: {**raw, **given}, seen=seen, actor=actor, now=now)


def rewrite_entry(
    draft: SurveyDraft,
    part: str,
    code: str,
    values: Mapping[str, object],
    *,
    seen: str,
    actor: User,
    now: datetime,
) -> bool:
    """Change the words of one question; False when they are the same. Raises Conflict."""
    return _change(
        draft, lambda raw: rewrite(raw, part, code, values), seen=seen, actor=actor, now=now
    )


def move_entry(
    draft: SurveyDraft, part: str, code: str, step: int, *, seen: str, actor: User, now: datetime
) -> bool:
    """Move a question one place up (-1) or down (1). Raises Refused at the ends, Conflict."""
    if not may_move(json.loads(draft.definition), part, code, step):
        raise Refused("Pertanyaan ini sudah berada di ujung.")
    return _change(draft, lambda raw: move(raw, part, code, step), seen=seen, actor=actor, now=now)


def add_question(
    draft: SurveyDraft, values: Mapping[str, object], *, seen: str, actor: User, now: datetime
) -> bool:
    """Ask one more thing outside the index. Raises Refused for too many, Conflict."""
    if len(json.loads(draft.definition).get(EXTRA, ())) >= MOST_EXTRAS:
        raise Refused(
            f"Sudah ada {MOST_EXTRAS} pertanyaan tambahan. Survei yang panjang jarang diisi."
        )
    return _change(draft, lambda raw: add_extra(raw, values), seen=seen, actor=actor, now=now)


def remove_question(
    draft: SurveyDraft, part: str, code: str, *, seen: str, actor: User, now: datetime
) -> bool:
    """No longer ask something outside the index. Raises Refused for what must be asked."""
    if not may_remove(part, code) or not entry_of(json.loads(draft.definition), part, code):
        raise Refused("Pertanyaan ini diminta oleh PermenPANRB 14/2017 dan tidak dapat dihapus.")
    return _change(draft, lambda raw: remove_extra(raw, code), seen=seen, actor=actor, now=now)


def discard_draft(draft: SurveyDraft, *, seen: str, actor: User, now: datetime) -> None:
    """Throw the draft away, as it was seen. Raises Conflict."""
    require_capability(actor, CAPABILITY, SUBJECT)
    with database.atomic():
        gone = _differences_from_base(draft)
        take_away(draft, seen)
        record_change(
            draft,
            events.SURVEY_DRAFT_DISCARDED,
            before=_side(gone, "after") or {"draf": "tanpa perubahan"},
            after={},
            actor=actor,
            at=now,
        )


def _change(
    draft: SurveyDraft,
    edit: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    seen: str,
    actor: User,
    now: datetime,
) -> bool:
    require_capability(actor, CAPABILITY, SUBJECT)
    old = questionnaire_of(draft)
    text = canonical_json(edit(json.loads(draft.definition)))
    if text == draft.definition:
        return False
    with database.atomic():
        overwrite(draft, text, seen=seen, actor=actor, now=now)
        found = differences(old, _parsed(text))
        record_change(
            draft,
            events.SURVEY_DRAFT_CHANGED,
            before=_side(found, "before"),
            after=_side(found, "after"),
            actor=actor,
            at=now,
        )
    return True


def _side(found: Collection[Difference], side: str) -> dict[str, object]:
    """What the differences say before or after, under names that people read."""
    said = {}
    for item in found:
        name = f"{item.subject}: {item.field}" if item.field else item.subject
        words = getattr(item, side)
        if item.kind == "dipindah":
            words = "urutan semula" if side == "before" else "urutan baru"
        if words or item.kind == "diubah":
            said[name] = words
    return said


# -- publishing ----------------------------------------------------------------------------------


def changes_to_publish(draft: SurveyDraft, now: datetime) -> list[Difference]:
    """What the draft says otherwise than the version in force."""
    return differences(in_force(now), questionnaire_of(draft))


def problems_in(draft: SurveyDraft) -> list[str]:
    return problems_of(questionnaire_of(draft))


def publish_draft(
    draft: SurveyDraft,
    *,
    seen: str,
    note: str,
    starts_on: date | None,
    actor: User,
    now: datetime,
) -> SurveyVersion:
    """Make the draft a version: in force at once, or from the first moment of `starts_on`.

    Raises Conflict, or Refused with the reason.
    """
    require_capability(actor, CAPABILITY, SUBJECT)
    note = read_note(note)
    starts_at = _start(starts_on, now)
    with database.atomic():
        take_away(draft, seen)
        current = version_in_force(now)
        if waiting := version_to_come(now):
            raise Refused(
                f"Versi {waiting.name} sudah dijadwalkan berlaku mulai "
                f"{day(waiting.starts_at.astimezone(ZONE).date())}. Batalkan dahulu jadwalnya."
            )
        if problems := problems_in(draft):
            raise Refused(f"Perbaiki dahulu draf ini. {' '.join(problems)}")
        changed = changes_to_publish(draft, now)
        if not changed:
            raise Refused("Draf sama dengan kuesioner yang berlaku; tidak ada yang diterbitkan.")
        raw = json.loads(draft.definition)
        raw["version"] = _next_version(raw["code"], starts_at)
        version = SurveyVersion.create(
            name=parse_questionnaire(raw).name,
            definition=canonical_json(raw),
            starts_at=max(starts_at, current.starts_at + MOMENT),
            published_at=now,
            published_by=actor,
            note=note,
        )
        record_change(
            version,
            events.SURVEY_PUBLISHED,
            before={"versi": current.name, **_side(changed, "before")},
            after={"versi": version.name, **_side(changed, "after")},
            actor=actor,
            at=now,
        )
    return version


def withdraw(version: SurveyVersion, *, actor: User, now: datetime) -> None:
    """Take back a version before its day comes. Raises Refused once it has."""
    require_capability(actor, CAPABILITY, SUBJECT)
    with database.atomic():
        taken = (
            SurveyVersion.update(withdrawn_at=now)
            .where(
                (SurveyVersion.id == version.id)
                & SurveyVersion.withdrawn_at.is_null()
                & (SurveyVersion.starts_at > now)
            )
            .execute()
        )
        if taken != 1:
            raise Refused("Versi yang sudah berlaku tidak dapat dibatalkan. Terbitkan versi baru.")
        starts = day(version.starts_at.astimezone(ZONE).date())
        record_change(
            version,
            events.SURVEY_WITHDRAWN,
            before={"berlaku mulai": starts},
            after={"berlaku mulai": "dibatalkan"},
            actor=actor,
            at=now,
        )


def _start(starts_on: date | None, now: datetime) -> datetime:
    if starts_on is None:
        return now
    today = now.astimezone(ZONE).date()
    if not today < starts_on <= today + timedelta(days=MOST_DAYS_AHEAD):
        raise Refused(
            f"Isi tanggal sesudah {day(today)} dan paling lambat setahun lagi, atau pilih berlaku "
            "sekarang."
        )
    return start_of(starts_on)


def _next_version(code: str, starts_at: datetime) -> str:
    """`2026-2`: the year of its beginning and its number among all there were."""
    year, number = starts_at.astimezone(ZONE).year, SurveyVersion.select().count() + 1
    while SurveyVersion.select().where(SurveyVersion.name == f"{code}-{year}-{number}").exists():
        number += 1
    return f"{year}-{number}"


def _differences_from_base(draft: SurveyDraft) -> list[Difference]:
    return differences(questionnaire_of(draft.base), questionnaire_of(draft))
