"""The timeline of a request: the stages of its flow with the time each was completed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.formats import moment, weekday_day
from rules.services import Flow
from rules.statuses import DONE, LABELS, OPEN_STATUSES, REJECTED, WAITING_CUSTOMER

STEP_DONE, STEP_CURRENT, STEP_WAITING, STEP_STOPPED = "done", "current", "waiting", "stopped"


@dataclass(frozen=True)
class Step:
    """One stage as people see it; `state` is done, current, waiting or stopped."""

    number: int
    code: str
    title: str
    short: str
    state: str
    at: datetime | None
    holder: str
    wait_text: str = ""
    note: str = ""

    @property
    def at_text(self) -> str:
        return moment(self.at) if self.at else ""


def build_timeline(
    flow: Flow,
    completed: Mapping[str, datetime],
    *,
    status: str,
    current_code: str,
    holders: Mapping[str, str],
    notes: Mapping[str, str] | None = None,
) -> list[Step]:
    """Steps in the order of the flow.

    `completed` maps a stage code to the instant it was completed, `holders` to who held or
    will hold it, as the reader may know it.
    """
    steps = []
    for number, stage in enumerate(flow.stages, start=1):
        if stage.code in completed:
            state = STEP_DONE
        elif stage.code == current_code and status in OPEN_STATUSES:
            state = STEP_CURRENT
        else:
            state = STEP_WAITING if status in OPEN_STATUSES else STEP_STOPPED
        steps.append(
            Step(
                number=number,
                code=stage.code,
                title=stage.title,
                short=stage.short,
                state=state,
                at=completed.get(stage.code),
                holder=holders.get(stage.code, ""),
                wait_text=stage.waiting if state == STEP_CURRENT else "",
                note=(notes or {}).get(stage.code, ""),
            )
        )
    return steps


def state_sentence(flow: Flow, *, status: str, stage_code: str, due_at: datetime) -> str:
    """The state of a request in one sentence, for the top of its page."""
    if status == DONE:
        return "Selesai. Dokumen hasil layanan dapat diunduh."
    if status == REJECTED:
        return "Permohonan ini belum dapat kami penuhi."
    if status not in OPEN_STATUSES:
        return f"{LABELS[status].title}."
    waiting = flow.stage(stage_code).waiting
    if status == WAITING_CUSTOMER:
        return f"{waiting}."
    return f"{waiting}, perkiraan selesai {weekday_day(due_at)}."
