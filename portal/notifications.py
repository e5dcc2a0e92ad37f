"""What we wrote to the customer."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from messages.compose import notice_of
from models import Message
from portal.blueprint import portal
from web.access import customer_required
from web.listing import (
    list_page,
)
from web.runtime import runtime


@portal.get("/pemberitahuan")
@customer_required
def notifications() -> ResponseReturnValue:
    """What we wrote to this customer, newest first, without links that open an account."""
    templates = runtime().message_templates
    query = Message.select().where(Message.recipient == current_user.id)
    page = list_page(
        query, sorts={"-at": (Message.created_at.desc(), Message.id.desc())}, default_sort="-at"
    )
    rows = []
    for message in page.rows:
        subject, text, link = notice_of(message, templates, under="/layanan/")
        rows.append({"at": message.created_at, "subject": subject, "text": text, "link": link})
    return render_template("portal/notifications.html", page=page, rows=rows)
