"""Rules of inputs that name what was given at earlier stages (`rules.input_rules`)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from models import Event, Request, StageRecord
from moves.catalogue import current_stage, service_of
from rules import events, input_rules
from rules.formats import ZONE
from rules.input_rules import Answered
from rules.services import Input


def broken_rules(
    request: Request, wanted: Collection[Input], kept: Mapping[str, object], *, now: datetime
) -> dict[str, str]:
    """Name of an input -> the sentence about the rule that it breaks. One query, or none."""
    here = {entry.name for entry in wanted}
    named = {name for entry in wanted for name in entry.others} - here
    earlier = earlier_values(request, named) if named else {}
    return input_rules.broken_rules(wanted, kept, earlier, today=now.astimezone(ZONE).date())


def earlier_values(request: Request, names: Collection[str]) -> dict[str, Answered]:
    """What the form and the completed stages hold under these names; the newest counts."""
    flow = service_of(request)
    found: dict[str, Answered] = {
        entry.name: (entry, request.details.get(entry.name))
        for entry in flow.fields
        if entry.name in names
    }
    completed = (events.STAGE_COMPLETED, events.STEP_COMPLETED)
    records = (
        StageRecord.select(StageRecord, Event)
        .join(Event)
        .where((StageRecord.request == request) & Event.kind.in_(completed))
        .order_by(Event.seq)
    )
    before = {(desk.code, desk.step): desk for desk in flow.before(current_stage(request))}
    for record in records:
        desk = before.get((record.event.stage_code, record.event.data.get("step", 0)))
        for entry in desk.inputs if desk else ():
            if entry.name in names:
                found[entry.name] = (entry, record.inputs.get(entry.name))
    return found
