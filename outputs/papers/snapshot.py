"""A request as it was when a document was ordered: what was written later doesn't count.

A document may be made minutes after its order, by whoever looks first. It must not matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from models import Document, IncomingLetter, OutgoingLetter, Request, StageRecord, User
from moves import clock
from moves.catalogue import flow_of, service_of, work_calendar
from outputs.papers.history import History, desk_of, history_of, inputs_of, names_in
from rules import events
from rules.services import Flow, Input, Stage

COMPLETING = (events.SUBMITTED, events.STAGE_COMPLETED, events.STEP_COMPLETED)


@dataclass(frozen=True)
class Snapshot:
    """What a printed form is made from."""

    document: Document
    # A row of our own, cut back to the moment: never save it.
    request: Request
    history: History
    names: Mapping[str, str]
    # Where everybody can check the document, and by what it is signed, if by anything.
    check_url: str
    seal: str = ""
    # Its number and who signs it, where it is a letter; and the letter by which the request came.
    letter: OutgoingLetter | None = None
    incoming: IncomingLetter | None = None

    @property
    def at(self) -> datetime:
        return self.document.created_at

    @property
    def flow(self) -> Flow:
        return flow_of(self.request)

    @property
    def order(self) -> StageRecord:
        """The move that ordered the document: the latest that makes one of its kind."""
        kind, records = self.document.kind, self.history.records
        return next(r for r in reversed(records) if kind in self._ordered_by(r))

    def _ordered_by(self, record: StageRecord) -> tuple[str, ...]:
        if record.event.kind == events.REJECTED:
            return ("surat_penolakan",)
        return self.desk(record).documents if record.event.kind in COMPLETING else ()

    def desk(self, record: StageRecord) -> Stage:
        return desk_of(self.request, record.event)

    def inputs(self, record: StageRecord) -> tuple[Input, ...]:
        return tuple(inputs_of(self.request, record.event))

    def who(self, record: StageRecord) -> str:
        return self.history.who[record.event_id]

    def latest(self, *kinds: str) -> Iterator[StageRecord]:
        """Records of these kinds in their order, of each desk only the latest."""
        found = {}
        for record in self.history.records:
            if record.event.kind in kinds:
                desk = self.desk(record).desk
                found.pop(desk, None)
                found[desk] = record
        yield from found.values()

    def documents(self) -> list[Document]:
        """The documents that were there, without those replaced by then. One query."""
        rows = {row.id: row for row in self.request.documents.order_by(Document.id)}
        there = [row for row in rows.values() if row.created_at <= self.at]
        return [row for row in there if rows.get(row.replaced_by_id) not in there]

    def due_at(self, desk: Stage | None = None) -> datetime:
        """When the request, or one desk of it, was due by what was known then."""
        pauses = [
            replace(pause, ended_at=None) if (pause.ended_at or self.at) > self.at else pause
            for pause in clock.pauses_of(self.request)
            if pause.began_at <= self.at
        ]
        calendar = work_calendar()
        return clock.deadline_of(self.request, desk, calendar=calendar, pauses=pauses).due_at


def snapshot_of(document: Document, *, base_url: str, seal: str = "") -> Snapshot:
    """Read a request back to the moment of the order. A fixed number of queries."""
    at = document.created_at
    request = (
        Request.select(Request, User)
        .join(User, on=Request.customer)
        .where(Request.id == document.request_id)
        .get()
    )
    history = history_of(request, until=at)
    if request.accepted_at and request.accepted_at > at:
        request.number = request.accepted_at = None
    if request.agreed_at and request.agreed_at > at:
        request.agreed_due_on = request.agreed_at = None
    request.subclass_code = _subclass_at(request, history)
    kind = service_of(request).subclass(request.subclass_code)
    request.is_urgent = bool(kind and kind.is_urgent)
    address = f"{base_url}/v/{document.code}"
    return Snapshot(
        document,
        request,
        history,
        names_in(history),
        address,
        seal,
        OutgoingLetter.get_or_none(OutgoingLetter.document == document),
        IncomingLetter.get_or_none(IncomingLetter.request == request),
    )


def _subclass_at(request: Request, history: History) -> str:
    """The kind as it was: as filed, then as the office changed it."""
    code = request.subclass_code
    for record in history.records:
        code = record.event.data.get("subclass", code)
        for entry in inputs_of(request, record.event):
            if entry.type == "subclass":
                code = record.inputs.get(entry.name, code)
    return str(code)
