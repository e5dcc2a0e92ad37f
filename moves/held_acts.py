"""Acts of the office that can still be undone: written down when done, carried out a little later.

Until then nothing has happened to the request but that nobody else may act on it. `workflow` holds
and carries out; here are the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect

from models import Event, HeldAct, Request, User
from moves.movement import StoredFile, conflict_of
from moves.officials import Reader
from moves.refusals import InvalidInput, Refused
from rules import events
from storage.database import database
from storage.fast import Bound, prepared

# In the kept inputs, instead of files.
FILES = "_files"
TOO_LATE = "Tindakan itu sudah dijalankan dan tidak dapat diurungkan lagi."
BROKEN = "Terjadi kesalahan pada sistem. Periksa permohonan ini, lalu ulangi tindakannya."


@dataclass(frozen=True)
class Grace:
    """How long an act is held, and what is undone together with it.

    `words` tells its actor what happened, by the request as it will be.
    """

    seconds: int
    batch: str
    words: Callable[[Request], str]


@dataclass(frozen=True)
class Act:
    """What is held: a choice at a desk, in the name of a post, with what was given."""

    choice_code: str
    desk: str
    acted_for: str
    inputs: Mapping[str, object]
    outcome: str


def hold(request: Request, act: Act, *, reader: Reader, grace: Grace) -> HeldAct:
    """Write an act down for later. Raises Conflict.

    Call inside the transaction in which all else was looked at.
    """
    seen = (Request.id == request.id) & (Request.version == request.version)
    mine = Request.update(held_by=reader.id).where(seen & Request.held_by.is_null())
    if mine.execute() != 1:
        raise conflict_of(Request.get_by_id(request.id), reader.user)
    return HeldAct.create(
        request=request,
        batch=grace.batch,
        actor=reader.id,
        acted_for=act.acted_for,
        desk=act.desk,
        choice_code=act.choice_code,
        inputs={name: _packed(value) for name, value in act.inputs.items()},
        outcome=act.outcome[:300],
        acted_at=reader.now,
        due_at=reader.now + timedelta(seconds=grace.seconds),
    )


def _packed(value: object) -> object:
    several = isinstance(value, list | tuple)
    files = value if several else [value]
    if not any(isinstance(file, StoredFile) for file in files):  # type: ignore[attr-defined]
        return list(value) if several else value  # type: ignore[call-overload]
    return {FILES: [list(astuple(file)) for file in files]}  # type: ignore[attr-defined]


def inputs_of(held: HeldAct) -> dict[str, object]:
    """What was given, as `workflow.act` takes it."""
    return {name: _unpacked(value) for name, value in held.inputs.items()}


def _unpacked(value: object) -> object:
    if isinstance(value, dict) and FILES in value:
        return [StoredFile(*file) for file in value[FILES]]
    return value


def let_go(held: HeldAct) -> bool:
    """Take an act off the request; whether it was held still. Call inside a transaction."""
    if HeldAct.delete().where((HeldAct.id == held.id) & HeldAct.is_open()).execute() != 1:
        return False
    Request.update(held_by=None).where(Request.id == held.request_id).execute()
    return True


def refuse(held: HeldAct, words: str) -> None:
    """Keep for its actor why an act wasn't carried out. Call inside the transaction of `let_go`."""
    HeldAct.insert({**held.__data__, "refusal": words[:500]}).execute()


def words_of(refusal: Refused) -> str:
    """What a refusal says, its sentences about single inputs included."""
    if isinstance(refusal, InvalidInput):
        return " ".join(dict.fromkeys(refusal.errors.values()))
    return str(refusal)


def undo(batch: str, *, reader: Reader) -> list[Request]:
    """Take back what a click of this person did, as far as it is held still; the requests.

    Each in a transaction of its own, with a pair of events. Raises Refused when none is.
    """
    undone = []
    for held in list(held_by(reader.user).where(HeldAct.batch == batch)):
        with database.atomic():
            if not let_go(held):
                continue
            for kind, at in ((events.ACT_BEGUN, held.acted_at), (events.ACT_UNDONE, reader.now)):
                Event.record(
                    kind,
                    at=at,
                    actor=reader.user,
                    request=held.request,
                    stage_code=held.desk.split("/")[0],
                    acted_for=held.acted_for,
                    data={"choice": held.choice_code, "desk": held.desk},
                )
            undone.append(held.request)
    if not undone:
        raise Refused(TOO_LATE)
    return undone


def held_by(user: User) -> ModelSelect:
    """What this person did and can still undo, with the requests."""
    mine = HeldAct.select(HeldAct, Request).join(Request).where(HeldAct.actor == user)
    return mine.where(HeldAct.is_open()).order_by(HeldAct.id)


@prepared
def notices() -> ModelSelect:
    """What is held of a person (`user`) and what was refused, newest first."""
    rows = HeldAct.select(HeldAct, Request.public_id, Request.number, Request.subject)
    rows = rows.join(Request).where(HeldAct.actor == Bound("user"))
    return rows.order_by(HeldAct.due_at.desc(), HeldAct.id).limit(100)


def read(batch: str, *, reader: Reader) -> None:
    """Note that a person knows what of a click was refused."""
    mine = (HeldAct.actor == reader.id) & (HeldAct.batch == batch)
    HeldAct.delete().where(mine & ~HeldAct.is_open()).execute()


def due(now: datetime) -> Sequence[HeldAct]:
    """What is to be carried out now, in the order in which it was done. One query."""
    return list(_due(now=now))


@prepared
def _due() -> ModelSelect:
    is_due = HeldAct.is_open() & (HeldAct.due_at <= Bound("now", HeldAct.due_at))
    return HeldAct.select().where(is_due).order_by(HeldAct.id).limit(200)
