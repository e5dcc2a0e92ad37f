"""`run.py maintenance`: pages are read and nothing is written, on all hosts of one database."""

from argparse import ArgumentParser, Namespace
from datetime import timedelta

from administration.commands import Command, verbs
from config.clock import utc_now
from config.settings import Settings
from models import Event, Maintenance
from rules.events import MAINTENANCE
from rules.formats import moment_short
from storage.database import database, open_database

STREAM = "maintenance"


def maintenance(settings: Settings, arguments: Namespace) -> int:
    """Let pages be read and nothing be written, while something else is done to the system."""
    open_database(settings.database_url)
    with database.connection_context(), database.atomic():
        running = Maintenance.running()
        if arguments.verb == "on":
            running = _begin(running, arguments.minutes)
        elif arguments.verb == "off":
            _end(running)
            running = None
    print(f"on since {moment_short(running.began_at)}" if running else "off")
    return 0


def _begin(running: Maintenance | None, minutes: int | None) -> Maintenance:
    now = utc_now()
    expected = now + timedelta(minutes=minutes) if minutes else None
    if running:
        # Said once more: only its end is foretold anew.
        running.expected_at = expected
        running.save()
        return running
    Event.record(MAINTENANCE, at=now, actor=None, stream=STREAM, data={"is_on": True})
    return Maintenance.create(began_at=now, expected_at=expected)


def _end(running: Maintenance | None) -> None:
    if running:
        now = utc_now()
        Maintenance.update(ended_at=now).where(Maintenance.ended_at.is_null()).execute()
        Event.record(MAINTENANCE, at=now, actor=None, stream=STREAM, data={"is_on": False})


def _add_words(parser: ArgumentParser) -> None:
    verbs(
        on="forms are answered by 503 and keep what was typed; the worker pauses",
        off="go on as before",
        status="say whether it is on",
    )(parser)
    parser.add_argument("--minutes", type=int, help="how long it is likely to take, as pages say")


COMMANDS = {"maintenance": Command(maintenance, _add_words)}
