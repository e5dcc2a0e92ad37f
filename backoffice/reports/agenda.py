"""Kalender: what falls on which day, by week and month, and each person's secret address of it."""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backoffice.base import StaffView
from models import Absence, CalendarFeed, Request, User
from moves.catalogue import work_calendar
from moves.changes import record_change
from moves.officials import today
from outputs.agenda.events import happenings, own_requests
from rules.formats import clock_time, long_day, month
from rules.labels import ABSENCES_TOLD
from storage.database import database
from web.accounts.sessions import token_digest
from web.listing import date_argument, text_argument
from web.runtime import me, now, reader, runtime

WEEK, MONTH = "minggu", "bulan"
VIEWS = {MONTH: "Bulan", WEEK: "Minggu"}
MINE = "saya"
DAY_NAMES = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


class AgendaView(StaffView):
    """Whoever opens cards sees the days of those, and of nothing else."""

    name = "Kalender"
    url = "/backoffice/kalender"
    endpoint = "agenda"
    category = "Orang"
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._page()

    @expose("/alamat", methods=("POST",))
    def make_feed(self) -> ResponseReturnValue:
        """A new address, shown this once; the one before it is dead from now on."""
        token = secrets.token_urlsafe(32)
        with database.atomic():
            CalendarFeed.delete().where(CalendarFeed.user == me()).execute()
            row = CalendarFeed.create(user=me(), token_digest=token_digest(token), created_at=now())
            _record(row, "record_created")
        address = url_for("portal.calendar_feed", token=token)
        return self._page(feed_address=f"{runtime().settings.base_url}{address}")

    @expose("/alamat/cabut", methods=("POST",))
    def revoke_feed(self) -> ResponseReturnValue:
        row = CalendarFeed.get_or_none(CalendarFeed.user == me())
        if row:
            with database.atomic():
                _record(row, "record_deleted")
                row.delete_instance()
            flash("Alamat kalender dicabut; tidak ada yang dapat membacanya lagi.", "success")
        return redirect(url_for("agenda.index"))

    def _page(self, *, feed_address: str = "") -> str:
        on = today(now())
        view = text_argument("tampil") if text_argument("tampil") in VIEWS else MONTH
        at = date_argument("tanggal") or on
        first, last = _days_of(view, at)
        return self.render(
            "backoffice/reports/agenda.html",
            view=view,
            views=VIEWS,
            at=at,
            today=on,
            title=month(at.year, at.month) if view == MONTH else f"Minggu {long_day(first)}",
            before=_step(view, at, -1),
            after=_step(view, at, 1),
            days=_days(first, last, at, view),
            day_names=DAY_NAMES,
            titles={code: offer.flow.title for code, offer in runtime().catalogue.items()},
            people=_people(),
            service=text_argument("service"),
            person=text_argument("petugas"),
            has_feed=CalendarFeed.select().where(CalendarFeed.user == me()).exists(),
            feed_address=feed_address,
            clock_time=clock_time,
        )


def _record(row: CalendarFeed, kind: str) -> None:
    said = {"name": me().name}
    is_new = kind == "record_created"
    record_change(
        row,
        kind,
        before={} if is_new else said,
        after=said if is_new else {},
        actor=me(),
        at=now(),
    )


def _days_of(view: str, at: date) -> tuple[date, date]:
    """Whole weeks, from a Monday to a Sunday."""
    if view == WEEK:
        first = at - timedelta(days=at.weekday())
        return first, first + timedelta(days=6)
    begin = at.replace(day=1)
    end = (at.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return begin - timedelta(days=begin.weekday()), end + timedelta(days=6 - end.weekday())


def _step(view: str, at: date, way: int) -> date:
    if view == WEEK:
        return at + timedelta(days=7 * way)
    if way < 0:
        return at.replace(day=1) - timedelta(days=1)
    return (at.replace(day=28) + timedelta(days=4)).replace(day=1)


def _chosen():
    """The running requests whose days are shown: of the reader's scope, as the filters say."""
    person, service = text_argument("petugas"), text_argument("service")
    found = Request.visible_to(reader()).where(Request.is_running())
    if person == MINE:
        found = own_requests(reader())
    elif person:
        one = User.select(User.id).where((User.public_id == person[:26]) & User.is_staff)
        found = found.where(Request.assignee.in_(one))
    return found.where(Request.service_code == service) if service in runtime().catalogue else found


def _people() -> list[tuple[str, str]]:
    staff = User.select(User.public_id, User.name).where(User.is_staff & User.in_service())
    return [(MINE, "Tugas saya"), *staff.order_by(*User.name_order()).tuples()]


def _days(first: date, last: date, at: date, view: str) -> list[Mapping[str, object]]:
    """Each day with what falls on it, who is away, and whether the office is closed."""
    found = happenings(_chosen(), first=first, last=last)
    away = list(Absence.since(first).where(Absence.from_on <= last))
    calendar = work_calendar()
    days = []
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        items = [one for one in found if one.on == on]
        absent = [
            f"{row.user.name}: {ABSENCES_TOLD[row.kind].lower()}"
            for row in away
            if row.from_on <= on <= row.until_on
        ]
        look = {
            "is-closed": not calendar.is_working_day(on),
            "is-beside": view == MONTH and on.month != at.month,
            "is-today": on == today(now()),
            "is-empty": not items and not absent,
        }
        days.append(
            {
                "on": on,
                "name": DAY_NAMES[on.weekday()],
                "look": " ".join(name for name, applies in look.items() if applies),
                "items": items,
                "away": absent,
            }
        )
    return days
