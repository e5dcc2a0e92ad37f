"""Taking one of the workflow's choices over the web, the same in portal and backoffice.

What was typed and uploaded comes back when something is wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import abort, g, request

import workflow
from config.office import office
from models import Request
from moves.catalogue import current_stage, flow_of
from moves.sides import SIDES
from rules.inputs import YES, point_words
from rules.services import Input
from storage.database import new_public_id
from web.accounts.limits import is_past_limit
from web.requests.file_inputs import Kept, forget_uploads, look_through, read_files
from web.runtime import reader, runtime
from workflow import Choice, Conflict, Grace, InvalidInput, Refused, Unlooked

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


def take(
    item: Request, choice_code: str, given: Mapping[str, object], version: str, *, batch: str = ""
) -> Request:
    """Take a choice as whoever is logged in; `version` is what the form was made from.

    What somebody of the office does is held for a while and can be undone, with all of `batch` at
    once; what a customer decides takes effect now. Returns the request as it is, or will be.
    """
    act = {"reader": reader(), "inputs": given, "version": seen_version(version)}
    seconds = runtime().settings.undo_seconds
    if not seconds or _is_customers(item, choice_code):
        return workflow.act(item, choice_code, **act)
    grace = Grace(
        seconds, batch or new_public_id(), lambda moved: done_words(item, moved, choice_code)
    )
    moved = workflow.hold(item, choice_code, **act, grace=grace)
    # Whoever answers sees to it that it is carried out in time.
    g.held_seconds = seconds
    return moved


def _is_customers(item: Request, choice_code: str) -> bool:
    """Whether a choice is the customer's, also where the counter writes it down."""
    if not reader().is_staff:
        return True
    if not item.registered_by_id:
        return False
    offered = workflow.choices(item, reader())
    return any(choice.on_behalf for choice in offered if choice.code == choice_code)


def is_held() -> bool:
    """Whether what was just done can still be undone: then its notice tells of it."""
    return "held_seconds" in g


def done_words(item: Request, moved: Request, choice_code: str, *, number: str | None = "") -> str:
    """What was done and to whom it goes, for the person who did it; `moved` is what became of
    `item`, and `number` the one that it was given meanwhile."""
    name = number or item.number or f"“{item.subject}”"
    if side := SIDES.get(choice_code):
        return f"{name}: {side.outcome}"
    if not moved.is_open:
        return f"{name} selesai. Pelanggan dapat mengunduh dokumen hasil."
    post = office().posts[current_stage(moved).role]
    return f"{name}: “{current_stage(item).short}” selesai. Diteruskan ke {post}."


def attempt(item: Request, choice_code: str) -> Attempt:
    """Carry out one choice with the form of this request; 403 for one that isn't offered."""
    offered = {choice.code: choice for choice in workflow.choices(item, reader())}
    version = request.form.get("version", "")
    if choice_code not in offered and version == str(item.version) and not item.held_by_id:
        abort(403)
    choice = offered.get(choice_code)
    is_seen = version == str(item.version)
    if choice and not is_seen and request.form.get("desk") != choice.stage.desk:
        # Of the same name at another desk: it asks for something else.
        choice = None
    return try_choice(item, choice, choice_code, Sent(version, request.form.get("desk", "")))


@dataclass(frozen=True)
class Sent:
    """A form as it came: the version and desk it was made from, and what its names begin with.

    What several forms of one page do is undone together where they have a `batch` in common.
    """

    version: str
    desk: str
    prefix: str = ""
    batch: str = ""


def try_choice(item: Request, choice: Choice | None, choice_code: str, sent: Sent) -> Attempt:
    """Carry out a choice with what was sent; none where it is offered no more."""
    wanted = choice.inputs if choice else ()
    given, errors, kept = read_inputs(wanted, sent.prefix)
    try:
        if errors and sent.version == str(item.version):
            raise InvalidInput(errors)
        try:
            moved = take(item, choice_code, given, sent.version, batch=sent.batch)
        except Unlooked:
            # All else is right, and nothing was written.
            look_through(wanted, given, kept)
            moved = take(item, choice_code, given, sent.version, batch=sent.batch)
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
            written=_written(item, choice_code, sent),
        )
    if not is_held():
        # What is undone finds them there still.
        forget_uploads(moved, wanted)
    return Attempt(choice, moved=moved)


def _written(item: Request, choice_code: str, sent: Sent) -> list[tuple[str, str]]:
    """Label and words of what was typed into the form of a choice that may be gone."""
    desks = [one for one in flow_of(item).desks if one.desk == sent.desk]
    side = SIDES.get(choice_code)
    inputs = side.inputs if side else desks[0].inputs if desks else ()
    typed = [
        (entry.label, _words_of(_named(entry, sent.prefix)))
        for entry in inputs
        if entry.type not in WITHOUT_WORDS
    ]
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


def _named(entry: Input, prefix: str) -> Input:
    """An input as a form names it that isn't alone on its page."""
    return replace(entry, name=prefix + entry.name) if prefix else entry


def read_inputs(wanted: tuple[Input, ...], prefix: str = "") -> tuple[dict, dict, dict]:
    """The form as the workflow takes it: (values, errors by name, signed kept files)."""
    given: dict[str, object] = {}
    errors: dict[str, str] = {}
    kept: dict[str, list[Kept]] = {}
    for entry in wanted:
        named = _named(entry, prefix)
        if entry.type == "checklist":
            given[entry.name] = request.form.getlist(named.name)
        elif entry.type == "yes_no":
            given[entry.name] = _read_points(named)
        elif entry.type == "file":
            kept[entry.name] = read_files(named, errors)
            given[entry.name] = [file for _, file in kept[entry.name]]
        else:
            given[entry.name] = request.form.get(named.name, "")
    return given, {name.removeprefix(prefix): said for name, said in errors.items()}, kept


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
    if side is None:
        return ""
    return f"{moved.number}: {side.outcome}" if moved.number else side.outcome
