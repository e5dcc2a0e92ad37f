"""The rows of all tables, out of one database and into another, of the same engine or the other."""

import io
import re
import sqlite3
from datetime import timedelta

import psycopg
import pytest

from administration.audit import verify_history
from administration.backups.rows import (
    BadRows,
    count_rows,
    differences,
    read_rows,
    snapshot,
    tables,
    write_rows,
)
from administration.figures import recount
from models import TABLES, Event, Request, RequestFigure, Role, User
from rules.search_terms import read_terms
from search.lookup import REQUESTS, matching
from storage.database import database, is_sqlite, migrate, open_database
from tests.databases import drop, made_on
from tests.people import file_request

PORTABLE = {
    "BigAutoField", "BigIntegerField", "BooleanField", "CharField", "DateField", "FloatField",
    "ForeignKeyField", "IntegerField", "TextField", "InstantField", "JsonField",
}  # fmt: skip
SUBJECTS = ("Gelombang di Kuta", 'Tanda "petik" \\ miring', "Añb™ 𝒳")
# What no row of ours is in: the history of migrations, and what the rows are searched by.
NOT_COPIED = ("schema_migration", "request_search", "user_search", "search_")


@pytest.fixture
def posts_stay(app, db):
    """The posts are the same for all tests: what one writes into them is taken back."""
    titles = list(Role.select(Role.id, Role.title).tuples())
    yield
    for key, title in titles:
        Role.update(title=title).where(Role.id == key).execute()


def written() -> tuple[dict, bytes]:
    lines = []
    with snapshot():
        counts = write_rows(lines.append)
    return counts, b"".join(lines)


@pytest.fixture
def world(app, runtime, people, now):
    """Rows of many kinds, some of them as odd as people write them."""
    with app.app_context():
        for number, words in enumerate(SUBJECTS):
            at = now + timedelta(seconds=number)
            file_request(runtime, people.customer, subject=words, now=at, key=f"K{number}")


@pytest.fixture(params=["sqlite", "postgres"])
def other(request, tmp_path):
    """An empty database of each engine; the URL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/other.db"
    else:
        url = made_on(request.getfixturevalue("postgres_url"), "other")
        yield url
        drop(url)


@pytest.fixture
def at(app):
    """Open another database for a while."""
    ours, opened = database.obj, []

    def go(url: str) -> None:
        open_database(url)
        database.connect()
        opened.append(database.obj)

    yield go
    for engine in opened:
        engine.close_all()
    database.initialize(ours)


def subjects_kept() -> list[str]:
    return [row.subject for row in Request.select(Request.subject).order_by(Request.id)]


def test_what_arrives_is_what_left(world, other, at):
    told, lines = written()
    assert told["request"]["rows"] == 3 and told["event"]["rows"] == Event.select().count()
    people, subjects = User.select().count(), subjects_kept()
    tallies = tallied()
    at(other)
    migrate()
    with database.atomic():
        assert read_rows(io.BytesIO(lines)) == told
    assert differences(told, count_rows()) == []
    assert User.select().count() == people
    assert subjects_kept() == subjects
    assert verify_history() == (told["event"]["rows"], [])
    # The index was built, the tallies came along, and triggers keep both from here on.
    assert found("gelombang") == 1 and found("kuta") == 1
    assert tallied() == tallies
    Request.update(subject="Pasang surut").where(Request.subject.contains("Kuta")).execute()
    assert (found("kuta"), found("pasang")) == (0, 1)
    last = Request.select().order_by(Request.id.desc()).first()
    copied = {**last.__data__, "public_id": "01NEW", "idempotency_key": "01NEW"}
    del copied["id"]
    assert (
        Request.insert(copied).execute() and Request.get(Request.public_id == "01NEW").id > last.id
    )
    kept = tallied()
    recount()
    assert tallied() == kept and sum(count for _, days, count in kept if days < 0) == 4


def tallied() -> list[tuple]:
    row = RequestFigure
    return sorted(row.select(row.month, row.days, row.requests).where(row.requests > 0).tuples())


def found(word: str) -> int:
    condition, _ = matching(REQUESTS, Request.id, Request.select(), read_terms(word))
    return Request.select().where(condition).count()


def test_whoever_writes_meanwhile_changes_nothing_of_a_snapshot(world, app, posts_stay):
    url = app.extensions["melasti"].settings.database_url
    with snapshot():
        first = count_rows()
        elsewhere(url, """UPDATE "role" SET "title" = 'Lain'""")
        assert count_rows() == first
    assert differences(first, count_rows()) == ["role (other contents)"]


def elsewhere(url: str, words: str) -> None:
    """As another process does it."""
    if is_sqlite():
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=5) as connection:
            connection.execute(words)
        connection.close()
    else:
        with psycopg.connect(url) as connection:
            connection.execute(words)


@pytest.mark.parametrize(
    ("found", "put", "complaint"),
    [
        (rb"(?s)\n\{\"table\":\"request\".*", b"", "end too early"),
        (rb"(?s).*", b"", "end too early"),
        (rb"(?s)(\{\"table\":\"request\".{90}).*", rb"\1", "can't be read"),
        (rb"\{\"table\":\"role\"", b'{"table":"wizard"', "wizard"),
        (rb"\"name\",\"title\"\]", b'"name","titel"]', "role"),
        (rb"(\{\"table\":\"role\".*\n\[\d+,)\"\w+\"", rb"\1null", "role, about row"),
        (rb"(?s)\{\"table\":\"role\".*?(?=\{\"table\")", b"", "role"),
    ],
    ids=["cut off", "empty", "cut in a line", "table", "column", "value", "table missing"],
)
def test_rows_that_are_not_ours_are_refused_and_nothing_is_changed(
    world, posts_stay, found, put, complaint
):
    before = count_rows()
    _, lines = written()
    with pytest.raises(BadRows, match=complaint), database.atomic():
        read_rows(io.BytesIO(re.sub(found, put, lines, count=1)))
    assert count_rows() == before
    assert Role.update(title="x").where(Role.name == "auditor").execute() == 1


def test_every_table_and_column_is_one_that_both_engines_understand(app, db):
    kinds = {type(field).__name__ for model in TABLES for field in model._meta.sorted_fields}
    assert kinds <= PORTABLE
    assert {model._meta.table_name for model in tables()} == {
        name for name in database.get_tables() if not name.startswith(NOT_COPIED)
    }
