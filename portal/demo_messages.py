"""In demo mode: the messages that were sent."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from messages.compose import compose
from models import Message
from portal.blueprint import portal
from rules.labels import CHANNELS
from web.listing import list_page
from web.runtime import runtime


@portal.get("/demo/pesan")
def demo_messages() -> ResponseReturnValue:
    """In demo mode only: the messages that were sent, so that a newcomer can follow the links."""
    settings = runtime().settings
    if not settings.is_demo:
        abort(404)
    page = list_page(
        Message.select(),
        sorts={"-at": (Message.created_at.desc(), Message.id.desc())},
        default_sort="-at",
        per_page=20,
    )
    composed = [(message, compose(message, runtime().message_templates)) for message in page.rows]
    rows = [
        (message, outgoing, outgoing.variables["tautan"].removeprefix(settings.base_url))
        for message, outgoing in composed
    ]
    return render_template("portal/demo_messages.html", page=page, rows=rows, channels=CHANNELS)
