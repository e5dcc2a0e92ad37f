"""“Urungkan”: taking back what was just done, while nobody has been told of it yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backoffice.base import StaffView
from backoffice.requests.queue_filters import queue_address
from models import HeldAct, Request
from moves import held_acts
from moves.catalogue import flow_of
from moves.sides import SIDES
from web.kept_forms import KEY, keep_for
from web.runtime import me, now, reader, runtime
from workflow import Refused


@dataclass(frozen=True)
class Notice:
    """What one click did: of each request the words and its card; seconds left, none if refused."""

    batch: str
    lines: Sequence[tuple[str, str]]
    seconds: int = 0
    is_refused: bool = False


class UndoView(StaffView):
    """Takes the button of a notice; there is nothing to look at here."""

    name = "Urungkan"
    url = "/backoffice/urungkan"
    endpoint = "undo"
    in_menu = False
    reads = "requests"

    @expose("/", methods=("POST",))
    def index(self) -> ResponseReturnValue:
        """Take back what one click did, or put away why it couldn't be carried out."""
        batch = request.form.get("batch", "")[:26]
        if request.form.get("read"):
            held_acts.read(batch, reader=reader())
            return redirect(_back())
        held = list(held_acts.held_by(me()).where(HeldAct.batch == batch))
        try:
            undone = held_acts.undo(batch, reader=reader())
        except Refused as refusal:
            flash(str(refusal), "warning")
            return redirect(_back())
        flash(f"Diurungkan{_how_many(undone)}. Tidak ada yang terkirim.", "success")
        if len(held) == len(undone) == 1:
            # A single form comes back as it was filled in.
            return redirect(_card_filled(held[0]))
        return redirect(_back())


def _back() -> str:
    return queue_address(request.form.get("kembali", ""))


def _how_many(undone: Sequence[Request]) -> str:
    return f" pada {len(undone)} permohonan" if len(undone) > 1 else ""


def _card_filled(held: HeldAct) -> str:
    """The address of the card, with the form as it was sent; files are to be chosen again."""
    card = {"public_id": held.request.public_id}
    address = url_for("card.act", **card, choice_code=held.choice_code)
    had_files = any(
        isinstance(one, dict) and held_acts.FILES in one for one in held.inputs.values()
    )
    kept = keep_for(me(), address, list(_typed(held)), had_files=had_files)
    return url_for("card.card", **card, **{KEY: kept.key})


def _typed(held: HeldAct) -> Iterator[tuple[str, str]]:
    """Name and value of each control that a person typed into or ticked."""
    side = SIDES.get(held.choice_code)
    asked = side.inputs if side else flow_of(held.request).desk_named(held.desk).inputs
    for entry in asked:
        value = held.inputs.get(entry.name, "")
        if isinstance(value, list):
            yield from ((entry.name, one) for one in value)
        elif isinstance(value, str):
            yield entry.name, value
        elif held_acts.FILES not in value:
            # Points are told by their place on the form.
            for place, point in enumerate(entry.options):
                yield f"{entry.name}-{place}", value[point]["answer"]
                yield f"{entry.name}-{place}-remark", value[point]["remark"]


def undo_notices() -> list[Notice]:
    """What this person did and can undo, and what was refused afterwards. One query, or none."""
    if not runtime().settings.undo_seconds:
        return []
    return list(_notices(held_acts.notices(user=me().id)))


def _notices(rows: Sequence[HeldAct]) -> Iterator[Notice]:
    def line(held: HeldAct) -> tuple[str, str]:
        words = held.refusal and f"{held.request.number or held.request.subject}: {held.refusal}"
        card = url_for("card.card", public_id=held.request.public_id)
        return words or held.outcome, card

    for is_refused in (True, False):
        kind = [held for held in rows if bool(held.refusal) == is_refused]
        for batch, of_click in groupby(kind, attrgetter("batch")):
            several = list(of_click)
            left = max(0, round((several[0].due_at - now()).total_seconds()))
            yield Notice(batch, list(map(line, several)), left, is_refused)
