"""Hand one claimed message to its gateway, and write down what became of it."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.settings import DeliveryRules
from messages import health
from messages.compose import MessageTemplates, compose
from messages.gateways.gateway import (
    AnswerLost,
    BadAddress,
    BadTemplate,
    Gateway,
    Misconfigured,
    RateLimited,
    Refusal,
    Sent,
    ServerFault,
    Unreachable,
)
from messages.ladder import ask_to_phone, next_channel, step_down
from messages.recipients import NotHere, Unproved, Withdrawn, address_now, person_of
from messages.refusals import plain_reason
from models import Message
from rules.wording import AKUN
from storage.database import database

LEASE = timedelta(minutes=5)
BACKOFF_MINUTES = (1, 5, 30, 120, 480)
# A message about an account is of no use after hours: it tries the next channel sooner.
URGENT_PATIENCE = timedelta(minutes=10)
# How long one waits for a channel that is down when there is no other: then somebody phones.
LAST_PATIENCE = timedelta(hours=24)
# How long one that may have left waits for a report, before anything is said twice.
REPORT_WAIT, URGENT_REPORT_WAIT = timedelta(minutes=10), timedelta(minutes=2)
# How often one looks whether an address was proved meanwhile. A proof sends what waits at once
# (`administration.addresses`); each look takes a turn from somebody who can be reached.
PROOF_WAIT = timedelta(hours=1)
# So often a row may be claimed: one that kills every worker must not do so for ever.
MOST_CLAIMS = 12
# Refusals that concern the messages after this one too.
ABOUT_CHANNEL = (Unreachable, RateLimited, Misconfigured)
TOO_OFTEN = "Pengiriman berulang kali terhenti di tengah jalan."
EXPIRED = "Masa berlaku pesan sudah lewat."


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

    @property
    def up(self) -> set[str]:
        """The channels that aren't down."""
        return {one for one in self.gateways if not health.state_of(one).opened_at}


def claim_message(message: Message, *, now: datetime) -> str | None:
    """Take a row that is due, so that no other worker does; None when one was faster."""
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


def hand_over(
    gateway: Gateway, postman: Postman, message: Message, claim: str, *, now: datetime
) -> int:
    """Send one claimed message, if it is still to be sent; 1 when it left.

    Raises the refusals that are about more than this message.
    """
    if message.expires_at and message.expires_at <= now:
        _expire(message, claim, postman, now=now)
        return 0
    if message.attempts > MOST_CLAIMS:
        give_up(message, claim, TOO_OFTEN, postman, now=now)
        return 0
    if not _find_recipient(message, claim, postman, now=now):
        return 0
    try:
        sent = gateway.send(compose(message, postman.message_templates))
    except Refusal as refusal:
        health.note_refusal(message.channel, refusal, address=message.address, now=now)
        _refused(message, claim, refusal, postman, now=now)
        if isinstance(refusal, (*ABOUT_CHANNEL, ServerFault, AnswerLost)):
            raise
        return 0
    note_sent(message, claim, sent, gateway.name, now=now)
    health.note_success(message.channel, now=now)
    return 1


def _expire(message: Message, claim: str, postman: Postman, *, now: datetime) -> None:
    """Too late to say. A customer who waits for it is phoned, unless it was about the account."""
    words = postman.message_templates.defaults[message.template]
    person = person_of(message)
    with database.atomic():
        if not stamp(message, claim, state="failed", error=EXPIRED, state_at=now):
            return
        is_to_know = words.purpose != AKUN and not person.is_staff
        if is_to_know and not person.is_unknown_sender:
            ask_to_phone(message, EXPIRED, now=now)


def _find_recipient(message: Message, claim: str, postman: Postman, *, now: datetime) -> bool:
    """Look again where the message goes; False when it doesn't leave now."""
    words, ladder = postman.message_templates.defaults[message.template], postman.rules.ladder
    try:
        address = address_now(message, words, ladder)
    except Withdrawn as why:
        stamp(message, claim, state="cancelled", error=str(why), state_at=now)
        return False
    except NotHere as why:
        give_up(message, claim, str(why), postman, now=now)
        return False
    except Unproved as why:
        if message.created_at <= now - LAST_PATIENCE:
            give_up(message, claim, str(why), postman, now=now)
        else:
            _wait(message, claim, str(why), until=now + PROOF_WAIT)
        return False
    if address != message.address:
        message.address = address
        return bool(stamp(message, claim, address=address))
    return True


def note_sent(message: Message, claim: str, sent: Sent, carrier: str, *, now: datetime) -> None:
    about = {"provider_id": sent.provider_id, "sent_at": now, "carrier": carrier}
    if sent.report_id:
        about["report_id"] = sent.report_id
    if not stamp(message, claim, state="sent", error="", state_at=now, **about):
        # A report of its arrival was faster than we: keep that, and note the id.
        Message.update(**about).where(
            (Message.id == message.id) & (Message.claim == claim) & (Message.provider_id == "")
        ).execute()


# -- refused -------------------------------------------------------------------------------------


def _refused(
    message: Message, claim: str, refusal: Refusal, postman: Postman, *, now: datetime
) -> None:
    reason = plain_reason(refusal)
    if isinstance(refusal, RateLimited):
        wait = timedelta(seconds=refusal.after_seconds or health.UNNAMED_WAIT_SECONDS)
        _wait(message, claim, reason, until=now + wait)
    elif isinstance(refusal, AnswerLost):
        is_urgent = postman.is_urgent(message.template)
        stamp(
            message,
            claim,
            state="unknown",
            error=reason[:300],
            state_at=now,
            lost_answers=Message.lost_answers + 1,
            next_attempt_at=now + (URGENT_REPORT_WAIT if is_urgent else REPORT_WAIT),
        )
    elif isinstance(refusal, BadAddress | BadTemplate) or _is_theirs(message, refusal, postman):
        give_up(message, claim, reason, postman, now=now)
    else:
        retry(message, claim, reason, postman, now=now)


def _is_theirs(message: Message, refusal: Refusal, postman: Postman) -> bool:
    """Whether a fault is this person's, as far as is known, and another channel may do."""
    up = postman.up
    if not isinstance(refusal, ServerFault) or message.channel not in up:
        return False
    return next_channel(message, postman.rules.ladder) in up


def _wait(message: Message, claim: str, reason: str, *, until: datetime) -> None:
    """It isn't the message's fault: this try doesn't count."""
    stamp(
        message,
        claim,
        state="queued",
        error=reason[:300],
        next_attempt_at=until,
        attempts=message.attempts - 1,
    )


def retry(message: Message, claim: str, reason: str, postman: Postman, *, now: datetime) -> None:
    """Try again later, the longer the oftener it failed; at last the next channel."""
    if message.attempts > len(BACKOFF_MINUTES):
        give_up(message, claim, reason, postman, now=now)
        return
    wait = timedelta(minutes=BACKOFF_MINUTES[message.attempts - 1]) * random.uniform(1, 1.2)
    stamp(message, claim, state="queued", error=reason[:300], next_attempt_at=now + wait)


def give_up(message: Message, claim: str, reason: str, postman: Postman, *, now: datetime) -> None:
    """Fail the message visibly; it takes the next channel."""
    with database.atomic():
        if stamp(message, claim, state="failed", error=reason[:300], state_at=now):
            step_down(message, reason, ladder=postman.rules.ladder, now=now)


def stamp(message: Message, claim: str, **values: object) -> int:
    """Write the outcome, unless the lease ran out and somebody else holds the row, or a report
    came first; rows written."""
    mine = (Message.id == message.id) & (Message.claim == claim) & (Message.state == "sending")
    return Message.update(**values).where(mine).execute()
