"""The huey object: the alarm clock of the outbox, never the place where work is kept."""

import json

from huey import Huey, PostgresHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from config.settings import settings_of_process


class JsonSerializer(Serializer):
    """Payloads as JSON, since a pickle from a shared file would run as code."""

    def _serialize(self, data: object) -> bytes:
        return json.dumps(
            data._asdict() if isinstance(data, Message) else data, default=str
        ).encode()

    def _deserialize(self, data: bytes) -> object:
        value = json.loads(data)
        is_task = isinstance(value, dict) and set(value) == set(Message._fields)
        return Message(**value) if is_task else value


def open_queue(url: str) -> Huey:
    """Make the huey object for `url`: sqlite:///file or postgresql://…; connects at first use."""
    common = {"serializer": JsonSerializer(), "results": False}
    if url.startswith("sqlite:///"):
        return SqliteHuey("melasti", filename=url.removeprefix("sqlite:///"), **common)
    return PostgresHuey("melasti", dsn=url, **common)


huey = open_queue(settings_of_process().queue_url)
