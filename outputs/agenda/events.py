"""The days that matter of what runs: due dates, and visits, discussions and tests as stages' inputs
and requests' own answers hold them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_

from peewee import Expression, Field, ModelSelect, fn

from models import Assignment, Request, StageRecord
from moves.catalogue import current_stage, flow_of
from rules.formats import ZONE
from rules.periods import end_of, start_of
from rules.roles import PELANGGAN
from rules.services import Flow
from storage.fast import keys
from workflow import Reader

# More than any office has within some weeks.
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
    near = touching(requests, first, last)
    rows = list(near.order_by(Request.stage_due_at, Request.id).limit(MOST))
    inputs = _inputs_of([row.id for row in rows])
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


def touching(requests: ModelSelect, first: date, last: date) -> ModelSelect:
    """Those of which a moment lies within these days, or which speak of one of their months.

    What it speaks of may have been said anew since, so each is looked at again once it is read.
    """
    since, until = start_of(first), end_of(last)
    moments = (Request.stage_due_at, Request.due_at, Request.expected_at)
    said = StageRecord.select(StageRecord.id).where(
        (StageRecord.request == Request.id) & _speaks_of(StageRecord.inputs, first, last)
    )
    found = reduce(or_, ((moment >= since) & (moment < until) for moment in moments))
    return requests.where(found | _speaks_of(Request.details, first, last) | fn.EXISTS(said))


def _speaks_of(field: Field, first: date, last: date) -> Expression:
    """Condition: what is written there holds a day of one of these months."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = (divmod(first.year * 12 + first.month - 1 + number, 12) for number in range(count))
    text = field.cast("TEXT")
    return reduce(or_, (text.contains(f'"{year}-{month + 1:02}-') for year, month in months))


def _inputs_of(requests: Sequence[int]) -> dict[int, dict[str, str]]:
    """Request -> what its stages hold, the latest of each name. One query."""
    found: dict[int, dict[str, str]] = {}
    records: Sequence[StageRecord] = (
        StageRecord.select(StageRecord.request, StageRecord.inputs)
        .where(StageRecord.request.in_(keys(requests)))
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
