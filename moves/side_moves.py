"""What each side path does to a request.

Every function runs inside the one transaction of `workflow.act` and writes one event. `sides`
has the table with their words, `offers` says who may take them.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from math import ceil

from peewee import ModelSelect

from config.office import office
from models import Document, Event, Request, StageRecord
from moves import clock
from moves.asked_points import answered, files_of, kind_of, points_of
from moves.catalogue import work_calendar
from moves.movement import (
    Actor,
    Given,
    attach,
    compare_and_set,
    entering,
    order_documents,
    revoke_documents,
    write_history,
)
from moves.notices import tell_customer, tell_post
from moves.officials import today
from moves.refusals import InvalidInput, Refused
from rules import events
from rules.formats import day, weekday_day
from rules.labels import LATER_DATE
from rules.roles import PELANGGAN
from rules.services import HANDOVER, OFFICE, Flow, Stage
from rules.statuses import (
    CANCELLED,
    EXPIRED,
    IN_PROCESS,
    NEEDS_COMPLETION,
    REJECTED,
    SUSPENDED,
    WAITING_CUSTOMER,
)

COMPLETION, SUSPENSION, AMENDMENT = "completion", "suspension", "amendment"
CANCELLATION, OBJECTION, REVISION = "cancellation", "objection", "revision"
DECISION_DAYS = 5
YES, NO = "Ya", "Tidak"


@dataclass(frozen=True)
class Move:
    """A side move under way."""

    request: Request
    flow: Flow
    desk: Stage
    actor: Actor
    given: Given
    now: datetime

    def write(self, kind: str, **data: object) -> Event:
        return write_history(
            self.request, kind, self.desk, self.actor, self.given, now=self.now, data=data
        )

    def tell(self, template: str, **more: str) -> None:
        tell_customer(
            self.request, self.request.customer, template, now=self.now, stage=self.desk, more=more
        )

    def tell_desk(self, template: str = "tugas_baru", *, role: str = "", **more: str) -> None:
        tell_post(self.request, self.desk, now=self.now, template=template, role=role, more=more)

    def working_days_on(self, days: int) -> datetime:
        return work_calendar().add_working_days(self.now, Decimal(days))

    def date(self, name: str) -> date | None:
        text = self.given.text(name)
        return date.fromisoformat(text) if text else None


# -- completion ----------------------------------------------------------------------------------


def ask_completion(move: Move) -> None:
    request, days = move.request, int(move.given.text("days") or 5)
    due_at = move.working_days_on(days)
    clock.stop(request, clock.COMPLETION, now=move.now)
    compare_and_set(
        request,
        {
            "status": NEEDS_COMPLETION,
            "pending": COMPLETION,
            "pending_due_at": due_at,
            "waiting_role": PELANGGAN,
            "assignee": None,
        },
    )
    move.write(events.COMPLETION_ASKED, until=due_at.isoformat())
    wanted = "; ".join(
        line.strip(" -•;.") for line in move.given.text("items").splitlines() if line
    )
    move.tell("perlu_dilengkapi", daftar=wanted[:300], batas=weekday_day(due_at))


def give_completion(move: Move) -> None:
    """Each paper takes the place of the one that its point is about, or is added."""
    request, points = move.request, points_of(move.request, move.flow)
    for point in points:
        if files := files_of(point, move.given):
            attach(
                request,
                *files,
                kind=kind_of(request, point),
                title=(point.paper or point.text)[: Document.title.max_length],
                by=move.actor.user,
                now=move.now,
            )
    compare_and_set(request, entering(request, move.desk, now=move.now))
    kept = replace(move.given, kept=answered(points, move.given))
    replace(move, given=kept).write(events.COMPLETION_GIVEN)
    move.tell_desk("kelengkapan_diterima")


def withdraw_completion(move: Move) -> None:
    compare_and_set(move.request, entering(move.request, move.desk, now=move.now))
    move.write(events.COMPLETION_WITHDRAWN)
    move.tell("tahap_dilanjutkan")


def expire(move: Move) -> None:
    """Close a request whose completion never came; the grace is counted in `completions`."""
    due_at = move.request.pending_due_at or move.now
    clock.go_on(move.request, now=move.now)
    compare_and_set(move.request, _closed(EXPIRED, move.now))
    revoke_documents(move.request, ["penawaran"], now=move.now)
    move.write(events.EXPIRED)
    move.tell("kedaluwarsa", batas=weekday_day(due_at))


def _closed(status: str, now: datetime) -> dict[str, object]:
    return {
        "status": status,
        "waiting_role": "",
        "assignee": None,
        "closed_at": now,
        "pending": "",
        "pending_due_at": None,
    }


# -- refusal and objection -----------------------------------------------------------------------


def reject(move: Move) -> None:
    request = move.request
    clock.stop(request, clock.OBJECTION, now=move.now)
    compare_and_set(request, _closed(REJECTED, move.now))
    revoke_documents(request, ["penawaran"], now=move.now)
    move.write(events.REJECTED)
    order_documents(request, ["surat_penolakan"], actor=move.actor, now=move.now)
    until = move.working_days_on(move.flow.objection_days)
    move.tell("ditolak", alasan=move.given.text("reason").rstrip(". "), batas=weekday_day(until))


def raise_objection(move: Move) -> None:
    due_at = move.working_days_on(DECISION_DAYS)
    superior = superior_of(refuser_role(move.request))
    compare_and_set(
        move.request,
        {
            "pending": OBJECTION,
            "pending_due_at": due_at,
            "stage_due_at": due_at,
            "waiting_role": superior,
        },
    )
    move.write(events.OBJECTED)
    move.tell("keberatan_diterima", batas=weekday_day(due_at))
    move.tell_desk("keberatan_masuk", role=superior)


def uphold(move: Move) -> None:
    compare_and_set(
        move.request, {"pending": "", "pending_due_at": None, "waiting_role": "", "assignee": None}
    )
    move.write(events.OBJECTION_UPHELD)
    move.tell("keberatan_ditolak", alasan=move.given.text("reason").rstrip(". "))


def reopen(move: Move) -> None:
    """The refusal falls; number and history stay, and the time since then doesn't count."""
    compare_and_set(move.request, entering(move.request, move.desk, now=move.now))
    revoke_documents(move.request, ["surat_penolakan"], now=move.now)
    move.write(events.REOPENED)
    move.tell("dibuka_kembali")
    if move.desk.kind in (OFFICE, HANDOVER):
        move.tell_desk()


def refusal_of(request: Request) -> Event | None:
    """The latest refusal of a request."""
    found = Event.select().where((Event.request == request) & (Event.kind == events.REJECTED))
    return found.order_by(Event.seq.desc()).first()


def refuser_role(request: Request) -> str:
    refusal = refusal_of(request)
    return refusal.acted_for if refusal else ""


def superior_of(role: str) -> str:
    return office().superior_of(role)


# -- suspension ----------------------------------------------------------------------------------


def suspend(move: Move) -> None:
    resumes_on = move.date("resumes_on")
    if resumes_on and resumes_on <= today(move.now):
        raise InvalidInput({"resumes_on": LATER_DATE})
    request = move.request
    clock.stop(request, clock.SUSPENDED, now=move.now)
    changes: dict[str, object] = {"status": SUSPENDED, "pending": SUSPENSION}
    power = move.actor.power
    if power and power.role != request.waiting_role:
        # Who suspended in another's stead has the turn to go on.
        changes |= {"waiting_role": power.role, "assignee": None}
    compare_and_set(request, changes)
    move.write(events.SUSPENDED)
    move.tell(
        "ditunda",
        alasan=move.given.text("reason").rstrip(". "),
        tanggal=day(resumes_on) if resumes_on else "akan kami kabarkan",
    )


def resume(move: Move) -> None:
    stage = move.request.stage_entered_at
    compare_and_set(
        move.request, entering(move.request, move.desk, now=move.now) | {"stage_entered_at": stage}
    )
    move.write(events.RESUMED)
    move.tell("dilanjutkan")
    move.tell_desk()


# -- back ----------------------------------------------------------------------------------------


def earlier_desks(flow: Flow, desk: Stage) -> dict[str, Stage]:
    """Words -> earlier desk of the office to which a request may go back, the nearest first."""
    found = {}
    for before in flow.before(desk):
        if before.kind == OFFICE:
            turn = ""
            if before.turns > 1:
                # A post may have two turns of one stage, so the turn has its number.
                turn = f", giliran {before.step + 1}: {office().posts[before.role]}"
            found[f"{flow.position(before.code) + 1}. {before.short}{turn}"] = before
    return found


def go_back_to(move: Move) -> None:
    target = earlier_desks(move.flow, move.desk)[move.given.text("to")]
    _go_back(move, target, events.RETURNED)
    if move.given.text("tell") == YES:
        move.tell("dikembalikan", alasan=move.given.text("reason").rstrip(". "), tahap=target.short)
    _tell_target(move, target, "dikembalikan_petugas")


def negotiate(move: Move) -> None:
    target = next(iter(earlier_desks(move.flow, move.desk).values()))
    _go_back(move, target, events.NEGOTIATED)
    revoke_documents(move.request, ["penawaran"], now=move.now)
    _tell_target(move, target, "pelanggan_meminta_perubahan")


def reissue_billing(move: Move) -> None:
    target = billing_desk(move.flow, move.desk) or move.desk
    _go_back(move, target, events.BILLING_REISSUED)
    _tell_target(move, target, "tugas_baru")


def billing_desk(flow: Flow, desk: Stage) -> Stage | None:
    """The nearest earlier desk that issues a bill; a kind of request may pass none."""
    return next((one for one in flow.before(desk) if one.has_effect("record_billing")), None)


def _go_back(move: Move, target: Stage, kind: str) -> None:
    request, undone = move.request, {}
    last = next(desk for desk in move.flow.desks if desk.has_effect("stop_clock"))
    if move.flow.position(target.code) <= move.flow.position(last.code):
        undone = {"office_done_at": None, "office_days": None}
        # The deadlines of what follows are counted with the office at work again.
        request.office_done_at = None
    compare_and_set(request, undone | entering(request, target, now=move.now))
    move.write(kind, to=target.code, to_step=target.step)


def _tell_target(move: Move, target: Stage, template: str) -> None:
    reason = move.given.text("reason").rstrip(". ")
    more = {"alasan": reason} if template != "tugas_baru" else {}
    tell_post(move.request, target, now=move.now, template=template, more=more)


# -- change of scope -----------------------------------------------------------------------------


def amend(move: Move) -> None:
    finish_on = move.date("finish_on")
    if finish_on and finish_on <= today(move.now):
        raise InvalidInput({"finish_on": LATER_DATE})
    clock.stop(move.request, clock.AMENDMENT, now=move.now)
    compare_and_set(
        move.request,
        {
            "status": WAITING_CUSTOMER,
            "pending": AMENDMENT,
            "waiting_role": PELANGGAN,
            "assignee": None,
        },
    )
    move.write(events.AMENDMENT_OFFERED)
    move.tell("butuh_persetujuan")


def offered_amendment(request: Request) -> ModelSelect:
    """What the office last proposed: the record of the event."""
    return (
        StageRecord.select(StageRecord, Event)
        .join(Event)
        .where((StageRecord.request == request) & (Event.kind == events.AMENDMENT_OFFERED))
        .order_by(Event.seq.desc())
        .first()
    )


def agree_amendment(move: Move) -> None:
    request = move.request
    offered = offered_amendment(request)
    text = offered.inputs.get("finish_on", "") if offered else ""
    changes: dict[str, object] = {}
    if text and date.fromisoformat(text) < today(move.now):
        raise Refused(
            f"Tanggal selesai yang diusulkan, {day(date.fromisoformat(text))}, sudah lewat. "
            "Pilih Tidak setuju; balai dapat mengusulkan tanggal yang baru."
        )
    if text:
        changes = {
            "agreed_due_on": date.fromisoformat(text),
            "agreed_at": move.now,
            "expected_at": None,
        }
        request.agreed_due_on, request.agreed_at = changes["agreed_due_on"], move.now
    count = (
        Event.select()
        .where((Event.request == request) & (Event.kind == events.AMENDMENT_AGREED))
        .count()
    )
    compare_and_set(request, {**changes, **entering(request, move.desk, now=move.now)})
    move.write(events.AMENDMENT_AGREED, contract=count + 2)
    move.tell_desk("lingkup_disetujui")


def decline_amendment(move: Move) -> None:
    compare_and_set(move.request, entering(move.request, move.desk, now=move.now))
    move.write(events.AMENDMENT_DECLINED)
    move.tell_desk("lingkup_ditolak")


def withdraw_amendment(move: Move) -> None:
    compare_and_set(move.request, entering(move.request, move.desk, now=move.now))
    move.write(events.AMENDMENT_WITHDRAWN)
    move.tell("tahap_dilanjutkan")


# -- cancellation --------------------------------------------------------------------------------


def cancel(move: Move) -> None:
    clock.go_on(move.request, now=move.now)
    compare_and_set(move.request, _closed(CANCELLED, move.now))
    revoke_documents(move.request, ["penawaran"], now=move.now)
    move.write(events.CANCELLED)
    move.tell("dibatalkan")


def ask_cancel(move: Move) -> None:
    due_at = move.working_days_on(DECISION_DAYS)
    clock.stop(move.request, clock.CANCELLATION, now=move.now)
    compare_and_set(
        move.request,
        {
            "status": IN_PROCESS,
            "pending": CANCELLATION,
            "pending_due_at": due_at,
            "stage_due_at": due_at,
            "waiting_role": move.flow.consent_role,
            "assignee": None,
        },
    )
    move.write(events.CANCEL_ASKED)
    move.tell_desk("pembatalan_diminta", role=move.flow.consent_role)


def refuse_cancel(move: Move) -> None:
    compare_and_set(move.request, entering(move.request, move.desk, now=move.now))
    move.write(events.CANCEL_REFUSED)
    move.tell("pembatalan_ditolak", alasan=move.given.text("reason").rstrip(". "))
    if move.desk.kind in (OFFICE, HANDOVER):
        move.tell_desk()


# -- revision ------------------------------------------------------------------------------------


def ask_revision(move: Move) -> None:
    due_at = move.working_days_on(DECISION_DAYS)
    compare_and_set(
        move.request,
        {
            "pending": REVISION,
            "pending_due_at": due_at,
            "stage_due_at": due_at,
            "waiting_role": move.flow.revision_role,
        },
    )
    move.write(events.REVISION_ASKED)
    move.tell_desk("perbaikan_diminta", role=move.flow.revision_role)


def refuse_revision(move: Move) -> None:
    compare_and_set(move.request, {"pending": "", "pending_due_at": None, "waiting_role": ""})
    move.write(events.REVISION_REFUSED)
    move.tell("perbaikan_ditolak", alasan=move.given.text("reason").rstrip(". "))


def revise(move: Move) -> None:
    """Make the report anew as /R1; the first stays readable until the new one replaces it.

    ISO/IEC 17025:2017 clause 7.8.8: a new report with its own identity that names the old one.
    """
    request, flow = move.request, move.flow
    target = flow.desk(flow.revision_stage)
    rest = Decimal(flow.working_days) - max(
        (desk.days for desk in flow.before(target)), default=Decimal(0)
    )
    due_on = today(move.working_days_on(max(1, ceil(rest))))
    agreed = {
        "agreed_due_on": due_on,
        "agreed_at": move.now,
        "revision": request.revision + 1,
        "office_done_at": None,
    }
    for name, value in agreed.items():
        setattr(request, name, value)
    compare_and_set(
        request,
        {
            **agreed,
            **entering(request, target, now=move.now),
            "released_at": None,
            "office_days": None,
        },
    )
    move.write(events.REVISION_OPENED, to=target.code, to_step=0, revision=request.revision)
    move.tell("perbaikan_dimulai", batas=weekday_day(due_on))
    tell_post(request, target, now=move.now)
