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
from moves.sides import SIDES
from rules.services import SURVEY, Input
from web.requests.actions import seen_version, take
from web.runtime import me, reader
from workflow import Choice, Conflict, InvalidInput, Refused

MOST_AT_ONCE = 40
NOTE_TYPES = ("text", "longtext")
# Why a request is opened by itself; the first that fits.
NEEDS = {
    "checklist": "Perlu daftar periksa",
    "file": "Perlu berkas",
    "person": "Perlu memilih petugas",
}
DECISION = "Perlu diputuskan sendiri"
NOT_OFFERED = "Tindakan ini tidak tersedia pada tahapnya sekarang."
NOTHING_TO_DO = "Tidak ada tindakan bagi Anda sekarang"


@dataclass(frozen=True)
class Shared:
    """One choice that several of the picked requests offer, with the one note it may need."""

    key: str
    title: str
    note: Input | None
    items: Sequence[Request]


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
        note, key = request.form.get("note", ""), request.form.get("choice", "")
        shared = next((one for one in offers_of(items).shared if one.key == key), None)
        if shared is None:
            return self._ask(items, error="Pilih satu tindakan."), 422
        if shared.note and shared.note.required and not note.strip():
            return self._ask(items, key=key, note=note, error=f"Isi {shared.note.label}."), 422
        outcomes = [_act(item, shared, note, versions[item.public_id]) for item in items]
        return self.render(
            "backoffice/requests/bulk_done.html",
            outcomes=outcomes,
            done=sum(outcome.is_done for outcome in outcomes),
            tried=sum(not outcome.is_skipped for outcome in outcomes),
            title=shared.title,
        )

    def _ask(self, items: list[Request], *, key: str = "", note: str = "", error: str = ""):
        if not items:
            flash("Pilih dahulu permohonan di antrean.", "warning")
            return redirect(url_for("queue.index"))
        offers = offers_of(items)
        if not key and len(offers.shared) == 1 and len(offers.shared[0].items) == len(items):
            key = offers.shared[0].key
        return self.render(
            "backoffice/requests/bulk.html",
            items=items,
            shared=offers.shared,
            alone=offers.alone,
            takes_note=any(one.note for one in offers.shared),
            nothing_to_do=NOTHING_TO_DO,
            is_nothing_to_do=set(offers.alone.values()) <= {NOTHING_TO_DO},
            count=next((len(one.items) for one in offers.shared if one.key == key), 0),
            key=key,
            note=note,
            error=error,
        )


def _picked(public_ids: Sequence[str]) -> list[Request]:
    """The named requests of this person's scope, in the order of the list. One query."""
    wanted = [text[:26] for text in public_ids[:MOST_AT_ONCE]]
    visible = Request.visible_to(reader()).select_extend(User).join(User, on=Request.customer)
    found = {row.public_id: row for row in visible.where(Request.public_id.in_(wanted or [""]))}
    return [found[name] for name in dict.fromkeys(wanted) if name in found]


def offers_of(items: Sequence[Request]) -> Offers:
    """What can be done without looking at each: no input, or one note for all.

    What can't be undone, and what a customer decides, is done one by one on the card. So is what
    asks for a checklist: ISO/IEC 17025:2017 clause 7.1 wants each request reviewed.
    """
    found, alone = {}, {}
    for item in items:
        choices = workflow.choices(item, reader())
        for choice in filter(_can_be_shared, choices):
            note = _note_of(choice)
            found.setdefault(_key(choice), (choice.title, note, []))[2].append(item)
        if not choices:
            alone[item.id] = NOTHING_TO_DO
        elif not _can_be_shared(choices[0]):
            alone[item.id] = _needs(choices[0])
    shared = [Shared(key, title, note, rows) for key, (title, note, rows) in found.items()]
    return Offers(sorted(shared, key=lambda one: -len(one.items)), alone)


def _can_be_shared(choice: Choice) -> bool:
    if choice.code == SURVEY or choice.is_danger or choice.on_behalf or choice.confirm:
        return False
    needed = [entry for entry in choice.inputs if entry.required]
    return not needed or (len(needed) == 1 and needed[0].type in NOTE_TYPES)


def _note_of(choice: Choice) -> Input | None:
    needed = [entry for entry in choice.inputs if entry.required]
    texts = [entry for entry in needed or choice.inputs if entry.type in NOTE_TYPES]
    return texts[0] if texts else None


def _needs(choice: Choice) -> str:
    """What a choice asks for that can't be given for several at once."""
    types = {entry.type for entry in choice.inputs if entry.required}
    return next((words for type, words in NEEDS.items() if type in types), DECISION)


def _key(choice: Choice) -> str:
    return f"{choice.code}|{choice.stage.desk}|{choice.title}"


def _act(item: Request, shared: Shared, note: str, version: str) -> Outcome:
    if item not in shared.items:
        is_skipped = seen_version(version) == item.version
        return Outcome(item, False, NOT_OFFERED, is_skipped)
    given = {shared.note.name: note} if shared.note else {}
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
