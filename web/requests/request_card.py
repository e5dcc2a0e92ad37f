"""What the pages of portal and backoffice show of one request: its history told to a reader."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from config.office import office
from models import Event, IncomingLetter, Request
from moves import clock, delays
from moves.catalogue import current_stage, flow_of, service_of, work_calendar
from moves.officials import people_for
from moves.side_moves import YES
from outputs.dashboards.figures import Forecast
from outputs.papers.history import (
    History,
    desk_of,
    facts_of,
    inputs_of,
    lines_of,
    names_in,
    title_of,
)
from rules import events
from rules.calendar import WorkCalendar
from rules.deadlines import Pause, days_words
from rules.formats import ZONE, moment_short, office_time, weekday_day
from rules.letters import letter_words
from rules.services import SURVEY, Flow, Input, Stage
from rules.timeline import (
    Step,
    build_timeline,
    completed_stages,
    stage_spans,
    state_sentence,
)
from web.requests.workload import workload_words
from workflow import Choice, Reader

NORM = "SNI ISO/IEC 17025:2017"


@dataclass(frozen=True)
class Sheet:
    """One entry of the history: what happened, who did it, and what was written."""

    title: str
    who: str
    at: datetime
    lines: Sequence[tuple[str, str]] = ()
    delivery_status: Sequence[str] = ()
    # What was handed in or made with it, as `document_list.beside_papers` finds it.
    papers: Sequence[object] = ()


def sentence_of(item: Request, now: datetime | None = None) -> str:
    """The state in one sentence; with `now` it says whether the promise was broken."""
    return state_sentence(
        current_stage(item),
        status=item.status,
        due_at=clock.foreseen_at(item),
        pending=item.pending,
        pending_due_at=item.pending_due_at,
        promised_at=None if item.office_done_at else item.due_at,
        now=now,
    )


def waiting_words(item: Request) -> str:
    """What it waits for, without a date."""
    if item.pending:
        return sentence_of(item).rstrip(".")
    return current_stage(item).waiting


def customers_state(item: Request) -> str:
    """What an open request waits for, said to the customer; empty for a closed one."""
    return said_to_customer(waiting_words(item)) if item.is_open or item.pending else ""


def customers_sentence(item: Request, now: datetime) -> str:
    """The state said to the customer: one date, and an apology where the promise broke."""
    sentence = said_to_customer(sentence_of(item, now))
    if delays.is_in_work(item) and item.due_at < now:
        apology = "Mohon maaf, layanan ini melewati batas yang kami janjikan"
        if clock.foreseen_at(item) < now:
            return f"{sentence} {apology}; perkiraan yang baru segera kami sampaikan."
        return f"{sentence} {apology}."
    return sentence


@dataclass(frozen=True)
class Alarm:
    """What staff have to know of a delay; `tone` is late, or soon for one that threatens."""

    words: str
    tone: str
    facts: Sequence[str] = ()


def alarm_of(
    item: Request,
    history: History,
    found: Forecast | None,
    *,
    calendar: WorkCalendar,
    now: datetime,
) -> Alarm | None:
    """Since when a request is late and at whose desk, or that its forecast breaks the promise."""
    if delays.is_late(item, now) and not item.office_done_at:
        words = f"Terlambat sejak {weekday_day(item.due_at)}"
        if days := -calendar.days_left(now, item.due_at):
            words += f" ({days} hari kerja)"
        return Alarm(f"{words}. {_at_whose_desk(item)}", "late", _facts_of_delay(item, history))
    if delays.is_stage_late(item, now):
        words = f"Terlambat di tahap ini sejak {weekday_day(item.stage_due_at)}."
        facts = _facts_of_delay(item, history)
        if threat := _threat(item, found):
            facts = [threat, *facts]
        return Alarm(f"{words} {_at_whose_desk(item)}", "late", facts)
    if threat := _threat(item, found):
        return Alarm(threat, "soon", _new_date(item))
    return None


def _threat(item: Request, found: Forecast | None) -> str:
    """What the forecast says of a promise that isn't broken yet; empty where it will be kept."""
    promised_on = item.due_at.astimezone(ZONE).date()
    if found and delays.is_in_work(item) and found.late_on > promised_on:
        how = "Kemungkinan besar" if found.early_on > promised_on else "Berisiko"
        words = f"{how} melewati janji {weekday_day(item.due_at)}: permohonan sejenis biasanya"
        return f"{words} selesai {weekday_day(found.early_on)} sampai {weekday_day(found.late_on)}."
    return ""


def _at_whose_desk(item: Request) -> str:
    who = office().posts.get(item.waiting_role, item.waiting_role)
    if item.assignee_id:
        who = f"{who}: {item.assignee.name}"
    return f"Di meja {who}, sejak {moment_short(item.stage_entered_at)}."


def _facts_of_delay(item: Request, history: History) -> list[str]:
    """Why, what the customer knows, and who was reminded of it."""
    facts = []
    if delays.is_in_work(item):
        cause = office().delay_causes.get(item.delay_cause, item.delay_cause)
        facts.append(f"Penyebab: {cause.lower()}." if cause else "Penyebab belum dicatat.")
    facts += _new_date(item)
    told = [event for event in history.events if event.kind == events.HOLDER_REMINDED]
    if told and told[-1].stage_code == item.stage_code:
        who = history.who[told[-1].id]
        facts.append(f"Petugas diingatkan {moment_short(told[-1].at)} oleh {who}.")
    return facts


def _new_date(item: Request) -> list[str]:
    if item.expected_at is None or item.expected_at <= item.due_at:
        return []
    return [f"Kepada pelanggan disampaikan: selesai paling lambat {weekday_day(item.expected_at)}."]


def said_to_customer(sentence: str) -> str:
    """What a request waits for, said to the customer whom it may wait for."""
    return sentence.replace("pelanggan", "Anda")


def deadline_words(item: Request, pauses: Sequence[Pause] | None = None) -> list[str]:
    """Why the request is due when it is, sentence by sentence. One query without `pauses`."""
    lines = clock.deadline_of(item, calendar=work_calendar(), pauses=pauses).explain()
    if item.expected_at and item.expected_at > item.due_at:
        lines.append(f"Perkiraan yang baru, disampaikan kemudian: {weekday_day(item.expected_at)}.")
    return lines


def stage_deadline_words(item: Request) -> str:
    """Until when the desk has to be done with it, and why; for staff. No query."""
    if item.pending_due_at:
        return f"Yang ditunggu sekarang jatuh tempo {moment_short(item.pending_due_at)}."
    stage = current_stage(item)
    days = days_words(flow_of(item).stage_days(stage, item.subclass_code))
    due = f"{weekday_day(item.stage_due_at)} {moment_short(item.stage_due_at)[-10:]}"
    return f"Tahap “{stage.short}” paling lambat {days} sejak awal hitungan: {due}."


def forecast_for_staff(found: Forecast | None) -> str:
    """When it will probably be done, from the history of its kind; empty without a forecast."""
    if found is None:
        return ""
    return (
        f"Perkiraan dari riwayat: selesai sekitar {weekday_day(found.early_on)} (P50), kemungkinan "
        f"besar paling lambat {weekday_day(found.late_on)} (P80); dari {found.examples} "
        "permohonan sejenis."
    )


def forecast_for_customer(found: Forecast | None, item: Request) -> str:
    """The same for the customer; nothing where it would contradict the date of the headline."""
    if found is None or found.late_on > clock.foreseen_at(item).astimezone(ZONE).date():
        return ""
    if found.early_on == found.late_on:
        when = f"sekitar {weekday_day(found.late_on)}"
    else:
        when = f"antara {weekday_day(found.early_on)} dan {weekday_day(found.late_on)}"
    return f"Melihat permohonan sejenis, layanan ini kemungkinan selesai {when}."


# -- timeline ------------------------------------------------------------------------------------


def timeline_of(
    item: Request,
    history: Sequence[Event],
    *,
    who: Mapping[int, str] | None = None,
    pauses: Sequence[Pause] = (),
) -> list[Step]:
    """The stages with their times.

    With `who` people are named, and each stage says how long it took (`pauses` don't count)
    and which clause of the norm it fulfils: for staff. Without it only posts are named.
    """
    flow, desk = flow_of(item), current_stage(item)
    done = completed_stages(flow, history)
    holders = {stage.code: _posts_of(stage) for stage in flow.stages}
    clauses: dict[str, str] = {}
    took: dict[str, str] = {}
    shares: dict[str, float] = {}
    if who is not None:
        holders |= {code: who[event.id] for code, event in done.items()}
        clauses = {stage.code: clause_words(stage) for stage in flow.stages if stage.clause}
        took, shares = _durations(flow, history, pauses)
        if item.is_open and item.assignee_id:
            holders[desk.code] = f"{office().posts[desk.role]}: {item.assignee.name}"
    return build_timeline(
        flow,
        {code: event.at for code, event in done.items()},
        status=item.status,
        desk=desk,
        holders=holders,
        notes=clauses,
        took=took,
        shares=shares,
    )


def _durations(
    flow: Flow, history: Sequence[Event], pauses: Sequence[Pause]
) -> tuple[dict[str, str], dict[str, float]]:
    """Stage code -> how long it took: the office's own time, and how long the clock stood.

    And the whole of it beside the stage that took longest.
    """
    calendar, words, whole = work_calendar(), {}, {}
    hours = Decimal(calendar.hours.full_day_seconds) / 3600
    for code, (entered_at, done_at) in stage_spans(flow, history).items():
        if done_at is None or done_at == entered_at:
            continue
        ours = clock.running_days(entered_at, done_at, pauses, calendar)
        all_of_it = calendar.working_days_between(entered_at, done_at)
        whole[code] = float(all_of_it)
        parts = [office_time(ours, hours_per_day=hours)] if ours else []
        if paused := all_of_it - ours:
            parts.append(f"jeda {office_time(paused, hours_per_day=hours)}")
        words[code] = ", ".join(parts) or "di luar jam kerja"
    longest = max(whole.values(), default=0) or 1
    return words, {code: round(days / longest, 2) for code, days in whole.items()}


def clause_words(stage: Stage) -> str:
    """The clause of the norm that a stage fulfils; empty for none."""
    return f"{NORM} klausul {stage.clause}" if stage.clause else ""


def _posts_of(stage: Stage) -> str:
    """`Bendahara Penerimaan → Pelanggan`: the posts of a stage, each once."""
    posts = office().posts
    if len(stage.desks) == 1:
        return posts[stage.desks[0].role]
    return " → ".join(dict.fromkeys(posts[desk.role] for desk in stage.desks))


# -- what was written ----------------------------------------------------------------------------


def sheets_for_staff(history: History) -> list[Sheet]:
    """Everything that was done and written, for the card. One query, for the names."""
    names = names_in(history)
    return [
        Sheet(
            title_of(history.request, record.event),
            history.who[record.event_id],
            record.event.at,
            lines_of(inputs_of(history.request, record.event), record.inputs, names)
            + facts_of(record.event, names),
        )
        for record in history.records
        if record.event.kind != events.SUBMITTED or record.inputs
    ]


def sheets_for_customer(history: History) -> list[Sheet]:
    """What the office wrote for the customer to read, and what the customer wrote.

    Files aren't told of here: they stand beside it, see `document_list.beside_papers`.
    """
    told = []
    for record in history.records:
        event, inputs = record.event, inputs_of(history.request, record.event)
        if event.kind == events.SUBMITTED:
            continue
        mine = _by_customer(event)
        silent = event.kind == events.RETURNED and record.inputs.get("tell") != YES
        shown = [] if silent else [entry for entry in inputs if mine or entry.is_shown]
        words = [entry for entry in shown if entry.type != "file"]
        lines = lines_of(words, record.inputs, {}) + facts_of(event)
        if lines or any(record.inputs.get(entry.name) for entry in shown):
            title = _title_for_customer(history.request, event, mine=mine)
            told.append(Sheet(title, "Anda" if mine else office().name, event.at, lines))
    return told


def _title_for_customer(item: Request, event: Event, *, mine: bool) -> str:
    """What happened: what the office did by the stage's name, not by the words of its button."""
    if not mine and event.kind in (events.STAGE_COMPLETED, events.STEP_COMPLETED):
        return desk_of(item, event).short
    return title_of(item, event)


def _by_customer(event: Event) -> bool:
    """Whether the customer did it: from this account, from one that was joined to it since, or
    by the hand of the admin at the counter."""
    if event.data.get("on_behalf"):
        return True
    return event.actor is not None and not event.actor.is_staff


def letter_of(item: Request) -> list[tuple[str, str]]:
    """The letter by which a request came, as the agenda book has it; older requests have none.

    One query.
    """
    came = IncomingLetter.get_or_none(IncomingLetter.request == item)
    if came is None:
        return []
    words = letter_words(came.number, came.dated_on, came.sender)
    return [("Surat permohonan", words or "-"), ("Nomor agenda", f"{came.seq}/{came.year}")]


def details_of(item: Request) -> list[tuple[str, str]]:
    """The answers to the service's own fields, labelled."""
    flow = service_of(item)
    return lines_of(flow.fields, item.details, {})


def related_to(item: Request, reader: Reader, *, limit: int = 5) -> list[Request]:
    """The newest other requests of the same customer that this reader may see. One query."""
    others = Request.visible_to(reader).where(
        (Request.customer == item.customer_id) & (Request.id != item.id)
    )
    return list(others.order_by(Request.submitted_at.desc(), Request.id.desc()).limit(limit))


# -- choices -------------------------------------------------------------------------------------


def without_survey(choices: Iterable[Choice]) -> list[Choice]:
    """The choices that are forms of their own: the survey has a page."""
    return [choice for choice in choices if choice.stage.kind != SURVEY or choice.code != SURVEY]


def people_for_inputs(
    choices: Iterable[Choice], item: Request, at: datetime
) -> dict[Input, list[tuple[str, str]]]:
    """Who may be named in each input that names a person, with what each has in hand and whether
    they are away. Three queries per post, and two more."""
    asked = [entry for choice in choices for entry in choice.inputs if entry.type == "person"]
    by_role = {
        role: people_for(role, at, service_code=item.service_code)
        for role in dict.fromkeys(entry.role for entry in asked)
    }
    ids = {person.id for people in by_role.values() for person in people}
    words = workload_words(ids, now=at)
    return {
        entry: [
            (person.public_id, f"{person.name} ({words[person.id]})")
            for person in by_role[entry.role]
        ]
        for entry in asked
    }


def kinds_of(flow: Flow) -> list[tuple[str, str]]:
    """Code and title of each sub-classification, those that only the office gives included."""
    return [
        (kind.code, f"{kind.title} ({kind.working_days} hari kerja)") for kind in flow.subclasses
    ]
