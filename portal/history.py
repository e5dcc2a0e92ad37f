"""The customer's own activity."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from models import Event
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
    query = Event.select().where(Event.actor == current_user.id)
    page = list_page(
        query, sorts={"-at": (Event.at.desc(), Event.id.desc())}, default_sort="-at", per_page=20
    )
    words = events.WORDS | EVENT_WORDS
    rows = [(event.at, words.get(event.kind, event.kind)) for event in page.rows]
    return render_template("portal/history.html", page=page, rows=rows)
