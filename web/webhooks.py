"""Where gateways report what became of messages, or hand one on. No sender's word is trusted."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import MethodNotAllowed

from messages import health
from messages.gateways.gateway import Incoming
from messages.gateways.registry import find_gateway
from messages.gateways.webhook_bodies import same_secret
from messages.inbox import receive
from messages.reports import apply_report
from web.accounts.limits import is_within_limit
from web.runtime import now, runtime
from web.security import csrf

log = logging.getLogger("melasti.webhooks")
webhooks = Blueprint("webhooks", __name__)
LARGEST_REPORT = 256 * 1024
HEARD_PER_HOUR = 60
# How a gateway was before that isn't how it is.
OLDEST_STATE = timedelta(minutes=15)


@webhooks.get("/webhook/<name>")
def handshake(name: str) -> Response:
    """Answer whether this address is ours, which a gateway asks once in the words of WebSub."""
    gateway, asked = find_gateway(name), request.args
    if gateway is None or not gateway.handshake_token:
        raise MethodNotAllowed(["POST"])
    if asked.get("hub.mode") != "subscribe":
        abort(404)
    known = runtime().settings.environ.get(gateway.handshake_token, "")
    if not same_secret(asked.get("hub.verify_token", ""), known):
        abort(403)
    return Response(asked.get("hub.challenge", "")[:200], mimetype="text/plain")


@webhooks.post("/webhook/<name>")
@webhooks.post("/webhook/<name>/<key>")
@csrf.exempt
def report(name: str, key: str = "") -> Response:
    """Take a report: 404 for a gateway that isn't ours, 403 for one that isn't genuine."""
    settings, gateway = runtime().settings, find_gateway(name)
    if gateway is None or not gateway.report_secret or settings.whatsapp_channel != name:
        abort(404)
    if (request.content_length or 0) > LARGEST_REPORT:
        abort(413)
    request.max_content_length = LARGEST_REPORT
    raw = request.get_data(cache=False)
    secret = settings.environ.get(gateway.report_secret, "")
    if not gateway.is_genuine(request.headers, raw, key=key, secret=secret):
        abort(403)
    at = now()
    for event in gateway.parse_reports(raw):
        apply_report(event, carrier=name, ladder=settings.delivery.ladder, now=at)
    own_number = settings.environ.get(gateway.own_number, "")
    _hear(gateway.parse_incoming(raw), gateway=name, own_number=own_number, at=at)
    if (said := gateway.parse_own_state(raw)) and (said.at is None or said.at > at - OLDEST_STATE):
        health.note_report(said.trouble, now=at)
    return Response("ok", mimetype="text/plain")


def _hear(messages: Sequence[Incoming], *, gateway: str, own_number: str, at: datetime) -> None:
    """Take in what people wrote. More than a person types in an hour isn't heard."""
    for incoming in messages:
        if incoming.own and own_number and incoming.own != own_number:
            continue
        if is_within_limit("incoming", incoming.phone, times=HEARD_PER_HOUR, seconds=3600):
            receive(incoming, channel=gateway, now=at)
        else:
            log.warning("too many messages of one number; one isn't heard")
