"""A service is a file: its stages, posts, inputs and promises, parsed into frozen definitions.

Code asks for a stage's kind, never for its name.
"""

import hashlib
import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from rules.roles import PELANGGAN

SUBMIT, OFFICE, CUSTOMER, SURVEY, HANDOVER = "submit", "office", "customer", "survey", "handover"
KINDS = (SUBMIT, OFFICE, CUSTOMER, SURVEY, HANDOVER)
INPUT_TYPES = ("text", "longtext", "choice", "checklist", "person", "file")
EFFECTS = ("issue_number", "stop_clock", "ask_survey", "release_report", "make_document")
SIDE_MOVES = ("reject",)
STANDARD_COMPONENTS = {
    "persyaratan": "Persyaratan",
    "prosedur": "Sistem, mekanisme, dan prosedur",
    "jangka_waktu": "Jangka waktu penyelesaian",
    "biaya": "Biaya/tarif",
    "produk": "Produk pelayanan",
    "pengaduan": "Penanganan pengaduan, saran, dan masukan",
    "dasar_hukum": "Dasar hukum",
    "sarana": "Sarana, prasarana, dan/atau fasilitas",
    "kompetensi": "Kompetensi pelaksana",
    "pengawasan": "Pengawasan internal",
    "jumlah_pelaksana": "Jumlah pelaksana",
    "jaminan_pelayanan": "Jaminan pelayanan",
    "jaminan_keamanan": "Jaminan keamanan dan keselamatan pelayanan",
    "evaluasi": "Evaluasi kinerja pelaksana",
}


class BadFlow(ValueError):
    """A definition that can't be used; `problems` are sentences for whoever edits it."""

    def __init__(self, source: str, problems: list[str]):
        super().__init__(f"{source}: " + "; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Input:
    """One thing the holder of a stage must or may give."""

    name: str
    type: str
    label: str
    required: bool = False
    hint: str = ""
    max_length: int = 2000
    min_length: int = 0
    options: tuple[str, ...] = ()
    role: str = ""
    assigns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One step of a service. `days` are cumulative working days from submission."""

    code: str
    title: str
    short: str
    role: str
    kind: str
    days: Decimal
    action: str = ""
    waiting: str = ""
    done: str = ""
    automatic: bool = False
    inputs: tuple[Input, ...] = ()
    allows: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()

    def has_effect(self, name: str) -> bool:
        return any(effect.split(":")[0] == name for effect in self.effects)

    @property
    def documents(self) -> tuple[str, ...]:
        """Kinds of the documents made when this stage is completed."""
        return tuple(e.split(":", 1)[1] for e in self.effects if e.startswith("make_document:"))


@dataclass(frozen=True)
class Subclass:
    """A sub-classification with its own promise and requirements."""

    code: str
    title: str
    classification: str
    working_days: int
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """A service as defined at one moment."""

    code: str
    title: str
    tile: str
    classification: str
    summary: str
    number_code: str
    working_days: int
    cost: str
    attachment: str
    standard: Mapping[str, str]
    subclasses: tuple[Subclass, ...]
    stages: tuple[Stage, ...]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {stage.code: index for index, stage in enumerate(self.stages)}

    def position(self, stage_code: str) -> int:
        return self._positions[stage_code]

    def stage(self, stage_code: str) -> Stage:
        return self.stages[self._positions[stage_code]]

    def after(self, stage: Stage) -> Stage | None:
        """The stage that follows; None after the last one."""
        index = self.position(stage.code) + 1
        return self.stages[index] if index < len(self.stages) else None

    def subclass(self, code: str) -> Subclass | None:
        return next((subclass for subclass in self.subclasses if subclass.code == code), None)

    def promised_days(self, subclass_code: str = "") -> int:
        subclass = self.subclass(subclass_code)
        return subclass.working_days if subclass else self.working_days

    def stage_days(self, stage: Stage, subclass_code: str = "") -> Decimal:
        """Cumulative working days for `stage`, stretched to the promise of the subclass."""
        return stage.days * self.promised_days(subclass_code) / self.working_days

    def title_of(self, subclass_code: str) -> str:
        subclass = self.subclass(subclass_code)
        return f"{self.title} – {subclass.title}" if subclass else self.title


def parse_flow(raw: Mapping, source: str = "flow") -> Flow:
    """Build a Flow from parsed TOML (or the JSON it was stored as). Raises BadFlow."""
    try:
        return Flow(
            **{name: raw[name] for name in ("code", "title", "summary", "number_code", "cost")},
            tile=raw.get("tile", raw["title"]),
            classification=raw["classification"],
            working_days=int(raw["working_days"]),
            attachment=raw["attachment"],
            standard=dict(raw["standard"]),
            subclasses=tuple(
                Subclass(**{**entry, "requirements": tuple(entry.get("requirements", ()))})
                for entry in raw.get("subclass", ())
            ),
            stages=tuple(_parse_stage(entry) for entry in raw["stage"]),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadFlow(source, [f"{type(error).__name__}: {error}"]) from error


def _parse_stage(raw: Mapping) -> Stage:
    plain = {key: value for key, value in raw.items() if key not in ("input", "days")}
    return Stage(
        **{key: _frozen(value) for key, value in plain.items()},
        days=Decimal(str(raw["days"])),
        inputs=tuple(
            Input(**{key: _frozen(value) for key, value in entry.items()})
            for entry in raw.get("input", ())
        ),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def check_flow(flow: Flow, posts: Collection[str]) -> list[str]:
    """Say what is wrong with a definition, a sentence each; empty when it can run."""
    stages, problems = flow.stages, []
    if [stage.kind for stage in stages].count(SUBMIT) != 1 or stages[0].kind != SUBMIT:
        problems.append("a flow begins with its only submit stage")
    if [stage.kind for stage in stages].count(HANDOVER) != 1 or stages[-1].kind != HANDOVER:
        problems.append("a flow ends with its only handover stage")
    if len({stage.code for stage in stages}) != len(stages):
        problems.append("two stages have the same code")
    for name in STANDARD_COMPONENTS.keys() - flow.standard.keys():
        problems.append(f"component {name} of the service standard is missing")
    for effect in ("issue_number", "stop_clock", "release_report"):
        if sum(stage.has_effect(effect) for stage in stages) != 1:
            problems.append(f"exactly one stage has the effect {effect}")
    if [stage.days for stage in stages] != sorted(stage.days for stage in stages):
        problems.append("days are cumulative and can't go down")
    if stages[-1].days > flow.working_days:
        problems.append("the stages take longer than the service promises")
    for stage in stages:
        problems += [f"{stage.code}: {problem}" for problem in _check_stage(flow, stage, posts)]
    return problems


def _check_stage(flow: Flow, stage: Stage, posts: Collection[str]) -> list[str]:
    problems = []
    if stage.kind not in KINDS:
        problems.append(f"unknown kind {stage.kind}")
    if stage.role not in posts:
        problems.append(f"unknown post {stage.role}")
    if (stage.kind in (SUBMIT, CUSTOMER, SURVEY)) != (stage.role == PELANGGAN):
        problems.append("the customer holds the submit, customer and survey stages, and no other")
    if stage.automatic and (stage.kind != HANDOVER or any(i.required for i in stage.inputs)):
        problems.append("only a handover without required inputs can be automatic")
    if stage.kind != SUBMIT and not (stage.action and stage.waiting):
        problems.append("needs an action and a waiting sentence")
    problems += [f"unknown side move {move}" for move in stage.allows if move not in SIDE_MOVES]
    problems += [f"unknown effect {e}" for e in stage.effects if e.split(":")[0] not in EFFECTS]
    if len({entry.name for entry in stage.inputs}) != len(stage.inputs):
        problems.append("two inputs have the same name")
    for entry in stage.inputs:
        problems += [f"{entry.name}: {p}" for p in _check_input(flow, stage, entry, posts)]
    return problems


def _check_input(flow: Flow, stage: Stage, entry: Input, posts: Collection[str]) -> list[str]:
    problems = []
    if entry.type not in INPUT_TYPES:
        problems.append(f"no form field for type {entry.type}")
    if entry.type in ("choice", "checklist") and not entry.options:
        problems.append("needs options")
    if entry.type == "person":
        if entry.role not in posts:
            problems.append(f"unknown post {entry.role}")
        later = {after.code: after for after in flow.stages[flow.position(stage.code) + 1 :]}
        for code in entry.assigns:
            if code not in later or later[code].role != entry.role:
                problems.append(f"can't assign {code}: not a later stage of {entry.role}")
    return problems


def digest_of(raw: Mapping) -> tuple[str, str]:
    """Canonical JSON of a definition and its SHA-256."""
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, hashlib.sha256(text.encode()).hexdigest()


def read_flow_files(folder: Path, posts: Collection[str]) -> dict[str, tuple[Flow, str, str]]:
    """Read every *.toml of `folder`: code -> (flow, canonical JSON, digest). Raises BadFlow."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as error:
            raise BadFlow(path.name, [str(error)]) from error
        flow = parse_flow(raw, path.name)
        if problems := check_flow(flow, posts):
            raise BadFlow(path.name, problems)
        if flow.code in found:
            raise BadFlow(path.name, [f"another file already defines {flow.code}"])
        found[flow.code] = (flow, *digest_of(raw))
    if not found:
        raise BadFlow(str(folder), ["there is no service"])
    return found
