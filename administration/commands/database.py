"""`run.py db`, `reindex` and `figures`: the tables, and what is counted from them."""

import sys
from argparse import ArgumentParser, Namespace

from administration import figures, reference
from administration.commands import Command, CommandError, verbs
from administration.file_store import FOREIGN, bind, open_store
from config.clock import utc_now
from config.settings import Settings
from search import lookup
from storage.database import database, downgrade, migrate, open_database, schema_state


def db(settings: Settings, arguments: Namespace) -> int:
    """The tables: upgrade them, say how they stand, or go back."""
    open_database(settings.database_url)
    with database.connection_context():
        return {"upgrade": upgrade, "status": _status, "downgrade": _downgrade}[arguments.verb](
            settings, arguments
        )


def upgrade(settings: Settings, _: Namespace) -> int:
    """Migrate, write the reference rows that are missing, and bind the folder of files."""
    if unknown := schema_state().unknown:
        raise CommandError(
            f"the database was upgraded by a newer MELASTI ({unknown[-1]}): start that one, or let "
            f"it go back with its own `run.py db downgrade`"
        )
    for name in migrate():
        print(f"applied {name}")
    reference.seed_reference(now=utc_now())
    storage = open_store(settings)
    if not bind(storage):
        print(f"melasti: {FOREIGN.format(folder=storage.name)}", file=sys.stderr)
    return 0


def _status(settings: Settings, _: Namespace) -> int:
    state = schema_state()
    print(
        f"{len(state.applied)} migrations applied, the last is {(state.applied or ('none',))[-1]}"
    )
    for name in state.pending:
        print(f"pending: {name}")
    for name in state.unknown:
        print(f"unknown to this program: {name}")
    return 0 if state.fits else 1


def _downgrade(settings: Settings, arguments: Namespace) -> int:
    applied = schema_state().applied
    if not arguments.to:
        raise CommandError("say `--to NAME`: the migration that is to stay the last one")
    if arguments.to not in applied:
        raise CommandError(f"{arguments.to} isn't applied here; `run.py db status` names the last")
    leaving = applied[applied.index(arguments.to) + 1 :]
    if not leaving:
        print(f"{arguments.to} is the last one already")
        return 0
    if not arguments.lose_rows:
        raise CommandError(
            f"what {', '.join(leaving)} brought would go, with all that has been written there: "
            "make a backup, then say --lose-rows"
        )
    for name in downgrade(leaving[0]):
        print(f"reverted {name}")
    return 0


def _add_db_words(parser: ArgumentParser) -> None:
    verbs(
        upgrade="apply what is missing; before each new version",
        status="name the last migration and what is missing; exit 1 when this program can't use it",
        downgrade="take migrations back, with this program, before an older one is started",
    )(parser)
    parser.add_argument("--to", metavar="NAME", help="downgrade: the migration to end at")
    parser.add_argument(
        "--lose-rows",
        action="store_true",
        help="downgrade: lose what was written into the tables and columns that go",
    )


def reindex(settings: Settings, _: Namespace) -> int:
    """Write the search index anew from the requests; people may go on working meanwhile."""
    open_database(settings.database_url)
    with database.connection_context():
        print(f"{lookup.rebuild()} requests in the search index")
    return 0


def count(settings: Settings, _: Namespace) -> int:
    """Count the figures of dashboards and statistics anew: of the stages for thirteen months."""
    open_database(settings.database_url)
    with database.connection_context():
        months = figures.recent_months(utc_now(), figures.MONTHS_IN_VIEW)
        print(f"{figures.refresh(months) + figures.recount()} rows of figures")
    return 0


COMMANDS = {
    "db": Command(db, _add_db_words, needs_schema=False),
    "reindex": Command(reindex),
    "figures": Command(count),
}
