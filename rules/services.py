"""A service is a file: its stages, posts, inputs and promises, parsed into frozen definitions.

Code asks for a stage's kind, never for its name. A stage has one desk or several: a desk is one
turn of one post (`PEMBAYARAN/2` is the second turn of the stage PEMBAYARAN).
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

SUBMIT, OFFICE, CUSTOMER, SURVEY, HANDOVER = "submit", "office", "customer", "survey", "handover"
KINDS = (SUBMIT, OFFICE, CUSTOMER, SURVEY, HANDOVER)
LONGEST_LINE = 200
INPUT_TYPES = (
    "text",
    "longtext",
    "choice",
    "checklist",
    "yes_no",
    "person",
    "file",
    "date",
    "number",
    "money",
    "coordinates",
    "subclass",
)
# What a file may be (`storage.file_policy` tells them apart), and how large at most.
FILE_KINDS = ("pdf", "xlsx", "csv", "zip", "image", "any")
MOST_MB = 200
# In the portal's form, which is sent as a whole.
MOST_MB_IN_FORM = 10
EFFECTS = (
    "issue_number",
    "stop_clock",
    "ask_survey",
    "release_report",
    "make_document",
    "agree_deadline",
    "record_billing",
    "record_payment",
)
SIDE_MOVES = (
    "ask_completion",
    "reject",
    "return",
    "suspend",
    "amend",
    "negotiate",
    "cancel",
    "cancel_with_consent",
    "reissue_billing",
)
# Those that a post of the office begins.
OFFICE_PATHS = ("ask_completion", "reject", "return", "suspend", "amend", "reissue_billing")
Desks = tuple[tuple[str, int], ...]
# What a desk may order: kind -> (title, whether it stays inside the office).
MADE_DOCUMENTS = {
    "tanda_terima": ("Tanda Terima Permohonan", False),
    "lembar_disposisi": ("Lembar Disposisi", True),
    "surat_penolakan": ("Surat Penolakan", False),
    "berita_acara": ("Berita Acara Serah Terima", False),
    "penawaran": ("Lembar Konfirmasi Layanan", False),
}
# In place of another date: the day on which the desk is completed.
TODAY = "today"
# How far a value is unique: among the requests of the service, or of all services.
UNIQUE_SCOPES = ("service", "office")
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
    """One thing the holder of a stage, or the customer in the form, must or may give."""

    name: str
    type: str
    label: str
    required: bool = False
    hint: str = ""
    max_length: int = 2000
    min_length: int = 0
    options: tuple[str, ...] = ()
    # A regular expression that the whole text matches, and the sentence for one that doesn't.
    pattern: str = ""
    pattern_hint: str = ""
    # Written by the office, and readable for the customer at once.
    is_shown: bool = False
    role: str = ""
    assigns: tuple[str, ...] = ()
    # Only for these sub-classifications; for all of them when empty.
    subclasses: tuple[str, ...] = ()
    # The points of a `yes_no` that must be answered with yes before the desk can be completed.
    required_yes: tuple[str, ...] = ()
    # What the value has to fit, see `rules.input_rules`: `unique` is service or office, the dates
    # name another input or today, `required_if` the input and, behind it, the values that ask.
    unique: str = ""
    min: int | None = None
    max: int | None = None
    required_if: tuple[str, ...] = ()
    required_unless: str = ""
    not_before: str = ""
    not_after: str = ""
    equals: str = ""

    # Of a file: its kinds (one or a list), how large it may be, and whether there may be several.
    accept: str | tuple[str, ...] = "pdf"
    max_mb: int = 2
    many: bool = False

    @property
    def is_line(self) -> bool:
        """Whether it is a text of one line: a code, a method, a place."""
        return self.type == "text" and self.max_length <= LONGEST_LINE

    @property
    def most_typed(self) -> int:
        """How many letters its control takes: a code may come with what parts its groups."""
        return 2 * self.max_length if self.pattern else self.max_length

    @property
    def others(self) -> tuple[str, ...]:
        """The inputs that its rules name."""
        named = (*self.required_if[:1], self.required_unless, self.not_before, self.not_after)
        return tuple(name for name in (*named, self.equals) if name and name != TODAY)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What a file may be."""
        return (self.accept,) if isinstance(self.accept, str) else self.accept

    @property
    def is_plain_letter(self) -> bool:
        """A small PDF, as every file was before inputs could ask for others."""
        return self.kinds == ("pdf",) and self.max_mb <= 2 and not self.many

    def is_for(self, subclass_code: str) -> bool:
        return not self.subclasses or subclass_code in self.subclasses


@dataclass(frozen=True)
class Stage:
    """One step of a service. `days` are cumulative working days from submission.

    Where a stage has several desks, `role`, `kind`, `action` and so on are those of the desk
    one holds in the hand; `steps` are all of them.
    """

    code: str
    title: str
    short: str
    role: str
    kind: str
    days: Decimal
    action: str = ""
    waiting: str = ""
    done: str = ""
    # The clause of ISO/IEC 17025:2017 that the stage fulfils, for staff.
    clause: str = ""
    automatic: bool = False
    # Left out when the customer doesn't pay (the ministry's own offices).
    paid_only: bool = False
    # Desks whose holder in this request may not hold this one (separation of duties).
    not_by: tuple[str, ...] = ()
    # The message to the customer when this desk is done, instead of the usual one.
    message: str = ""
    inputs: tuple[Input, ...] = ()
    allows: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    step: int = 0
    turns: int = 1
    steps: tuple["Stage", ...] = ()

    @property
    def desk(self) -> str:
        """The name of this turn: the stage's code, with its number from the second on."""
        return f"{self.code}/{self.step + 1}" if self.step else self.code

    @property
    def desks(self) -> tuple["Stage", ...]:
        return self.steps or (self,)

    @property
    def is_last_desk(self) -> bool:
        return self.step == self.turns - 1

    def has_effect(self, name: str) -> bool:
        return any(effect.split(":")[0] == name for effect in self.effects)

    def effect_argument(self, name: str) -> str:
        """What stands behind the colon of an effect; empty when the desk doesn't have it."""
        found = [e.partition(":")[2] for e in self.effects if e.split(":")[0] == name]
        return found[0] if found else ""

    @property
    def documents(self) -> tuple[str, ...]:
        """Kinds of the documents made when this desk is completed."""
        return tuple(e.split(":", 1)[1] for e in self.effects if e.startswith("make_document:"))

    def who_may(self, side_move: str) -> tuple[str, ...]:
        """The posts that may make a side move here; empty when nobody may.

        `suspend:manajer_teknis` names a post, `suspend` alone means whoever holds the desk.
        """
        named = (entry.partition(":") for entry in self.allows)
        return tuple(role or self.role for name, _, role in named if name == side_move)


@dataclass(frozen=True)
class Subclass:
    """A sub-classification or variant with its own promise, requirements and way."""

    code: str
    title: str
    classification: str
    working_days: int
    requirements: tuple[str, ...] = ()
    # Stages that requests of this kind don't pass.
    skips: tuple[str, ...] = ()
    # Only the office gives this one, by an input of type `subclass`.
    office_only: bool = False
    is_urgent: bool = False
    # Stage code -> words that differ (title, short, action, waiting, done).
    stage: Mapping[str, Mapping[str, str]] | None = None


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
    # What the portal's form asks beside the common fields; attachments are of type `file`.
    fields: tuple[Input, ...] = ()
    attachments: tuple[Input, ...] = ()
    # Who consents to a cancellation that isn't the customer's alone any more.
    consent_role: str = ""
    # Where a revision of a finished report begins anew, who decides on it, and for how long
    # the customer may ask for one (working days).
    revision_stage: str = ""
    revision_role: str = ""
    revision_days: int = 14
    objection_days: int = 10

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {stage.code: index for index, stage in enumerate(self.stages)}

    @cached_property
    def desks(self) -> tuple[Stage, ...]:
        return tuple(desk for stage in self.stages for desk in stage.desks)

    def has_stage(self, stage_code: str) -> bool:
        return stage_code in self._positions

    def position(self, stage_code: str) -> int:
        return self._positions[stage_code]

    def stage(self, stage_code: str) -> Stage:
        """The first desk of a stage, which carries its title, days and steps."""
        return self.stages[self._positions[stage_code]]

    def desk(self, stage_code: str, step: int = 0) -> Stage:
        return self.stage(stage_code).desks[step]

    def desk_named(self, name: str) -> Stage:
        """A desk by its name (`PEMBAYARAN/2`). Raises KeyError."""
        code, _, number = name.partition("/")
        return self.desk(code, int(number or 1) - 1)

    def after(self, desk: Stage) -> Stage | None:
        """The desk that follows; None after the last one."""
        if not desk.is_last_desk:
            return self.desk(desk.code, desk.step + 1)
        index = self.position(desk.code) + 1
        return self.stages[index].desks[0] if index < len(self.stages) else None

    def before(self, desk: Stage) -> Iterator[Stage]:
        """The desks before this one, the nearest first."""
        names = [one.desk for one in self.desks]
        yield from reversed(self.desks[: names.index(desk.desk)])

    @cached_property
    def namings(self) -> Mapping[str, tuple[Desks, Desks]]:
        """Post -> (desks of others from which a side path is its, own desks with a side path that
        its holders may end while somebody else has the turn)."""
        found: dict[str, tuple[list, list]] = {}
        for desk in self.desks:
            place = (desk.code, desk.step)
            named = {post for code in OFFICE_PATHS for post in desk.who_may(code)}
            if desk.who_may("cancel_with_consent"):
                named.add(self.consent_role)
            for post in named:
                found.setdefault(post, ([], []))[post == desk.role].append(place)
        return {post: (tuple(some), tuple(own)) for post, (some, own) in found.items()}

    def subclass(self, code: str) -> Subclass | None:
        return next((subclass for subclass in self.subclasses if subclass.code == code), None)

    @property
    def promise_words(self) -> str:
        """`3–10 hari kerja`: the shortest and the longest promise of the kinds on offer."""
        days = {s.working_days for s in self.subclasses if not s.office_only} or {self.working_days}
        few, many = min(days), max(days)
        return f"{few} hari kerja" if few == many else f"{few}–{many} hari kerja"

    def promised_days(self, subclass_code: str = "") -> int:
        subclass = self.subclass(subclass_code)
        return subclass.working_days if subclass else self.working_days

    def stage_days(self, stage: Stage, subclass_code: str = "") -> Decimal:
        """Cumulative working days for `stage`, stretched to the promise of the subclass."""
        return stage.days * self.promised_days(subclass_code) / self.working_days

    def title_of(self, subclass_code: str) -> str:
        subclass = self.subclass(subclass_code)
        return f"{self.title} – {subclass.title}" if subclass else self.title

    def fields_for(self, subclass_code: str) -> list[Input]:
        return [entry for entry in self.fields if entry.is_for(subclass_code)]

    def attachments_for(self, subclass_code: str) -> list[Input]:
        return [entry for entry in self.attachments if entry.is_for(subclass_code)]

    def as_walked(self, subclass_code: str, *, is_free: bool) -> "Flow":
        """The way of one request: without the stages its kind skips, in its own words."""
        subclass = self.subclass(subclass_code)
        skips = subclass.skips if subclass else ()
        words = (subclass.stage or {}) if subclass else {}
        kept = [
            _reworded(stage, words.get(stage.code, {}))
            for stage in self.stages
            if stage.code not in skips and not (is_free and stage.paid_only)
        ]
        return replace(self, stages=tuple(kept))


def _reworded(stage: Stage, words: Mapping[str, Any]) -> Stage:
    if not words:
        return stage
    desks = tuple(replace(desk, **words) for desk in stage.steps)
    return replace(stage, **words, steps=desks)


# -- parsing -------------------------------------------------------------------------------------


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
                Subclass(**{key: _frozen(value) for key, value in entry.items()})
                for entry in raw.get("subclass", ())
            ),
            stages=tuple(_parse_stage(entry) for entry in raw["stage"]),
            fields=_parse_inputs(raw.get("field", ())),
            attachments=tuple(
                replace(entry, type="file")
                for entry in _parse_inputs(
                    {"type": "file", **found} for found in raw.get("attach", ())
                )
            ),
            **{
                name: raw[name]
                for name in (
                    "consent_role",
                    "revision_stage",
                    "revision_role",
                    "revision_days",
                    "objection_days",
                )
                if name in raw
            },
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadFlow(source, [f"{type(error).__name__}: {error}"]) from error


def _parse_inputs(raw: Any) -> tuple[Input, ...]:
    return tuple(Input(**{key: _frozen(value) for key, value in entry.items()}) for entry in raw)


def _parse_stage(raw: Mapping) -> Stage:
    """A stage; with `[[stage.step]]` tables it has a desk for each of them."""
    common = {key: value for key, value in raw.items() if key != "step"}
    turns = [{**common, **step} for step in raw.get("step", ())] or [common]
    desks = tuple(
        Stage(
            **{key: _frozen(value) for key, value in turn.items() if key not in ("input", "days")},
            days=Decimal(str(turn["days"])),
            inputs=_parse_inputs(turn.get("input", ())),
            step=number,
            turns=len(turns),
        )
        for number, turn in enumerate(turns)
    )
    if len(desks) == 1:
        return desks[0]
    return replace(desks[0], steps=desks)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def digest_of(raw: Mapping) -> tuple[str, str]:
    """Canonical JSON of a definition and its SHA-256."""
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, hashlib.sha256(text.encode()).hexdigest()


def read_raw_flows(folder: Path) -> dict[str, Mapping]:
    """Every *.toml of `folder` as parsed: file name -> definition. Raises BadFlow."""
    found: dict[str, Mapping] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.name] = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as error:
            raise BadFlow(path.name, [str(error)]) from error
    if not found:
        raise BadFlow(str(folder), ["tidak ada satu pun layanan"])
    return found
