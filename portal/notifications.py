"""What we wrote to the customer."""

from flask import render_template
from flask.typing import ResponseReturnValue

from messages.compose import notice_of
from messages.staff_news import told_to
from models import Message
from portal.blueprint import portal
from web.access import customer_required
from web.listing import list_page
from web.runtime import reader, runtime


@portal.get("/pemberitahuan")
@customer_required
def notifications() -> ResponseReturnValue:
    """What we wrote to this customer, newest first: each once, however many channels it took."""
    templates = runtime().message_templates
    query = told_to(reader())
    page = list_page(
        query, sorts={"-at": (Message.created_at.desc(), Message.id.desc())}, default_sort="-at"
    )
    rows = []
    for message in page.rows:
        subject, text, link = notice_of(message, templates, under="/layanan/")
        rows.append({"at": message.created_at, "subject": subject, "text": text, "link": link})
    return render_template("portal/notifications.html", page=page, rows=rows)
