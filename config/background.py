"""The huey object: the alarm clock of the outbox, never the place where work is kept."""

import json
import sqlite3
import threading
from datetime import datetime

import psycopg
from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BaseStorage, PostgresStorage, SqliteStorage

from config.settings import BadSetting, settings_of_process

# Those of a task's fields that are moments.
MOMENTS = ("eta", "expires_resolved")


class JsonSerializer(Serializer):
    """Payloads as JSON, since a pickle from a shared file would run as code."""

    def _serialize(self, data: object) -> bytes:
        return json.dumps(
            data._asdict() if isinstance(data, Message) else data, default=datetime.isoformat
        ).encode()

    def _deserialize(self, data: bytes) -> object:
        value = json.loads(data)
        is_task = isinstance(value, dict) and set(value) == set(Message._fields)
        if not is_task:
            return value
        # A task that waits for its moment is compared with the clock, as one that isn't due is.
        moments = {name: datetime.fromisoformat(value[name]) for name in MOMENTS if value[name]}
        return Message(**value | moments)


class Queue(Huey):
    """A queue that is opened at its first use, not when it is imported: whoever runs a command is
    then told in one line what is wrong with QUEUE_URL, and `--help` needs no queue."""

    def __init__(self) -> None:
        self._opened: BaseStorage | None = None
        self._opening = threading.Lock()
        super().__init__("melasti", serializer=JsonSerializer(), results=False)

    def open(self) -> None:
        """Connect now. Raises BadSetting."""
        try:
            self.storage.queue_size()
        except (sqlite3.Error, psycopg.Error) as error:
            raise BadSetting(f"QUEUE_URL leads to no queue: {error}") from error

    def create_storage(self) -> BaseStorage | None:
        return super().create_storage() if self.immediate else None

    @property
    def storage(self) -> BaseStorage:
        if self._opened is None:
            with self._opening:
                if self._opened is None:
                    self._opened = _open_storage(settings_of_process().queue_url)
        return self._opened

    @storage.setter
    def storage(self, opened: BaseStorage | None) -> None:
        self._opened = opened


def _open_storage(url: str) -> BaseStorage:
    """Connect to the queue at `url`: sqlite:///file or postgresql://…; makes its tables."""
    if url.startswith("sqlite:///"):
        return SqliteStorage("melasti", filename=url.removeprefix("sqlite:///"))
    # A pooler that lends its connections by the transaction remembers neither a LISTEN nor a
    # prepared statement: the queue is asked instead, each second.
    return PostgresStorage("melasti", dsn=url, blocking=False, prepare_threshold=None)


huey = Queue()
