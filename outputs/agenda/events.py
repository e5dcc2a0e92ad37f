"""The days that matter of what runs: due dates, and visits, discussions and tests as stages' inputs
and requests' own answers hold them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect

from models import Assignment, Request, StageRecord
from moves.catalogue import current_stage, flow_of
from rules.formats import ZONE
from rules.roles import PELANGGAN
from rules.services import Flow
from workflow import Reader

# More of what runs than any office has in hand.
MOST = 5000


@dataclass(frozen=True)
class Happening:
    """Something of a request on a day; `at` is its moment where it has one. `what` says which."""

    on: date
    what: str
    request: Request
    at: datetime | None = None
    is_due: bool = False
    # By which it is known, whatever its words and its day become.
    code: str = ""

    @property
    def key(self) -> str:
        """The same for the same thing, whatever becomes of its day."""
        return f"{self.request.public_id}-{self.code}"

    @property
    def subject(self) -> str:
        number = self.request.number or "Belum bernomor"
        return f"{number}: {self.request.subject}"


def own_requests(reader: Reader) -> ModelSelect:
    """What waits for this person or was given to them, of what runs."""
    given = Assignment.select(Assignment.request).where(Assignment.user == reader.id)
    mine = Request.waiting_for(reader).select(Request.id)
    found = Request.visible_to(reader).where(Request.is_running())
    return found.where(Request.id.in_(given) | Request.id.in_(mine))


def happenings(requests: ModelSelect, *, first: date, last: date) -> list[Happening]:
    """Those of some running requests within these days, in their order. Two queries."""
    rows = list(requests.order_by(Request.stage_due_at, Request.id).limit(MOST))
    inputs = _inputs_of(requests)
    found = [one for row in rows for one in _of(row, inputs.get(row.id, {}))]
    return sorted(
        (one for one in found if first <= one.on <= last),
        key=lambda one: (one.on, one.at is None, one.at or one.request.due_at, one.key),
    )


def _of(request: Request, inputs: Mapping[str, str]) -> Iterator[Happening]:
    if request.waiting_role != PELANGGAN and not request.pending:
        words = f"Batas {current_stage(request).short}"
        yield _due(request, words, request.stage_due_at, f"stage-{request.stage_code}")
    if request.is_open and request.office_done_at is None:
        yield _due(request, "Janji selesai", request.expected_at or request.due_at, "due")
    said = {**request.details, **inputs}
    for name, label in _dates_of(flow_of(request)).items():
        if on := _day(said.get(name)):
            yield Happening(on, label, request, code=name)


def _due(request: Request, words: str, at: datetime, code: str) -> Happening:
    return Happening(at.astimezone(ZONE).date(), words, request, at, is_due=True, code=code)


def _dates_of(flow: Flow) -> dict[str, str]:
    """Name -> label of every answer and input that is a day."""
    entries = [*flow.fields, *(entry for desk in flow.desks for entry in desk.inputs)]
    return {entry.name: entry.label for entry in entries if entry.type == "date"}


def _inputs_of(requests: ModelSelect) -> dict[int, dict[str, str]]:
    """Request -> what its stages hold, the latest of each name. One query."""
    found: dict[int, dict[str, str]] = {}
    records: Sequence[StageRecord] = (
        StageRecord.select(StageRecord.request, StageRecord.inputs)
        .where(StageRecord.request.in_(requests.select(Request.id)))
        .order_by(StageRecord.id)
    )
    for record in records:
        found.setdefault(record.request_id, {}).update(record.inputs)
    return found


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None
