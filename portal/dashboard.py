"""The customer's first page: what waits for them, and their latest requests."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

import workflow
from messages.conversation import unread_counts
from models import Request
from moves.catalogue import current_stage
from outputs.dashboards.statistics import count_for_dashboard
from portal.blueprint import portal
from portal.drafts import drafts_of_reader
from portal.list import APPROVED, ENDED, row_of
from rules.formats import weekday_day
from rules.roles import PELANGGAN
from rules.services import SURVEY
from web.access import customer_required
from web.runtime import reader


@portal.get("/dasbor")
@customer_required
def dashboard() -> ResponseReturnValue:
    mine = Request.visible_to(reader())
    waiting = mine.where(Request.waiting_role == PELANGGAN).order_by(Request.stage_entered_at)
    latest = list(mine.order_by(Request.submitted_at.desc()).limit(5))
    unread = unread_counts(None, reader())
    return render_template(
        "portal/dashboard.html",
        counters=count_for_dashboard(mine),
        approved=APPROVED,
        ended=ENDED,
        tasks=[_task(item) for item in waiting.limit(10)],
        rows=[row_of(item, unread) for item in latest],
        drafts=drafts_of_reader(),
        unread_elsewhere=sum(unread.values()) - sum(unread.get(item.id, 0) for item in latest),
    )


def _task(item: Request) -> tuple[str, str, str, str]:
    """What waits, of which request and until when, where to do it, and the verb. No query."""
    number = item.number or "Belum bernomor"
    if not item.pending and current_stage(item).kind == SURVEY:
        address = url_for("portal.survey", public_id=item.public_id)
        return item.subject, f"{number} · hasil dapat diunduh setelahnya", address, "Isi Survey"
    until = item.pending_due_at or item.stage_due_at
    text = f"{number} · sampai {weekday_day(until)}"
    address = url_for("portal.detail", public_id=item.public_id, _anchor="tindakan")
    return item.subject, text, address, workflow.next_action(item)
