"""Taking one of the workflow's choices over the web, the same in portal and backoffice.

What was typed and uploaded comes back when something is wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import abort, request

import workflow
from models import Request
from moves.catalogue import flow_of
from moves.sides import SIDES
from rules.inputs import YES, point_words
from rules.services import Input
from web.accounts.limits import is_past_limit
from web.requests.file_inputs import Kept, forget_uploads, read_files
from web.runtime import reader
from workflow import Choice, Conflict, InvalidInput, Refused

# What their forms hold is no text of the person's own.
WITHOUT_WORDS = ("file", "person", "subclass")


@dataclass(frozen=True)
class Attempt:
    """What became of a try: `moved` is the request anew, or there is a code and the reason."""

    choice: Choice | None
    moved: Request | None = None
    code: int = 200
    refusal: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Sequence[Kept]] = field(default_factory=dict)
    # What was typed, with its labels, for when the form itself is there no more.
    written: Sequence[tuple[str, str]] = ()

    @property
    def choice_code(self) -> str:
        return self.choice.code if self.choice else ""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the control, sentence) of each error, in the order of the form."""
        return [
            (f"{self.choice_code}-{entry.name}", f"{entry.label}: {self.errors[entry.name]}")
            for entry in (self.choice.inputs if self.choice else ())
            if self.errors.get(entry.name)
        ]

    def is_among(self, choices: Sequence[Choice]) -> bool:
        return any(choice.code == self.choice_code for choice in choices)


NO_ATTEMPT = Attempt(None)


def take(item: Request, choice_code: str, given: Mapping[str, object], version: str) -> Request:
    """Take a choice as whoever is logged in; `version` is what the form was made from."""
    return workflow.act(
        item,
        choice_code,
        reader=reader(),
        inputs=given,
        version=seen_version(version),
    )


def attempt(item: Request, choice_code: str) -> Attempt:
    """Carry out one choice with the form of this request; 403 for one that isn't offered."""
    offered = {choice.code: choice for choice in workflow.choices(item, reader())}
    version = request.form.get("version", "")
    if choice_code not in offered and version == str(item.version):
        abort(403)
    choice = offered.get(choice_code)
    is_seen = version == str(item.version)
    if choice and not is_seen and request.form.get("desk") != choice.stage.desk:
        # Of the same name at another desk: it asks for something else.
        choice = None
    given, errors, kept = read_inputs(choice.inputs if choice else ())
    try:
        if errors and is_seen:
            raise InvalidInput(errors)
        moved = take(item, choice_code, given, version)
    except InvalidInput as refusal:
        code = 429 if is_past_limit() else 422
        return Attempt(choice, code=code, given=given, errors=refusal.errors, kept=kept)
    except (Conflict, Refused) as refusal:
        return Attempt(
            choice,
            code=409 if isinstance(refusal, Conflict) else 403,
            refusal=str(refusal),
            given=given,
            kept=kept,
            written=_written(item, choice_code),
        )
    forget_uploads(moved, choice.inputs if choice else ())
    return Attempt(choice, moved=moved)


def _written(item: Request, choice_code: str) -> list[tuple[str, str]]:
    """Label and words of what was typed into the form of a choice that may be gone."""
    desks = [one for one in flow_of(item).desks if one.desk == request.form.get("desk")]
    side = SIDES.get(choice_code)
    inputs = side.inputs if side else desks[0].inputs if desks else ()
    typed = [(entry.label, _words_of(entry)) for entry in inputs if entry.type not in WITHOUT_WORDS]
    return [(label, words) for label, words in typed if words.strip()]


def _words_of(entry: Input) -> str:
    if entry.type == "yes_no":
        answered = {
            point: said for point, said in _read_points(entry).items() if any(said.values())
        }
        return point_words(answered)
    return "\n".join(filter(None, request.form.getlist(entry.name)))


def seen_version(text: str) -> int:
    """The version that a form was made from; 0, which no row ever has, for nonsense."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def read_inputs(wanted: tuple[Input, ...]) -> tuple[dict, dict, dict]:
    """The form as the workflow takes it: (values, errors by name, signed kept files)."""
    given: dict[str, object] = {}
    errors: dict[str, str] = {}
    kept: dict[str, list[Kept]] = {}
    for entry in wanted:
        if entry.type == "checklist":
            given[entry.name] = request.form.getlist(entry.name)
        elif entry.type == "yes_no":
            given[entry.name] = _read_points(entry)
        elif entry.type == "file":
            kept[entry.name] = read_files(entry, errors)
            given[entry.name] = [file for _, file in kept[entry.name]]
        else:
            given[entry.name] = request.form.get(entry.name, "")
    return given, errors, kept


def _read_points(entry: Input) -> dict[str, dict[str, str]]:
    """What was answered to each point; the box over them answers with yes what was left open."""
    default = YES if request.form.get(entry.name) else ""
    return {
        point: {
            "answer": request.form.get(f"{entry.name}-{place}") or default,
            "remark": request.form.get(f"{entry.name}-{place}-remark", ""),
        }
        for place, point in enumerate(entry.options)
    }


def outcome_of(moved: Request, choice: Choice) -> str:
    """What happened, for the person who did it: the words of a side path, or empty."""
    side = SIDES.get(choice.code)
    return f"{moved.number or 'Permohonan'}: {side.outcome}" if side else ""
