"""The rows of the recap in their order, in constant memory, and what they add up to."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace

from peewee import ModelSelect, fn

from models import Billing, Request, User
from moves.catalogue import flow_of
from outputs.recap.columns import COLUMNS, MONEY_COLUMNS, Kind, Raw
from outputs.recap.durations import Stopwatch
from rules.formats import decimal_id
from storage.database import database
from storage.fast import epoch, keys

# Rows fetched at a time: enough to make queries few, too few to weigh anything.
CHUNK = 2000
NOTHING = "Tidak ada permohonan yang cocok dengan saringan."
UNNUMBERED = "Belum bernomor"


def _raw(query: ModelSelect) -> ModelSelect:
    r, u = Request, User
    return query.select(
        r.id,
        r.number,
        r.flow,
        r.service_code,
        r.subclass_code,
        r.is_free,
        u.name,
        u.institution_category,
        u.institution_name,
        r.subject,
        epoch(r.submitted_at),
        epoch(r.accepted_at),
        epoch(r.due_at),
        epoch(r.office_done_at),
        epoch(r.closed_at),
        r.office_days,
        r.status,
        r.stage_code,
        r.channel,
        r.is_urgent,
        r.revision,
        r.submitted_month,
        r.delay_cause,
    ).join(User, on=Request.customer)


def in_order(query: ModelSelect) -> array:
    """Ids of the requests as an agenda runs: by number from the first one on, then by filing those
    that have none yet. One query.

    A number is given at the moment of acceptance, and counts up within its service.
    """
    numbered = Request.number.is_null()
    accepted = (Request.accepted_at, fn.LENGTH(Request.number), Request.number)
    ordered = query.select(Request.id).order_by(
        numbered, *accepted, Request.submitted_at, Request.id
    )
    return array("q", (key for (key,) in database.execute(ordered)))


def read_chunks(query: ModelSelect) -> Iterator[list[Raw]]:
    """The rows as `in_order` has them, a few thousand at a time.

    Which they are is settled at the beginning. Each chunk is a query of its own, so that no cursor
    and no transaction stays open while a long file is written, and every request comes once,
    whatever becomes of it meanwhile.
    """
    ids = in_order(query)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = _raw(Request.select().where(Request.id.in_(keys(chunk))))
        rows = {row[0]: Raw(*row) for row in database.execute(found)}
        yield [rows[key] for key in chunk if key in rows]


def with_bills(chunk: Sequence[Raw]) -> list[Raw]:
    """The rows with what was billed and paid; a replaced bill is no second one. One query."""
    found: dict[int, list[Billing]] = {}
    bills = Billing.select().where(
        Billing.request.in_([row.id for row in chunk] or [0])
        & (Billing.replaced_at.is_null() | Billing.ntpn.is_null(False))
    )
    for bill in bills.order_by(Billing.id):
        found.setdefault(bill.request_id, []).append(bill)
    return [_with_its_bills(row, found[row.id]) if row.id in found else row for row in chunk]


def _with_its_bills(row: Raw, bills: Sequence[Billing]) -> Raw:
    paid = [bill for bill in bills if bill.ntpn]
    return row._replace(
        billed=sum(bill.amount for bill in bills),
        received=sum(bill.amount for bill in paid) if paid else None,
        ntpn=", ".join(bill.ntpn for bill in paid) or None,
        paid_on=max((bill.paid_on for bill in paid), default=None),
    )


class Kinds:
    """The ways of requests, looked up once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, bool], Kind] = {}

    def of(self, row: Raw) -> Kind:
        key = (row.flow_id, row.subclass, bool(row.is_free))
        if key not in self._known:
            flow = flow_of(
                SimpleNamespace(flow_id=key[0], subclass_code=key[1], is_free=key[2])  # type: ignore[arg-type]
            )
            subclass = flow.subclass(row.subclass)
            stages = {stage.code: stage.short for stage in flow.stages}
            title = subclass.title if subclass else ""
            self._known[key] = Kind(flow, flow.title, title, stages)
        return self._known[key]


@dataclass
class Tally:
    """Counts what passes by, so that the summary needs no second reading."""

    per_service: Counter[str] = field(default_factory=Counter)
    per_month: Counter[str] = field(default_factory=Counter)
    per_status: Counter[str] = field(default_factory=Counter)
    total: int = 0
    finished: int = 0
    on_time: int = 0
    # Rupiah, where the columns of money were read.
    billed: int = 0
    received: int = 0

    def add(self, row: Raw, kind: Kind) -> None:
        self.total += 1
        self.per_service[kind.title] += 1
        self.per_month[row.month] += 1
        self.per_status[row.status] += 1
        self.billed += row.billed or 0
        self.received += row.received or 0
        if row.done is not None:
            self.finished += 1
            self.on_time += row.done <= row.due

    def in_words(self) -> list[tuple[str, str]]:
        """What the rows come to, as every file says it below them."""
        timely = ""
        if self.finished:
            share = decimal_id(100 * self.on_time / self.finished, 1)
            timely = f"{decimal_id(self.on_time, 0)} ({share} %)"
        return [
            ("Jumlah permohonan", decimal_id(self.total, 0)),
            ("Selesai dikerjakan", decimal_id(self.finished, 0)),
            ("Tepat waktu", timely or "–"),
        ]


class Reading:
    """One pass over the chosen requests: cells to write, and what was seen on the way.

    `told` is called with the number of rows after each chunk, and may raise to stop.
    """

    def __init__(
        self,
        query: ModelSelect,
        columns: Sequence[str],
        *,
        stopwatch: Stopwatch | None = None,
        told: Callable[[int], None] | None = None,
    ):
        self.columns = [COLUMNS[code] for code in columns]
        self.tally = Tally()
        self.stopwatch = stopwatch
        self.reads_bills = any(code in MONEY_COLUMNS for code in columns)
        # How many rows came before the first without a number; None while none has come.
        self.numbered: int | None = None
        self._query, self._told = query, told
        self._kinds = Kinds()

    def rows(self) -> Iterator[list[str | float | date | None]]:
        """The cells of each row in the order of the columns."""
        values = [column.value for column in self.columns]
        add, kind_of = self.tally.add, self._kinds.of
        for chunk in read_chunks(self._query):
            if self.reads_bills:
                chunk = with_bills(chunk)
            flows = {}
            for row in chunk:
                kind = kind_of(row)
                flows[row.id] = kind.flow
                if self.numbered is None and not row.number:
                    self.numbered = self.tally.total
                add(row, kind)
                yield [value(row, kind) for value in values]
            if self.stopwatch:
                self.stopwatch.watch({row.id: row.service for row in chunk}, flows)
            if self._told:
                self._told(self.tally.total)


def oldest_day(query: ModelSelect, *, now: datetime) -> date:
    """The local day on which the oldest of these requests was filed; today for none."""
    first = query.select(Request.submitted_at).order_by(Request.submitted_at, Request.id).first()
    at = first.submitted_at if first else now
    return at.astimezone(UTC).date()
