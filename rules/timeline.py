"""The timeline of a request: the stages of its flow with the time each was completed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from rules import events
from rules.formats import moment, weekday_day
from rules.services import SURVEY, Flow, Stage
from rules.statuses import DONE, LABELS, OPEN_STATUSES, REJECTED, WAITING_CUSTOMER

STEP_DONE, STEP_CURRENT, STEP_WAITING, STEP_STOPPED = "done", "current", "waiting", "stopped"
RUN_WORDS = {
    STEP_DONE: "{} tahap selesai",
    STEP_WAITING: "{} tahap berikutnya",
    STEP_STOPPED: "{} tahap tidak dilanjutkan",
}


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
    # How long it took, in words; for staff.
    took: str = ""
    # The same beside the stage that took longest, which has 1.
    share: float = 0
    # What became of the messages that its completion wrote.
    delivery_status: tuple[str, ...] = ()

    @property
    def at_iso(self) -> str:
        """As HTML's `datetime` takes it."""
        return self.at.isoformat(timespec="seconds") if self.at else ""

    @property
    def at_text(self) -> str:
        return moment(self.at) if self.at else ""


def build_timeline(
    flow: Flow,
    completed: Mapping[str, datetime],
    *,
    status: str,
    desk: Stage,
    holders: Mapping[str, str],
    notes: Mapping[str, str] | None = None,
    took: Mapping[str, str] | None = None,
    shares: Mapping[str, float] | None = None,
) -> list[Step]:
    """Steps in the order of the flow; `desk` is where the request lies.

    `completed` maps a stage code to the instant it was completed, `holders` to who held or
    will hold it, as the reader may know it, `took` to how long it took.
    """
    steps = []
    for number, stage in enumerate(flow.stages, start=1):
        if stage.code in completed:
            state = STEP_DONE
        elif stage.code == desk.code and status in OPEN_STATUSES:
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
                wait_text=desk.waiting if state == STEP_CURRENT else "",
                note=(notes or {}).get(stage.code, ""),
                took=(took or {}).get(stage.code, ""),
                share=(shares or {}).get(stage.code, 0),
            )
        )
    return steps


@dataclass(frozen=True)
class Run:
    """Stages in a row; `words` is what they fold behind, empty where they stay open."""

    words: str
    steps: tuple[Step, ...]


def runs_of(steps: Iterable[Step]) -> list[Run]:
    """The stages in runs: what is done and what is to come folds, where it is now stays open."""
    runs = [(state, tuple(run)) for state, run in groupby(steps, lambda step: step.state)]
    return [
        Run("" if state == STEP_CURRENT else RUN_WORDS[state].format(len(run)), run)
        for state, run in runs
    ]


def place_words(steps: Sequence[Step]) -> str:
    """`Tahap 8 dari 16`: how far a request has come."""
    done = sum(step.state == STEP_DONE for step in steps)
    if done == len(steps):
        return f"{done} tahap selesai"
    for step in steps:
        if step.state == STEP_CURRENT:
            return f"Tahap {step.number} dari {len(steps)}"
    return f"Berhenti setelah tahap {done} dari {len(steps)}"


def completed_stages(flow: Flow, history: Iterable) -> dict[str, Any]:
    """Stage code -> the event that completed it, as the history stands after every return.

    `history` are events in their order, with `kind`, `stage_code`, `actor_id` and `data`. A stage
    that was given back isn't completed any more; an answered survey stays answered, but one that
    the system passed over since nobody answered is asked again.
    """
    completed: dict[str, Any] = {}
    for event in history:
        if event.kind in events.COMPLETING and flow.has_stage(event.stage_code):
            completed[event.stage_code] = event
        elif event.kind in events.REWINDING and flow.has_stage(event.data.get("to", "")):
            first = flow.position(event.data["to"])
            completed = {
                code: done
                for code, done in completed.items()
                if flow.position(code) < first
                or (flow.stage(code).kind == SURVEY and done.actor_id is not None)
            }
    return completed


def stage_spans(flow: Flow, history: Iterable) -> dict[str, tuple[datetime, datetime | None]]:
    """Stage code -> (when it was last entered, when it was completed; None while it runs).

    `history` as for `completed_stages`. A stage entered again after a return counts from then.
    """
    spans: dict[str, tuple[datetime, datetime | None]] = {}
    for event in history:
        if event.kind in events.COMPLETING and flow.has_stage(event.stage_code):
            entered_at, _ = spans.get(event.stage_code, (event.at, None))
            spans[event.stage_code] = (entered_at, event.at)
            following = event.data.get("to") or _after(flow, event.stage_code)
            if following and following != event.stage_code and flow.has_stage(following):
                spans[following] = (event.at, None)
        elif event.kind in events.REWINDING and flow.has_stage(event.data.get("to", "")):
            first = flow.position(event.data["to"])
            spans = {code: span for code, span in spans.items() if flow.position(code) < first}
            spans[event.data["to"]] = (event.at, None)
    return spans


def _after(flow: Flow, stage_code: str) -> str:
    index = flow.position(stage_code) + 1
    return flow.stages[index].code if index < len(flow.stages) else ""


PENDING_SENTENCES = {
    "completion": "Menunggu kelengkapan dari pelanggan sampai {until}",
    "suspension": "Layanan ditangguhkan; jam layanan berhenti",
    "amendment": "Menunggu persetujuan pelanggan atas perubahan lingkup",
    "cancellation": "Menunggu keputusan balai atas permintaan pembatalan",
    "objection": "Keberatan atas penolakan sedang diputus, paling lambat {until}",
    "revision": "Permintaan perbaikan laporan sedang diputus, paling lambat {until}",
}


def state_sentence(
    desk: Stage,
    *,
    status: str,
    due_at: datetime,
    pending: str = "",
    pending_due_at: datetime | None = None,
    promised_at: datetime | None = None,
    now: datetime | None = None,
) -> str:
    """The state of a request in one sentence, for the top of its page.

    `due_at` is when it is expected now, `promised_at` what was promised where that is another day;
    with `now` a broken promise is said.
    """
    if pending:
        until = weekday_day(pending_due_at) if pending_due_at else ""
        return f"{PENDING_SENTENCES[pending].format(until=until)}."
    if status == DONE:
        return "Selesai. Dokumen hasil layanan dapat diunduh."
    if status == REJECTED:
        return "Permohonan ini belum dapat kami penuhi."
    if status not in OPEN_STATUSES:
        return f"{LABELS[status].title}."
    if status == WAITING_CUSTOMER:
        return f"{desk.waiting}."
    when = f"perkiraan selesai paling lambat {weekday_day(due_at)}"
    if now and due_at < now:
        # What was told last has passed too; the next date comes with the reminders.
        return f"{desk.waiting}, melewati perkiraan selesai {weekday_day(due_at)}."
    if promised_at and promised_at < due_at:
        when += f" (semula {weekday_day(promised_at)})"
    return f"{desk.waiting}, {when}."
