"""Accepting at the counter what is written down there: the first desk's form beside the request's.

Only where the same person may do both, and the desk asks for nothing that takes another page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from moves.officials import authority, today
from rules.input_rules import clean_values
from rules.services import OFFICE, Flow, Input, Stage
from web.requests.actions import read_inputs
from workflow import Reader

# The button that accepts, and the beginning of the names of its fields.
ACCEPT = "terima"
# What the counter's form has no place for.
ELSEWHERE = ("file", "person", "subclass")


@dataclass(frozen=True)
class Acceptance:
    """The first desk of a service as the counter's form shows it, with what was typed."""

    flow: Flow
    desk: Stage
    inputs: tuple[Input, ...]
    given: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return f"{ACCEPT}-{self.flow.code}-"

    def read(self, now: datetime) -> "Acceptance":
        """The same with what the posted form says, and what of it the desk will surely refuse."""
        given, _, _ = read_inputs(self.inputs)
        _, errors = clean_values(self.inputs, given, today=today(now))
        return replace(self, given=given, errors=errors)

    def refused(self, errors: Mapping[str, str]) -> "Acceptance":
        """The same with the sentences of a refusal, which names inputs as the service does."""
        return replace(self, errors={self.prefix + name: words for name, words in errors.items()})

    @property
    def answers(self) -> dict[str, object]:
        """What was typed, by the names of the service."""
        return {name.removeprefix(self.prefix): value for name, value in self.given.items()}

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the control, sentence) of each error."""
        return [
            (entry.name, f"{entry.label}: {self.errors[entry.name]}")
            for entry in self.inputs
            if entry.name in self.errors
        ]


def acceptances(flows: Iterable[Flow], reader: Reader) -> dict[str, Acceptance]:
    """Code of a service -> its acceptance, of those that this person may accept at once."""
    found = {}
    for flow in flows:
        desk = flow.stages[1].desks[0]
        is_elsewhere = any(e.type in ELSEWHERE and e.required for e in desk.inputs)
        if desk.kind != OFFICE or not desk.has_effect("issue_number") or is_elsewhere:
            continue
        if authority(reader, desk.role, service_code=flow.code) is None:
            continue
        prefix = Acceptance(flow, desk, ()).prefix
        inputs = tuple(
            replace(entry, name=prefix + entry.name)
            for entry in desk.inputs
            if entry.type not in ELSEWHERE
        )
        found[flow.code] = Acceptance(flow, desk, inputs)
    return found
