"""Where gateways report what became of a message. Nothing here trusts the sender's word."""

import logging

from flask import Blueprint, Response, abort, request

from adapters.receipts import DELIVERED, FAILED, READ, REPORTERS, SENT, StatusEvent, same_secret
from database import database
from models import Message
from web.runtime import runtime
from web.security import csrf

log = logging.getLogger("melasti.webhooks")
webhooks = Blueprint("webhooks", __name__)
LARGEST_REPORT = 256 * 1024
# The states that a report may replace: forward only, and failed never over delivered.
EARLIER = {
    SENT: ("queued", "sending"),
    DELIVERED: ("queued", "sending", "sent", "failed"),
    READ: ("queued", "sending", "sent", "failed", "delivered"),
    FAILED: ("queued", "sending", "sent"),
}


@webhooks.get("/webhook/meta_cloud")
def handshake():
    """The Cloud API asks once whether this address is ours."""
    known = runtime().settings.gateways.get("META_VERIFY_TOKEN", "")
    asked = request.args
    if asked.get("hub.mode") != "subscribe":
        abort(404)
    if not same_secret(asked.get("hub.verify_token", ""), known):
        abort(403)
    return Response(asked.get("hub.challenge", "")[:200], mimetype="text/plain")


@webhooks.post("/webhook/<channel>")
@webhooks.post("/webhook/<channel>/<key>")
@csrf.exempt
def report(channel: str, key: str = ""):
    """Take a report: 404 for a channel that isn't ours, 403 for one that isn't signed by it."""
    settings = runtime().settings
    reporter = REPORTERS.get(channel)
    if reporter is None or settings.whatsapp_channel != channel:
        abort(404)
    if (request.content_length or 0) > LARGEST_REPORT:
        abort(413)
    raw = request.get_data(cache=False)
    secret = settings.gateways.get(reporter.secret, "")
    if reporter.verify:
        genuine = not key and reporter.verify(request.headers, raw, secret)
    else:
        genuine = same_secret(key, secret)
    if not genuine:
        abort(403)
    for event in reporter.parse(raw):
        advance(event)
    return Response("ok", mimetype="text/plain")


def advance(event: StatusEvent) -> int:
    """Move one message forward by a report; unknown, repeated and late ones change nothing."""
    if event.idempotency_key:
        which = Message.public_id == event.idempotency_key
    else:
        which = Message.provider_id == event.provider_id
    with database.atomic():
        changed = (
            Message.update(state=event.state, error=event.error)
            .where(which & Message.state.in_(EARLIER[event.state]))
            .execute()
        )
    if not changed:
        log.info("report %s about an unknown or later message", event.state)
    return changed
