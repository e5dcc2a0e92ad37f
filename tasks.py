"""What happens without anyone looking: deliver messages, make documents, sweep.

The rows are the truth and huey is only the alarm clock: every task finds its own work in the
tables, may run twice, and may be lost without loss, since the sweep looks again each minute.
"""

import logging
import subprocess
import threading
from datetime import datetime, timedelta

from huey import crontab
from huey.api import Task
from huey.exceptions import CancelExecution
from peewee import ModelSelect

from administration import appointments, figures
from administration.closures import move_deadlines
from administration.file_store import open_store, sweep_files
from administration.request_drafts import is_outdated, remind_of_drafts
from administration.system_checks import WORK
from config.background import huey
from config.clock import utc_now
from config.settings import Settings, settings_of_process
from messages import health, inbox, reminders
from messages.alarms import forget
from messages.bounces import read_mailbox
from messages.gateways.registry import reporting_gateways
from messages.sending import deliver_due, make_postman
from messages.waiting import chase_unreported, next_look
from messages.watcher import beat
from models import (
    Document,
    DocumentFailure,
    KeptForm,
    LoginSession,
    Maintenance,
    Message,
    OutgoingLetter,
    Presence,
    RateBucket,
    Request,
    RequestDraft,
    Upload,
)
from moves import completions
from moves.documents import scan_waiting
from moves.letters import tell_signers
from outputs.papers import failures
from outputs.papers.making import make_document
from outputs.recap import jobs, schedules
from outputs.signing.none import Unsigned
from outputs.signing.registry import chosen_way
from outputs.signing.way import Way
from storage.database import database
from storage.fast import Bound, prepared
from storage.files import Store
from storage.outage import is_unavailable, is_without_store
from workflow import carry_out_due

log = logging.getLogger("melasti.tasks")

ORPHAN_AGE = timedelta(hours=24)
PRESENCE_LIFETIME = timedelta(days=1)
# So many messages are claimed with one look at the clock: fewer than time out within a lease.
# Documents are made in as many at a time.
BATCH = 10
# Set when the process is to end: what isn't begun waits for the next one, and nobody for a batch.
ending = threading.Event()
# How long one run of delivery waits for the turn of a message before it asks for another.
LONGEST_ROUND = timedelta(seconds=20)


def make_pending_documents(
    storage: Store,
    *,
    base_url: str,
    now: datetime,
    limit: int = 100,
    way: Way | None = None,
) -> int:
    """Make documents that were ordered and not made yet, at most `limit`; return how many.

    One that can't be made doesn't keep the place of another. What only a person can sign by `way`
    waits for that person.
    """
    way = way or Unsigned({})
    pending = Document.select(Document, Request).join(Request).where(Document.sha256 == "")
    pending = pending.where(Document.id.not_in(failures.not_due(now)))
    if way.needs_signer:
        pending = pending.where(Document.id.not_in(OutgoingLetter.select(OutgoingLetter.document)))
    made = 0
    for document in list(pending.order_by(Document.id).limit(1000)):
        if made == limit or ending.is_set():
            break
        try:
            make_document(document, way=way, storage=storage, base_url=base_url, now=now)
            made += 1
        except Exception as error:
            # That is nothing about this document, and the next one would fare no better.
            if is_unavailable(error) or is_without_store(error):
                raise
            log.exception("document %s could not be made", document.public_id)
            failures.note(document, error, now=now)
        else:
            failures.forget(document)
    return made


def clean_up(storage: Store, *, now: datetime) -> dict[str, int]:
    """Remove what nobody needs any more: old drafts, sessions, rate buckets, orphan files."""
    old_drafts = is_outdated(now)
    old_uploads = Upload.updated_at < now - ORPHAN_AGE
    # Named by rows that go now: that their files go too surprises nobody.
    released = jobs.ending(now=now) | {row.sha256 for row in Upload.select().where(old_uploads)}
    for draft in RequestDraft.select().where(old_drafts):
        released |= {file[0] for file in draft.files.values()}
    removed = {
        "drafts": RequestDraft.delete().where(old_drafts).execute(),
        "forms": KeptForm.delete().where(KeptForm.kept_at < now - ORPHAN_AGE).execute(),
        "uploads": Upload.delete().where(old_uploads).execute(),
        "sessions": LoginSession.delete().where(LoginSession.expires_at < now).execute(),
        "rate_buckets": RateBucket.delete().where(RateBucket.expires_at < now).execute(),
        "exports": jobs.expire(now=now),
        "incoming": inbox.forget(now=now),
        "troubles": forget(now=now),
        "presences": Presence.delete().where(Presence.seen_at < now - PRESENCE_LIFETIME).execute(),
        "files": sweep_files(storage, released=released, now=now),
    }
    storage.sweep_temp(ORPHAN_AGE.total_seconds(), now.timestamp())
    return removed


# -- alarm clock ---------------------------------------------------------------------------------


_is_wanted_again, _at_work, _at_documents = threading.Event(), threading.Lock(), threading.Lock()
makers = jobs.Makers()


def is_anything_due(now: datetime, *, awaits_signers: bool = False) -> bool:
    """Whether a message may leave now or a document waits. Two queries, each over an index.

    Most forms of visitors leave nothing behind. With `awaits_signers` letters aren't looked at:
    a person has to sign them first.
    """
    ordered = _ordered_without_letters if awaits_signers else _ordered_documents
    return bool(_due_messages(now=now) or ordered(now=now))


def wake_delivery() -> None:
    """Have the outbox looked at soon, unless that is asked for already: once is enough.

    Asking costs a write to the disk, and while a gateway hangs something is due all the time.
    """
    if not any(isinstance(task, deliver.task_class) for task in huey.pending()):
        deliver()


@prepared
def _due_messages() -> ModelSelect:
    return (
        Message.select(Message.id)
        .where(
            Message.state.in_(("queued", "sending"))
            & (Message.next_attempt_at <= Bound("now", Message.next_attempt_at))
        )
        .limit(1)
        .tuples()
    )


def _failed_lately() -> ModelSelect:
    return failures.not_due(Bound("now", DocumentFailure.next_attempt_at))


@prepared
def _ordered_documents() -> ModelSelect:
    waiting = (Document.sha256 == "") & Document.id.not_in(_failed_lately())
    return Document.select(Document.id).where(waiting).limit(1).tuples()


@prepared
def _ordered_without_letters() -> ModelSelect:
    letters = OutgoingLetter.select(OutgoingLetter.document)
    waiting = (Document.sha256 == "") & Document.id.not_in(letters)
    waiting &= Document.id.not_in(_failed_lately())
    return Document.select(Document.id).where(waiting).limit(1).tuples()


@huey.pre_execute()
def pause_in_a_maintenance(task: Task) -> None:
    """Nothing is delivered, made or swept meanwhile; afterwards every task finds its work."""
    with database.connection_context():
        if Maintenance.running():
            raise CancelExecution(retry=False)


@huey.task()
def deliver() -> None:
    """Look at the outbox now.

    One worker thread at a time is enough: what asks during a round makes it look once more.
    """
    _is_wanted_again.set()
    while _is_wanted_again.is_set() and _at_work.acquire(blocking=False):
        try:
            while _is_wanted_again.is_set():
                _is_wanted_again.clear()
                _round(settings_of_process())
        finally:
            _at_work.release()


def _awaits_signers(settings: Settings) -> bool:
    return chosen_way(settings).needs_signer


def _round(settings: Settings) -> None:
    """Send until nothing is due, waiting a little for a gateway that takes its time."""
    with database.connection_context():
        begun = utc_now()
        if _ordered_without_letters(now=begun) or (
            not _awaits_signers(settings) and _ordered_documents(now=begun)
        ):
            make_documents()
        postman = make_postman(settings)
        while True:
            deliver_due(postman, now=utc_now(), limit=BATCH)
            at = next_look(postman, now=utc_now())
            if at is None or at > begun + LONGEST_ROUND or ending.is_set():
                break
            ending.wait(max(0.0, (at - utc_now()).total_seconds()))
        if at is not None and at <= begun + 2 * LONGEST_ROUND:
            deliver()


@huey.task()
def carry_out() -> None:
    """Let take effect what can be undone no longer, and send what comes of it."""
    with database.connection_context():
        done = carry_out_due(utc_now())
    if done:
        deliver()


@huey.task()
def make_documents() -> None:
    """Make what was ordered, beside the messages: neither waits for the other."""
    if not _at_documents.acquire(blocking=False):
        return
    try:
        settings = settings_of_process()
        with database.connection_context():
            storage, at = open_store(settings), utc_now()
            made = make_pending_documents(
                storage,
                base_url=settings.base_url,
                now=at,
                limit=BATCH,
                way=chosen_way(settings),
            )
    finally:
        _at_documents.release()
    if made == BATCH:
        # The rest in its turn: a message mustn't wait for a hundred documents.
        make_documents()


@huey.periodic_task(crontab(minute="*"))
def sweep() -> None:
    """Find what a lost alarm or a killed worker left behind, and say that work is done."""
    with database.connection_context():
        beat(WORK, utc_now())
    carry_out.call_local()
    deliver.call_local()
    make_exports.call_local()


@huey.task()
def make_exports() -> None:
    """See that somebody makes the exports that wait: a process beside this one.

    It isn't waited for. What one that was killed has left is begun again with the next look.
    """
    settings = settings_of_process()
    with database.connection_context():
        makers.reap()
        is_due = jobs.is_due(utc_now())
    if is_due:
        maker = makers.start(settings)
        threading.Thread(target=reap_when_ended, args=(maker,), daemon=True).start()


def reap_when_ended(maker: subprocess.Popen) -> None:
    """Have what a killed maker has left begun again at once.

    Only then: one that can't even begin would be started for ever.
    """
    maker.wait()
    with database.connection_context():
        left = makers.reap()
    if left:
        log.warning("%s exports are begun again: their maker ended halfway", left)
        make_exports()


@huey.periodic_task(crontab(minute="*/5"))
def watch() -> None:
    """Ask the channels how they are, and go after messages that nobody reported as arrived, or
    that came back."""
    settings, at = settings_of_process(), utc_now()
    with database.connection_context():
        postman = make_postman(settings)
        for channel, gateway in postman.gateways.items():
            health.check(channel, gateway, now=at)
        chase_unreported(postman, reporting_gateways(settings), now=at)
        read_mailbox(settings, now=at)


@huey.periodic_task(crontab(minute="*"))
def look_through() -> None:
    """Have files scanned for malware that came while the scanner didn't answer."""
    settings = settings_of_process()
    with database.connection_context():
        scan_waiting(open_store(settings), settings.clamd, now=utc_now())


@huey.periodic_task(crontab(minute="*/10"))
def remind() -> None:
    """Write the reminders that are due; a run that was missed is made up by the next one."""
    with database.connection_context():
        settings = settings_of_process()
        written = reminders.remind(settings.delivery, now=utc_now())
        if _awaits_signers(settings):
            written += tell_signers(now=utc_now())
    if written:
        deliver()


@huey.periodic_task(crontab(minute="*/10"))
def order_recaps() -> None:
    """Order the recaps whose day has come; the sweep makes them. What was missed is made up."""
    with database.connection_context():
        ordered = schedules.order_due(now=utc_now())
    if ordered:
        make_exports()


@huey.periodic_task(crontab(minute="7"))
def follow_up_completions() -> None:
    """Remind customers of what is missing, and close what never came; catches up by itself."""
    at = utc_now()
    with database.connection_context():
        completions.expire_overdue(now=at)
        completions.remind_of_completions(now=at)


@huey.periodic_task(crontab(hour="18", minute="10"))
def nightly() -> None:
    """Clean up at 02.10 WITA (18.10 UTC), tell whose mandate ended with the day and who left a
    form unsent, and count the figures of the months that may have changed.

    Deadlines are counted anew for the request that was filed in the very moment in which the
    calendar changed; for all others that finds nothing.
    """
    settings = settings_of_process()
    with database.connection_context():
        at = utc_now()
        clean_up(open_store(settings), now=at)
        appointments.tell_ended(now=at)
        move_deadlines(actor=None, now=at)
        remind_of_drafts(now=at)
        figures.refresh(figures.months_to_recount(at))
