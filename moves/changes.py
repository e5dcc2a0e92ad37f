"""What a change of a kept row said before and after, beside its event."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from peewee import Model

from models import ChangeRecord, Event, User
from storage.database import canonical_json


def record_change(
    row: Model,
    kind: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    actor: User | None,
    at: datetime,
    data: Mapping[str, object] | None = None,
    stream: str = "",
    acted_for: str = "",
) -> None:
    """Append the event of a change and keep both states beside it; call inside the write's
    transaction. The event holds the digest of both, never the values; `data` is what it says
    besides."""
    table = row._meta.table_name
    states = {"before": _plain(before), "after": _plain(after)}
    said = {**(data or {}), "table": table, "id": row.id, "fields": sorted(after or before)}
    digest = hashlib.sha256(canonical_json(states).encode()).hexdigest()
    event = Event.record(
        kind,
        at=at,
        actor=actor,
        stream=stream,
        acted_for=acted_for,
        data={**said, "states": digest},
    )
    ChangeRecord.create(event=event, table=table, row_id=row.id, **states)


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """Values as JSON can hold them: dates and the like as text."""
    simple = (str, int, float, bool, list, type(None))
    return {k: v if isinstance(v, simple) else str(v) for k, v in values.items()}
