"""E-mails that came back take the next channel, like what a gateway reports as failed."""

import logging
from datetime import datetime

from config.settings import Settings
from messages.gateways.gateway import Refusal
from messages.gateways.return_path import fetch_bounces, parse_bounce
from messages.reports import apply_report

log = logging.getLogger("melasti.delivery")


def take_bounce(raw: bytes, settings: Settings, *, now: datetime) -> int:
    """Read one mail of the return path; how many messages it moved. Any other mail moves none."""
    return sum(
        apply_report(
            event, carrier="smtp", ladder=settings.delivery.ladder, now=now, channel="email"
        )
        for event in parse_bounce(raw)
    )


def read_mailbox(settings: Settings, *, now: datetime) -> int:
    """Take the bounces that the mailbox holds, where one is named; how many messages moved."""
    moved = 0
    try:
        for raw in fetch_bounces(settings.environ):
            moved += take_bounce(raw, settings, now=now)
    except Refusal as refusal:
        log.warning("bounces can't be read: %s", refusal)
    return moved
