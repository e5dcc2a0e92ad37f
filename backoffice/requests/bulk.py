"""One action for several requests: through `workflow.act` one by one, with an outcome for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

import workflow
from backoffice.base import StaffView
from backoffice.requests.presence import leave
from config.office import office
from models import Request, User
from moves.catalogue import current_stage
from moves.officials import today
from moves.sides import SIDES
from rules.input_rules import broken_rules
from rules.inputs import BadInput, clean_value
from rules.services import SURVEY, Input
from web.requests.actions import seen_version, take
from web.runtime import me, now, reader
from workflow import Choice, Conflict, InvalidInput, Refused

MOST_AT_ONCE = 40
NOTE_TYPES = ("text", "longtext")
# Why a request is opened by itself; the first that fits.
NEEDS = {
    "checklist": "Perlu daftar periksa",
    "yes_no": "Perlu daftar periksa",
    "file": "Perlu berkas",
    "person": "Perlu memilih petugas",
}
DECISION = "Perlu diputuskan sendiri"
NOT_OFFERED = "Tindakan ini tidak tersedia pada tahapnya sekarang."
NOTHING_TO_DO = "Tidak ada tindakan bagi Anda sekarang"


@dataclass(frozen=True)
class Shared:
    """One choice that several of the picked requests offer, with the note and ticks it may take."""

    key: str
    title: str
    note: Input | None
    ticks: Input | None
    items: Sequence[Request]

    @property
    def inputs(self) -> list[Input]:
        return [entry for entry in (self.note, self.ticks) if entry]


@dataclass(frozen=True)
class Typed:
    """What was filled in for all of them."""

    key: str = ""
    note: str = ""
    ticks: Sequence[str] = ()

    def given(self, shared: Shared) -> dict[str, object]:
        """As the workflow takes it, by the names of the inputs."""
        note = {shared.note.name: self.note} if shared.note else {}
        return note | ({shared.ticks.name: list(self.ticks)} if shared.ticks else {})


@dataclass(frozen=True)
class Offers:
    """What the picked requests share, and why some are to be opened by themselves (by their id)."""

    shared: Sequence[Shared]
    alone: Mapping[int, str]


@dataclass(frozen=True)
class Outcome:
    """What became of one; skipped is what never offered the action."""

    item: Request
    is_done: bool
    words: str
    is_skipped: bool = False


class BulkView(StaffView):
    """Pick, look, do, and read what became of each."""

    name = "Tindak bersama"
    url = "/backoffice/massal"
    endpoint = "bulk"
    in_menu = False
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What may be done with the picked requests at once."""
        return self._ask(_picked(request.args.getlist("id")))

    @expose("/", methods=("POST",))
    def act(self) -> ResponseReturnValue:
        """Do it to each in a transaction of its own; one refusal doesn't stop the others."""
        versions = dict(
            entry.split(":", 1) for entry in request.form.getlist("rowid") if ":" in entry
        )
        items = _picked(list(versions))
        if not items:
            return self._ask(items)
        form = request.form
        typed = Typed(form.get("choice", ""), form.get("note", ""), form.getlist("ticks"))
        shared = next((one for one in offers_of(items).shared if one.key == typed.key), None)
        if shared is None:
            return self._ask(items, error="Pilih satu tindakan."), 422
        if error := _wrong(shared, typed):
            return self._ask(items, typed, error=error), 422
        outcomes = [_act(item, shared, typed, versions[item.public_id]) for item in items]
        return self.render(
            "backoffice/requests/bulk_done.html",
            outcomes=outcomes,
            done=sum(outcome.is_done for outcome in outcomes),
            tried=sum(not outcome.is_skipped for outcome in outcomes),
            title=shared.title,
        )

    def _ask(self, items: list[Request], typed: Typed = Typed(), *, error: str = ""):
        if not items:
            flash("Pilih dahulu permohonan di antrean.", "warning")
            return redirect(url_for("queue.index"))
        offers, key = offers_of(items), typed.key
        if not key and len(offers.shared) == 1 and len(offers.shared[0].items) == len(items):
            key = offers.shared[0].key
        return self.render(
            "backoffice/requests/bulk.html",
            items=items,
            shared=offers.shared,
            alone=offers.alone,
            takes_note=any(one.note for one in offers.shared),
            ticks=next((one.ticks for one in offers.shared if one.ticks), None),
            nothing_to_do=NOTHING_TO_DO,
            is_nothing_to_do=set(offers.alone.values()) <= {NOTHING_TO_DO},
            count=next((len(one.items) for one in offers.shared if one.key == key), 0),
            key=key,
            typed=typed,
            error=error,
        )


def _picked(public_ids: Sequence[str]) -> list[Request]:
    """The named requests of this person's scope, in the order of the list. One query."""
    wanted = [text[:26] for text in public_ids[:MOST_AT_ONCE]]
    visible = Request.visible_to(reader()).select_extend(User).join(User, on=Request.customer)
    found = {row.public_id: row for row in visible.where(Request.public_id.in_(wanted or [""]))}
    return [found[name] for name in dict.fromkeys(wanted) if name in found]


def offers_of(items: Sequence[Request]) -> Offers:
    """What can be done without looking at each: no input, or one note and ticks for all.

    What can't be undone, and what a customer decides, is done one by one on the card. So is what
    asks for a checklist: ISO/IEC 17025:2017 clause 7.1 wants each request reviewed.
    """
    found, alone = {}, {}
    for item in items:
        choices = workflow.choices(item, reader())
        for choice in filter(_can_be_shared, choices):
            kind = (choice.title, _note_of(choice), _ticks_of(choice))
            found.setdefault(_key(choice), (kind, []))[1].append(item)
        if not choices:
            alone[item.id] = NOTHING_TO_DO
        elif not _can_be_shared(choices[0]):
            alone[item.id] = _needs(choices[0])
    shared = [Shared(key, *kind, rows) for key, (kind, rows) in found.items()]
    return Offers(sorted(shared, key=lambda one: -len(one.items)), alone)


def _can_be_shared(choice: Choice) -> bool:
    if choice.code == SURVEY or choice.is_danger or choice.on_behalf or choice.confirm:
        return False
    needed = _needed(choice)
    return not needed or (
        len(needed) == 1 and needed[0].type in NOTE_TYPES and not needed[0].unique
    )


def _needed(choice: Choice) -> list[Input]:
    """What must, or in some case must, be given."""
    return [
        entry
        for entry in choice.inputs
        if entry.required or entry.required_if or entry.required_unless
    ]


def _ticks_of(choice: Choice) -> Input | None:
    return next((entry for entry in choice.inputs if entry.type == "checklist"), None)


def _note_of(choice: Choice) -> Input | None:
    needed = _needed(choice)
    texts = [entry for entry in needed or choice.inputs if entry.type in NOTE_TYPES]
    return texts[0] if texts else None


def _needs(choice: Choice) -> str:
    """What a choice asks for that can't be given for several at once."""
    types = {entry.type for entry in _needed(choice)}
    return next((words for type, words in NEEDS.items() if type in types), DECISION)


def _key(choice: Choice) -> str:
    return f"{choice.code}|{choice.stage.desk}|{choice.title}"


def _wrong(shared: Shared, typed: Typed) -> str:
    """What is missing or wrong with what was filled in for all; empty for nothing."""
    given, errors = {}, {}
    for entry in shared.inputs:
        try:
            given[entry.name] = clean_value(entry, typed.given(shared)[entry.name])
        except BadInput as problem:
            errors[entry.name] = str(problem)
    beyond = tuple(name for entry in shared.inputs for name in entry.others if name not in given)
    # What names something else is looked at with each request.
    if not beyond:
        errors = broken_rules(shared.inputs, given, {}, today=today(now())) | errors
    return " ".join(
        f"{entry.label}: {errors[entry.name]}" for entry in shared.inputs if entry.name in errors
    )


def _act(item: Request, shared: Shared, typed: Typed, version: str) -> Outcome:
    if item not in shared.items:
        is_skipped = seen_version(version) == item.version
        return Outcome(item, False, NOT_OFFERED, is_skipped)
    given = typed.given(shared)
    code = shared.key.split("|")[0]
    try:
        moved = take(item, code, given, version)
    except InvalidInput as refusal:
        return Outcome(item, False, " ".join(refusal.errors.values()))
    except (Conflict, Refused) as refusal:
        return Outcome(item, False, str(refusal))
    leave(item, me())
    if side := SIDES.get(code):
        return Outcome(moved, True, side.outcome)
    if not moved.is_open:
        return Outcome(moved, True, "Selesai.")
    return Outcome(moved, True, f"Diteruskan ke {office().posts[current_stage(moved).role]}.")
