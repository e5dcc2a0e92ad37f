"""A database of any release that ever landed: built by its own migrations, upgraded by today's.

Migrations were renumbered, and mended after they had landed, so that databases of those days have
other names in their history and lack what was mended.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from models import TABLES
from storage.database import MIGRATIONS, RENUMBERED, database, is_sqlite, migrate, open_database
from tests.databases import empty_database

ROOT = Path(__file__).resolve().parent.parent.parent
# What takes today's tables back to what a migration first made of them.
LANDED = {
    "renumbered": (),
    "first lists": (
        'DROP INDEX "message_provider_id"',
        'DROP INDEX "request_customer_id_submitted_at_id"',
        'DROP INDEX "request_waiting_role_submitted_at_id"',
        'CREATE INDEX "r_c_s" ON "request" ("customer_id", "submitted_at")',
    ),
    "figures by hundredths": (
        'DROP INDEX "requestfigure_service_code_days_month_hundredths"',
        'CREATE UNIQUE INDEX "by_hundredths" ON "request_figure" '
        '("service_code", "days", "hundredths", "month")',
    ),
    "participation of no person": (
        'DROP INDEX "participation_post"',
        'CREATE UNIQUE INDEX "participation_post" ON "participation" '
        '("role_code", "submitted_at", "request_id") WHERE "user_id" IS NULL',
    ),
    "uploads of one kind": (
        'ALTER TABLE "upload" DROP COLUMN "kinds"',
        'ALTER TABLE "upload" DROP COLUMN "max_mb"',
    ),
    "faults as a list": (
        'ALTER TABLE "channel_state" DROP COLUMN "faulty"',
        """ALTER TABLE "channel_state" ADD COLUMN "faulty" TEXT NOT NULL DEFAULT '[]'""",
    ),
}


def described() -> dict:
    """Tables, indexes, triggers and views, each by what it says, however it is laid out."""
    if is_sqlite():
        rows = database.execute_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        # Where a column stands among others, and its default, is no difference.
        plain = ((name, sql.replace("IF NOT EXISTS ", "").split()) for name, sql in rows)
        return {name: sql for name, sql in plain if sql[1] != "TABLE"}
    return {
        kind: sorted(database.execute_sql(sql).fetchall())
        for kind, sql in {
            "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE NOT tgisinternal",
            "functions": "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'melasti%%'",
            "columns": "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public'",
        }.items()
    }


@pytest.mark.parametrize("name", LANDED)
def test_what_was_mended_after_it_landed_is_mended_in_the_database(app, db, tmp_path, name):
    with empty_database(app, tmp_path, "landed") as url:
        open_database(url)
        with database.connection_context():
            migrate()
            wanted = described()
            for statement in LANDED[name]:
                database.execute_sql(statement)
            history = Runner(database.obj, str(MIGRATIONS)).History
            history.delete().where(history.name == "0047_landed_edits").execute()
            for earlier, later in RENUMBERED.items():
                history.update(name=earlier).where(history.name == later).execute()
            assert migrate() == ["0047_landed_edits"]
            assert described() == wanted
            assert not any(diff_models(database.obj, TABLES))
            assert migrate() == []


def git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def landed_migrations() -> dict[str, str]:
    """Every state in which the migrations were on the main line -> where it can be had from."""
    found = {}
    for commit in git("log", "--first-parent", "--reverse", "--format=%H").split():
        for folder in ("storage/migrations", "migrations"):
            if tree := git("ls-tree", "-d", "--object-only", commit, folder).strip():
                found.setdefault(tree, commit[:8])
    return found


def unpack(tree: str, folder: Path) -> Path:
    folder.mkdir()
    subprocess.run(f"git archive {tree} | tar -x -C '{folder}'", cwd=ROOT, shell=True, check=True)
    return folder


# On Postgres this one stopped and left nothing behind: no database was ever made by it.
NEVER_RAN = {"895dadea"}


@pytest.mark.slow
@pytest.mark.long
def test_every_state_of_the_migrations_that_landed_ends_as_the_models_say(app, db, tmp_path):
    ends = {}
    for tree, commit in landed_migrations().items():
        if commit in NEVER_RAN and not is_sqlite():
            continue
        folder = unpack(tree, tmp_path / commit)
        with empty_database(app, folder, "landed") as url:
            open_database(url)
            with database.connection_context():
                Runner(database.obj, str(folder)).up()
                migrate()
                assert not any(diff_models(database.obj, TABLES)), commit
                ends[commit] = described()
    *older, last = ends
    assert len(older) > 40
    assert [commit for commit in older if ends[commit] != ends[last]] == []


def run(folder: Path, *words: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "run.py", *words],
        cwd=folder, env=os.environ | settings, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("commit", ["0f14c74", "HEAD~150", "HEAD"])
def test_demo_data_of_a_landed_release_is_whole_after_the_upgrade(app, db, tmp_path, commit):
    old = unpack(commit, tmp_path / "old")
    with empty_database(app, tmp_path, "demo") as url:
        given = {
            "DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": url,
            "BASE_URL": "http://localhost",
        }
        run(old, "db", "upgrade", **given)
        run(old, "seed", **given)
        before = run(old, "audit", **given)
        run(ROOT, "db", "upgrade", **given)
        assert run(ROOT, "audit", **given) == before and " 0 broken" in before
        assert " 0 missing or altered" in run(ROOT, "verify", "files", **given)
        open_database(url)
        with database.connection_context():
            assert not any(diff_models(database.obj, TABLES))
