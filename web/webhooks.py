"""Where gateways report what became of a message. Nothing here trusts the sender's word."""

import logging
from datetime import datetime

from flask import Blueprint, Response, abort, request

from messages import health as channels
from messages.gateways.incoming import LISTENERS
from messages.gateways.receipts import REPORTERS, same_secret
from messages.inbox import receive
from messages.reports import advance
from web.accounts.limits import is_within_limit
from web.runtime import now, runtime
from web.security import csrf

log = logging.getLogger("melasti.webhooks")
webhooks = Blueprint("webhooks", __name__)
LARGEST_REPORT = 256 * 1024
HEARD_PER_HOUR = 60


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
    request.max_content_length = LARGEST_REPORT
    raw = request.get_data(cache=False)
    secret = settings.gateways.get(reporter.secret, "")
    if reporter.verify:
        genuine = not key and reporter.verify(request.headers, raw, secret)
    else:
        genuine = same_secret(key, secret)
    if not genuine:
        abort(403)
    at = now()
    for event in reporter.parse(raw):
        advance(event, carrier=channel, ladder=settings.delivery.ladder, now=at)
    _hear(channel, raw, at)
    if reporter.about_itself and (said := reporter.about_itself(raw)):
        channels.note_report(said.trouble, now=at)
    return Response("ok", mimetype="text/plain")


def _hear(channel: str, raw: bytes, at: datetime) -> None:
    """Take in what people wrote. More than a person types in an hour isn't heard."""
    ours = runtime().settings.gateways.get("META_PHONE_NUMBER_ID", "")
    for incoming in LISTENERS[channel](raw):
        if incoming.own and ours and incoming.own != ours:
            continue
        if is_within_limit("incoming", incoming.phone, times=HEARD_PER_HOUR, seconds=3600):
            receive(incoming, channel=channel, now=at)
        else:
            log.warning("too many messages of one number; one isn't heard")
