"""The only door through which the definition of a service changes.

An administrator works on a draft, one per service, and publishes it as a new version. Every write
is one transaction with its event; a draft is only written over the state that was seen.
Requests that are under way stay on the version under which they were filed.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from peewee import fn

from administration.drafts import (
    MOMENT,
    begin_draft,
    overwrite,
    read_note,
    require_capability,
    stamp_of,
    take_away,
)
from config.office import office
from config.settings import CONTENT
from models import Event, FlowDraft, FlowVersion, Request, User
from moves.catalogue import newest_versions
from moves.changes import record_change
from moves.officials import vacant_posts
from moves.refusals import Refused
from moves.unique_values import register_unique
from rules import events
from rules.flow_changes import Change, differences
from rules.flow_check import Known, Problem, find_problems
from rules.roles import PELANGGAN
from rules.services import STANDARD_COMPONENTS, Flow, Stage, digest_of, parse_flow
from rules.statuses import OPEN_STATUSES
from rules.wording import PERMOHONAN, read_wordings
from storage.database import database

SUBJECT = "alur layanan"
CAPABILITY = "flows_write"
OTHER_KIND = (
    "kode ini sudah dipakai untuk tahap berjenis lain pada versi terdahulu; buat tahap baru "
    "dengan kode lain"
)
OTHER_STAGE = (
    "judul dan pos sama-sama berbeda dari versi terdahulu; bila ini tahap lain, buat tahap baru "
    "agar riwayat tidak tercampur"
)


def definition_of(row: FlowVersion | FlowDraft) -> dict[str, Any]:
    return json.loads(row.definition)


def open_draft(source: FlowVersion, *, actor: User, now: datetime) -> FlowDraft:
    """Begin a draft from a version; the one that is open already is returned as it is."""
    require_capability(actor, CAPABILITY, SUBJECT)
    code = source.service_code
    raw = definition_of(source)
    raw.pop("edition", None)
    with database.atomic():
        draft, is_new = begin_draft(
            FlowDraft,
            {"service_code": code},
            definition=digest_of(raw)[0],
            base=source,
            actor=actor,
            now=now,
        )
        if is_new:
            _record(events.FLOW_DRAFT_OPENED, code, actor, now, base=source.id)
    return draft


def save_draft(
    draft: FlowDraft,
    raw: Mapping[str, Any],
    *,
    seen: str,
    what: str,
    stages: Collection[str] = (),
    actor: User,
    now: datetime,
) -> FlowDraft:
    """Write a changed definition over the state that was seen (`stamp_of`). Raises Conflict.

    `what` and `stages` go into the history: a word of ours and codes of stages.
    """
    require_capability(actor, CAPABILITY, SUBJECT)
    text, digest = digest_of({name: value for name, value in raw.items() if name != "edition"})
    if text == draft.definition and stamp_of(draft) == seen:
        return draft
    with database.atomic():
        overwrite(draft, text, seen=seen, actor=actor, now=now)
        _record(
            events.FLOW_DRAFT_CHANGED,
            draft.service_code,
            actor,
            now,
            what=what,
            stages=sorted(stages),
            digest=digest,
        )
    return FlowDraft.get_by_id(draft.id)


def discard_draft(draft: FlowDraft, *, seen: str, actor: User, now: datetime) -> None:
    """Throw a draft away, as it was seen. Raises Conflict."""
    require_capability(actor, CAPABILITY, SUBJECT)
    with database.atomic():
        take_away(draft, seen)
        _record(events.FLOW_DRAFT_DISCARDED, draft.service_code, actor, now)


def publish_draft(
    draft: FlowDraft, *, seen: str, note: str, actor: User, now: datetime
) -> FlowVersion:
    """Make the draft the version on offer. Raises Conflict, or Refused with the reason.

    The version carries its number, so that going back to an earlier definition is a version of
    its own and every row says when and by whom it was put on offer.
    """
    post = require_capability(actor, CAPABILITY, SUBJECT)
    note = read_note(note)
    code = draft.service_code
    with database.atomic():
        # The database alone says what is on offer; another process may have been first.
        take_away(draft, seen)
        raw = definition_of(draft)
        current = newest_versions([code]).get(code)
        if any(problem.is_error for problem in review(raw, code, now=now)):
            raise Refused("Masih ada masalah yang harus diperbaiki. Buka hasil pemeriksaan.")
        if current and not changes_from(current, raw):
            raise Refused("Draf sama dengan versi yang berlaku; tidak ada yang diterbitkan.")
        number = edition_after(code)
        text, digest = digest_of({**raw, "edition": number})
        version = FlowVersion.create(
            service_code=code,
            digest=digest,
            definition=text,
            created_at=now,
            published_at=max(now, current.published_at + MOMENT) if current else now,
            published_by=actor,
            note=note,
        )
        register_unique(parse_flow(raw, code))
        changed = [change.words for change in changes_from(current, raw)] if current else []
        record_change(
            version,
            events.FLOW_PUBLISHED,
            before={"versi": number - 1},
            after={"versi": number, "perubahan": "; ".join(changed)},
            actor=actor,
            at=now,
            stream=stream_of(code),
            acted_for=post,
            data={
                "service": code,
                "version": version.id,
                "edition": number,
                "digest": digest,
                "replaces": current.id if current else None,
            },
        )
    return version


def edition_after(service_code: str) -> int:
    """The number of the version that would be published next."""
    published = FlowVersion.published_at.is_null(False)
    mine = FlowVersion.service_code == service_code
    return FlowVersion.select().where(published & mine).count() + 1


def stream_of(service_code: str) -> str:
    """The name of a service's stream in the history."""
    return f"flow:{service_code}"[:40]


def _record(kind: str, code: str, actor: User, now: datetime, **data: object) -> None:
    post = require_capability(actor, CAPABILITY, SUBJECT)
    Event.record(
        kind,
        at=now,
        actor=actor,
        stream=stream_of(code),
        acted_for=post,
        data={"service": code, **data},
    )


# -- looking at a draft --------------------------------------------------------------------------


def changes_from(version: FlowVersion, raw: Mapping[str, Any]) -> list[Change]:
    """How a definition differs from a version, in words."""
    old = parse_flow(definition_of(version), version.service_code)
    found = differences(old, parse_flow(raw), office().posts)
    if found or _plain(definition_of(version)) == _plain(raw):
        return found
    return [Change("diubah", "rincian lain pada berkas alur diubah")]


def _plain(raw: Mapping[str, Any]) -> str:
    return digest_of({name: value for name, value in raw.items() if name != "edition"})[0]


def review(raw: Mapping[str, Any], service_code: str, *, now: datetime) -> list[Problem]:
    """Everything wrong with a definition: by itself, with who is there now, with the past.

    Six queries.
    """
    flow = parse_flow(raw, service_code)
    found = find_problems(flow, _known())
    if flow.code != service_code:
        found.append(Problem(f"kode layanan tetap “{service_code}” dan tidak dapat diganti"))
    found += _without_holder(flow, now=now)
    found += _other_meanings(flow, service_code)
    if current := newest_versions([service_code]).get(service_code):
        found += _texts_left_behind(parse_flow(definition_of(current), service_code), flow)
    return found


def _texts_left_behind(old: Flow, new: Flow) -> Iterator[Problem]:
    """Public texts that tell the number of stages or the promise, and weren't changed along."""
    promises = [
        [one.promised_days(s.code) for s in one.subclasses] or [one.working_days]
        for one in (old, new)
    ]
    for name, is_other, words in (
        ("prosedur", len(old.stages) != len(new.stages), "banyaknya tahap berubah"),
        ("jangka_waktu", promises[0] != promises[1], "janji layanan berubah"),
    ):
        if is_other and old.standard.get(name) == new.standard.get(name):
            yield Problem(
                f"{words}; sesuaikan komponen standar pelayanan "
                f"“{STANDARD_COMPONENTS[name]}” melalui berkas alur",
                is_error=False,
            )


def _without_holder(flow: Flow, *, now: datetime) -> list[Problem]:
    vacant, found = set(vacant_posts(now)), []
    for desk in flow.desks:
        post = office().posts.get(desk.role, desk.role)
        if desk.role == PELANGGAN or desk.role not in office().posts:
            continue
        if desk.role not in office().posts_that_may("queue"):
            found.append(Problem(f"pos {post} tidak memegang tahap layanan", desk.desk))
        elif desk.role in vacant:
            found.append(_vacant_post(desk, post, vacant))
    return found


def _vacant_post(desk: Stage, post: str, vacant: Collection[str]) -> Problem:
    """A vacant post stops the request, unless a post down the chain stands in for it."""
    substitute = substitute_of(desk.role, vacant)
    if substitute:
        title = office().posts.get(substitute, substitute)
        return Problem(f"pos {post} sedang kosong; digantikan {title}", desk.desk, is_error=False)
    return Problem(f"belum ada petugas yang memegang pos {post}", desk.desk)


def substitute_of(role: str, vacant: Collection[str]) -> str:
    """The first living post that stands in for a vacant one; empty for none."""
    seen: set[str] = set()
    while role in vacant and role not in seen:
        seen.add(role)
        role = office().substitutes.get(role, "")
    return role if role and role not in seen else ""


def _other_meanings(flow: Flow, service_code: str) -> list[Problem]:
    """Codes that mean something else in versions on which requests still run, or ever ran.

    Durations and statistics read the history by the code of the stage.
    """
    running = set(running_versions(service_code))
    found: dict[str, Problem] = {}
    for version in FlowVersion.select().where(FlowVersion.service_code == service_code):
        if version.published_at is None and version.id not in running:
            continue
        old = parse_flow(definition_of(version), service_code)
        for stage in flow.stages:
            if not old.has_stage(stage.code):
                continue
            before = old.stage(stage.code)
            if before.kind != stage.kind:
                found[stage.code] = Problem(OTHER_KIND, stage.code)
            elif before.title != stage.title and before.role != stage.role:
                found.setdefault(stage.code, Problem(OTHER_STAGE, stage.code, is_error=False))
    return list(found.values())


def running_versions(service_code: str = "") -> dict[int, int]:
    """Version id -> how many requests are under way on it. One query."""
    running = Request.select(Request.flow, fn.COUNT(Request.id)).where(
        Request.status.in_(OPEN_STATUSES)
    )
    if service_code:
        running = running.where(Request.service_code == service_code)
    return dict(running.group_by(Request.flow).tuples())


def used_codes(service_code: str, raw: Mapping[str, Any]) -> set[str]:
    """Every code that a stage of this service has or once had."""
    found = {stage["code"] for stage in raw["stage"]}
    for version in FlowVersion.select().where(FlowVersion.service_code == service_code):
        found |= {stage["code"] for stage in definition_of(version)["stage"]}
    return found


@cache
def _known() -> Known:
    wordings, _ = read_wordings(CONTENT / "messages.toml")
    return Known(
        posts=tuple(office().posts),
        messages=tuple(code for code, words in wordings.items() if words.purpose == PERMOHONAN),
    )
