"""Exports that take longer than a page may: ordered as rows, made by a process of its own.

The row is the truth. Whoever makes an export claims it by a conditional UPDATE with a lease and
renews the lease with every few thousand rows. A maker that is told to end gives the export back;
one that dies is noticed by the process that started it or, when that is gone too, by the lease
that runs out. Either way the export is begun again from its first row. A page that is asked
meanwhile doesn't notice: the maker is another process, and a polite one.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from peewee import Expression

from administration.file_store import open_store
from administration.printouts import RECAP, NumberTaken, free_number, issue, stamp_of
from administration.questionnaires import in_force
from config.clock import utc_now
from config.settings import Settings, settings_of_process
from models import Event, ExportJob
from moves.catalogue import flows_on_offer
from moves.notices import tell_staff
from outputs.recap.choice import Choice, chosen_requests
from outputs.recap.files import write_file
from outputs.recap.order import PDF, Order, TooMuch, reason_against
from rules.formats import decimal_id, moment_short
from storage.database import database, open_database
from storage.files import Store
from workflow import Reader, Refused

log = logging.getLogger("melasti.exports")

QUEUED, RUNNING, READY = "queued", "running", "ready"
FAILED, CANCELLED, EXPIRED = "failed", "cancelled", "expired"
WAITING_STATES = (QUEUED, RUNNING)
# Up to so many rows are made while the page waits.
AT_ONCE = 2000
# A paper takes longer than a workbook.
PDF_AT_ONCE = 200
# Longer than the largest workbook takes to be packed after its last row.
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3
KEPT_FOR = timedelta(days=3)
# What came by itself may come while somebody is away.
SCHEDULED_KEPT_FOR = timedelta(days=30)
MOST_WAITING = 3
LARGEST_FILE = 1024 * 1024 * 1024
BROKEN = "Gangguan di dalam sistem. Silakan coba lagi; bila terulang, hubungi Administrator."
ABANDONED = "Pembuatan berkas terhenti beberapa kali. Persempit saringan, lalu coba lagi."


class Stopped(Exception):
    """The export isn't ours to make any more: cancelled, or taken over by another maker."""


class Ending(Exception):
    """This process was told to end, or the one that started it is gone."""


def is_small(kind: str, rows: int) -> bool:
    """Whether a page may wait for it."""
    return rows <= (PDF_AT_ONCE if kind == PDF else AT_ONCE)


def count_rows(choice: Choice, reader: Reader) -> int:
    return chosen_requests(choice, reader).count()


def filename_of(kind: str, order: Order) -> str:
    return f"rekap-layanan-{stamp_of(order.number)}.{kind}"


def note_export(
    kind: str, order: Order, rows: int, *, sha256: str, size: int, reader: Reader
) -> None:
    """Say in the history that somebody took these data out. Only ids and values, as always.

    `reader` is the order's own at the moment in which the file is done. A paper can be checked
    from now on. Raises NumberTaken, with nothing written.
    """
    said = {"format": kind, "rows": rows, "choice": order.choice.to_text()}
    with database.atomic():
        Event.record("recap_exported", at=reader.now, actor=reader.user, data=said)
        if kind == PDF:
            paper, code = order.paper(rows), order.check_code
            issue(
                paper,
                number=order.number,
                code=code,
                sha256=sha256,
                size=size,
                reader=reader,
            )


def order_export(kind: str, choice: Choice, *, reader: Reader) -> ExportJob:
    """Put an export into the queue; the same one twice is one. Raises Refused."""
    waiting = list(ExportJob.visible_to(reader).where(ExportJob.state.in_(WAITING_STATES)))
    for job in waiting:
        if (job.format, job.arguments) == (kind, choice.to_text()):
            return job
    if len(waiting) >= MOST_WAITING:
        raise Refused(
            f"Masih ada {len(waiting)} berkas Anda yang sedang dibuat. Tunggu sampai selesai atau "
            "batalkan salah satu."
        )
    total = count_rows(choice, reader)
    if reason := reason_against(kind, len(choice.columns), total):
        raise Refused(reason)
    return ExportJob.create(
        owner=reader.id,
        format=kind,
        arguments=choice.to_text(),
        total=total,
        created_at=reader.now,
    )


def cancel(job: ExportJob, *, now: datetime) -> bool:
    """Stop an export that isn't finished; its maker notices with the next chunk."""
    return bool(
        ExportJob.update(state=CANCELLED, finished_at=now)
        .where((ExportJob.id == job.id) & ExportJob.state.in_(WAITING_STATES))
        .execute()
    )


def retry(job: ExportJob, *, now: datetime) -> bool:
    """Begin a failed, cancelled or expired export again."""
    again = ExportJob.state.in_((FAILED, CANCELLED, EXPIRED))
    return bool(
        ExportJob.update(
            state=QUEUED, attempts=0, done=0, error="", finished_at=None, created_at=now
        )
        .where((ExportJob.id == job.id) & again)
        .execute()
    )


def begin_again(job: ExportJob, *, now: datetime) -> bool:
    """The same for one that hangs as well, whoever ordered it; its maker notices and stops."""
    kinds = ExportJob.state.in_((*WAITING_STATES, FAILED))
    return bool(
        ExportJob.update(
            state=QUEUED,
            attempts=0,
            done=0,
            claim="",
            lease_until=None,
            error="",
            finished_at=None,
            created_at=now,
        )
        .where((ExportJob.id == job.id) & kinds)
        .execute()
    )


# -- making --------------------------------------------------------------------------------------


def is_due(now: datetime) -> bool:
    """Whether an export waits and nobody is at work."""
    at_work = (ExportJob.state == RUNNING) & (ExportJob.lease_until > now)
    if ExportJob.select().where(at_work).exists():
        return False
    return ExportJob.select().where(ExportJob.state.in_(WAITING_STATES)).exists()


def make_due(
    storage: Store,
    *,
    base_url: str,
    clock: Callable[[], datetime],
    claim: str = "",
    is_ending: Callable[[], bool] = lambda: False,
) -> int:
    """Make the exports that wait, one after the other; return how many got ready.

    `base_url` is the address of the site, where papers are checked. `claim` is what this maker
    writes into the rows that it has. Once `is_ending` says so, Ending is raised, with the export
    back in the queue.
    """
    ready, claim = 0, claim or str(uuid.uuid4())
    while not is_ending() and (job := _claim_next(claim, now=clock())):
        ready += _make(_Maker(job, base_url, clock, is_ending), storage)
    return ready


def give_back(claim: str) -> int:
    """Put what a dead maker left half made into the queue again; the attempt counts."""
    left = (ExportJob.claim == claim) & (ExportJob.state == RUNNING)
    return ExportJob.update(state=QUEUED, done=0).where(left).execute()


def is_abandoned(job: ExportJob, now: datetime) -> bool:
    """Whether its maker is gone and nobody has begun it again yet."""
    return job.state == RUNNING and job.lease_until is not None and job.lease_until < now


def _claim_next(claim: str, *, now: datetime) -> ExportJob | None:
    """Take the oldest that waits or whose maker is gone, so that nobody else has it too."""
    free = (ExportJob.state == QUEUED) | (
        (ExportJob.state == RUNNING) & (ExportJob.lease_until < now)
    )
    for job in list(ExportJob.select().where(free).order_by(ExportJob.created_at, ExportJob.id)):
        if job.attempts >= MOST_ATTEMPTS:
            _give_up(job, job.claim, ABANDONED, now=now)
            continue
        taken = (
            ExportJob.update(
                state=RUNNING,
                claim=claim,
                attempts=ExportJob.attempts + 1,
                lease_until=now + LEASE,
                done=0,
            )
            .where((ExportJob.id == job.id) & (ExportJob.attempts == job.attempts) & free)
            .execute()
        )
        if taken:
            return ExportJob.get_by_id(job.id)
    return None


def _make(maker: "_Maker", storage: Store) -> int:
    """Write the file, keep it, and tell its owner; 1 when it got ready. Raises Ending."""
    job, clock = maker.job, maker.clock
    try:
        maker.write_and_keep(storage)
    except Stopped:
        return 0
    except Ending:
        mine = (ExportJob.id == job.id) & (ExportJob.claim == job.claim)
        ExportJob.update(state=QUEUED, done=0, attempts=ExportJob.attempts - 1).where(
            mine & (ExportJob.state == RUNNING)
        ).execute()
        raise
    except TooMuch as reason:
        _give_up(job, job.claim, str(reason), now=clock())
        return 0
    except Exception:
        log.exception("export %s failed", job.public_id)
        _give_up(job, job.claim, BROKEN, now=clock())
        return 0
    return 1


@dataclass(frozen=True)
class _Maker:
    """Somebody at work on a claimed export."""

    job: ExportJob
    base_url: str
    clock: Callable[[], datetime]
    is_ending: Callable[[], bool]

    def write_and_keep(self, storage: Store) -> None:
        """Once more when another paper took the number meanwhile."""
        while True:
            with suppress(NumberTaken):
                return self._write_and_keep(storage)

    def _write_and_keep(self, storage: Store) -> None:
        job, begun = self.job, self.clock()
        order = Order(
            choice=Choice.from_text(job.arguments),
            reader=Reader.at(job.owner, begun),
            flows=flows_on_offer(),
            questionnaire=in_force(begun),
            told=self.tell,
            base_url=self.base_url,
            number=free_number(RECAP, begun),
        )
        with tempfile.TemporaryDirectory(prefix="melasti-rekap-") as folder:
            path = Path(folder) / f"rekap.{job.format}"
            tally = write_file(job.format, order, path)
            with path.open("rb") as file:
                staged = storage.stage(file, max_bytes=LARGEST_FILE)
        storage.keep(staged)
        with database.atomic():
            now = self.clock()
            expires_at = now + (SCHEDULED_KEPT_FOR if job.title else KEPT_FOR)
            self._stamp(
                state=READY,
                done=tally.total,
                total=tally.total,
                sha256=staged.sha256,
                size=staged.size,
                filename=filename_of(job.format, order),
                finished_at=now,
                expires_at=expires_at,
            )
            sha256, size = staged.sha256, staged.size
            reader = Reader.at(job.owner, now)
            note_export(job.format, order, tally.total, sha256=sha256, size=size, reader=reader)
            more = {"jumlah": decimal_id(tally.total, 0), "batas": moment_short(expires_at)}
            if job.title:
                more["judul"] = job.title
            _tell_owner(job, "rekap_terjadwal" if job.title else "rekap_siap", more, now=now)

    def tell(self, done: int) -> None:
        """Renew the lease and say how far it is. Raises Stopped, Ending."""
        if self.is_ending():
            raise Ending
        self._stamp(done=done, lease_until=self.clock() + LEASE)

    def _stamp(self, **values: object) -> None:
        mine = (ExportJob.id == self.job.id) & (ExportJob.claim == self.job.claim)
        if not ExportJob.update(**values).where(mine & (ExportJob.state == RUNNING)).execute():
            raise Stopped


def _give_up(job: ExportJob, claim: str, reason: str, *, now: datetime) -> None:
    mine = (ExportJob.id == job.id) & (ExportJob.claim == claim)
    with database.atomic():
        failed = (
            ExportJob.update(state=FAILED, error=reason, finished_at=now)
            .where(mine & (ExportJob.state == RUNNING))
            .execute()
        )
        if failed:
            _tell_owner(job, "rekap_gagal", {}, now=now)


def _tell_owner(job: ExportJob, template: str, more: dict[str, str], *, now: datetime) -> None:
    link = {"tautan": f"/backoffice/rekap/berkas/{job.public_id}"}
    key = f"{job.public_id}:{job.attempts}:{job.created_at.timestamp():.0f}"
    tell_staff(None, job.owner, template, now=now, key=key, more={**link, **more})


def ending(*, now: datetime) -> set[str]:
    """The digests of the files whose time is over."""
    rows = ExportJob.select(ExportJob.sha256).where(_is_over(now))
    return {sha256 for (sha256,) in rows.tuples()}


def expire(*, now: datetime) -> int:
    """Forget files whose time is over; the janitor removes what no row names."""
    return ExportJob.update(state=EXPIRED, sha256="", size=0).where(_is_over(now)).execute()


def _is_over(now: datetime) -> Expression:
    return (ExportJob.state == READY) & (ExportJob.expires_at < now)


# -- a process of its own ------------------------------------------------------------------------


class Makers:
    """The makers that this process has started."""

    def __init__(self) -> None:
        self._started: dict[str, subprocess.Popen] = {}

    def start(self, settings: Settings) -> subprocess.Popen:
        """Start one that makes what waits. Two at once do no harm: they share the queue."""
        claim = str(uuid.uuid4())
        self._started[claim] = subprocess.Popen(
            [sys.executable, "-m", "outputs.recap.jobs", claim],
            cwd=Path(__file__).resolve().parents[2],
            env={
                **os.environ,
                "DATA_DIR": str(settings.data_dir),
                "DATABASE_URL": settings.database_url,
                "BASE_URL": settings.base_url,
            },
            stdin=subprocess.DEVNULL,
        )
        return self._started[claim]

    def reap(self) -> int:
        """Give back what those that ended have left half made, and return how many exports.

        A maker that was killed can't do so itself, and its lease holds for minutes.
        """
        left = 0
        for claim, process in list(self._started.items()):
            if process.poll() is not None:
                left += give_back(claim)
                self._started.pop(claim, None)
        return left


def main(claim: str) -> int:
    """Make what waits, then end. Slim on purpose: it never loads the web application."""
    settings, parent, told = settings_of_process(), os.getppid(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    os.nice(10)
    open_database(settings.database_url, max_connections=2)
    with database.connection_context():
        try:
            make_due(
                open_store(settings),
                base_url=settings.base_url,
                clock=utc_now,
                claim=claim,
                is_ending=lambda: told.is_set() or os.getppid() != parent,
            )
        except Ending:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
