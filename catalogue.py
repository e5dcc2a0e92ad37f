"""The services on offer: flow files into stored versions, and versions back into flows."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.office import office
from database import database
from models import FlowVersion, Holiday, Request
from rules.calendar import OfficeHours, WorkCalendar
from rules.formats import ZONE
from rules.services import Flow, Stage, parse_flow, read_flow_files


@dataclass(frozen=True)
class Offer:
    """A service as it is offered now: its flow and the stored version of it."""

    flow: Flow
    version_id: int


def load_catalogue(folder: Path, *, now: datetime) -> dict[str, Offer]:
    """Check the service files, store new versions and return what is offered.

    Raises BadFlow when a definition can't run.
    """
    catalogue = {}
    for code, (flow, text, digest) in read_flow_files(folder, office().posts).items():
        FlowVersion.insert(
            service_code=code, digest=digest, definition=text, created_at=now
        ).on_conflict_ignore().execute()
        stored = FlowVersion.get(service_code=code, digest=digest)
        catalogue[code] = Offer(flow, stored.id)
    return catalogue


_flows: dict[tuple[str, int], Flow] = {}


def flow_of(request: Request) -> Flow:
    """The definition under which the request was filed. Versions never change: kept in memory."""
    key = (str(database.obj.database), request.flow_id)
    if key not in _flows:
        stored = FlowVersion.get_by_id(request.flow_id)
        _flows[key] = parse_flow(json.loads(stored.definition), stored.service_code)
    return _flows[key]


def current_stage(request: Request) -> Stage:
    return flow_of(request).stage(request.stage_code)


def work_calendar() -> WorkCalendar:
    """The office's calendar with the holidays as they stand now. One query."""
    return WorkCalendar(Holiday.as_mapping(), OfficeHours(**office().opening), ZONE)
