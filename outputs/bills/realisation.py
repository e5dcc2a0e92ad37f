"""What came in within a year, per service and month, against the targets (PNBP)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from peewee import fn

from models import Billing, Request, RevenueTarget
from workflow import Reader


@dataclass(frozen=True)
class Line:
    """Rupiah of one service in each month of a year, by the day of payment."""

    code: str
    title: str
    months: tuple[int, ...]
    # How many payments, and what was meant to come in; none where nobody set a target.
    count: int = 0
    target: int | None = None

    @property
    def amount(self) -> int:
        return sum(self.months)

    @property
    def share(self) -> float | None:
        """Per cent of the target."""
        return round(100 * self.amount / self.target, 2) if self.target else None


@dataclass(frozen=True)
class Realisation:
    year: int
    lines: Sequence[Line]

    @property
    def total(self) -> Line:
        targets = [line.target for line in self.lines if line.target is not None]
        months = tuple(map(sum, zip(*(line.months for line in self.lines), strict=True)))
        return Line(
            "",
            "JUMLAH",
            months or (0,) * 12,
            sum(line.count for line in self.lines),
            sum(targets) if targets else None,
        )


def realisation_of(year: int, reader: Reader, titles: Mapping[str, str]) -> Realisation:
    """The year of every service on offer, and of any other that was paid for. Two queries."""
    days = (
        Billing.visible_to(reader)
        .select(Request.service_code, Billing.paid_on, fn.SUM(Billing.amount), fn.COUNT(Billing.id))
        .where(Billing.ntpn.is_null(False) & _within(year))
        .group_by(Request.service_code, Billing.paid_on)
        .tuples()
    )
    months: dict[str, list[int]] = {code: [0] * 12 for code in titles}
    counts: dict[str, int] = {}
    for code, paid_on, amount, count in days:
        months.setdefault(code, [0] * 12)[paid_on.month - 1] += int(amount)
        counts[code] = counts.get(code, 0) + count
    targets = dict(
        RevenueTarget.select(RevenueTarget.service_code, RevenueTarget.amount)
        .where(RevenueTarget.year == year)
        .tuples()
    )
    return Realisation(
        year,
        [
            Line(code, titles.get(code, code), tuple(found), counts.get(code, 0), targets.get(code))
            for code, found in months.items()
        ],
    )


def _within(year: int):
    return Billing.paid_on.between(date(year, 1, 1), date(year, 12, 31))


def years_paid(reader: Reader, *, today: date) -> list[int]:
    """Years from the first payment to this one, the newest first. One query."""
    [[first]] = Billing.visible_to(reader).select(fn.MIN(Billing.paid_on)).tuples()
    begin = date.fromisoformat(str(first)).year if first else today.year
    return list(range(max(today.year, begin), min(begin, today.year) - 1, -1))
