"""A dashboard: what a post sees of its work, alike on page, print and paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import dropwhile
from typing import NamedTuple

from markupsafe import Markup

from config.office import office
from models import Request
from moves.catalogue import work_calendar
from outputs.charts import stacked_bars, value_bars
from outputs.dashboards.figures import (
    AGES,
    NO_CAUSE,
    Desk,
    Durations,
    Past,
    delays_by_cause,
    load_of_desks,
    past_figures,
)
from outputs.dashboards.statistics import share_words
from rules.calendar import WorkCalendar
from rules.formats import ZONE, decimal_id, month
from rules.periods import start_of
from rules.roles import PELANGGAN
from rules.services import Flow
from workflow import Reader

STAGES_DRAWN = 12


class MonthRow(NamedTuple):
    """A month: how many the office finished in it, and how many of them in time."""

    code: str
    words: str
    timely: int
    count: int

    @property
    def share(self) -> float | None:
        return self.timely / self.count if self.count else None


@dataclass(frozen=True)
class Board:
    """The figures of some posts over some services at one moment.

    With `sees_all` the lists behind the past figures hold every request that was counted.
    """

    posts: Sequence[str]
    sees_all: bool
    flows: Sequence[Flow]
    service: str
    desks: Sequence[Desk]
    past: Past
    delays: Mapping[str, int]
    at: datetime
    calendar: WorkCalendar

    @property
    def whose(self) -> str:
        titles = office().posts
        return "Semua pos" if self.sees_all else ", ".join(titles.get(p, p) for p in self.posts)

    @property
    def about(self) -> list[tuple[str, str]]:
        """What it covers, as paper and check page say it."""
        named = [flow.title for flow in self.flows]
        return [
            ("Pos", self.whose),
            ("Layanan", ", ".join(named) if self.service else "Semua layanan"),
            ("Masa", self.period_words),
        ]

    @property
    def running(self) -> int:
        return sum(desk.total for desk in self.desks)

    @property
    def late(self) -> int:
        return sum(desk.ages["late"] for desk in self.desks)

    @property
    def period(self) -> str:
        return f"{self.past.months[0]}_{self.past.months[-1]}"

    @property
    def period_words(self) -> str:
        return f"{_month(self.past.months[0])} – {_month(self.past.months[-1])}"

    @property
    def bottleneck_month(self) -> str:
        return _month(self.past.bottleneck_month) if self.past.bottleneck else ""

    @property
    def causes(self) -> list[tuple[str, str, int]]:
        """(code, words, requests) of what made the office late, the commonest first."""
        words = {**office().delay_causes, NO_CAUSE: "Belum dicatat (masih berjalan)"}
        rows = [(code, words.get(code, code), count) for code, count in self.delays.items()]
        return sorted(rows, key=lambda row: (row[0] == NO_CAUSE, -row[2], row[1]))

    @property
    def since_on(self) -> date:
        """The first day of the period."""
        return date.fromisoformat(f"{self.past.months[0]}-01")

    @property
    def months(self) -> list[MonthRow]:
        """From the first month in which anything was finished."""
        rows = [
            MonthRow(code, _month(code), timely, count)
            for code, (timely, count) in self.past.by_month.items()
        ]
        return list(dropwhile(lambda row: not row.count, rows))

    def title_of(self, desk: Desk) -> str:
        return office().posts.get(desk.role, desk.role)

    def oldest_words(self, desk: Desk) -> str:
        """How long the oldest has lain at a desk, in working days."""
        if desk.oldest_at is None:
            return "–"
        return self.took(float(self.calendar.working_days_between(desk.oldest_at, self.at)))

    def took(self, days: float | None) -> str:
        """`2,5 hari`, below a working day `3 jam`; a dash for none."""
        if days is None:
            return "–"
        if days >= 1:
            return f"{decimal_id(days, 1)} hari"
        hours = decimal_id(days * self.calendar.hours.full_day_seconds / 3600, 0)
        return "di bawah 1 jam" if hours == "0" else f"{hours} jam"

    @property
    def compared_with(self) -> str:
        """The stages among which the bottleneck is the worst: those that are looked at here."""
        of_service = " layanan ini" if self.service else ""
        if self.sees_all:
            return f"semua tahap{of_service}"
        return f"tahap{of_service} yang dipegang {self.whose}"

    # -- the pictures --

    @property
    def load_chart(self) -> Markup:
        rows = [
            (self.title_of(desk), [desk.ages[age] for age in AGES], str(desk.total))
            for desk in self.desks
        ]
        return stacked_bars("load", "Beban tiap pos menurut sisa waktu", list(AGES.items()), rows)

    @property
    def month_chart(self) -> Markup:
        rows = [(row.words, row.share, share_words(row.share)) for row in self.months]
        return value_bars("months", "Bagian yang tepat waktu tiap bulan", rows, top=1.0)

    @property
    def stage_chart(self) -> Markup:
        """The slowest stages: the office's median beside the customer's."""
        slow = sorted(self.past.stages, key=lambda one: -_median(one))[:STAGES_DRAWN]
        names: Mapping[str, str] = {flow.code: flow.number_code for flow in self.flows}
        rows = [
            (
                f"{one.title} · {names[one.service_code]}",
                [one.office_median or 0, one.customer_median or 0],
                self.took(_median(one)),
            )
            for one in slow
        ]
        series = [("office", "Waktu kantor"), ("customer", "Waktu pelanggan")]
        title = "Median waktu kerja tiap tahap, yang terlama di atas"
        return stacked_bars("stages", title, series, rows)


def read_board(reader: Reader, flows: Sequence[Flow], *, service: str = "") -> Board:
    """The dashboard of a person, over all `flows` or one service. A fixed number of queries.

    Everybody sees the own posts; the chain of a request sees all of them.
    """
    now, sees_all = reader.now, reader.may("sees_all")
    roles = None if sees_all else sorted(reader.posts)
    if roles is not None:
        flows = [flow for flow in flows if _holds_a_stage(flow, roles)]
    chosen = [flow for flow in flows if flow.code == service]
    scope = Request.visible_to(reader)
    if chosen:
        scope = scope.where(Request.service_code == service)
    past = past_figures(chosen or flows, today=now.astimezone(ZONE).date(), roles=roles)
    since = start_of(date.fromisoformat(f"{past.months[0]}-01"))
    return Board(
        posts=sorted(reader.posts),
        sees_all=sees_all,
        flows=chosen or flows,
        service=service if chosen else "",
        desks=load_of_desks(scope, roles or [*office().posts, PELANGGAN], now=now),
        past=past,
        delays=delays_by_cause(scope, since=since, now=now),
        at=now,
        calendar=work_calendar(),
    )


def _holds_a_stage(flow: Flow, roles: Sequence[str]) -> bool:
    return any(desk.role in roles for stage in flow.stages[1:] for desk in stage.desks)


def _median(one: Durations) -> float:
    return (one.office_median or 0) + (one.customer_median or 0)


def _month(code: str) -> str:
    return month(int(code[:4]), int(code[5:])) if code else ""
