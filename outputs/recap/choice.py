"""What somebody wants to see in the recap: period, filters and columns, and which requests these
leave."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import and_
from urllib.parse import parse_qs, urlencode

from peewee import Expression, ModelSelect

from config.office import office
from models import Request, User
from outputs.dashboards.figures import AGES, NO_CAUSE, age_conditions, unexplained
from outputs.recap.columns import COLUMNS, USUAL_COLUMNS
from rules.formats import ZONE, day
from rules.periods import EVERYTHING, OWN_DATES, PRESETS, Span, end_of, span_of, start_of
from rules.statuses import APPROVED_STATUSES, LABELS
from storage.database import InstantField
from workflow import Reader

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
BY_FILING, BY_END = "diajukan", "selesai"
# By which day a request belongs to the period: code -> how it is called, and in a filter.
DATES = {BY_FILING: "Tanggal pengajuan", BY_END: "Tanggal selesai"}
DATE_WORDS = {BY_FILING: "Diajukan", BY_END: "Selesai"}
# What counters count together: words, and the statuses that they stand for.
APPROVED = "disetujui"
GROUPS = {APPROVED: ("Disetujui (diterima admin)", APPROVED_STATUSES)}
ON_TIME, LATE = "tepat", "terlambat"
OUTCOMES = {ON_TIME: "Tepat waktu", LATE: "Terlambat"}
MINE, NOBODY = "saya", "kosong"
# Beside period and columns, in the order in which they are told.
FILTERS = (
    "service",
    "stage",
    "status",
    "role",
    "instansi",
    "assignee",
    "pelanggan",
    "age",
    "outcome",
    "cause",
)
CODE = re.compile(r"[\w.:-]{1,81}")
# What a row that keeps a choice has room for.
LONGEST_TEXT = 600


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see. `period` is a preset, `semua`, or `tanggal` for own dates.

    `by` says which day counts: that of filing, or that on which the office was through with it.
    The filters are called as those of the queue: `stage` is `service:stage`, `role` whose turn it
    is, `assignee` and `pelanggan` ids of people, `cause` why something is late.
    """

    period: str = "tahun-ini"
    since: date | None = None
    until: date | None = None
    by: str = BY_FILING
    service: str = ""
    status: str = ""
    columns: tuple[str, ...] = USUAL_COLUMNS
    stage: str = ""
    role: str = ""
    instansi: str = ""
    assignee: str = ""
    pelanggan: str = ""
    age: str = ""
    outcome: str = ""
    cause: str = ""

    @classmethod
    def read(
        cls, given: Mapping[str, Sequence[str]], services: Collection[str] | None = None
    ) -> "Choice":
        """From the arguments of an address or form; nonsense becomes the usual.

        `services` are the codes on offer; None takes any.
        """

        def one(name: str) -> str:
            return next(iter(given.get(name, ())), "").strip()

        def of(name: str, known: Collection[str]) -> str:
            return one(name) if one(name) in known else ""

        since, until = _day(one("since")), _day(one("until"))
        period = one("period")
        if period not in (*PRESETS, EVERYTHING, OWN_DATES):
            period = OWN_DATES if since or until else cls.period
        if period != OWN_DATES:
            since = until = None
        service = one("service")[:40]
        columns = tuple(code for code in COLUMNS if code in given.get("column", ()))
        free = {name: one(name) for name in ("stage", "assignee", "pelanggan")}
        return cls(
            period=period,
            since=since,
            until=until,
            by=of("by", DATES) or BY_FILING,
            service=service if services is None or service in services else "",
            status=of("status", (*LABELS, *GROUPS)),
            columns=columns or USUAL_COLUMNS,
            role=of("role", office().posts),
            instansi=of("instansi", office().institutions),
            age=of("age", AGES),
            outcome=of("outcome", OUTCOMES),
            cause=of("cause", (NO_CAUSE, *office().delay_causes)),
            **{name: text if CODE.fullmatch(text) else "" for name, text in free.items()},
        )

    @classmethod
    def from_text(cls, text: str) -> "Choice":
        return cls.read(parse_qs(text))

    def pairs(self) -> list[tuple[str, str]]:
        """Period and filters as arguments of an address."""
        found = [("period", self.period)]
        for name in ("since", "until"):
            if on := getattr(self, name):
                found.append((name, on.isoformat()))
        if self.by != BY_FILING:
            found.append(("by", self.by))
        return found + [(name, value) for name in FILTERS if (value := getattr(self, name))]

    def to_text(self) -> str:
        """A query string that `from_text` reads back; the usual columns are left out."""
        pairs = self.pairs()
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

    def as_of(self, today: date) -> "Choice":
        """The same with the days that its period means today, so that it means these for ever."""
        span = self.span(today)
        if self.period in (EVERYTHING, OWN_DATES):
            return self
        return replace(self, period=OWN_DATES, since=span.first, until=span.last)

    def left_aside(self) -> list[str]:
        """The names of the filters that say how a request stands now, hence nothing of earlier."""
        kept = ("service", "instansi", "pelanggan")
        return [FILTER_TITLES[name] for name in FILTERS if name not in kept and getattr(self, name)]

    def in_words(self, today: date, titles: Mapping[str, str]) -> list[tuple[str, str]]:
        """The filters as (name, value) for everybody's eyes, hence without anybody's name.

        `titles` maps a service to its name, and `service:stage` to that of a stage.
        """
        span, words = self.span(today), []
        if span.first != FIRST_DAY:
            words.append((f"{DATE_WORDS[self.by]} sejak", day(span.first)))
        if span.last != LAST_DAY:
            words.append((f"{DATE_WORDS[self.by]} sampai", day(span.last)))
        for name in FILTERS:
            if value := getattr(self, name):
                words.append((FILTER_TITLES[name], self._value_words(name, value, titles)))
        return words or [("Saringan", "Semua permohonan")]

    @staticmethod
    def _value_words(name: str, value: str, titles: Mapping[str, str]) -> str:
        if name == "status":
            return GROUPS[value][0] if value in GROUPS else LABELS[value].title
        if name in ("assignee", "pelanggan"):
            return {MINE: "pembuat rekap", NOBODY: "belum ada"}.get(value, "satu orang tertentu")
        if name == "instansi":
            return office().institutions[value].title
        known = {
            "role": office().posts,
            "age": AGES,
            "outcome": OUTCOMES,
            "cause": {**office().delay_causes, NO_CAUSE: "terlambat, belum dicatat"},
        }
        return known.get(name, titles).get(value, value)


FILTER_TITLES = {
    "service": "Layanan",
    "stage": "Tahap",
    "status": "Status",
    "role": "Menunggu",
    "instansi": "Asal instansi",
    "assignee": "Petugas",
    "pelanggan": "Pelanggan",
    "age": "Batas tahap",
    "outcome": "Ketepatan",
    "cause": "Penyebab terlambat",
}


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


# -- the requests --------------------------------------------------------------------------------


def chosen_requests(choice: Choice, reader: Reader) -> ModelSelect:
    """The requests of the reader's scope that the choice leaves."""
    span = choice.span(reader.now.astimezone(ZONE).date())
    query = of_customers(choice, reader)
    # As text: the database compares an expression with what it is given as it stands.
    plain = InstantField().db_value
    at = Request.submitted_at if choice.by == BY_FILING else Request.ended()
    if span.first != FIRST_DAY:
        query = query.where(at >= plain(start_of(span.first)))
    if span.last != LAST_DAY or choice.by == BY_END:
        query = query.where(at < plain(end_of(span.last)))
    conditions = list(_conditions(choice, reader))
    return query.where(reduce(and_, conditions)) if conditions else query


def of_customers(choice: Choice, reader: Reader) -> ModelSelect:
    """What the choice leaves by what never changes of a request: service and customer."""
    query = Request.visible_to(reader)
    if choice.service:
        query = query.where(Request.service_code == choice.service)
    if choice.instansi:
        alike = User.select(User.id).where(User.institution_category == choice.instansi)
        query = query.where(Request.customer.in_(alike))
    if choice.pelanggan:
        one = User.select(User.id).where(User.public_id == choice.pelanggan)
        query = query.where(Request.customer.in_(one))
    return query


def _conditions(choice: Choice, reader: Reader) -> list[Expression]:
    """What the choice says of how a request stands."""
    found: list[Expression] = []
    if choice.status:
        statuses = GROUPS[choice.status][1] if choice.status in GROUPS else [choice.status]
        found.append(Request.status.in_(statuses))
    if choice.stage:
        service, _, stage = choice.stage.partition(":")
        at = (Request.service_code == service) & (Request.stage_code == stage)
        found.append(Request.is_running() & at)
    if choice.role:
        found.append(Request.is_running() & (Request.waiting_role == choice.role))
    if choice.assignee:
        found.append(Request.is_running() & _is_assigned(choice.assignee, reader))
    if choice.age:
        found.append(Request.is_running() & age_conditions(reader.now)[choice.age])
    if choice.outcome:
        late = Request.office_done_at > Request.due_at
        done = Request.office_done_at.is_null(False)
        found.append(done & (late if choice.outcome == LATE else ~late))
    if choice.cause == NO_CAUSE:
        found.append(unexplained(reader.now))
    elif choice.cause:
        found.append(Request.delay_cause == choice.cause)
    return found


def _is_assigned(assignee: str, reader: Reader) -> Expression:
    if assignee == NOBODY:
        return Request.assignee.is_null()
    if assignee == MINE:
        return Request.assignee == reader.id
    return Request.assignee.in_(User.select(User.id).where(User.public_id == assignee))
