"""A thread of each process that says that it lives, looks whether all is well, and has it told.

Web processes and workers look alike, so that whichever is left tells of the other. A look that
doesn't come back, or finds no database, is a trouble itself: it can't be kept in a row, so a file
in DATA_DIR stands for it until it is over, and says it once for all processes of this host.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from administration.file_store import open_store
from administration.system_checks import (
    DEAD_AFTER,
    HOST,
    Check,
    further_checks,
    vital_checks,
)
from config.clock import utc_now
from config.settings import Settings
from config.sightings import BUSY, CRASHED, SLOW, SLOW_SECONDS, note, take
from config.version import version
from messages import alarms
from models import Heartbeat, Trouble
from rules.formats import moment_short
from storage.database import database
from storage.engines import TimeOuts, time_outs
from storage.outage import is_unavailable, outage

log = logging.getLogger("melasti.watcher")

LOOK_SECONDS = 20.0
# Every so many looks the rarer checks are done as well.
THOROUGH = 3
# Until which look the other parts aren't missed.
SETTLING = 3
# A look that takes longer doesn't come back: the database or the disk hangs.
LONGEST_LOOK = 30.0
# What a process that ends spends on it at most.
FAREWELL_SECONDS = 2
CLOCK_JUMP = timedelta(minutes=2)
NOT_ANSWERING = "Basis data tidak menjawab: halaman dan pesan terhenti."
START_IT = "Periksa server basis datanya; MELASTI tersambung kembali dengan sendirinya."


def steady_seconds() -> float:
    """Time that passes whatever the clock says, also while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class _Clock:
    """Notices when the machine's clock is set."""

    at: datetime | None = None
    steady: float = 0.0

    def jumped(self, now: datetime) -> timedelta:
        """By how much since the last call; nothing where that is no jump."""
        steady = steady_seconds()
        before, self.at, passed = self.at, now, steady - self.steady
        self.steady = steady
        if before is None:
            return timedelta()
        jump = now - before - timedelta(seconds=passed)
        return jump if abs(jump) > CLOCK_JUMP else timedelta()


class Watcher:
    """`parts` are what lives in this process (`web`, `worker`), each with what proves it."""

    def __init__(self, settings: Settings, parts: dict[str, Callable[[], bool]]):
        self._settings, self._parts = settings, parts
        self._storage = open_store(settings)
        self._ended = threading.Event()
        self._looks, self._clock = 0, _Clock()
        self._away_since: datetime | None = None
        self._looking: threading.Thread | None = None
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End within seconds, also where the database is locked or hangs."""
        self._ended.set()
        self._thread.join(timeout=FAREWELL_SECONDS)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._look_once()
            self._ended.wait(LOOK_SECONDS)
        self._take_leave()

    def _take_leave(self) -> None:
        """Who ends by itself isn't missed."""
        time_outs.set(TimeOuts(FAREWELL_SECONDS, FAREWELL_SECONDS))
        with suppress(Exception), database.connection_context():
            mine = [f"{part}:{HOST}" for part in self._parts]
            # Other processes of this host write theirs again within seconds.
            Heartbeat.delete().where(Heartbeat.name.in_(mine)).execute()

    def _look_once(self) -> None:
        """In a thread of its own, which may hang."""
        if self._looking is None or not self._looking.is_alive():
            self._looking = threading.Thread(target=self.look, name="look", daemon=True)
            self._looking.start()
        self._looking.join(LONGEST_LOOK)
        if self._looking.is_alive() and not self._ended.is_set():
            self._database_away(utc_now())

    def look(self) -> None:
        """Say that this process lives, look, and have told what is due. Never raises."""
        now = utc_now()
        try:
            # Whatever hangs there is a trouble, and waits for nobody.
            time_outs.set(TimeOuts(10, 10))
            with database.connection_context():
                outage.note_back()
                if self._away_since or self._mark.exists():
                    self._database_back(now)
                self.beat(now)
                alarms.note(self._checks(now), now=now)
            with database.connection_context():
                alarms.tell(self._settings, now=now)
        except Exception as error:
            log.error("the look failed", exc_info=error)
            if is_unavailable(error):
                self._database_away(now)
            else:
                note(CRASHED)

    def beat(self, now: datetime) -> None:
        for part, is_alive in self._parts.items():
            if is_alive():
                beat(f"{part}:{HOST}", now)
        if self._looks == 0:
            Heartbeat.delete().where(Heartbeat.seen_at < now - timedelta(days=1)).execute()

    def _checks(self, now: datetime) -> Collection[Check]:
        found = vital_checks(self._settings, self._storage, now=now)
        if self._looks % THOROUGH == 0:
            found += further_checks(self._settings, self._storage, now=now)
        if self._looks < SETTLING:
            # The others begin beside this process, or a little later.
            found = [check for check in found if not check.code.startswith("w")]
        self._looks += 1
        return [*found, *self._seen_here(now)]

    def _seen_here(self, now: datetime) -> list[Check]:
        seen = take()
        crash = Check("crash", "Halaman yang gagal")
        slow = Check("slow", "Halaman yang lambat")
        clock = Check(f"clock:{HOST}", "Jam server")
        if count := seen[CRASHED]:
            words = f"{count} halaman gagal dibuka karena kesalahan di dalam sistem."
            crash = replace(crash, trouble=words, advice="Cari ERROR melasti.web di lognya.")
        if count := seen[SLOW]:
            words = f"{count} halaman dijawab lebih lambat dari {SLOW_SECONDS:.0f} detik."
            advice = "Periksa beban dan kunci basis data, lalu cari “slow” di lognya."
            slow = replace(slow, trouble=words, advice=advice)
        elif count := seen[BUSY]:
            words = f"{count} halaman tidak dijawab karena basis data sibuk atau terkunci."
            advice = "Cari pemegang kunci basis datanya, lalu baca lognya."
            slow = replace(slow, trouble=words, advice=advice)
        if jump := self._clock.jumped(now):
            way = "maju" if jump > timedelta() else "mundur"
            words = f"Jam server {HOST} meloncat {way} {_length(jump)}, ke {moment_short(now)}."
            advice = "Pasang NTP, lalu periksa nomor dan tanggal yang terbit sejak itu."
            clock = replace(clock, trouble=words[:300], advice=advice)
        return [crash, slow, clock]

    # -- without a database ------------------------------------------------------------------------

    @property
    def _mark(self) -> Path:
        return self._settings.data_dir / "alarm-database"

    def _database_away(self, now: datetime) -> None:
        """At the second look in a row; whoever makes the file tells it."""
        if self._away_since is None:
            self._away_since = now
            return
        facts = {
            "judul": "Basis data",
            "uraian": NOT_ANSWERING,
            "saran": START_IT,
            "waktu": moment_short(self._away_since),
        }
        try:
            self._mark.touch(0o600, exist_ok=False)
        except OSError:
            return
        reached = alarms.send_news(alarms.BEGUN, facts, self._settings)
        log.error("the database doesn't answer; told to %d addresses", reached)
        if not reached and alarms.has_recipients(self._settings):
            # Tried again with the next look.
            self._mark.unlink(missing_ok=True)

    def _database_back(self, now: datetime) -> None:
        """Whoever takes the file away keeps it in the history, and has its end told."""
        self._away_since = None
        try:
            since = datetime.fromtimestamp(self._mark.stat().st_mtime, UTC)
            self._mark.unlink()
        except OSError:
            return
        Trouble.create(
            code=f"database:{HOST}",
            title="Basis data",
            words=NOT_ANSWERING,
            advice=START_IT,
            opened_at=since,
            seen_at=now,
            told_at=since,
            ended_at=now,
            next_try_at=now,
        )


def _length(jump: timedelta) -> str:
    minutes = round(abs(jump) / timedelta(minutes=1))
    return f"{minutes} menit" if minutes < 2880 else f"{round(minutes / 1440)} hari"


def beat(name: str, now: datetime) -> None:
    """Write that a part lives."""
    said, is_it = {"seen_at": now, "version": version()}, Heartbeat.name == name
    was_silent = Heartbeat.seen_at <= now - DEAD_AFTER
    if Heartbeat.update(began_at=now, **said).where(is_it & was_silent).execute():
        return
    if not Heartbeat.update(**said).where(is_it).execute():
        Heartbeat.insert(name=name, began_at=now, **said).on_conflict_ignore().execute()


# A look every twenty seconds, twice, and a beat that is a minute old: less than two minutes.
assert max(DEAD_AFTER.total_seconds(), SETTLING * LOOK_SECONDS) + 2 * LOOK_SECONDS < 120
