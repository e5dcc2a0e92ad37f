"""What the office writes about a period of the survey: its lock, its summary, its action plans."""

import hashlib
from dataclasses import dataclass
from datetime import date

from config.office import office
from models import ActionPlan, Event, SurveyPeriod, lock_roles
from moves.changes import record_change
from outputs.survey.figures import collect
from rules.formats import ZONE, day
from rules.periods import Period
from storage.database import database
from workflow import Reader, Refused

PLANNED, RUNNING, DONE, DROPPED = "rencana", "berjalan", "selesai", "dibatalkan"
PLAN_STATUSES = {
    PLANNED: "Direncanakan",
    RUNNING: "Sedang berjalan",
    DONE: "Selesai",
    DROPPED: "Dibatalkan",
}


@dataclass(frozen=True)
class Plan:
    """An action plan as the form gives it."""

    element: str
    program: str
    due_on: date
    responsible: str
    status: str = PLANNED
    note: str = ""


def lock_period(period: Period, *, reader: Reader) -> SurveyPeriod:
    """Freeze the counts of a period that has ended and has answers. Raises Refused.

    There is no way back: what was published stays what was published.
    """
    post = _post_of(reader, "skm_lock", "Hanya {} yang dapat mengunci periode.")
    actor, now = reader.user, reader.now
    if not period.has_ended(now.astimezone(ZONE).date()):
        raise Refused(
            f"{period.title} baru berakhir pada {day(period.last)}. Kunci setelah tanggal itu."
        )
    with database.atomic():
        row = kept_period(period)
        answers = collect(period)
        if not answers.all_patterns:
            raise Refused(f"Belum ada jawaban survei pada {period.title}; tidak ada yang dikunci.")
        figures = answers.to_text()
        digest = hashlib.sha256(figures.encode()).hexdigest()
        locked = (
            SurveyPeriod.update(figures=figures, digest=digest, locked_at=now, locked_by=actor)
            .where((SurveyPeriod.id == row.id) & SurveyPeriod.locked_at.is_null())
            .execute()
        )
        if not locked:
            raise Refused(f"{period.title} sudah dikunci.")
        record_change(
            row,
            "survey_locked",
            before={"locked": False},
            after={"locked": True},
            actor=actor,
            at=now,
            data={"sha256": digest},
            stream=f"skm:{period.code}",
            acted_for=post,
        )
    return SurveyPeriod.get_by_id(row.id)


def altered_periods() -> list[str]:
    """Codes of the locked periods whose figures aren't those that the history says were locked.

    The digest beside the figures can be changed together with them; that of the history can't
    without breaking its chain. Two queries.
    """
    locked = {
        event.stream: event.data.get("sha256", "")
        for event in Event.select().where(Event.kind == "survey_locked")
    }
    return [
        row.code
        for row in SurveyPeriod.select().where(SurveyPeriod.locked_at.is_null(False))
        if locked.get(f"skm:{row.code}") != hashlib.sha256(row.figures.encode()).hexdigest()
    ]


def kept_period(period: Period) -> SurveyPeriod:
    """The period's row; made when there is none yet."""
    SurveyPeriod.insert(code=period.code).on_conflict_ignore().execute()
    return SurveyPeriod.get(SurveyPeriod.code == period.code)


def write_summary(period: Period, text: str, *, reader: Reader) -> None:
    """Keep what the suggestions come down to, for chapter IV of the report. Raises Refused."""
    post = _post_of(reader, "skm_plan", "Ringkasan diisi oleh {}.")
    with database.atomic():
        row = kept_period(period)
        if row.summary == text:
            return
        SurveyPeriod.update(summary=text).where(SurveyPeriod.id == row.id).execute()
        record_change(
            row,
            "survey_summary_written",
            before={"summary": row.summary},
            after={"summary": text},
            actor=reader.user,
            at=reader.now,
            stream=f"skm:{period.code}",
            acted_for=post,
        )


def write_plan(
    period: Period, plan: Plan, *, reader: Reader, row: ActionPlan | None = None
) -> ActionPlan:
    """Write a new plan, or change `row`. A locked period's plans go on: they are work to do.

    One that says the same to the letter is that one: somebody clicked twice.
    """
    post = _post_of(reader, "skm_plan", "Rencana diisi oleh {}.")
    with database.atomic():
        lock_roles()
        alike = None if row else ActionPlan.get_or_none(period_code=period.code, **plan.__dict__)
        return alike or _written(period, plan, row, post, reader=reader)


def _written(
    period: Period, plan: Plan, row: ActionPlan | None, post: str, *, reader: Reader
) -> ActionPlan:
    target = row or ActionPlan(period_code=period.code)
    changed = [name for name, value in plan.__dict__.items() if getattr(target, name) != value]
    before = {name: getattr(target, name) for name in changed if row}
    for name in changed:
        setattr(target, name, plan.__dict__[name])
    target.updated_at, target.updated_by = reader.now, reader.user
    target.save()
    told = {"plan": target.public_id, "status": target.status}
    record_change(
        target,
        "survey_plan_written",
        before=before,
        after={name: plan.__dict__[name] for name in changed},
        actor=reader.user,
        at=reader.now,
        data=told,
        stream=f"skm:{period.code}",
        acted_for=post,
    )
    return target


def _post_of(reader: Reader, capability: str, sentence: str) -> str:
    """The post by which the reader may; raises Refused when none is among theirs."""
    held = sorted(power.role for power in reader.powers_to(capability))
    if not held:
        raise Refused(sentence.format(office().titles_that_may(capability)))
    return held[0]
