"""`run.py move-database`: from one engine to the other and back, all the same on both sides."""

import pytest

from storage.database import database, open_database
from tests.administration.backups.test_backup import complaint
from tests.databases import drop, made_on

COUNTED = ("user", "request", "event", "document", "message", "upload")


@pytest.fixture
def target(postgres_url):
    url = made_on(postgres_url, "moved")
    yield url
    drop(url)


def counts(url):
    ours = database.obj
    open_database(url)
    with database.connection_context():
        found = [
            database.execute_sql(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in COUNTED
        ]
    database.close_all()
    database.initialize(ours)
    return found


def test_to_postgres_and_back(office, target, tmp_path):
    before = counts(f"sqlite:///{office.folder}/melasti.db")
    code, said, wrong = office("move-database", target)
    assert (code, wrong) == (0, "") and "all the same on both sides" in said
    events = COUNTED.index("event")
    assert counts(target) == [n + (place == events) for place, n in enumerate(before)]
    there = {"DATABASE_URL": target}
    assert office("audit", **there)[0] == 0 and office("verify", "files", **there)[0] == 0
    assert "belongs to this database" in office("store", "adopt", **there)[1]
    # What is there by now isn't written over.
    assert "isn't empty" in complaint(office("move-database", target))
    back = f"sqlite:///{tmp_path}/back.db"
    assert office("move-database", back, **there)[0] == 0
    assert counts(back) == [n + 2 * (place == events) for place, n in enumerate(before)]
    assert office("audit", DATABASE_URL=back)[0] == 0
    # The old one stays as it was.
    assert counts(f"sqlite:///{office.folder}/melasti.db") == before


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://office", "URL must begin with"),
        ("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", "127.0.0.1"),
        ("sqlite:////proc/nowhere/x.db", "unable to open"),
    ],
)
def test_why_it_can_not_be_moved_is_one_line(office, url, words):
    assert words in complaint(office("move-database", url))


def test_what_postgres_can_not_hold_is_named(office, target):
    office.select("UPDATE role SET title = 'a' || char(0) || 'b' WHERE name = 'auditor'")
    words = complaint(office("move-database", target))
    assert "the other database doesn't take the rows: role" in words
    office.select(f"UPDATE role SET title = '{'x' * 90}' WHERE name = 'auditor'")
    assert "too long" in complaint(office("move-database", target))
    office.select("UPDATE role SET title = 'Auditor' WHERE name = 'auditor'")
    assert office("move-database", target)[0] == 0
