"""Rekap Layanan: choose a period and download the spreadsheet."""

from flask_admin import expose
from flask_security import current_user

from backoffice.base import StaffView
from models import Request
from outputs.statistics import count_for_dashboard, index_of_satisfaction
from outputs.workbooks import with_customer, write_recap
from rules.formats import day
from rules.roles import EXPORTS_RECAP
from rules.statuses import LABELS
from web.listing import date_argument, end_of, start_of, text_argument, with_arguments
from web.runtime import now, runtime
from web.uploads import send_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RecapView(StaffView):
    """For TU staff and those who lead."""

    posts = EXPORTS_RECAP

    def __init__(self):
        super().__init__(name="Rekap Layanan", url="/backoffice/rekap", endpoint="recap")

    @expose("/")
    def index(self):
        query, filters = _chosen()
        since, until = date_argument("since"), date_argument("until")
        service = text_argument("service")
        ikm = index_of_satisfaction(
            since=since,
            until=until,
            service_code=service if service in runtime().catalogue else "",
        )
        if text_argument("format") == "xlsx":
            content = write_recap(
                with_customer(query),
                filters=filters or [("Saringan", "Semua permohonan")],
                made_by=current_user.name,
                now=now(),
                ikm=ikm,
            )
            return send_bytes(content, f"rekap-layanan-{now():%Y%m%d-%H%M}.xlsx", XLSX)
        return self.render(
            "backoffice/recap.html",
            counters=count_for_dashboard(query),
            ikm=ikm,
            filters=filters,
            catalogue=[offer.flow for offer in runtime().catalogue.values()],
            statuses=[(code, label.title) for code, label in LABELS.items()],
            export_url=with_arguments(format="xlsx"),
        )


def _chosen():
    """The requests of the person's scope that the filters leave, and the filters in words."""
    query = Request.visible_to(current_user._get_current_object())
    filters = []
    since, until = date_argument("since"), date_argument("until")
    if since:
        query = query.where(Request.submitted_at >= start_of(since))
        filters.append(("Diajukan sejak", day(since)))
    if until:
        query = query.where(Request.submitted_at < end_of(until))
        filters.append(("Diajukan sampai", day(until)))
    offer = runtime().catalogue.get(text_argument("service"))
    if offer:
        query = query.where(Request.service_code == offer.flow.code)
        filters.append(("Layanan", offer.flow.title))
    status = text_argument("status")
    if status in LABELS:
        query = query.where(Request.status == status)
        filters.append(("Status", LABELS[status].title))
    return query, filters
