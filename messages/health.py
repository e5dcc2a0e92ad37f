"""What is known about each channel: a dead one costs one probe now and then, never a pile of
timeouts. Stored, since several workers share what they learn.

A channel is down when it can't be reached, or failed at several people in a row. What it says
about one person, however often, is that person's.
"""

import hashlib
from datetime import datetime, timedelta

from peewee import Expression

from messages.gateways.gateway import (
    AnswerLost,
    Gateway,
    Misconfigured,
    RateLimited,
    Refusal,
    ServerFault,
    Unreachable,
)
from messages.refusals import plain_reason
from models import ChannelState, Message
from storage.database import database

# Faults in a row after which a channel counts as down: of the connection itself, or at so many
# different addresses. Bad credentials count at once.
THRESHOLD = 3
PROBE_MINUTES = (0.25, 1, 2, 4, 8, 15)
# A probe asks for so many different people, until one is served or nobody answers.
PROBES = 20
NOT_MAILED = (
    "Server surat kami tidak dapat mengirim ke alamat dengan huruf selain A–Z sebelum tanda @. "
    "Gunakan alamat email yang lain."
)
UNNAMED_WAIT_SECONDS = 60
LONG_WAIT = timedelta(seconds=30)


def state_of(name: str) -> ChannelState:
    ChannelState.insert(name=name).on_conflict_ignore().execute()
    return ChannelState.get(ChannelState.name == name)


def admit(state: ChannelState, *, now: datetime, limit: int) -> int:
    """How many messages may be tried now: all of `limit`, a few as a probe, or none."""
    if state.opened_at is None:
        return 0 if state.next_send_at and state.next_send_at > now else limit
    if state.next_probe_at and state.next_probe_at > now:
        return 0
    # Of several workers that see the same due probe one gets it.
    mine = (
        ChannelState.update(
            failures=state.failures + 1, next_probe_at=now + _interval(state.failures + 1)
        )
        .where((ChannelState.id == state.id) & _unchanged_probe(state))
        .execute()
    )
    return min(mine * PROBES, limit)


def is_blocked(state: ChannelState, *, now: datetime) -> bool:
    """Whether the channel is down, or told us to keep away for a while."""
    told_off = state.next_send_at is not None and state.next_send_at > now + LONG_WAIT
    return state.opened_at is not None or told_off


def _unchanged_probe(state: ChannelState) -> Expression:
    if state.next_probe_at is None:
        return ChannelState.next_probe_at.is_null()
    return ChannelState.next_probe_at == state.next_probe_at


def take_turn(name: str, gap_seconds: float, *, now: datetime) -> bool:
    """Whether a message may leave now, so many seconds after the one before. Writes."""
    is_free = ChannelState.next_send_at.is_null() | (ChannelState.next_send_at <= now)
    taken = ChannelState.update(next_send_at=now + timedelta(seconds=gap_seconds)).where(
        (ChannelState.name == name) & is_free
    )
    return bool(taken.execute())


def note_success(name: str, *, now: datetime) -> None:
    """The channel works. What waited through the outage goes at once."""
    with database.atomic():
        was_down = (
            ChannelState.update(
                failures=0, faulty="", opened_at=None, next_probe_at=None, reason=""
            )
            .where(
                (ChannelState.name == name)
                & ((ChannelState.failures > 0) | (ChannelState.faulty != ""))
            )
            .execute()
        )
        if was_down:
            Message.update(next_attempt_at=now).where(
                (Message.channel == name)
                & (Message.state == "queued")
                & (Message.attempts > 0)
                & (Message.next_attempt_at > now)
            ).execute()


def note_refusal(name: str, refusal: Refusal, *, address: str, now: datetime) -> None:
    """Learn from the refusal of a message to `address` what it says about the channel, if any."""
    if isinstance(refusal, RateLimited):
        wait = timedelta(seconds=refusal.after_seconds or UNNAMED_WAIT_SECONDS)
        ChannelState.update(next_send_at=now + wait).where(ChannelState.name == name).execute()
    elif isinstance(refusal, Misconfigured):
        note_down(name, plain_reason(refusal), now=now, faults=THRESHOLD)
    elif isinstance(refusal, Unreachable):
        note_down(name, plain_reason(refusal), now=now)
    elif isinstance(refusal, ServerFault | AnswerLost):
        _note_faulty(name, address, plain_reason(refusal), now=now)
    else:
        # It answered about one message, so it is up.
        note_success(name, now=now)


def _note_faulty(name: str, address: str, reason: str, *, now: datetime) -> None:
    """It failed at one person; at the third different one in a row the channel is down."""
    with database.atomic():
        state = state_of(name)
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        faulty = sorted({*state.faulty.split(), digest})[:THRESHOLD]
        ChannelState.update(faulty=" ".join(faulty)).where(ChannelState.id == state.id).execute()
        if len(faulty) == THRESHOLD:
            note_down(name, reason, now=now, faults=THRESHOLD)


def note_down(name: str, reason: str, *, now: datetime, faults: int = 1) -> None:
    """Count a fault of the channel; from the threshold on it is down.

    Once it is, its probes are counted instead (`admit`).
    """
    with database.atomic():
        state_of(name)
        mine = ChannelState.name == name
        ChannelState.update(reason=reason[:300]).where(mine).execute()
        still_up = mine & ChannelState.opened_at.is_null()
        ChannelState.update(failures=ChannelState.failures + faults).where(still_up).execute()
        ChannelState.update(opened_at=now, next_probe_at=now + _interval(THRESHOLD)).where(
            still_up & (ChannelState.failures >= THRESHOLD)
        ).execute()


def note_report(trouble: str, *, now: datetime) -> None:
    """A WhatsApp gateway reported by itself that it works again, or why it doesn't."""
    if trouble:
        note_down("whatsapp", trouble, now=now, faults=THRESHOLD)
    else:
        note_success("whatsapp", now=now)


def _interval(failures: int) -> timedelta:
    step = max(0, failures - THRESHOLD)
    return timedelta(minutes=PROBE_MINUTES[min(step, len(PROBE_MINUTES) - 1)])


def learn(state: ChannelState, gateway: Gateway) -> None:
    """Keep what a gateway has shown that it can do."""
    if gateway.takes_utf8 is not None and gateway.takes_utf8 != state.takes_utf8:
        ChannelState.update(takes_utf8=gateway.takes_utf8).where(
            ChannelState.id == state.id
        ).execute()


def why_not_mailed(email: str) -> str:
    """Why our mail server can't write to an address, as a sentence; empty when it may."""
    if email.rpartition("@")[0].isascii():
        return ""
    state = ChannelState.get_or_none(ChannelState.name == "email")
    return NOT_MAILED if state and state.takes_utf8 is False else ""


def check(name: str, gateway: Gateway, *, now: datetime) -> None:
    """Ask a channel how it is; silence is noticed even when nothing is being sent.

    While messages wait for a channel that is down they are its probe.
    """
    trouble = gateway.health()
    if trouble:
        note_down(name, trouble, now=now)
        return
    state = state_of(name)
    learn(state, gateway)
    waiting = Message.select().where(
        (Message.channel == name) & (Message.state == "queued") & (Message.next_attempt_at <= now)
    )
    if state.opened_at and not waiting.exists():
        note_success(name, now=now)
