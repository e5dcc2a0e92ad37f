"""Send what is due: once, again after a fault, never lost with its worker.

A row is claimed by a conditional UPDATE with a lease, so that two workers never take the same
one and a killed worker's row comes back. One bad row doesn't stop the others.
"""

import logging
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from peewee import ModelSelect, fn

from config.settings import DeliveryRules, Settings
from messages import health
from messages.compose import MessageTemplates, compose, read_message_templates
from messages.gateways.gateway import (
    BadAddress,
    BadTemplate,
    Gateway,
    Misconfigured,
    RateLimited,
    Refusal,
    Sent,
    Unreachable,
)
from messages.gateways.registry import open_gateways
from messages.ladder import next_channel, step_down
from messages.refusals import plain_reason
from models import Message
from rules.formats import ZONE
from storage.database import database

log = logging.getLogger("melasti.delivery")

LEASE = timedelta(minutes=5)
BACKOFF_MINUTES = (1, 5, 30, 120, 480)
# A message about an account is of no use after hours: it tries the next channel sooner.
URGENT_PATIENCE = timedelta(minutes=10)
# How long one waits for a channel that is down when there is no other: then somebody phones.
LAST_PATIENCE = timedelta(hours=24)
# So often a row may be claimed: one that kills every worker must not do so for ever.
MOST_CLAIMS = 12
ABOUT_CHANNEL = (Unreachable, RateLimited, Misconfigured)
TOO_OFTEN = "Pengiriman berulang kali terhenti di tengah jalan."
EXPIRED = "Masa berlaku pesan sudah lewat."
OUT_OF_PATIENCE = "Saluran terganggu terlalu lama."
UNREPORTED = "Tidak ada laporan bahwa pesan diterima."


@dataclass(frozen=True)
class Postman:
    """Everything delivery needs: a gateway for each channel, templates, the rules."""

    gateways: Mapping[str, Gateway]
    message_templates: MessageTemplates
    rules: DeliveryRules = DeliveryRules()

    def is_urgent(self, template: str) -> bool:
        return template in self.urgent_templates

    @property
    def urgent_templates(self) -> list[str]:
        return [code for code, one in self.message_templates.wordings.items() if one.is_urgent]


def make_postman(settings: Settings) -> Postman:
    """The postman with the gateways that the settings name."""
    templates = read_message_templates(settings.base_url, settings.secret_key)
    return Postman(open_gateways(settings), templates, settings.delivery)


# -- one round -----------------------------------------------------------------------------------


def deliver_due(postman: Postman, *, now: datetime, limit: int = 200) -> int:
    """Send the messages that are due; return how many left."""
    return sum(
        _deliver_on(name, gateway, postman, now=now, limit=limit)
        for name, gateway in postman.gateways.items()
    )


def next_look(postman: Postman, *, now: datetime) -> datetime | None:
    """When a message could leave next by a channel that is up; None when none waits."""
    found = []
    for name in postman.gateways:
        state = health.state_of(name)
        if state.opened_at:
            continue
        waiting = _waiting(name).select(fn.MIN(Message.next_attempt_at)).tuples().get()[0]
        if waiting:
            found.append(max(waiting, state.next_send_at or waiting))
    return min(found, default=None)


def _waiting(name: str) -> ModelSelect:
    return Message.select().where(
        Message.state.in_(("queued", "sending")) & (Message.channel == name)
    )


def _deliver_on(name: str, gateway: Gateway, postman: Postman, *, now: datetime, limit: int) -> int:
    if name == "whatsapp" and gateway.name != "log":
        _keep_quiet(postman, now=now)
    due = _waiting(name).where(Message.next_attempt_at <= now)
    due = list(due.order_by(Message.next_attempt_at, Message.id).limit(limit))
    if not due:
        return 0
    allowed = health.admit(health.state_of(name), now=now, limit=limit)
    left = _send_in_turn(name, gateway, due[:allowed], postman, now=now)
    if health.is_blocked(health.state_of(name), now=now):
        _lose_patience(name, postman, now=now)
    return left


def _send_in_turn(
    name: str, gateway: Gateway, due: list[Message], postman: Postman, *, now: datetime
) -> int:
    """Send until the gateway wants a pause or is down; return how many left."""
    left = 0
    for message in due:
        if gateway.gap_seconds and not health.take_turn(name, gateway.gap_seconds, now=now):
            break
        claim = _claim(message, now=now)
        if claim is None:
            continue
        try:
            left += _send(gateway, postman, message, claim, now=now)
        except (Unreachable, Misconfigured):
            if health.state_of(name).opened_at:
                break
        except RateLimited:
            break
        except Exception:
            log.exception("message %s failed", message.public_id)
            _retry(message, claim, "Gangguan di dalam sistem.", postman, now=now)
    return left


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


def end_of_quiet(hours: tuple[time, time] | None, now: datetime) -> datetime | None:
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


# -- one message ---------------------------------------------------------------------------------


def _claim(message: Message, *, now: datetime) -> str | None:
    claim = str(uuid.uuid4())
    claimed = (
        Message.update(
            state="sending",
            claim=claim,
            attempts=Message.attempts + 1,
            next_attempt_at=now + LEASE,
        )
        .where(
            (Message.id == message.id)
            & (Message.claim == message.claim)
            & (Message.next_attempt_at == message.next_attempt_at)
            & Message.state.in_(("queued", "sending"))
        )
        .execute()
    )
    message.attempts += claimed
    return claim if claimed else None


def _send(
    gateway: Gateway, postman: Postman, message: Message, claim: str, *, now: datetime
) -> int:
    """Hand one claimed message over and write down what became of it; 1 when it left.

    Raises on what is about the channel, since it concerns the messages after this one too.
    """
    if message.expires_at and message.expires_at <= now:
        _stamp(message, claim, state="failed", error=EXPIRED, state_at=now)
        return 0
    if message.attempts > MOST_CLAIMS:
        _give_up(message, claim, TOO_OFTEN, postman, now=now)
        return 0
    try:
        sent = gateway.send(compose(message, postman.message_templates))
    except Refusal as refusal:
        health.note_refusal(message.channel, refusal, now=now)
        _refused(message, claim, refusal, postman, now=now)
        if isinstance(refusal, ABOUT_CHANNEL):
            raise
        return 0
    _sent(message, claim, sent, gateway.name, now=now)
    health.note_success(message.channel, now=now)
    return 1


def _sent(message: Message, claim: str, sent: Sent, carrier: str, *, now: datetime) -> None:
    about = {"provider_id": sent.provider_id, "sent_at": now, "carrier": carrier}
    if not _stamp(message, claim, state="sent", error="", state_at=now, **about):
        # A report of its arrival was faster than we: keep that, and note the id.
        Message.update(**about).where(
            (Message.id == message.id) & (Message.claim == claim) & (Message.provider_id == "")
        ).execute()


def _refused(
    message: Message, claim: str, refusal: Refusal, postman: Postman, *, now: datetime
) -> None:
    reason = plain_reason(refusal)
    if isinstance(refusal, RateLimited):
        wait = timedelta(seconds=refusal.after_seconds or health.UNNAMED_WAIT_SECONDS)
        # It isn't the message's fault: this try doesn't count.
        _stamp(
            message,
            claim,
            state="queued",
            error=reason[:300],
            next_attempt_at=now + wait,
            attempts=message.attempts - 1,
        )
    elif isinstance(refusal, BadAddress | BadTemplate):
        _give_up(message, claim, reason, postman, now=now)
    else:
        _retry(message, claim, reason, postman, now=now)


def _retry(message: Message, claim: str, reason: str, postman: Postman, *, now: datetime) -> None:
    if message.attempts > len(BACKOFF_MINUTES):
        _give_up(message, claim, reason, postman, now=now)
        return
    wait = timedelta(minutes=BACKOFF_MINUTES[message.attempts - 1]) * random.uniform(1, 1.2)
    _stamp(message, claim, state="queued", error=reason[:300], next_attempt_at=now + wait)


def _give_up(message: Message, claim: str, reason: str, postman: Postman, *, now: datetime) -> None:
    """Fail the message visibly; it takes the next channel."""
    with database.atomic():
        if _stamp(message, claim, state="failed", error=reason[:300], state_at=now):
            step_down(message, reason, ladder=postman.rules.ladder, now=now)


def _stamp(message: Message, claim: str, **values: object) -> int:
    """Write the outcome, unless the lease ran out and somebody else holds the row, or a report
    came first; rows written."""
    mine = (Message.id == message.id) & (Message.claim == claim) & (Message.state == "sending")
    return Message.update(**values).where(mine).execute()


# -- what waits too long -------------------------------------------------------------------------


def _lose_patience(name: str, postman: Postman, *, now: datetime) -> None:
    """Give the next channel what has waited long for one that is down.

    When that one is down as well, or there is none, the message rather waits on: an outage of
    the office's own network mustn't become a hundred telephone calls.
    """
    urgent = Message.template.in_(postman.urgent_templates or [""])
    patience = postman.rules.patience
    too_long = (Message.queued_at <= now - patience) | (
        urgent & (Message.queued_at <= now - min(patience, URGENT_PATIENCE))
    )
    waiting = Message.select().where(
        (Message.channel == name) & (Message.state == "queued") & too_long
    )
    up = {one for one in postman.gateways if not health.state_of(one).opened_at}
    for message in list(waiting.order_by(Message.id).limit(200)):
        following = next_channel(message, postman.rules.ladder)
        if following not in up and message.queued_at > now - LAST_PATIENCE:
            continue
        if claim := _claim(message, now=now):
            reason = f"{OUT_OF_PATIENCE} {message.error}".strip()
            _give_up(message, claim, reason, postman, now=now)


def chase_unreported(postman: Postman, reporting: frozenset[str], *, now: datetime) -> int:
    """Send by the next channel what was accepted long ago and never reported as arrived.

    Only for gateways in `reporting`, which report at all. The message stays `sent`: its report
    may still come.
    """
    after = postman.rules.undelivered_after
    if not after or not reporting:
        return 0
    silent = Message.select().where(
        (Message.state == "sent")
        & Message.carrier.in_(reporting)
        & Message.fell_back_at.is_null()
        & (Message.sent_at <= now - after)
        & (Message.sent_at > now - after - timedelta(days=7))
    )
    chased = 0
    for message in list(silent.order_by(Message.sent_at).limit(200)):
        with database.atomic():
            step_down(message, UNREPORTED, ladder=postman.rules.ladder, now=now)
        chased += 1
    return chased
