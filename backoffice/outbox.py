"""The outbox: what was sent, what waits, what failed. Links that open an account stay hidden."""

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_security import current_user

from backoffice.base import Filter, SafeView
from database import database
from models import Event, Message, User
from outputs.messages import words_of
from rules.formats import moment_short
from rules.roles import ADMIN_LAYANAN, ADMINISTRATOR, READS_MESSAGES
from web.runtime import now, runtime

STATES = (
    ("queued", "Menunggu"),
    ("sending", "Sedang dikirim"),
    ("sent", "Terkirim"),
    ("delivered", "Diterima"),
    ("read", "Dibaca"),
    ("failed", "Gagal"),
    ("cancelled", "Dibatalkan"),
)
CHANNELS = {"whatsapp": "WhatsApp", "email": "Email"}


class OutboxView(SafeView):
    title = "Pesan"
    lead = "Pesan keluar kepada pelanggan dan petugas."
    posts = READS_MESSAGES
    writers = (ADMIN_LAYANAN, ADMINISTRATOR)
    list_template = "backoffice/outbox.html"
    order = (Message.created_at.desc(), Message.id.desc())
    filters = (
        Filter(
            "state",
            "Keadaan",
            tuple((code, title, Message.state == code) for code, title in STATES),
        ),
    )
    columns = (
        ("Dibuat", lambda message: moment_short(message.created_at)),
        ("Penerima", lambda message: message.recipient.name),
        ("Saluran", lambda message: CHANNELS[message.channel]),
        ("Isi", lambda message: _words(message)),
        ("Keadaan", lambda message: dict(STATES)[message.state]),
        ("Keterangan", lambda message: message.error or "-"),
    )

    def __init__(self):
        super().__init__(Message, name="Pesan", url="/backoffice/pesan", endpoint="outbox")

    def get_query(self):
        return Message.select(Message, User).join(User, on=Message.recipient)

    @expose("/kirim-ulang", methods=("POST",))
    def resend(self):
        """Put a failed message back into the queue."""
        if not self.may_write:
            abort(403)
        message = self.get_one(request.form.get("id", ""))
        with database.atomic():
            queued = (
                Message.update(state="queued", attempts=0, next_attempt_at=now(), error="")
                .where((Message.id == message.id) & (Message.state == "failed"))
                .execute()
            )
            if queued:
                Event.record(
                    "message_resent",
                    at=now(),
                    actor=current_user._get_current_object(),
                    data={"message": message.public_id},
                )
        flash(
            "Pesan dimasukkan kembali ke antrean." if queued else "Pesan ini tidak perlu dikirim.",
            "success" if queued else "info",
        )
        return redirect(self.get_url(".index_view"))


def _words(message: Message) -> str:
    """The text; a link that opens an account is left out."""
    stationery = runtime().stationery
    is_secret = stationery.defaults[message.template].is_secret
    return words_of(message, stationery, link="[tautan rahasia]" if is_secret else None)[1]
