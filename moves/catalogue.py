"""The services on offer: flow files into stored versions, and versions back into flows."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peewee import ModelSelect, fn

from config.office import office
from models import FlowVersion, Holiday, Maintenance, Request
from moves.unique_values import register_unique
from rules.calendar import OfficeHours, WorkCalendar
from rules.flow_check import read_flow_files
from rules.formats import ZONE
from rules.services import Flow, Stage, parse_flow
from storage.database import database
from storage.fast import prepared


@dataclass(frozen=True)
class Offer:
    """A service as it is offered now: its flow and the stored version of it."""

    flow: Flow
    version_id: int


class Catalogue(Mapping[str, Offer]):
    """The newest published version of each service, code -> Offer.

    Every web request calls `refresh` first, so that what one process publishes is on offer in
    all of them at once. With the same query it sees whether writing is closed.
    """

    def __init__(self, order: list[str]):
        self.maintenance: Maintenance | None = None
        self._order = order
        self._newest: object = None
        self._offers: dict[str, Offer] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look whether a version came: one query over an index when none did.

        Versions are only ever added, and with their moment of publication: their number and
        the last id say whether anything is new. The id alone wouldn't: on Postgres a lower one
        may be committed later.
        """
        [(*stamp, maintenance)] = _stamp()
        if maintenance != (self.maintenance and self.maintenance.id):
            self.maintenance = Maintenance.get_or_none(Maintenance.id == maintenance)
        if stamp == self._newest:
            return
        known = {offer.version_id: offer for offer in self._offers.values()}
        found = {
            code: known.get(row.id) or Offer(_parse(row), row.id)
            for code, row in newest_versions(self._order).items()
        }
        self._offers = {code: found[code] for code in self._order if code in found}
        self._newest = stamp

    def __getitem__(self, code: str) -> Offer:
        return self._offers[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._offers)

    def __len__(self) -> int:
        return len(self._offers)


@prepared
def _stamp() -> ModelSelect:
    running = Maintenance.select(fn.MAX(Maintenance.id)).where(Maintenance.ended_at.is_null())
    return FlowVersion.select(fn.COUNT(FlowVersion.id), fn.MAX(FlowVersion.id), running).tuples()


def newest_versions(codes: Collection[str]) -> dict[str, FlowVersion]:
    """Service code -> the version on offer. Two queries, whatever the number of versions."""
    published = (
        FlowVersion.select(FlowVersion.service_code, FlowVersion.id)
        .where(FlowVersion.published_at.is_null(False) & FlowVersion.service_code.in_(list(codes)))
        .order_by(FlowVersion.published_at, FlowVersion.id)
    )
    newest = dict(published.tuples())
    rows = FlowVersion.select().where(FlowVersion.id.in_(list(newest.values()) or [0]))
    return {row.service_code: row for row in rows}


def flows_on_offer() -> dict[str, Flow]:
    """Service code -> the flow on offer, for who has no application at hand."""
    codes = [code for (code,) in FlowVersion.select(FlowVersion.service_code).distinct().tuples()]
    return {code: _parse(row) for code, row in sorted(newest_versions(codes).items())}


def _parse(version: FlowVersion) -> Flow:
    return parse_flow(json.loads(version.definition), version.service_code)


def load_catalogue(folder: Path, *, now: datetime) -> Catalogue:
    """Check the service files, take in those that are new, and return what is offered.

    A file that was never seen before is published, unless the service's newest version comes
    from a person: then it is only kept as a proposal, for the administrator to compare and take.
    Raises BadFlow when a definition can't run.
    """
    flows = read_flow_files(folder, office().posts)
    with database.atomic():
        newest = newest_versions(flows)
        for code, (flow, text, digest) in flows.items():
            is_kept_back = code in newest and newest[code].published_by_id is not None
            made = FlowVersion.insert(
                service_code=code,
                digest=digest,
                definition=text,
                created_at=now,
                published_at=None if is_kept_back else now,
            )
            made = made.on_conflict_ignore().returning(FlowVersion.id).execute()
            if list(made) and not is_kept_back:
                register_unique(flow)
    return Catalogue(sorted(flows, key=lambda code: (ORDER.get(code, 99), code)))


# The order of the tiles on the home page; a service that isn't named comes after them.
ORDER = {"advis": 1, "lab": 2, "data": 3}
_flows: dict[tuple[str, int], Flow] = {}
_walked: dict[tuple[str, int, str, bool], Flow] = {}


def service_of(request: Request) -> Flow:
    """The whole definition under which the request was filed, with the stages it skips.

    Versions never change: kept in memory.
    """
    key = (str(database.obj.database), request.flow_id)
    if key not in _flows:
        _flows[key] = _parse(FlowVersion.get_by_id(request.flow_id))
    return _flows[key]


def flow_of(request: Request) -> Flow:
    """The way of this request: the definition without the stages that its kind skips."""
    key = (str(database.obj.database), request.flow_id, request.subclass_code, request.is_free)
    if key not in _walked:
        whole = service_of(request)
        _walked[key] = whole.as_walked(request.subclass_code, is_free=request.is_free)
    return _walked[key]


def current_stage(request: Request) -> Stage:
    """The desk at which the request lies."""
    return flow_of(request).desk(request.stage_code, request.step)


def published_flows() -> dict[int, Flow]:
    """Id -> whole definition of every version that requests can be on. One query, when none is
    new."""
    found, file = {}, str(database.obj.database)
    for (key,) in _published():
        if (file, key) not in _flows:
            _flows[file, key] = _parse(FlowVersion.get_by_id(key))
        found[key] = _flows[file, key]
    return found


@prepared
def _published() -> ModelSelect:
    rows = FlowVersion.select(FlowVersion.id).where(FlowVersion.published_at.is_null(False))
    return rows.order_by(FlowVersion.id).tuples()


def work_calendar() -> WorkCalendar:
    """The office's calendar with the holidays as they stand now. One query."""
    return calendar_with(Holiday.as_mapping())


def calendar_with(holidays: Mapping) -> WorkCalendar:
    return WorkCalendar(holidays, OfficeHours(**office().opening), ZONE)
