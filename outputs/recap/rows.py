"""The recap (Rekap Layanan): what was chosen, its columns, and its rows in constant memory."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from peewee import ModelSelect

from config.office import office
from models import Billing, Request, User
from moves.catalogue import flow_of
from outputs.recap.durations import Stopwatch
from rules.formats import ZONE, day
from rules.labels import ORIGINS
from rules.periods import EVERYTHING, OWN_DATES, PRESETS, Span, end_of, span_of, start_of
from rules.services import Flow
from rules.statuses import LABELS, OPEN_STATUSES
from storage.database import database
from storage.fast import epoch
from workflow import Reader

# Rows fetched at a time: enough to make queries few, too few to weigh anything.
CHUNK = 2000
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
TEXT, DATE, DAY, INTEGER, NUMBER = "text", "date", "day", "integer", "number"
NOTHING = "Tidak ada permohonan yang cocok dengan saringan."


class Raw(NamedTuple):
    """A row as the database gives it; instants are whole seconds since 1970."""

    id: int
    number: str | None
    flow_id: int
    service: str
    subclass: str
    is_free: int
    name: str
    category: str
    institution: str
    subject: str
    submitted: int
    accepted: int | None
    due: int
    done: int | None
    closed: int | None
    days: float | None
    status: str
    stage: str
    channel: str
    is_urgent: int
    revision: int
    month: str
    cause: str
    # Of its bills, read only where a column asks for them.
    billed: int | None = None
    received: int | None = None
    ntpn: str | None = None
    paid_on: date | None = None


@dataclass(frozen=True)
class Kind:
    """What all requests on one way share: its titles and the short names of its stages."""

    flow: Flow
    title: str
    subclass: str
    stages: Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """A column; `value` makes a cell of a row: text, a number, seconds since 1970, or None."""

    code: str
    title: str
    width: int
    kind: str
    value: Callable[[Raw, Kind], str | float | date | None]
    is_usual: bool = True


def _timely(row: Raw, _: Kind) -> str | None:
    return None if row.done is None else "Ya" if row.done <= row.due else "Tidak"


def _cause(row: Raw, _: Kind) -> str | None:
    return office().delay_causes.get(row.cause, row.cause) or None


def _category(row: Raw, _: Kind) -> str | None:
    category = office().institutions.get(row.category)
    return category.title if category else None


COLUMNS = {
    column.code: column
    for column in (
        Column("number", "NO PERMINTAAN LAYANAN", 22, TEXT, lambda row, kind: row.number or "-"),
        Column("service", "KLASIFIKASI LAYANAN", 22, TEXT, lambda row, kind: kind.title),
        Column("subclass", "SUB-KLASIFIKASI", 16, TEXT, lambda row, kind: kind.subclass),
        Column("customer", "PELANGGAN", 20, TEXT, lambda row, kind: row.name),
        Column("category", "ASAL INSTANSI", 19, TEXT, _category),
        Column("institution", "NAMA INSTANSI", 24, TEXT, lambda row, kind: row.institution),
        Column("subject", "PERIHAL", 36, TEXT, lambda row, kind: row.subject),
        Column("submitted", "TANGGAL PENGAJUAN", 16, DATE, lambda row, kind: row.submitted),
        Column("accepted", "TANGGAL DITERIMA", 16, DATE, lambda row, kind: row.accepted),
        Column("due", "TANGGAL MAX PROSES", 16, DATE, lambda row, kind: row.due),
        Column("done", "TANGGAL SELESAI DIKERJAKAN", 16, DATE, lambda row, kind: row.done),
        Column("closed", "TANGGAL DITUTUP", 16, DATE, lambda row, kind: row.closed),
        Column("days", "LAMA (HARI KERJA)", 10, NUMBER, lambda row, kind: row.days),
        Column("on_time", "TEPAT WAKTU", 8, TEXT, _timely),
        Column("cause", "PENYEBAB TERLAMBAT", 18, TEXT, _cause),
        Column("status", "STATUS LAYANAN", 15, TEXT, lambda row, kind: LABELS[row.status].title),
        Column(
            "stage",
            "TAHAP",
            18,
            TEXT,
            lambda row, kind: kind.stages.get(row.stage) if row.status in OPEN_STATUSES else None,
        ),
        Column(
            "channel",
            "CARA MASUK",
            9,
            TEXT,
            lambda row, kind: ORIGINS[row.channel].short,
            is_usual=False,
        ),
        Column(
            "urgent",
            "MENDESAK",
            12,
            TEXT,
            lambda row, kind: "Ya" if row.is_urgent else "Tidak",
            is_usual=False,
        ),
        Column(
            "free",
            "TANPA BIAYA",
            9,
            TEXT,
            lambda row, kind: "Ya" if row.is_free else "Tidak",
            is_usual=False,
        ),
        Column("revision", "REVISI", 8, INTEGER, lambda row, kind: row.revision, is_usual=False),
        Column("billed", "TAGIHAN (Rp)", 16, INTEGER, lambda row, kind: row.billed, is_usual=False),
        Column(
            "received", "DITERIMA (Rp)", 16, INTEGER, lambda row, kind: row.received, is_usual=False
        ),
        Column("ntpn", "NTPN", 20, TEXT, lambda row, kind: row.ntpn, is_usual=False),
        Column("paid_on", "TANGGAL BAYAR", 14, DAY, lambda row, kind: row.paid_on, is_usual=False),
    )
}
# What is read of bills, and of that what is added up.
MONEY_COLUMNS = ("billed", "received", "ntpn", "paid_on")
SUMMED_COLUMNS = ("billed", "received")
USUAL_COLUMNS = tuple(code for code, column in COLUMNS.items() if column.is_usual)


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see. `period` is a preset, `semua`, or `tanggal` for own dates."""

    period: str = "tahun-ini"
    since: date | None = None
    until: date | None = None
    service: str = ""
    status: str = ""
    columns: tuple[str, ...] = USUAL_COLUMNS

    @classmethod
    def read(
        cls, given: Mapping[str, Sequence[str]], services: Collection[str] | None = None
    ) -> "Choice":
        """From the arguments of an address or form; nonsense becomes the usual.

        `services` are the codes on offer; None takes any.
        """

        def one(name: str) -> str:
            return next(iter(given.get(name, ())), "").strip()

        since, until = _day(one("since")), _day(one("until"))
        period = one("period")
        if period not in (*PRESETS, EVERYTHING, OWN_DATES):
            period = OWN_DATES if since or until else cls.period
        if period != OWN_DATES:
            since = until = None
        service, status = one("service")[:40], one("status")
        columns = tuple(code for code in COLUMNS if code in given.get("column", ()))
        return cls(
            period=period,
            since=since,
            until=until,
            service=service if services is None or service in services else "",
            status=status if status in LABELS else "",
            columns=columns or USUAL_COLUMNS,
        )

    @classmethod
    def from_text(cls, text: str) -> "Choice":
        return cls.read(parse_qs(text))

    def to_text(self) -> str:
        """A query string that `from_text` reads back; the usual columns are left out."""
        pairs: list[tuple[str, str]] = [("period", self.period)]
        for name in ("since", "until"):
            if on := getattr(self, name):
                pairs.append((name, on.isoformat()))
        pairs += [(name, value) for name in ("service", "status") if (value := getattr(self, name))]
        if self.columns != USUAL_COLUMNS:
            pairs += [("column", code) for code in self.columns]
        return urlencode(pairs)

    @property
    def is_backwards(self) -> bool:
        """Whether it ends before it begins, so that nothing can be in it."""
        return bool(self.since and self.until and self.until < self.since)

    def span(self, today: date) -> Span:
        """The days it covers."""
        if self.period == OWN_DATES:
            return Span(self.since or FIRST_DAY, self.until or LAST_DAY)
        return span_of(self.period, today) or Span(FIRST_DAY, LAST_DAY)

    def in_words(self, today: date, titles: Mapping[str, str]) -> list[tuple[str, str]]:
        """The filters as (name, value) for people; `titles` maps a service to its name."""
        span, words = self.span(today), []
        if span.first != FIRST_DAY:
            words.append(("Diajukan sejak", day(span.first)))
        if span.last != LAST_DAY:
            words.append(("Diajukan sampai", day(span.last)))
        if self.service:
            words.append(("Layanan", titles.get(self.service, self.service)))
        if self.status:
            words.append(("Status", LABELS[self.status].title))
        return words or [("Saringan", "Semua permohonan")]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def chosen_requests(choice: Choice, reader: Reader) -> ModelSelect:
    """The requests of the reader's scope that the choice leaves."""
    span = choice.span(reader.now.astimezone(ZONE).date())
    query = Request.visible_to(reader)
    if span.first != FIRST_DAY:
        query = query.where(Request.submitted_at >= start_of(span.first))
    if span.last != LAST_DAY:
        query = query.where(Request.submitted_at < end_of(span.last))
    if choice.service:
        query = query.where(Request.service_code == choice.service)
    if choice.status:
        query = query.where(Request.status == choice.status)
    return query


def _raw(query: ModelSelect) -> ModelSelect:
    r, u = Request, User
    return (
        query.select(
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
        )
        .join(User, on=Request.customer)
        .order_by(Request.submitted_at.desc(), Request.id.desc())
        .limit(CHUNK)
    )


def read_chunks(query: ModelSelect) -> Iterator[list[Raw]]:
    """The rows, the newest first, a few thousand at a time.

    Each chunk is a query of its own that goes on where the last one ended: no cursor and no
    transaction stays open while a long file is written, and since nobody's `submitted_at` ever
    changes, every request comes once.
    """
    chosen, last = _raw(query), None
    while True:
        page = chosen
        if last is not None:
            at = Request.select(Request.submitted_at).where(Request.id == last).scalar()
            seen = (Request.submitted_at == at) & (Request.id >= last)
            page = chosen.where((Request.submitted_at <= at) & ~seen)
        rows = [Raw(*row) for row in database.execute(page)]
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].id


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
