"""What was left, came in and was finished, per service and month: “sisa awal – masuk – selesai –
sisa akhir”.

A request leaves the backlog when the office was through with it: by its result, or without one
(refused, cancelled, lapsed). What waits for the customer meanwhile is left over too.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import SQL, Case, Expression, Function, fn

from models import Request
from outputs.recap.choice import FIRST_DAY, LAST_DAY, Choice, of_customers
from rules.formats import ZONE, month
from rules.periods import Span, end_of, start_of
from storage.database import InstantField, database, is_sqlite
from workflow import Reader

# Of a longer period nobody reads every month of every service on paper.
MOST_MONTHS = 12
NOTE = (
    "Sisa ialah permohonan yang belum selesai dikerjakan balai. “Tidak dilanjutkan” ialah yang "
    "ditolak, dibatalkan, atau kedaluwarsa."
)
HEADS = ("Sisa awal", "Masuk", "Selesai", "Tidak dilanjutkan", "Sisa akhir")


@dataclass(frozen=True)
class Balance:
    """The requests of some services in some days; what is left at their end follows from it."""

    opening: int = 0
    filed: int = 0
    done: int = 0
    dropped: int = 0

    @property
    def closing(self) -> int:
        return self.opening + self.filed - self.done - self.dropped

    @property
    def figures(self) -> tuple[int, ...]:
        """In the order of `HEADS`."""
        return self.opening, self.filed, self.done, self.dropped, self.closing

    def beside(self, other: "Balance") -> "Balance":
        """Both together, of the same days."""
        sums = (a + b for a, b in zip(self.figures[:4], other.figures[:4], strict=True))
        return Balance(*sums)

    def then(self, later: "Balance") -> "Balance":
        """The days of both, of which these come first."""
        return Balance(
            self.opening, self.filed + later.filed, self.done + later.done,
            self.dropped + later.dropped,
        )  # fmt: skip


@dataclass(frozen=True)
class Backlog:
    """Balances by month (`2024-07`) and service, the oldest month first."""

    months: Sequence[str]
    services: Sequence[str]
    balances: Mapping[tuple[str, str], Balance]

    def of_month(self, code: str) -> Balance:
        """All services in a month."""
        found = Balance()
        for service in self.services:
            found = found.beside(self.balances[code, service])
        return found

    def of_service(self, service: str) -> Balance:
        """A service from the first to the last day."""
        first, *later = (self.balances[code, service] for code in self.months)
        for balance in later:
            first = first.then(balance)
        return first

    @property
    def whole(self) -> Balance:
        found = Balance()
        for service in self.services:
            found = found.beside(self.of_service(service))
        return found

    def lines(self, titles: Mapping[str, str], *, most_months: int) -> Iterator["Line"]:
        """Rows of the table: each month with its services, then the whole of several months.

        Of more months than `most_months` only the whole.
        """
        if len(self.months) <= most_months:
            for code in self.months:
                yield from self._block(_month_words(code), titles, code)
        if len(self.months) > 1:
            yield from self.whole_lines(titles)

    def whole_lines(self, titles: Mapping[str, str]) -> Iterator["Line"]:
        """Rows of all its days alone."""
        return self._block("Seluruh periode", titles, "")

    def _block(self, words: str, titles: Mapping[str, str], code: str) -> Iterator["Line"]:
        for service in self.services:
            found = self.balances[code, service] if code else self.of_service(service)
            yield Line(words, titles.get(service, service), found)
        if len(self.services) > 1:
            whole = self.of_month(code) if code else self.whole
            yield Line(words, "Jumlah", whole, is_sum=True)


@dataclass(frozen=True)
class Line:
    when: str
    service: str
    balance: Balance
    is_sum: bool = False


def _month_words(code: str) -> str:
    return month(int(code[:4]), int(code[5:]))


def read_backlog(choice: Choice, reader: Reader, services: Sequence[str]) -> Backlog:
    """The balances of the days of a choice, of its service and customers. Two queries.

    What it says of how requests stand now is left aside: that wasn't so then. `services` are those
    on offer, each of which has its rows; others follow when there is anything to say of them.
    """
    span = _known_days(choice, reader)
    moves = _moves(choice, reader, span)
    months = list(_months(span))
    wanted = [choice.service] if choice.service else list(services)
    found = [*wanted, *sorted({service for service, *_ in moves} - set(wanted))]
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    opening: dict[str, int] = defaultdict(int)
    for service, filed_in, ended_in, is_done, count in moves:
        if filed_in:
            counts[filed_in, service][0] += count
        else:
            opening[service] += count
        if ended_in:
            counts[ended_in, service][1 if is_done else 2] += count
    balances = {}
    for service in found:
        left = opening[service]
        for code in months:
            balances[code, service] = Balance(left, *counts[code, service])
            left = balances[code, service].closing
    return Backlog(months, found, balances)


def _known_days(choice: Choice, reader: Reader) -> Span:
    """The days of the choice; for all days those since the first request until today."""
    today = reader.now.astimezone(ZONE).date()
    span = choice.span(today)
    first, last = span.first, span.last
    if first == FIRST_DAY:
        oldest = of_customers(choice, reader).select(Request.submitted_at)
        found = oldest.order_by(Request.submitted_at, Request.id).first()
        first = min(found.submitted_at.astimezone(ZONE).date() if found else today, last)
    if last == LAST_DAY:
        last = max(today, first)
    return Span(first, last)


def _moves(choice: Choice, reader: Reader, span: Span) -> list[tuple[str, str, str, int, int]]:
    """(service, month of filing, month of its end, whether with a result, how many).

    Of all that was there in these days: an empty month of filing is one before them, an empty one
    of the end is none or one after them.
    """
    plain = InstantField().db_value
    begin, end = plain(start_of(span.first)), plain(end_of(span.last))
    ended = Request.ended()
    query = (
        of_customers(choice, reader)
        .where((Request.submitted_at < end) & (ended.is_null() | (ended >= begin)))
        .select(
            Request.service_code,
            Case(None, [(Request.submitted_at >= begin, Request.submitted_month)], ""),
            Case(None, [(ended < end, _local_month(ended))], ""),
            Case(None, [(Request.office_done_at.is_null(False), 1)], 0),
            fn.COUNT(Request.id),
        )
        .group_by(SQL("1"), SQL("2"), SQL("3"), SQL("4"))
    )
    return list(database.execute(query))


def _local_month(instant: Function) -> Expression:
    """`2024-07`, on the office's clock."""
    if is_sqlite():
        return fn.strftime("%Y-%m", instant, "+8 hours")
    return fn.to_char(fn.timezone(str(ZONE), instant), "YYYY-MM")


def _months(span: Span) -> Iterator[str]:
    on = span.first.replace(day=1)
    while on <= span.last:
        yield f"{on:%Y-%m}"
        on = (date(on.year, on.month, 28) + timedelta(days=4)).replace(day=1)
