"""A deadline that can explain itself: from when, which days were skipped, which pauses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from rules.calendar import WEEKEND, WorkCalendar
from rules.formats import ZONE, decimal_id, moment, moment_short, weekday_day

MOST_WEEKEND_DAYS = 4


@dataclass(frozen=True)
class Pause:
    """A stretch in which the clock stood; `ended_at` is None while it still stands."""

    began_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Agreement:
    """A finishing day agreed by contract, instead of the service's own promise."""

    on: date
    at: datetime


@dataclass(frozen=True)
class Shift:
    """What one pause did to a deadline."""

    pause: Pause
    whole_days: int
    seconds: float

    @property
    def words(self) -> str:
        """`2 hari kerja 1 jam 30 menit`"""
        hours, minutes = divmod(round(self.seconds / 60), 60)
        parts = [(self.whole_days, "hari kerja"), (hours, "jam"), (minutes, "menit")]
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or "tanpa jam layanan"


@dataclass(frozen=True)
class Deadline:
    """A due instant with everything it was made from."""

    started_at: datetime
    counted_from: datetime
    days: Decimal
    agreement: Agreement | None
    skipped: tuple[tuple[date, str], ...]
    shifts: tuple[Shift, ...]
    due_at: datetime
    # The pause that still lasts; it moves the deadline when it ends.
    stopped: Pause | None = None
    # What the calendar doesn't know for certain yet, a sentence each.
    doubts: tuple[str, ...] = ()
    # When the office's part was done; pauses since then are not among the shifts.
    done_at: datetime | None = None

    def explain(self) -> list[str]:
        """Sentences in the order of counting, for staff and customers alike."""
        lines = []
        if self.agreement:
            lines.append(
                f"Tanggal selesai disepakati dalam kontrak: {weekday_day(self.agreement.on)}."
            )
        elif self.counted_from != self.started_at:
            lines.append(
                f"Diajukan {moment_short(self.started_at)}, di luar jam layanan; dihitung sejak "
                f"{weekday_day(self.counted_from)} {self.counted_from.astimezone(ZONE):%H:%M} WITA."
            )
        else:
            lines.append(f"Dihitung sejak {weekday_day(self.started_at)}, saat diajukan.")
        if not self.agreement:
            lines.append(f"Janji layanan {days_words(self.days)}.")
        if self.skipped:
            lines.append(f"Tidak dihitung: {'; '.join(_summed(self.skipped))}.")
        for shift in self.shifts:
            end = moment_short(shift.pause.ended_at) if shift.pause.ended_at else "sekarang"
            lines.append(
                f"Jam berhenti {moment_short(shift.pause.began_at)} sampai {end} "
                f"({shift.pause.reason}): batas mundur {shift.words}."
            )
        if not self.done_at:
            lines.extend(self.doubts)
        if self.stopped:
            lines.append(
                f"Jam berhenti sejak {moment_short(self.stopped.began_at)} "
                f"({self.stopped.reason}); batas dihitung ulang saat jam berjalan lagi."
            )
        if self.done_at:
            lines.append(
                f"Pekerjaan kantor selesai {moment_short(self.done_at)}; sejak itu batas ini tidak "
                "bergeser lagi."
            )
        lines.append(f"Batas akhir: {weekday_day(self.due_at)} {moment(self.due_at)[-13:]}.")
        return lines


def count_deadline(
    calendar: WorkCalendar,
    started_at: datetime,
    days: Decimal | int,
    *,
    pauses: Sequence[Pause] = (),
    agreement: Agreement | None = None,
) -> Deadline:
    """Count a deadline; each finished pause moves it by the office time that it took.

    With an agreement only the pauses that began after it count: the others were known.
    """
    if agreement:
        due_at = calendar.closing_of(agreement.on)
        pauses = [pause for pause in pauses if pause.began_at >= agreement.at]
        counted_from = agreement.at
    else:
        due_at = calendar.add_working_days(started_at, days)
        counted_from = calendar.counted_from(started_at)
    shifts = []
    for pause in sorted(pauses, key=lambda one: one.began_at):
        if pause.ended_at is None:
            continue
        whole, seconds = calendar.stopped_time(pause.began_at, pause.ended_at)
        due_at = calendar.later_by(due_at, whole, seconds)
        shifts.append(Shift(pause, whole, seconds))
    first = started_at.astimezone(ZONE).date()
    last = due_at.astimezone(ZONE).date()
    return Deadline(
        started_at=started_at,
        counted_from=counted_from,
        days=Decimal(days),
        agreement=agreement,
        skipped=tuple(calendar.closed_days(first, last)) if not agreement else (),
        shifts=tuple(shifts),
        due_at=due_at,
        doubts=tuple(_doubts(calendar, first, last)) if not agreement else (),
        stopped=next((pause for pause in pauses if pause.ended_at is None), None),
    )


def _doubts(calendar: WorkCalendar, first: date, last: date) -> Iterator[str]:
    """Why a day may still move that lies in a year whose holidays aren't proclaimed."""
    for year in calendar.missing_years(first, last):
        yield (
            f"Hari libur {year} belum ditetapkan di kalender, jadi baru akhir pekan yang "
            "diperhitungkan; batas ini dapat bergeser."
        )
    for year in calendar.estimated_years(first, last):
        yield f"Sebagian hari libur {year} masih perkiraan; batas ini dapat bergeser."


def days_words(days: Decimal) -> str:
    """`3 hari kerja`, `1,5 hari kerja`"""
    return f"{decimal_id(days, 0 if days == int(days) else 1)} hari kerja"


def _summed(skipped: Sequence[tuple[date, str]]) -> Iterator[str]:
    """Each closed stretch by its dates; more than two weekends only by their number."""
    weekends = [on for on, reason in skipped if reason == WEEKEND]
    if len(weekends) <= MOST_WEEKEND_DAYS:
        yield from _grouped(skipped)
        return
    yield f"{len(weekends)} hari Sabtu dan Minggu"
    yield from _grouped([(on, reason) for on, reason in skipped if reason != WEEKEND])


def _grouped(skipped: Sequence[tuple[date, str]]) -> Iterator[str]:
    """`Sabtu, 3 Agu 2024 – Minggu, 4 Agu 2024 (akhir pekan)`: runs of the same reason in one."""
    run: list[tuple[date, str]] = []
    for on, reason in (*skipped, (date.max, "")):
        if run and (reason != run[-1][1] or on != run[-1][0] + timedelta(days=1)):
            first, last, why = run[0][0], run[-1][0], run[0][1]
            days = weekday_day(first)
            if last != first:
                days += f" – {weekday_day(last)}"
            yield f"{days} ({why})"
            run = []
        run.append((on, reason))
