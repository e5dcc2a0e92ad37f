"""Send what is due: once, again after a fault, never lost with its worker.

A row is claimed by a conditional UPDATE with a lease, so that two workers never take the same
one and a killed worker's row comes back. One bad row doesn't stop the others, nor does one
person whose address makes trouble.
"""

import logging
import time
from datetime import datetime, timedelta
from datetime import time as clock_time

from config.settings import Settings
from messages import health
from messages.compose import read_message_templates
from messages.gateways.gateway import (
    AnswerLost,
    Gateway,
    Misconfigured,
    RateLimited,
    Refusal,
    ServerFault,
    Unreachable,
)
from messages.gateways.registry import open_gateways
from messages.handover import Postman, claim_message, hand_over, retry
from messages.ladder import place
from messages.waiting import lose_patience, settle_unknown
from models import ChannelState, Message
from rules.formats import ZONE

log = logging.getLogger("melasti.delivery")

LONGEST_PROBE_SECONDS = 3


def make_postman(settings: Settings) -> Postman:
    """The postman with the gateways that the settings name."""
    templates = read_message_templates(settings.base_url, settings.secret_key)
    return Postman(open_gateways(settings), templates, settings.delivery)


def deliver_due(postman: Postman, *, now: datetime, limit: int = 200) -> int:
    """Send the messages that are due; return how many left."""
    place(postman.rules.ladder, postman.gateways.keys(), now=now)
    return sum(
        _deliver_on(name, gateway, postman, now=now, limit=limit)
        for name, gateway in postman.gateways.items()
    )


def _deliver_on(name: str, gateway: Gateway, postman: Postman, *, now: datetime, limit: int) -> int:
    settle_unknown(name, postman, now=now)
    if name == "whatsapp" and gateway.name != "log":
        _keep_quiet(postman, now=now)
    if not _due(name, now=now, limit=1):
        return 0
    state = health.state_of(name)
    allowed = health.admit(state, now=now, limit=limit)
    due = _probes(name, now=now) if state.opened_at else _due(name, now=now, limit=limit)
    left = _send_in_turn(state, gateway, due[:allowed], postman, now=now)
    health.learn(state, gateway)
    if health.is_blocked(health.state_of(name), now=now):
        lose_patience(name, postman, now=now)
    return left


def _due(name: str, *, now: datetime, limit: int) -> list[Message]:
    due = Message.select().where(
        Message.state.in_(("queued", "sending"))
        & (Message.channel == name)
        & (Message.next_attempt_at <= now)
    )
    return list(due.order_by(Message.next_attempt_at, Message.id).limit(limit))


def _probes(name: str, *, now: datetime) -> list[Message]:
    """What may show that a channel works again: what was tried least, a message to each person.

    The one that failed last would fail again, and keep everybody else waiting.
    """
    found: dict[str, Message] = {}
    for message in sorted(_due(name, now=now, limit=200), key=lambda one: one.attempts):
        found.setdefault(message.address, message)
    return list(found.values())


def _send_in_turn(
    before: ChannelState, gateway: Gateway, due: list[Message], postman: Postman, *, now: datetime
) -> int:
    """Send until the gateway wants a pause or is down; return how many left.

    A probe (the channel was down before) ends with the first one that leaves, or as soon as it
    takes long.
    """
    name, is_probe, left = before.name, before.opened_at is not None, 0
    begun = time.monotonic()
    gap = gateway.gap_seconds
    failing: set[str] = set()
    for message in due:
        # Who can't be reached just now keeps nobody waiting by a second message.
        if message.address in failing:
            continue
        has_turn = not gap or health.take_turn(name, gap, now=now)
        if not has_turn and not is_probe:
            break
        claim = claim_message(message, now=now)
        if claim is None:
            continue
        fault: Refusal | None = None
        try:
            left += hand_over(gateway, postman, message, claim, now=now)
        except Refusal as refusal:
            fault = refusal
        except Exception:
            log.exception("message %s failed", message.public_id)
            retry(message, claim, "Gangguan di dalam sistem.", postman, now=now)
        if isinstance(fault, AnswerLost | ServerFault):
            failing.add(message.address)
        is_slow = is_probe and time.monotonic() > begun + LONGEST_PROBE_SECONDS
        if is_slow or _is_enough(name, fault, is_probe=is_probe):
            break
    return left


def _is_enough(name: str, fault: Refusal | None, *, is_probe: bool) -> bool:
    """Whether no further message is tried in this round."""
    if isinstance(fault, RateLimited):
        return True
    is_down = health.state_of(name).opened_at is not None
    if not is_probe:
        return is_down
    return not is_down or isinstance(fault, Unreachable | Misconfigured)


def _keep_quiet(postman: Postman, *, now: datetime) -> None:
    """Put off till the morning what may wait."""
    until = end_of_quiet(postman.rules.quiet_hours, now)
    if until is None:
        return
    Message.update(next_attempt_at=until, queued_at=until).where(
        (Message.channel == "whatsapp")
        & (Message.state == "queued")
        & (Message.next_attempt_at <= now)
        & Message.template.not_in(postman.urgent_templates)
    ).execute()


def end_of_quiet(hours: tuple[clock_time, clock_time] | None, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` falls; None when it falls in none."""
    if hours is None:
        return None
    begin, end = hours
    local = now.astimezone(ZONE)
    at = local.time()
    is_quiet = begin <= at < end if begin < end else at >= begin or at < end
    if not is_quiet:
        return None
    until = datetime.combine(local.date(), end, ZONE)
    return until if until > local else until + timedelta(days=1)
