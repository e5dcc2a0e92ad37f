"""Values that stand in one request only, such as the code of a sample.

Rows are made one by one and never with ON CONFLICT: the triggers of the search index would take
the request out before such an insert, and not put it back when the row is left out.
"""

from collections.abc import Iterable, Mapping

from peewee import IntegrityError

from models import Request, StageRecord, UniqueValue
from rules.services import Flow, Input
from rules.text import one_line
from storage.database import database


def claim_unique(
    request: Request, wanted: Iterable[Input], kept: Mapping[str, object]
) -> dict[str, str]:
    """Write down what is unique; name of an input -> the sentence about one that is taken.

    Whatever this request held under the name before is given back. The index of the table
    decides between two who claim at once.
    """
    taken = {}
    for entry in wanted:
        if not entry.unique or not kept.get(entry.name):
            continue
        scope = _scope(entry, request.service_code)
        value = as_compared(kept[entry.name])
        mine = (UniqueValue.request == request) & (UniqueValue.name == entry.name)
        UniqueValue.delete().where(mine & (UniqueValue.value != value)).execute()
        owner = _owner_of(scope, entry.name, value)
        if owner is None:
            try:
                with database.atomic():
                    UniqueValue.create(request=request, scope=scope, name=entry.name, value=value)
            except IntegrityError:
                owner = _owner_of(scope, entry.name, value)
        if owner and owner.id != request.id:
            where = f"permohonan {owner.number}" if owner.number else "permohonan lain"
            taken[entry.name] = f"Sudah dipakai pada {where}. Isi yang lain."
    return taken


def _owner_of(scope: str, name: str, value: str) -> Request | None:
    held = (UniqueValue.scope == scope) & (UniqueValue.name == name) & (UniqueValue.value == value)
    return Request.select(Request.id, Request.number).join(UniqueValue).where(held).first()


def register_unique(flow: Flow) -> None:
    """Write down what requests gave before this definition made it unique. Writes.

    Of two requests that hold the same value, the earlier one keeps it.
    """
    wanted = {
        (desk.code, entry.name): entry
        for desk in flow.desks
        for entry in desk.inputs
        if entry.unique
    }
    if not wanted:
        return
    records = (
        StageRecord.select(StageRecord.request, StageRecord.stage_code, StageRecord.inputs)
        .join(Request)
        .where(
            (Request.service_code == flow.code)
            & StageRecord.stage_code.in_(sorted({code for code, _ in wanted}))
        )
        .order_by(StageRecord.id)
        .tuples()
    )
    newest = {
        (request, name): (entry, inputs[name])
        for request, stage_code, inputs in records.iterator()
        for (code, name), entry in wanted.items()
        if code == stage_code and inputs.get(name)
    }
    for (request, name), (entry, value) in newest.items():
        scope, compared = _scope(entry, flow.code), as_compared(value)
        if _owner_of(scope, name, compared) is None:
            UniqueValue.create(request=request, scope=scope, name=name, value=compared)


def _scope(entry: Input, service_code: str) -> str:
    """A value of one service stands beside the same of another; empty is the whole office."""
    return service_code if entry.unique == "service" else ""


def as_compared(value: object) -> str:
    """`bu-2026-001` and `BU-2026-001 ` are one code."""
    return one_line(str(value)).casefold()[:200]
