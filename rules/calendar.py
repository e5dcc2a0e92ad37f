"""Working days and deadlines.

A day counts from Monday to Friday unless the holiday table closes it (Perpres 21/2023 on working
days of central civil servants). A promise of n working days keeps the hour of its beginning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Makassar")
FRIDAY = 4
WEEKEND = "akhir pekan"
# Stands in the title of a day that was reckoned and not yet proclaimed.
ESTIMATE = "perkiraan"
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class OfficeHours:
    """When the office works, local time; `lunch` and `friday_lunch` are (from, until)."""

    open: time = time(8)
    close: time = time(16)
    lunch: tuple[time, time] = (time(12), time(13))
    friday_lunch: tuple[time, time] = (time(11, 30), time(13))

    def windows(self, on: date) -> list[tuple[time, time]]:
        """The stretches of office time on a working day."""
        start, end = self.friday_lunch if on.weekday() == FRIDAY else self.lunch
        return [(self.open, start), (end, self.close)]

    @property
    def full_day_seconds(self) -> int:
        """Office time of a full weekday (not a Friday), in seconds."""
        lunch = _seconds(self.lunch[1]) - _seconds(self.lunch[0])
        return _seconds(self.close) - _seconds(self.open) - lunch


def _seconds(at: time) -> int:
    return at.hour * SECONDS_PER_HOUR + at.minute * 60 + at.second


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of one office: weekends and `holidays` (date -> name) are closed."""

    holidays: Mapping[date, str]
    hours: OfficeHours = field(default_factory=OfficeHours)
    zone: ZoneInfo = OFFICE_ZONE

    def is_working_day(self, on: date) -> bool:
        return on.weekday() < 5 and on not in self.holidays

    def add_working_days(self, start_at: datetime, days: Decimal | int) -> datetime:
        """The UTC instant `days` working days after `start_at`.

        A start outside office days or after closing counts from the next opening, one before
        opening from that day's opening. Whole days keep the hour; a fraction of a day is walked
        through office time, as that fraction of a full weekday's office hours.
        Raises ValueError for less than no days.
        """
        if days < 0:
            raise ValueError("a deadline lies ahead, never behind")
        local = self._first_moment(start_at.astimezone(self.zone))
        whole = int(days)
        for _ in range(whole):
            local = self._same_time(self._next_working_day(local.date()), local)
        fraction = Decimal(days) - whole
        if fraction:
            local = self._walk(local, float(fraction * self.hours.full_day_seconds))
        return local.astimezone(UTC)

    def working_days_between(self, a_at: datetime, b_at: datetime) -> Decimal:
        """Office time from `a_at` to `b_at` in full weekdays, two decimals; negative backwards."""
        if b_at < a_at:
            return -self.working_days_between(b_at, a_at)
        start, end = a_at.astimezone(self.zone), b_at.astimezone(self.zone)
        seconds = sum(
            max(0.0, (min(close, end) - max(open_, start)).total_seconds())
            for open_, close in self._windows_from(start.date(), end.date())
        )
        days = Decimal(str(seconds)) / self.hours.full_day_seconds
        return days.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def stopped_time(self, began_at: datetime, ended_at: datetime) -> tuple[int, float]:
        """How long a clock stood: whole working days at the same hour, and office seconds beyond.

        From Friday 15.00 to Monday 09.00 it stood for no day and two hours.
        """
        local, end = self._first_moment(began_at.astimezone(self.zone)), ended_at
        end = end.astimezone(self.zone)
        whole = 0
        while (following := self._same_time(self._next_working_day(local.date()), local)) <= end:
            local, whole = following, whole + 1
        seconds = sum(
            max(0.0, (min(close, end) - max(open_, local)).total_seconds())
            for open_, close in self._windows_from(local.date(), end.date())
        )
        return whole, seconds

    def later_by(self, due_at: datetime, whole_days: int, seconds: float) -> datetime:
        """A deadline moved by the time a clock stood."""
        local = due_at.astimezone(self.zone)
        for _ in range(whole_days):
            local = self._same_time(self._next_working_day(local.date()), local)
        if seconds > 0:
            local = self._walk(local, seconds)
        return local.astimezone(UTC)

    def closing_of(self, on: date) -> datetime:
        """The UTC instant at which the office closes on a day."""
        return datetime.combine(on, self.hours.close, self.zone).astimezone(UTC)

    def counted_from(self, start_at: datetime) -> datetime:
        """The instant from which a promise given at `start_at` counts."""
        return self._first_moment(start_at.astimezone(self.zone)).astimezone(UTC)

    def closed_days(self, first: date, last: date) -> Iterator[tuple[date, str]]:
        """The days in [first, last] on which the office is closed, with the reason."""
        on = first
        while on <= last:
            if on in self.holidays:
                yield on, self.holidays[on]
            elif on.weekday() >= FRIDAY + 1:
                yield on, WEEKEND
            on += timedelta(days=1)

    def missing_years(self, first: date, last: date) -> list[int]:
        """The years between two days of which the table holds no day at all."""
        known = {on.year for on in self.holidays}
        return [year for year in range(first.year, last.year + 1) if year not in known]

    def estimated_years(self, first: date, last: date) -> list[int]:
        """The years between two days in which, since the first, a day is only reckoned."""
        found = {
            on.year for on, title in self.holidays.items() if on >= first and is_estimate(title)
        }
        return sorted(year for year in found if year <= last.year)

    def days_left(self, now: datetime, due_at: datetime) -> int:
        """Working days until the local date of `due_at`; 0 today, negative when that passed."""
        today, due = now.astimezone(self.zone).date(), due_at.astimezone(self.zone).date()
        if due >= today:
            return self._count(today, due)
        return -self._count(due, today)

    def _count(self, after: date, until: date) -> int:
        """Working days in (after, until]."""
        weeks, rest = divmod((until - after).days, 7)
        count = weeks * 5
        for offset in range(weeks * 7 + 1, weeks * 7 + rest + 1):
            count += (after + timedelta(days=offset)).weekday() < 5
        closed = sum(after < on <= until and on.weekday() < 5 for on in self.holidays)
        return count - closed

    def _next_working_day(self, on: date) -> date:
        following = on + timedelta(days=1)
        while not self.is_working_day(following):
            following += timedelta(days=1)
        return following

    def _same_time(self, on: date, moment: datetime) -> datetime:
        return datetime.combine(on, moment.time(), self.zone)

    def _first_moment(self, local: datetime) -> datetime:
        opening = datetime.combine(local.date(), self.hours.open, self.zone)
        if self.is_working_day(local.date()):
            if local < opening:
                return opening
            if local.time() < self.hours.close:
                return local
        return datetime.combine(self._next_working_day(local.date()), self.hours.open, self.zone)

    def _walk(self, local: datetime, seconds: float) -> datetime:
        on = local.date()
        while True:
            for open_, close in self._windows_of(on):
                begin = max(open_, local)
                available = (close - begin).total_seconds()
                if available <= 0:
                    continue
                if seconds <= available:
                    return begin + timedelta(seconds=seconds)
                seconds -= available
            on = self._next_working_day(on)

    def _windows_of(self, on: date) -> Iterator[tuple[datetime, datetime]]:
        for open_, close in self.hours.windows(on):
            yield (
                datetime.combine(on, open_, self.zone),
                datetime.combine(on, close, self.zone),
            )

    def _windows_from(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        on = first
        while on <= last:
            if self.is_working_day(on):
                yield from self._windows_of(on)
            on += timedelta(days=1)


def is_estimate(title: str) -> bool:
    return ESTIMATE in title.lower()


class OfficeClock:
    """Office seconds as one running count, so that a span costs two look-ups and no walk.

    `at` takes whole seconds since 1970 (UTC) within the days given, and clamps others to them.
    It agrees with `WorkCalendar.working_days_between` to the second.
    """

    def __init__(self, calendar: WorkCalendar, first: date, last: date):
        offset = datetime.combine(first, time(), calendar.zone).utcoffset()
        self._offset = int(offset.total_seconds()) if offset else 0
        self._first = first.toordinal() - date(1970, 1, 1).toordinal()
        # Per day: office seconds before it, and its windows in seconds of the day.
        self._days: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        self.full_day_seconds = calendar.hours.full_day_seconds
        passed, on = 0, first
        while on <= last + timedelta(days=1):
            windows: tuple[tuple[int, int], ...] = ()
            if calendar.is_working_day(on):
                windows = tuple((_seconds(a), _seconds(b)) for a, b in calendar.hours.windows(on))
            self._days.append((passed, windows))
            passed += sum(end - begin for begin, end in windows)
            on += timedelta(days=1)

    def at(self, epoch: int) -> int:
        """Office seconds from the first day until this instant."""
        number, second = divmod(epoch + self._offset, 86_400)
        number -= self._first
        if number < 0:
            return 0
        if number >= len(self._days):
            return self._days[-1][0]
        passed, windows = self._days[number]
        for begin, end in windows:
            if second > begin:
                passed += (second if second < end else end) - begin
        return passed
