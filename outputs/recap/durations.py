"""How long each stage takes, over many requests: office time, and the customer's apart."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models import Event, Pause
from rules import events
from rules.calendar import OfficeClock, WorkCalendar
from rules.services import CUSTOMER, SURVEY, Flow, Stage
from rules.timeline import stage_spans
from storage.database import database
from storage.fast import epoch

# Durations are kept as counts per hundredth of a working day: bounded, however many there are.
PER_DAY = 100
CUSTOMER_KINDS = (CUSTOMER, SURVEY)
# From and until, in office seconds.
Stretch = tuple[int, int]


@dataclass(frozen=True)
class StageTimes:
    """Working days that a stage took; None where nobody passed it so.

    `ours` and the following are the office's own time. `theirs` is the median of the customer's
    turn, or at a desk of the office of the time in which the clock stood, where it stood.
    """

    service: str
    number: int
    stage: Stage
    count: int
    ours: float | None
    ours_p90: float | None
    ours_mean: float | None
    ours_longest: float | None
    theirs: float | None


class Stopwatch:
    """Adds up the stages of requests, chunk by chunk."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date):
        self._clock = OfficeClock(calendar, first, last)
        self._taken: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        self._stood: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)

    def watch(self, services: Mapping[int, str], flows: Mapping[int, Flow]) -> None:
        """Take in the completed stages of some requests: id -> service code and id -> flow.

        What was given back and done again counts as it was done last. Two queries, and one more
        for each request with such a return.
        """
        pauses = self._pauses(list(services))
        taken: dict[str, dict[str, list[int]]] = {}
        at = self._clock.at
        for request_id, steps in self._histories(list(services)):
            service = services[request_id]
            stages = taken.setdefault(service, defaultdict(list))
            if steps is None:
                walked = self._walked_again(request_id, flows[request_id])
            elif request_id in pauses:
                ends = [(code, at(second)) for code, second in steps]
                walked = [
                    (code, begin, end)
                    for (_, begin), (code, end) in zip(ends, ends[1:], strict=False)
                ]
            else:
                # The way of nearly all of them, hence without a detour.
                entered = at(steps[0][1]) if steps else 0
                for code, second in steps[1:]:
                    done = at(second)
                    stages[code].append(done - entered)
                    entered = done
                continue
            self._take(service, flows[request_id], walked, pauses.get(request_id, ()), stages)
        for service, stages in taken.items():
            for code, durations in stages.items():
                self._taken[service, code].update(map(self._hundredths, durations))

    def _hundredths(self, seconds: int) -> int:
        return seconds * PER_DAY // self._clock.full_day_seconds

    def _histories(self, ids: Sequence[int]) -> Iterator[tuple[int, list[tuple[str, int]] | None]]:
        """(request, its completed stages with their seconds; None when some were taken back).

        The kinds are sorted out here: asked of the database, that would lead it away from the
        index over the requests.
        """
        query = (
            Event.select(Event.request, Event.kind, Event.stage_code, epoch(Event.at))
            .where(Event.request.in_(ids))
            .order_by(Event.request, Event.seq)
        )
        current, steps, is_rewound = 0, [], False
        for request_id, kind, stage_code, second in database.execute(query):
            if request_id != current:
                if current:
                    yield current, None if is_rewound else steps
                current, steps, is_rewound = request_id, [], False
            if kind in events.COMPLETING:
                steps.append((stage_code, second))
            elif kind in events.REWINDING:
                is_rewound = True
        if current:
            yield current, None if is_rewound else steps

    def _pauses(self, ids: Sequence[int]) -> dict[int, list[Stretch]]:
        query = Pause.select(Pause.request, epoch(Pause.began_at), epoch(Pause.ended_at)).where(
            Pause.request.in_(ids) & Pause.ended_at.is_null(False)
        )
        found: dict[int, list[Stretch]] = {}
        for request_id, began, ended in database.execute(query):
            stretch = (self._clock.at(began), self._clock.at(ended))
            found.setdefault(request_id, []).append(stretch)
        return found

    def _walked_again(self, request_id: int, flow: Flow) -> list[tuple[str, int, int]]:
        history = list(Event.select().where(Event.request == request_id).order_by(Event.seq))
        at = self._clock.at
        return [
            (code, at(int(entered_at.timestamp())), at(int(done_at.timestamp())))
            for code, (entered_at, done_at) in stage_spans(flow, history).items()
            if done_at is not None and done_at != entered_at
        ]

    def _take(
        self,
        service: str,
        flow: Flow,
        walked: Sequence[tuple[str, int, int]],
        pauses: Sequence[Stretch],
        stages: Mapping[str, list[int]],
    ) -> None:
        """Add stages in whose time the clock may have stood."""
        for code, entered, done in walked:
            stood = sum(max(0, min(done, end) - max(entered, begin)) for begin, end in pauses)
            if flow.has_stage(code) and flow.stage(code).kind in CUSTOMER_KINDS:
                stood = 0
            if stood:
                self._stood[service, code][self._hundredths(stood)] += 1
            stages[code].append(done - entered - stood)

    def times(self, flows: Mapping[str, Flow]) -> list[StageTimes]:
        """What was seen, in the order of each service's stages; service code -> its flow."""
        return [
            self._times_of(service, number, stage)
            for service, flow in flows.items()
            for number, stage in enumerate(flow.stages, start=1)
            if self._taken.get((service, stage.code))
        ]

    def _times_of(self, service: str, number: int, stage: Stage) -> StageTimes:
        taken = self._taken[service, stage.code]
        stood = self._stood.get((service, stage.code))
        if stage.kind in CUSTOMER_KINDS:
            nothing = (None, None, None, None)
            return StageTimes(service, number, stage, taken.total(), *nothing, _rank(taken, 0.5))
        return StageTimes(
            service,
            number,
            stage,
            taken.total(),
            ours=_rank(taken, 0.5),
            ours_p90=_rank(taken, 0.9),
            ours_mean=_mean(taken),
            ours_longest=max(taken) / PER_DAY,
            theirs=_rank(stood, 0.5) if stood else None,
        )


def _rank(counts: Counter[int], share: float) -> float:
    """The value that this share of all doesn't exceed (nearest rank), in working days."""
    wanted, seen = share * counts.total(), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value / PER_DAY
    raise ValueError("nothing was counted")


def _mean(counts: Counter[int]) -> float:
    return sum(value * times for value, times in counts.items()) / counts.total() / PER_DAY
