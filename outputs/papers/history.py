"""The history of a request with what was written at each event, for pages and printed forms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from config.office import office
from models import Event, Request, StageRecord, User
from moves.catalogue import flow_of, service_of
from moves.sides import INPUTS_OF_EVENT
from outputs.papers.signatories import signatories
from rules import events
from rules.formats import day, decimal_id, rupiah, weekday_day
from rules.inputs import point_words
from rules.services import Input, Stage


@dataclass(frozen=True)
class History:
    """The events of a request in their order with what was written at each."""

    request: Request
    records: Sequence[StageRecord]
    who: Mapping[int, str]

    @property
    def events(self) -> list[Event]:
        return [record.event for record in self.records]


def history_of(item: Request, *, until: datetime | None = None) -> History:
    """The history of a request, all of it or up to a moment. A fixed number of queries."""
    found = (
        StageRecord.select(StageRecord, Event, User)
        .join(Event)
        .join(User, JOIN.LEFT_OUTER)
        .where(StageRecord.request == item)
        .order_by(Event.seq)
    )
    if until is not None:
        found = found.where(Event.at <= until)
    records = list(found)
    return History(item, records, signatories([record.event for record in records]))


def desk_of(item: Request, event: Event) -> Stage:
    """The desk of an event, of the whole definition: the kind may have changed since."""
    flow = flow_of(item)
    flow = flow if flow.has_stage(event.stage_code) else service_of(item)
    return flow.desk(event.stage_code, event.data.get("step", 0))


def title_of(item: Request, event: Event) -> str:
    """What happened, in a few words."""
    desk = desk_of(item, event)
    if event.kind in (events.STAGE_COMPLETED, events.STEP_COMPLETED):
        return desk.action if desk.turns > 1 else desk.short
    return events.WORDS.get(event.kind, event.kind)


def inputs_of(item: Request, event: Event) -> Collection[Input]:
    """What was asked for at an event."""
    if event.kind in (events.STAGE_COMPLETED, events.STEP_COMPLETED):
        return desk_of(item, event).inputs
    return INPUTS_OF_EVENT.get(event.kind, ())


def names_in(history: History) -> dict[str, str]:
    """What the kept ids and codes stand for: public id -> person, code -> kind. One query."""
    named = [
        record.inputs[entry.name]
        for record in history.records
        for entry in inputs_of(history.request, record.event)
        if entry.type == "person" and entry.name in record.inputs
    ]
    for record in history.records:
        data = record.event.data
        named += [data[key] for key in ("from_user", "to_user") if data.get(key)]
        named += data.get("people", [])
    people = User.select(User.public_id, User.name).where(User.public_id.in_(named or [""]))
    kinds = {kind.code: kind.title for kind in service_of(history.request).subclasses}
    return kinds | dict(people.tuples())


def lines_of(
    wanted: Iterable[Input], inputs: Mapping[str, object], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(label, words) of the inputs that were given."""
    return [
        (entry.label, value_words(entry, inputs[entry.name], names))
        for entry in wanted
        if inputs.get(entry.name) not in (None, "", [])
    ]


def facts_of(event: Event, names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """(label, words) of what an event says itself, where nobody wrote anything."""
    data = event.data
    if event.kind == events.DEADLINE_MOVED:
        old, new = (datetime.fromisoformat(data[key]) for key in ("from", "until"))
        if old == new:
            return []
        return [
            ("Batas semula", weekday_day(old)),
            ("Batas baru", weekday_day(new)),
            ("Sebab", "kalender hari libur berubah"),
        ]
    if event.kind == events.REASSIGNED and names is not None:
        post = office().posts.get(data.get("role", ""), "-")
        return [
            ("Pos", post),
            ("Dari", names.get(data.get("from_user", ""), "-")),
            ("Kepada", names.get(data.get("to_user", ""), f"pos {post}, tanpa nama")),
        ]
    if event.kind == events.HOLDER_REMINDED and names is not None:
        return [("Kepada", ", ".join(names.get(one, "-") for one in data["people"]))]
    return []


def value_words(entry: Input, value: object, names: Mapping[str, str] | None = None) -> str:
    """A kept value as people write it."""
    if entry.type == "yes_no" or isinstance(value, Mapping):
        return point_words(value)
    if entry.type == "file":
        several = isinstance(value, list) and len(value) > 1
        return f"{len(value)} berkas terlampir" if several else "terlampir"  # type: ignore[arg-type]
    if isinstance(value, list):
        return "; ".join(value)
    text = str(value)
    if entry.type in ("person", "subclass"):
        return (names or {}).get(text, "-")
    if entry.type == "date":
        return day(datetime.fromisoformat(text).date())
    if entry.type == "money":
        return rupiah(int(text))
    if entry.type == "number":
        return decimal_id(int(text), 0)
    return text
