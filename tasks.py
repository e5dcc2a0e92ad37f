"""What happens without anyone looking: deliver messages, make documents, sweep.

The rows are the truth and huey is only the alarm clock: every task finds its own work in the
tables, may run twice, and may be lost without loss, since the sweep looks again each minute.
"""

import logging
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from huey import crontab

import workflow
from adapters.channels import (
    BadAddress,
    BadTemplate,
    Channel,
    Misconfigured,
    TryLater,
)
from adapters.opening import open_channel
from adapters.storage import LocalStorage
from config.background import huey
from config.settings import Settings, settings_of_process
from database import database
from models import (
    Document,
    LoginSession,
    Message,
    RateBucket,
    Request,
    RequestDraft,
)
from outputs.documents import render_document
from outputs.messages import Stationery, compose, read_stationery

log = logging.getLogger("melasti.tasks")

LEASE = timedelta(minutes=5)
BACKOFF_MINUTES = (1, 5, 30, 120, 480)
DRAFT_LIFETIME = timedelta(days=7)
ORPHAN_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class Postman:
    """Everything delivery needs: channels by name and what messages are written on."""

    channels: Mapping[str, Channel]
    stationery: Stationery


def make_postman(settings: Settings) -> Postman:
    """The postman with the channels that the settings name."""
    options = settings.gateways
    channels = {
        "whatsapp": open_channel(settings.whatsapp_channel, options),
        "email": open_channel(settings.email_channel, options, sender=settings.email_sender),
    }
    return Postman(channels, read_stationery(settings.base_url))


def deliver_due(postman: Postman, *, now: datetime, limit: int = 200) -> int:
    """Send the messages that are due; return how many left.

    A row is claimed by a conditional UPDATE with a lease, so that two workers never take the
    same one and a killed worker's row comes back. One bad row doesn't stop the others.
    """
    due = (
        Message.select()
        .where(Message.state.in_(("queued", "sending")) & (Message.next_attempt_at <= now))
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
    )
    left = 0
    for message in list(due):
        claim = _claim(message, now=now)
        if claim is None:
            continue
        try:
            left += _send(postman, message, claim, now=now)
        except Exception:
            log.exception("message %s failed", message.public_id)
            _retry(message, claim, "Gangguan di dalam sistem.", now=now)
    return left


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
            & (Message.attempts == message.attempts)
            & Message.state.in_(("queued", "sending"))
        )
        .execute()
    )
    message.attempts += claimed
    return claim if claimed else None


def _send(postman: Postman, message: Message, claim: str, *, now: datetime) -> int:
    if message.expires_at and message.expires_at <= now:
        _stamp(message, claim, state="failed", error="Masa berlaku pesan sudah lewat.")
        return 0
    channel = postman.channels[message.channel]
    try:
        sent = channel.send(compose(message, postman.stationery))
    except TryLater as refusal:
        _retry(message, claim, str(refusal), now=now, after_seconds=refusal.after_seconds)
        return 0
    except (BadAddress, BadTemplate, Misconfigured) as refusal:
        _fail(message, claim, str(refusal), now=now)
        return 0
    _stamp(message, claim, state="sent", provider_id=sent.provider_id, sent_at=now, error="")
    return 1


def _retry(
    message: Message,
    claim: str,
    reason: str,
    *,
    now: datetime,
    after_seconds: float | None = None,
) -> None:
    if message.attempts > len(BACKOFF_MINUTES):
        _fail(message, claim, reason, now=now)
        return
    wait = timedelta(minutes=BACKOFF_MINUTES[message.attempts - 1])
    if after_seconds:
        wait = max(wait, timedelta(seconds=after_seconds))
    _stamp(
        message,
        claim,
        state="queued",
        error=reason[:300],
        next_attempt_at=now + wait * random.uniform(1, 1.2),
    )


def _fail(message: Message, claim: str, reason: str, *, now: datetime) -> None:
    """Give the message up visibly; what WhatsApp can't carry goes out as e-mail, once."""
    with database.atomic():
        stamped = _stamp(message, claim, state="failed", error=reason[:300])
        if stamped and message.channel == "whatsapp":
            Message.enqueue(
                message.template,
                recipient=message.recipient,
                channel="email",
                at=now,
                dedupe_key=message.dedupe_key.removesuffix(":whatsapp"),
                variables=message.variables,
                request=message.request_id,
                expires_at=message.expires_at,
            )


def _stamp(message: Message, claim: str, **values: object) -> int:
    """Write the outcome, unless the lease ran out and somebody else holds the row; rows written."""
    mine = (Message.id == message.id) & (Message.claim == claim)
    return Message.update(**values).where(mine).execute()


def make_pending_documents(storage: LocalStorage, *, now: datetime) -> int:
    """Render the documents that were ordered and not made yet; return how many."""
    pending = Document.select(Document, Request).join(Request).where(Document.sha256 == "")
    made = 0
    for document in list(pending.limit(100)):
        try:
            content = render_document(document)
            workflow.store_document(document, content, storage=storage, now=now)
            made += 1
        except Exception:
            log.exception("document %s could not be made", document.public_id)
    return made


def clean_up(storage: LocalStorage, *, now: datetime) -> dict[str, int]:
    """Remove what nobody needs any more: old drafts, sessions, rate buckets, orphan files."""
    removed = {
        "drafts": RequestDraft.delete()
        .where(RequestDraft.updated_at < now - DRAFT_LIFETIME)
        .execute(),
        "sessions": LoginSession.delete().where(LoginSession.expires_at < now).execute(),
        "rate_buckets": RateBucket.delete().where(RateBucket.expires_at < now).execute(),
        "files": 0,
    }
    for sha256, kept_at in list(storage.digests()):
        if kept_at > (now - ORPHAN_AGE).timestamp() or _is_wanted(sha256):
            continue
        # Somebody may have uploaded the same content again since the listing.
        if storage.path(sha256).stat().st_mtime == kept_at:
            storage.remove(sha256)
            removed["files"] += 1
    storage.sweep_temp(ORPHAN_AGE.total_seconds(), now.timestamp())
    return removed


def _is_wanted(sha256: str) -> bool:
    return (
        Document.select().where(Document.sha256 == sha256).exists()
        or RequestDraft.select().where(RequestDraft.files.cast("TEXT").contains(sha256)).exists()
    )


# -- alarm clock ---------------------------------------------------------------------------------


@huey.task()
def deliver() -> None:
    """Look at the outbox and the ordered documents now."""
    settings = settings_of_process()
    with database.connection_context():
        at = datetime.now(UTC)
        make_pending_documents(LocalStorage(settings.files_dir), now=at)
        deliver_due(make_postman(settings), now=at)


@huey.periodic_task(crontab(minute="*"))
def sweep() -> None:
    """Find what a lost alarm or a killed worker left behind."""
    deliver.call_local()


@huey.periodic_task(crontab(hour="18", minute="10"))
def nightly() -> None:
    """Clean up at 02.10 WITA (18.10 UTC)."""
    with database.connection_context():
        clean_up(LocalStorage(settings_of_process().files_dir), now=datetime.now(UTC))
