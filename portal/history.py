"""The customer's own activity."""

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user
from peewee import JOIN

from models import Event, Request
from moves.catalogue import flow_of
from portal.blueprint import portal
from rules import events
from web.access import customer_required
from web.listing import list_page

EVENT_WORDS = {
    "account_registered": "Mendaftar akun",
    "account_verified": "Memverifikasi akun",
    "email_proved": "Membuktikan email",
    "phone_proved": "Membuktikan no HP",
    "address_changed": "Mengganti email atau no HP",
    "logged_in": "Masuk",
    "logged_out": "Keluar",
    "password_changed": "Mengubah kata sandi",
    "profile_changed": "Mengubah profil",
    "submitted": "Mengajukan permohonan",
    "stage_completed": "Menyelesaikan tahap",
    "result_downloaded": "Mengunduh dokumen hasil",
    "channel_chosen": "Memilih cara pemberitahuan",
    "message_written": "Menulis pesan",
}


@portal.get("/profil/riwayat")
@customer_required
def history() -> ResponseReturnValue:
    """The customer's own activity."""
    query = (
        Event.select(Event, Request)
        .join(Request, JOIN.LEFT_OUTER)
        .where(Event.actor == current_user.id)
    )
    page = list_page(
        query, sorts={"-at": (Event.at.desc(), Event.id.desc())}, default_sort="-at", per_page=20
    )
    return render_template("portal/history.html", page=page, rows=[_row(row) for row in page.rows])


def _row(event: Event) -> tuple[datetime, str, Request | None]:
    """When, what was done, and with which request. No query."""
    words = (events.WORDS | EVENT_WORDS).get(event.kind, event.kind)
    about = event.request if event.request_id else None
    if (
        about
        and event.kind == events.STAGE_COMPLETED
        and flow_of(about).has_stage(event.stage_code)
    ):
        words = f"{words}: {flow_of(about).stage(event.stage_code).short}"
    return event.at, words, about
