"""The only history, append-only and hash-chained, and what was written beside it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from peewee import (
    BigIntegerField,
    CharField,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    ModelSelect,
)

from models.people import User
from models.requests import Request
from storage.database import Base, Bound, InstantField, JsonField, canonical_json, prepared


class Event(Base):
    """The only history: append-only, hash-chained per stream (a request, or a person)."""

    stream = CharField(max_length=40)
    seq = IntegerField()
    kind = CharField(max_length=40)
    request = ForeignKeyField(Request, null=True, backref="events", on_delete="RESTRICT")
    stage_code = CharField(max_length=40, default="")
    actor = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    # The post in whose name the actor acted; empty for customers and the system.
    acted_for = CharField(max_length=40, default="")
    at = InstantField()
    data = JsonField(default=dict)
    prev_hash = CharField(max_length=64)
    hash = CharField(max_length=64)

    class Meta:
        indexes = (
            (("stream", "seq"), True),
            (("request", "seq"), False),
            (("actor", "at"), False),
            (("kind", "at"), False),
        )

    @classmethod
    def record(
        cls,
        kind: str,
        *,
        at: datetime,
        actor: User | None,
        request: Request | None = None,
        stream: str = "",
        stage_code: str = "",
        acted_for: str = "",
        data: Mapping[str, object] | None = None,
    ) -> "Event":
        """Append one event. `data` holds ids and values only, no personal data."""
        stream = stream or (f"request:{request.public_id}" if request else _person_stream(actor))
        for _ in range(8):
            seq, last_hash = next(iter(_last_link(stream=stream)), (0, ""))
            event = cls(
                stream=stream,
                seq=seq + 1,
                kind=kind,
                request=request,
                stage_code=stage_code,
                actor=actor,
                acted_for=acted_for,
                at=at,
                data=dict(data or {}),
                prev_hash=last_hash,
            )
            event.hash = event.digest()
            made = cls.insert(event.__data__).on_conflict_ignore().returning(cls.id).execute()
            if found := list(made):
                event.id = found[0].id
                return event
            # Somebody appended to the same stream first.
        raise IntegrityError(f"stream {stream} is too busy")

    def digest(self) -> str:
        """SHA-256 over everything the event says and the event before it."""
        said = [
            self.stream,
            self.seq,
            self.kind,
            self.stage_code,
            self.actor_id,
            self.acted_for,
            InstantField().db_value(self.at),
            self.data,
            self.prev_hash,
        ]
        return hashlib.sha256(canonical_json(said).encode()).hexdigest()


@prepared
def _last_link() -> ModelSelect:
    """(seq, hash) of the newest event of a stream."""
    links = Event.select(Event.seq, Event.hash).where(Event.stream == Bound("stream"))
    return links.order_by(Event.seq.desc()).limit(1).tuples()


def _person_stream(actor: User | None) -> str:
    return f"user:{actor.public_id}" if actor else "system"


class StageRecord(Base):
    """What the holder of a stage wrote when completing or refusing it (may be personal)."""

    request = ForeignKeyField(Request, backref="records", on_delete="CASCADE")
    event = ForeignKeyField(Event, unique=True, on_delete="CASCADE")
    stage_code = CharField(max_length=40)
    inputs = JsonField(default=dict)


class ChangeRecord(Base):
    """What a change in one of the office's own tables said before and after (may be personal).

    Beside the event, which holds only the digest of both, as a StageRecord does.
    """

    event = ForeignKeyField(Event, unique=True, on_delete="CASCADE")
    table = CharField(max_length=40, index=True)
    row_id = BigIntegerField()
    before = JsonField(default=dict)
    after = JsonField(default=dict)


def verify_history() -> tuple[int, list[str]]:
    """Walk every stream; return the number of events and the streams whose chain is broken."""
    count, broken = 0, {}
    stream, seq, previous = "", 0, ""
    for event in Event.select().order_by(Event.stream, Event.seq).iterator():
        if event.stream != stream:
            stream, seq, previous = event.stream, 0, ""
        seq, count = seq + 1, count + 1
        chained = event.seq == seq and event.prev_hash == previous
        if not chained or event.hash != event.digest():
            broken[stream] = True
        previous = event.hash
    return count, list(broken)
