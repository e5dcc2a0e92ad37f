"""The book of bills: what was chosen, its rows, and its sums."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from peewee import Case, Expression, ModelSelect, fn

from models import Billing, Request, User
from rules import bills
from rules.formats import ZONE, day
from rules.periods import EVERYTHING, OWN_DATES, PRESETS, Span, end_of, span_of, start_of
from rules.statuses import OPEN_STATUSES
from search.lookup import REQUESTS
from search.similar import narrowed
from workflow import Reader

BY_ISSUE, BY_PAYMENT = "terbit", "bayar"
DATES = {BY_ISSUE: "Tanggal terbit", BY_PAYMENT: "Tanggal bayar"}
# States that are asked for together, beside each alone.
TOGETHER = {"issued": ("Terbit (tanpa yang diganti)", bills.ISSUED),
            "waiting": ("Menunggu pembayaran", bills.WAITING)}  # fmt: skip
FOUND_BY = {REQUESTS: Billing.request}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
CHUNK = 1000


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see of the book. `words` are looked for in codes and names."""

    state: str = ""
    service: str = ""
    by: str = BY_ISSUE
    period: str = EVERYTHING
    since: date | None = None
    until: date | None = None
    words: str = ""

    @classmethod
    def read(
        cls, given: Mapping[str, str], *, services: Collection[str], words: str = ""
    ) -> "Choice":
        """From the arguments of an address; nonsense becomes the usual."""
        since, until = _day(given.get("since", "")), _day(given.get("until", ""))
        period = given.get("period", "")
        if period not in (*PRESETS, EVERYTHING, OWN_DATES):
            period = OWN_DATES if since or until else EVERYTHING
        if period != OWN_DATES:
            since = until = None
        state, service, by = (given.get(name, "") for name in ("state", "service", "by"))
        return cls(
            state=state if state in (*bills.STATES, *TOGETHER) else "",
            service=service if service in services else "",
            by=by if by in DATES else BY_ISSUE,
            period=period,
            since=since,
            until=until,
            words=words,
        )

    @property
    def states(self) -> tuple[str, ...]:
        """The states asked for; all of them when none was chosen."""
        if self.state in TOGETHER:
            return TOGETHER[self.state][1]
        return (self.state,) if self.state else tuple(bills.STATES)

    @property
    def is_backwards(self) -> bool:
        """Whether it ends before it begins, so that nothing can be in it."""
        return bool(self.since and self.until and self.until < self.since)

    def span(self, today: date) -> Span:
        if self.period == OWN_DATES:
            return Span(self.since or FIRST_DAY, self.until or LAST_DAY)
        return span_of(self.period, today) or Span(FIRST_DAY, LAST_DAY)

    def arguments(self, **changes: str) -> str:
        """As arguments of an address, without the words: these stay out of addresses."""
        named = {
            "state": self.state,
            "service": self.service,
            "by": self.by if self.by != BY_ISSUE else "",
            "period": self.period if self.period != EVERYTHING else "",
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return urlencode({name: said for name, said in (named | changes).items() if said})

    def in_words(self, today: date, titles: Mapping[str, str]) -> list[tuple[str, str]]:
        """The filters as (name, value) for people."""
        span, words = self.span(today), []
        if self.state:
            words.append(("Keadaan", state_title(self.state)))
        if self.service:
            words.append(("Layanan", titles.get(self.service, self.service)))
        if span.first != FIRST_DAY:
            words.append((f"{DATES[self.by]} sejak", day(span.first)))
        if span.last != LAST_DAY:
            words.append((f"{DATES[self.by]} sampai", day(span.last)))
        if self.words:
            words.append(("Dicari", self.words))
        return words


def state_title(state: str) -> str:
    return TOGETHER[state][0] if state in TOGETHER else bills.STATES[state].title


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


# -- rows ----------------------------------------------------------------------------------------


def chosen_bills(choice: Choice, reader: Reader) -> ModelSelect:
    """The bills of the reader's scope that the choice leaves, in whatever state."""
    return _chosen(choice, reader)[0]


def is_only_similar(choice: Choice, reader: Reader) -> bool:
    """Whether none of them is exactly what the words say."""
    return _chosen(choice, reader)[1]


def _chosen(choice: Choice, reader: Reader) -> tuple[ModelSelect, bool]:
    today = reader.now.astimezone(ZONE).date()
    span, query = choice.span(today), Billing.visible_to(reader)
    if choice.service:
        query = query.where(Request.service_code == choice.service)
    if span.first != FIRST_DAY:
        query = query.where(
            Billing.issued_at >= start_of(span.first)
            if choice.by == BY_ISSUE
            else Billing.paid_on >= span.first
        )
    if span.last != LAST_DAY:
        query = query.where(
            Billing.issued_at < end_of(span.last)
            if choice.by == BY_ISSUE
            else Billing.paid_on <= span.last
        )
    return narrowed(query, choice.words, FOUND_BY) if choice.words else (query, False)


def in_states(query: ModelSelect, states: Sequence[str], today: date) -> ModelSelect:
    """Of these bills those in one of the states."""
    if set(states) == set(bills.STATES):
        return query
    wanted = _conditions(today)
    return query.where(reduce(or_, (wanted[state] for state in states)))


def _conditions(today: date) -> dict[str, Expression]:
    """State -> condition; the same as `rules.bills.state_of` says of one bill."""
    soon = today + timedelta(days=bills.LAPSING_DAYS)
    stands = Billing.ntpn.is_null() & Billing.replaced_at.is_null()
    is_open = Request.status.in_(OPEN_STATUSES)
    return {
        bills.UNPAID: stands & is_open & (Billing.expires_on > soon),
        bills.LAPSING: stands & is_open & Billing.expires_on.between(today, soon),
        bills.LAPSED: stands & is_open & (Billing.expires_on < today),
        bills.PAID: Billing.ntpn.is_null(False),
        bills.VOID: stands & Request.status.not_in(OPEN_STATUSES),
        bills.REPLACED: Billing.ntpn.is_null() & Billing.replaced_at.is_null(False),
    }


def state_of(bill: Billing, today: date) -> str:
    """The state of a bill that has its request beside it."""
    return bills.state_of(
        is_paid=bill.ntpn is not None,
        is_replaced=bill.replaced_at is not None,
        expires_on=bill.expires_on,
        request_status=bill.request.status,
        today=today,
    )


def read_chunks(query: ModelSelect) -> Iterator[list[Billing]]:
    """The bills with request and customer, the oldest first, a chunk at a time.

    Each chunk is a query of its own that goes on behind the last row: no transaction stays open
    while a file is written.
    """
    shown = query.select(Billing, Request, User).order_by(Billing.issued_at, Billing.id)
    last: Billing | None = None
    while True:
        page = shown
        if last is not None:
            later = (Billing.issued_at == last.issued_at) & (Billing.id > last.id)
            page = shown.where((Billing.issued_at > last.issued_at) | later)
        rows = list(page.limit(CHUNK))
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        last = rows[-1]


# -- sums ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """How many bills, and how many rupiah."""

    count: int = 0
    amount: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.amount + other.amount)


@dataclass(frozen=True)
class Sums:
    """The sums of each state. What is issued leaves out what another bill took the place of."""

    per_state: Mapping[str, Sum]

    def of(self, states: Collection[str]) -> Sum:
        return sum((self.per_state[state] for state in states), Sum())

    def standing(self, states: Collection[str]) -> Sum:
        """The sum of these states without the replaced, which their successors stand for."""
        return self.of([state for state in states if state != bills.REPLACED])


def sum_up(choice: Choice, reader: Reader) -> Sums:
    """The sums over all states of what is chosen, whichever state is. One query."""
    today = reader.now.astimezone(ZONE).date()
    columns, conditions = [], _conditions(today)
    for condition in conditions.values():
        columns += [
            fn.COUNT(Case(None, [(condition, Billing.id)])),
            fn.COALESCE(fn.SUM(Case(None, [(condition, Billing.amount)])), 0),
        ]
    everything = replace(choice, state="")
    [numbers] = chosen_bills(everything, reader).select(*columns).tuples()
    pairs = zip(conditions, numbers[::2], numbers[1::2], strict=True)
    return Sums({state: Sum(int(count), int(amount)) for state, count, amount in pairs})
