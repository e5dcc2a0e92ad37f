"""Whether all is well: each part that can fail, what is the matter with it, and what helps.

Nothing here writes, and nothing names a person: what is said leaves the office by e-mail.
"""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, ModelSelect, fn

from administration.closures import year_doubts
from administration.file_store import STREAM, is_own, is_wanted
from config.background import huey
from config.settings import Settings
from models import (
    Backup,
    ChannelState,
    Document,
    DocumentFailure,
    Event,
    ExportJob,
    Heartbeat,
    Maintenance,
    Message,
    OutgoingLetter,
)
from rules.events import FILE_DAMAGED, SWEEP_REFUSED
from rules.formats import file_size, moment_short
from rules.labels import CHANNELS
from storage.database import database, is_sqlite
from storage.files import Damaged, Store, StoreUnavailable

HOST = socket.gethostname()[:80]
WEB, WORKER, WORK = "web", "worker", "work"
# A part writes every twenty seconds that it lives. One that was lost is forgotten after a while.
DEAD_AFTER, FORGOTTEN_AFTER = timedelta(seconds=60), timedelta(hours=1)
# The worker finds its own work each minute.
IDLE_AFTER = timedelta(minutes=5)
MESSAGE_LATE, DOCUMENT_LATE = timedelta(minutes=10), timedelta(minutes=30)
EXPORT_LATE = timedelta(minutes=30)
# So often a document is tried before the administrator is told.
MOST_TRIES = 6
# What the worker does, and doesn't while nothing is to be written.
RESTING = {WORK, "messages", "documents", "exports"}
LOCK_SECONDS = 10
DAMAGED_LOOKED_AT = 5


@dataclass(frozen=True)
class Check:
    """One part; `trouble` is empty while it is well, and `fact` what is known of it then.

    `is_vital` ones make `/siap` say no.
    """

    code: str
    title: str
    trouble: str = ""
    advice: str = ""
    fact: str = ""
    is_vital: bool = False


def vital_checks(settings: Settings, storage: Store, *, now: datetime) -> list[Check]:
    """What pages and messages can't do without. Cheap: a few queries, each over an index."""
    found = [
        database_check(),
        queue_check(),
        *worker_checks(now),
        *_looked(store_check, settings, storage),
        *_looked(disk_check, settings),
        messages_check(now),
        documents_check(now),
    ]
    return _excused(found, now)


def _looked(check: Callable[..., Check], *arguments: object) -> list[Check]:
    """A check of a disk or a bucket, which may answer with an error of its own."""
    code = f"{check.__name__.partition('_')[0]}:{HOST}"
    try:
        return [check(*arguments)]
    except StoreUnavailable:
        words = "Penyimpanan berkas tidak menjawab."
        return [Check(code, "Penyimpanan berkas", words, "Periksa S3 dan setelannya.", "", True)]
    except OSError as error:
        words = f"Disk tidak dapat diperiksa ({error.strerror or type(error).__name__})."
        return [Check(code, "Disk", words, "Periksa pemasangan disk DATA_DIR.", "", True)]


def _excused(checks: list[Check], now: datetime) -> list[Check]:
    """What rests in a maintenance on purpose, and has to catch up afterwards, is no trouble."""
    rested = Maintenance.ended_at.is_null() | (Maintenance.ended_at > now - IDLE_AFTER)
    if not Maintenance.select().where(rested).exists():
        return checks
    fact = "Berhenti selama pemeliharaan."
    return [
        _well(check, fact) if check.trouble and check.code in RESTING else check for check in checks
    ]


def further_checks(settings: Settings, storage: Store, *, now: datetime) -> list[Check]:
    """What an administrator wants to know besides."""
    found = [
        *web_checks(now),
        *channel_checks(settings),
        lock_check(),
        exports_check(now),
        backup_check(settings, now),
        sweep_check(now),
        *_looked(damage_check, storage, now),
        holidays_check(now),
    ]
    return _excused(found, now)


# -- what pages and messages can't do without ------------------------------------------------------


def database_check() -> Check:
    """Reached here only with a connection: one that is away is noticed by who asks."""
    database.execute_sql("SELECT 1").fetchone()
    kind = "SQLite" if is_sqlite() else "Postgres"
    return Check("database", "Basis data", fact=f"{kind} menjawab.", is_vital=True)


def queue_check() -> Check:
    """The queue is only an alarm clock, but without it nothing is done in the background."""
    known = Check("queue", "Antrean tugas", is_vital=True)
    try:
        waiting = huey.pending_count()
    except Exception as error:  # of whichever engine
        return _in_trouble(
            known,
            f"Antrean tugas tidak dapat dibuka ({type(error).__name__}).",
            "Periksa QUEUE_URL dan basis datanya.",
        )
    return _well(known, f"{waiting} tugas menunggu.")


def worker_checks(now: datetime) -> list[Check]:
    """Whether a worker lives on any host, whether the others do, and whether work is done."""
    beats = list(Heartbeat.select().where(Heartbeat.name.startswith(f"{WORKER}:")))
    alive = [beat for beat in beats if beat.seen_at > now - DEAD_AFTER]
    known = Check("worker", "Pekerja latar", is_vital=True)
    advice = "Jalankan `run.py worker` (atau unit layanannya) kembali, lalu baca lognya."
    if not alive:
        last = max((beat.seen_at for beat in beats), default=None)
        since = f"terakhir terlihat {moment_short(last)}" if last else "belum pernah terlihat"
        words = f"Pekerja latar tidak berjalan, {since}. Pesan dan dokumen tidak diproses."
        return [_in_trouble(known, words, advice)]
    found = [_well(known, f"Terlihat {moment_short(max(beat.seen_at for beat in alive))}.")]
    for beat in beats if len(beats) > 1 else ():
        if beat in alive:
            found.append(Check(beat.name, f"Pekerja latar {_host(beat)}", fact="Hidup."))
        elif now - FORGOTTEN_AFTER < beat.seen_at <= now - DEAD_AFTER:
            words = f"Pekerja latar di {_host(beat)} berhenti sejak {moment_short(beat.seen_at)}."
            found.append(Check(beat.name, f"Pekerja latar {_host(beat)}", words, advice))
    work = Heartbeat.get_or_none(Heartbeat.name == WORK)
    busy = Check(WORK, "Tugas berkala", is_vital=True)
    if work and work.seen_at < now - IDLE_AFTER:
        words = f"Pekerja latar hidup, tetapi tidak bekerja sejak {moment_short(work.seen_at)}."
        return [*found, _in_trouble(busy, words, "Mulai ulang pekerja latar, lalu baca lognya.")]
    return [*found, _well(busy, f"Terakhir {moment_short(work.seen_at)}." if work else "")]


def store_check(settings: Settings, storage: Store) -> Check:
    known = Check(f"store:{HOST}", "Penyimpanan berkas", is_vital=True)
    if not is_own(storage):
        return _in_trouble(
            known,
            "Folder berkas bukan milik basis data ini.",
            "Periksa DATABASE_URL dan DATA_DIR; bila benar, jalankan `run.py store adopt`.",
        )
    folders = (settings.files_dir, settings.files_dir / "tmp")
    if not all(os.access(folder, os.W_OK) for folder in folders if folder.exists()):
        return _in_trouble(
            known,
            "Folder berkas tidak dapat ditulisi.",
            "Periksa pemilik, izin, dan pemasangan disk folder berkas.",
        )
    return _well(known, "Milik basis data ini dan dapat ditulisi.")


def disk_check(settings: Settings) -> Check:
    known = Check(f"disk:{HOST}", "Ruang disk", is_vital=True)
    free = shutil.disk_usage(settings.data_dir).free
    if free < settings.free_disk_mb * 2**20:
        return _in_trouble(
            known,
            f"Ruang disk di {HOST} tinggal {file_size(free)}: unggahan dan permohonan ditolak.",
            "Kosongkan atau perbesar disk DATA_DIR.",
        )
    return _well(known, f"Tersisa {file_size(free)}.")


def messages_check(now: datetime) -> Check:
    """Of channels that are down others tell."""
    known = Check("messages", "Pesan keluar", is_vital=True)
    down = ChannelState.select(ChannelState.name).where(ChannelState.opened_at.is_null(False))
    late = Message.state.in_(("queued", "sending")) & (Message.queued_at < now - MESSAGE_LATE)
    late &= Message.channel.not_in(down)
    count, oldest = (
        Message.select(fn.COUNT(Message.id), fn.MIN(Message.queued_at)).where(late).tuples().get()
    )
    if count:
        return _in_trouble(
            known,
            f"{count} pesan menunggu lebih dari sepuluh menit, sejak {_moment(oldest)}.",
            "Periksa pekerja latar dan saluran pada Komunikasi › Pesan.",
        )
    return _well(known, "Tidak ada pesan yang menunggu lama.")


def documents_check(now: datetime) -> Check:
    """What failed often, and what no worker tried that had the time for it: one that has just begun
    finds what waited before. Letters wait for a person as long as it takes."""
    known = Check("documents", "Dokumen", is_vital=True)
    tried = DocumentFailure.select().join(Document).where(Document.sha256 == "")
    failing = tried.where(DocumentFailure.attempts >= MOST_TRIES).count()
    letters = OutgoingLetter.select(OutgoingLetter.document)
    oldest = (
        Document.select(fn.MIN(Document.created_at))
        .join(DocumentFailure, JOIN.LEFT_OUTER)
        .where((Document.sha256 == "") & DocumentFailure.id.is_null())
        .where(Document.id.not_in(letters))
        .scalar()
    )
    advice = "Baca lognya, perbaiki sebabnya, lalu tekan “Coba lagi” pada Keadaan Sistem."
    if failing:
        words = f"{failing} dokumen tidak dapat dibuat setelah {MOST_TRIES} kali percobaan."
        return _in_trouble(known, words, advice)
    since = (
        Heartbeat.select(fn.MIN(Heartbeat.began_at))
        .where(Heartbeat.name.startswith(f"{WORKER}:") & (Heartbeat.seen_at > now - DEAD_AFTER))
        .scalar()
    )
    had_time = since is None or _instant(since) < now - DOCUMENT_LATE
    if oldest and had_time and _instant(oldest) < now - DOCUMENT_LATE:
        words = f"Dokumen yang dipesan {_moment(oldest)} belum dibuat."
        return _in_trouble(known, words, "Periksa pekerja latar dan lognya.")
    return _well(known, "Tidak ada dokumen yang tertahan.")


# -- what an administrator wants to know besides ---------------------------------------------------


def web_checks(now: datetime) -> list[Check]:
    """Hosts whose web processes ended without saying so."""
    beats = list(Heartbeat.select().where(Heartbeat.name.startswith(f"{WEB}:")))
    found = []
    for beat in beats:
        known = Check(beat.name, f"Server web {_host(beat)}")
        if beat.seen_at > now - DEAD_AFTER:
            found.append(_well(known, f"Terlihat {moment_short(beat.seen_at)}."))
        elif beat.seen_at > now - FORGOTTEN_AFTER:
            words = f"Server web di {_host(beat)} berhenti sejak {moment_short(beat.seen_at)}."
            advice = "Jalankan `run.py serve` (atau unit layanannya) kembali, lalu baca lognya."
            found.append(_in_trouble(known, words, advice))
    return found


def channel_checks(settings: Settings) -> list[Check]:
    states = {state.name: state for state in ChannelState.select()}
    found = []
    for name in settings.delivery.ladder:
        known, state = Check(f"channel:{name}", f"Saluran {CHANNELS[name]}"), states.get(name)
        if state and state.opened_at:
            why = state.reason.partition(" (")[0].rstrip(".")
            words = f"{CHANNELS[name]} terganggu sejak {moment_short(state.opened_at)}: {why}."
            advice = "Periksa setelan salurannya; pesan menunggu, lalu memakai saluran lain."
            found.append(_in_trouble(known, words, advice))
        else:
            found.append(_well(known, "Tidak ada gangguan yang diketahui."))
    return found


def lock_check() -> Check:
    """Postgres tells who waits for a lock; of SQLite only slow pages tell."""
    known = Check("locks", "Kunci basis data")
    if is_sqlite():
        return _well(known, "")
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock' AND state = 'active' "
        f"AND query_start < now() - interval '{LOCK_SECONDS} seconds'"
    )
    [count] = database.execute_sql(waiting).fetchone()
    if count:
        words = f"{count} pertanyaan ke basis data menunggu kunci lebih dari {LOCK_SECONDS} detik."
        advice = "Cari pemegang kuncinya dengan pg_blocking_pids, lalu hentikan bila perlu."
        return _in_trouble(known, words, advice)
    return _well(known, "Tidak ada yang menunggu.")


def exports_check(now: datetime) -> Check:
    known = Check("exports", "Berkas Rekap")
    stuck = stuck_exports(now)
    count = stuck.count()
    if count:
        words = f"{count} berkas Rekap tertahan lebih dari tiga puluh menit."
        return _in_trouble(known, words, "Periksa pekerja latar, lalu tekan “Coba lagi”.")
    return _well(known, "Tidak ada yang tertahan.")


def stuck_exports(now: datetime) -> ModelSelect:
    waits = (ExportJob.state == "queued") & (ExportJob.created_at < now - EXPORT_LATE)
    dead = (ExportJob.state == "running") & (ExportJob.lease_until < now - EXPORT_LATE)
    return ExportJob.select().where(waits | dead)


def backup_check(settings: Settings, now: datetime) -> Check:
    known = Check("backup", "Cadangan")
    last = Backup.last_whole()
    fact = f"Terakhir {moment_short(last.finished_at)}, {file_size(last.size)}." if last else ""
    hours = settings.backup_hours
    if settings.is_demo or not hours:
        return _well(known, fact or "Belum pernah dibuat.")
    advice = "Jalankan `run.py backup`, lalu periksa jadwal dan lognya."
    if last is None:
        return _in_trouble(known, "Belum pernah ada cadangan yang utuh.", advice)
    if last.finished_at < now - timedelta(hours=hours):
        words = f"Cadangan utuh yang terakhir dari {moment_short(last.finished_at)}."
        return _in_trouble(known, words, advice)
    return _well(known, fact)


def sweep_check(now: datetime) -> Check:
    known = Check("sweep", "Pembersihan berkas")
    if next(_of_files(SWEEP_REFUSED, now - timedelta(hours=26)), None):
        return _in_trouble(
            known,
            "Pembersihan malam menolak menghapus: terlalu banyak berkas tanpa pemilik.",
            "Periksa dahulu apakah basis datanya benar; baru kemudian `run.py store sweep`.",
        )
    return _well(known, "Berjalan seperti biasa.")


def damage_check(storage: Store, now: datetime) -> Check:
    """Files that somebody asked for in the last month and didn't get, if they are still broken."""
    known = Check(f"damage:{HOST}", "Keutuhan berkas")
    asked = {}
    for event in _of_files(FILE_DAMAGED, now - timedelta(days=30)):
        asked.setdefault(event.data["sha256"], event)
    count = 0
    for sha256 in list(asked)[:DAMAGED_LOOKED_AT]:
        try:
            storage.whole(sha256)
        except Damaged:
            count += is_wanted(sha256)
    if count:
        words = f"{count} berkas hilang atau berubah di penyimpanan."
        advice = "Jalankan `run.py verify files`, lalu pulihkan berkasnya dari cadangan."
        return _in_trouble(known, words, advice)
    return _well(known, "Tidak ada kerusakan yang diketahui.")


def _of_files(kind: str, since: datetime) -> Iterator[Event]:
    found = Event.select().where((Event.stream == STREAM) & (Event.kind == kind))
    return iter(found.where(Event.at > since).order_by(Event.id.desc()).limit(200))


def holidays_check(now: datetime) -> Check:
    known = Check("holidays", "Hari libur")
    if doubts := year_doubts(now):
        years = ", ".join(str(doubt.year) for doubt in doubts)
        words = f"Hari libur tahun {years} belum lengkap: batas waktu dapat bergeser."
        return _in_trouble(known, words, "Lengkapi pada Kelola › Hari Libur.")
    return _well(known, "Lengkap.")


# -- small things ----------------------------------------------------------------------------------


def _in_trouble(known: Check, words: str, advice: str) -> Check:
    return Check(known.code, known.title, words[:300], advice, is_vital=known.is_vital)


def _well(known: Check, fact: str) -> Check:
    return Check(known.code, known.title, fact=fact, is_vital=known.is_vital)


def _host(beat: Heartbeat) -> str:
    return beat.name.partition(":")[2]


def _instant(value: datetime | str) -> datetime:
    """An aggregate of instants comes as the engine stores it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _moment(value: datetime | str) -> str:
    return moment_short(_instant(value))
