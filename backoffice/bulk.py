"""One action for several requests: through `door.act` one by one, with an outcome for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_security import current_user

from backoffice.base import StaffView, card_posts
from backoffice.presence import leave
from config.office import office
from models.people import User
from models.requests import Request
from rules.services import SURVEY, Input
from web.actions import seen_version
from web.runtime import now
from workflow import door
from workflow.catalogue import current_stage
from workflow.door import Choice, Conflict, InvalidInput, Refused
from workflow.sides import SIDES

MOST_AT_ONCE = 40
NOTE_TYPES = ("text", "longtext")


@dataclass(frozen=True)
class Shared:
    """One choice that several of the picked requests offer, with the one note it may need."""

    key: str
    title: str
    note: Input | None
    items: Sequence[Request]


@dataclass(frozen=True)
class Outcome:
    item: Request
    is_done: bool
    words: str


class BulkView(StaffView):
    """Pick, look, do, and read what became of each."""

    def __init__(self):
        super().__init__(name="Tindak bersama", url="/backoffice/massal", endpoint="bulk")

    @property
    def posts(self):
        return card_posts()

    def is_visible(self) -> bool:
        return False

    @expose("/")
    def index(self):
        """What may be done with the picked requests at once."""
        items = _picked(request.args.getlist("id"))
        if not items:
            flash("Pilih dahulu permohonan di antrean.", "warning")
            return redirect(url_for("queue.index"))
        return self._ask(items)

    @expose("/", methods=("POST",))
    def act(self):
        """Do it to each in a transaction of its own; one refusal doesn't stop the others."""
        versions = dict(
            entry.split(":", 1) for entry in request.form.getlist("rowid") if ":" in entry
        )
        items = _picked(list(versions))
        if not items:
            flash("Pilih dahulu permohonan di antrean.", "warning")
            return redirect(url_for("queue.index"))
        note, key = request.form.get("note", ""), request.form.get("choice", "")
        shared = next((one for one in shared_choices(items) if one.key == key), None)
        if shared is None:
            return self._ask(items, error="Pilih satu tindakan."), 422
        if shared.note and shared.note.required and not note.strip():
            return self._ask(items, key=key, note=note, error=f"Isi {shared.note.label}."), 422
        outcomes = [_act(item, shared, note, versions[item.public_id]) for item in items]
        return self.render("backoffice/bulk_done.html", outcomes=outcomes, title=shared.title)

    def _ask(self, items: list[Request], *, key: str = "", note: str = "", error: str = ""):
        return self.render(
            "backoffice/bulk.html",
            items=items,
            shared=shared_choices(items),
            key=key,
            note=note,
            error=error,
        )


def _picked(public_ids: Sequence[str]) -> list[Request]:
    """The named requests of this person's scope. One query."""
    me = current_user._get_current_object()
    wanted = [text[:26] for text in public_ids[:MOST_AT_ONCE]]
    visible = Request.visible_to(me).select_extend(User).join(User, on=Request.customer)
    return list(
        visible.where(Request.public_id.in_(wanted or [""]))
        .order_by(Request.stage_due_at, Request.id)
    )  # fmt: skip


def shared_choices(items: Sequence[Request]) -> list[Shared]:
    """What can be done without looking at each: no input, or one note for all.

    What can't be undone, and what a customer decides, is done one by one on the card.
    """
    me, found = current_user._get_current_object(), {}
    for item in items:
        for choice in door.choices(item, me, now()):
            if choice.code == SURVEY or choice.is_danger or choice.on_behalf or choice.confirm:
                continue
            needed = [entry for entry in choice.inputs if entry.required]
            texts = [e for e in needed or choice.inputs if e.type in NOTE_TYPES]
            if len(needed) > 1 or (needed and not texts):
                continue
            note = texts[0] if texts else None
            found.setdefault(_key(choice), (choice.title, note, []))[2].append(item)
    return [Shared(key, title, note, rows) for key, (title, note, rows) in found.items()]


def _key(choice: Choice) -> str:
    return f"{choice.code}|{choice.stage.desk}|{choice.title}"


def _act(item: Request, shared: Shared, note: str, version: str) -> Outcome:
    me = current_user._get_current_object()
    if item not in shared.items:
        return Outcome(item, False, "Tindakan ini tidak tersedia pada tahapnya sekarang.")
    given = {shared.note.name: note} if shared.note else {}
    code = shared.key.split("|")[0]
    try:
        moved = door.act(
            item,
            code,
            actor=me,
            inputs=given,
            version=seen_version(version),
            now=now(),
        )
    except InvalidInput as refusal:
        return Outcome(item, False, " ".join(refusal.errors.values()))
    except (Conflict, Refused) as refusal:
        return Outcome(item, False, str(refusal))
    leave(item, me)
    if side := SIDES.get(code):
        return Outcome(moved, True, side.outcome)
    if not moved.is_open:
        return Outcome(moved, True, "Selesai.")
    return Outcome(moved, True, f"Diteruskan ke {office().posts[current_stage(moved).role]}.")
