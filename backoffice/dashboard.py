"""How the work of a post goes: what lies where now, how long things took, where it stalls."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import dropwhile
from urllib.parse import urlencode

from flask import url_for
from flask_admin import expose
from flask_security import current_user
from markupsafe import Markup

from backoffice.base import StaffView
from config.office import office
from models.requests import Request
from outputs.charts import stacked_bars, value_bars
from outputs.dashboard import AGES, Desk, Durations, Past, load_of_desks, past_figures
from outputs.statistics import share_words
from rules.calendar import WorkCalendar
from rules.formats import ZONE, decimal_id, month
from rules.roles import ADMINISTRATOR, PELANGGAN, SEES_ALL_REQUESTS
from web.listing import text_argument
from web.runtime import now, runtime
from workflow.catalogue import work_calendar

STAGES_DRAWN = 12


class DashboardView(StaffView):
    """Everybody sees the own posts; the chain of a request sees all of them."""

    def __init__(self):
        super().__init__(name="Dasbor", url="/backoffice/dasbor", endpoint="dashboard")

    @property
    def posts(self):
        return frozenset(office().posts) - {ADMINISTRATOR, PELANGGAN}

    @expose("/")
    def index(self):
        me, at = current_user._get_current_object(), now()
        sees_all = bool(me.all_posts & SEES_ALL_REQUESTS)
        roles = None if sees_all else sorted(me.all_posts)
        flows = [offer.flow for offer in runtime().catalogue.values()]
        chosen = [flow for flow in flows if flow.code == text_argument("service")] or flows
        scope = Request.visible_to(me)
        if len(chosen) == 1:
            scope = scope.where(Request.service_code == chosen[0].code)
        desks = load_of_desks(scope, roles or [*office().posts, PELANGGAN], now=at)
        calendar = work_calendar()
        past = past_figures(chosen, today=at.astimezone(ZONE).date(), roles=roles)
        return self.render(
            "backoffice/dashboard.html",
            flows=flows,
            service=chosen[0].code if len(chosen) == 1 else "",
            sees_all=sees_all,
            desks=[desk_row(desk, calendar, at) for desk in desks],
            load_chart=load_chart(desks),
            ages=AGES,
            past=past,
            period=f"{past.months[0]}_{past.months[-1]}",
            period_words=f"{_month(past.months[0])} – {_month(past.months[-1])}",
            stage_chart=stage_chart(past.stages, {flow.code: flow.number_code for flow in flows}),
            months=month_rows(past),
            month_chart=month_chart(past),
            bottleneck_month=_month(past.bottleneck_month) if past.bottleneck else "",
            list_url=list_url,
            share=share_words,
            days=days_words,
        )


def list_url(**arguments: str) -> str:
    """The list behind a figure: the queue with its filters."""
    kept = {"tab": "semua"} | {name: value for name, value in arguments.items() if value}
    return f"{url_for('queue.index')}?{urlencode(kept)}"


def desk_row(desk: Desk, calendar: WorkCalendar, at: datetime) -> dict[str, object]:
    oldest = desk.oldest_at and calendar.working_days_between(desk.oldest_at, at)
    return {
        "title": office().posts.get(desk.role, desk.role),
        "role": desk.role,
        "ages": desk.ages,
        "total": desk.total,
        "oldest": days_words(None if oldest is None else float(oldest)),
    }


def load_chart(desks: Sequence[Desk]) -> Markup:
    rows = [
        (office().posts.get(desk.role, desk.role), [desk.ages[age] for age in AGES],
         str(desk.total))
        for desk in desks
    ]  # fmt: skip
    return stacked_bars("load", "Beban tiap pos menurut sisa waktu", list(AGES.items()), rows)


def stage_chart(stages: Sequence[Durations], titles: Mapping[str, str]) -> Markup:
    """The slowest stages: the office's median beside the customer's."""
    slow = sorted(stages, key=lambda one: -(one.office_median or 0) - (one.customer_median or 0))
    rows = [
        (
            f"{one.title} · {titles[one.service_code]}",
            [one.office_median or 0, one.customer_median or 0],
            days_words((one.office_median or 0) + (one.customer_median or 0)),
        )
        for one in slow[:STAGES_DRAWN]
    ]
    series = [("office", "Waktu kantor"), ("customer", "Waktu pelanggan")]
    return stacked_bars(
        "stages", "Median hari kerja tiap tahap, yang terlama di atas", series, rows
    )


def month_rows(past: Past) -> list[tuple[str, str, int, int, float | None]]:
    """(month, its words, in time, all, share), from the first month in which anything ended."""
    rows = [
        (name, _month(name), timely, count, timely / count if count else None)
        for name, (timely, count) in past.by_month.items()
    ]
    return list(dropwhile(lambda row: not row[3], rows))


def month_chart(past: Past) -> Markup:
    rows = [(words, share, share_words(share)) for _, words, _, _, share in month_rows(past)]
    return value_bars("months", "Bagian yang tepat waktu tiap bulan", rows, top=1.0)


def days_words(days: float | None) -> str:
    return "–" if days is None else f"{decimal_id(days, 1)} hari"


def _month(name: str) -> str:
    return month(int(name[:4]), int(name[5:])) if name else ""
