"""Move all rows to another database, of either engine; files stay where they are."""

import gzip
import tempfile
from datetime import datetime
from pathlib import Path

from administration.backups.make import Progress
from administration.backups.places import BackupError
from administration.backups.restore import refuse_rows
from administration.backups.rows import (
    BadRows,
    Counts,
    count_rows,
    differences,
    read_rows,
    snapshot,
    write_rows,
)
from models import Event
from rules.events import MOVED
from storage.database import database, is_sqlite, migrate, open_database


def move_database(
    source: str, target: str, *, scratch: Path, now: datetime, progress: Progress
) -> Counts:
    """Fill the empty database `target` with the rows of `source`; return what was moved.

    Both are compared afterwards, before anything is kept; the source stays as it is. `scratch` is a
    folder for the rows on their way. Raises BackupError.
    """
    with tempfile.TemporaryFile(dir=scratch) as file:
        open_database(source)
        with database.connection_context():
            came_from = "sqlite" if is_sqlite() else "postgres"
            progress("rows", 0, 0)
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as packed, snapshot():
                told = write_rows(packed.write)
        database.close_all()
        file.seek(0)
        open_database(target)
        with database.connection_context():
            refuse_rows()
            migrate()
            with database.atomic(), gzip.GzipFile(fileobj=file) as lines:
                _fill(lines, told)
                Event.record(MOVED, at=now, actor=None, data={"from": came_from})
                _refuse_changes(source, told)
        database.close_all()
    return told


def _fill(lines: gzip.GzipFile, told: Counts) -> None:
    try:
        read_rows(lines)
    except BadRows as error:
        raise BackupError(f"the other database doesn't take the rows: {error}") from None
    if found := differences(told, count_rows()):
        raise BackupError(f"what arrived isn't what left: {', '.join(found)}")


def _refuse_changes(source: str, told: Counts) -> None:
    """Whoever went on writing would miss what was written."""
    there = database.obj
    try:
        open_database(source)
        with database.connection_context(), snapshot():
            found = differences(told, count_rows())
        database.close_all()
    finally:
        database.initialize(there)
    if found:
        raise BackupError(
            f"somebody wrote into the database meanwhile ({', '.join(found)}): nothing was moved; "
            "stop `serve` and `worker`, and move again"
        )
