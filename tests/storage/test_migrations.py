"""The migrations build exactly what the models say, on both engines."""

from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from models import TABLES, Holiday, Page, Role
from storage.database import MIGRATIONS, database, migrate


def test_migrated_database_equals_the_models(app, db):
    diff = diff_models(database.obj, TABLES)
    assert not any(diff), diff


def test_migrating_again_does_nothing(app, db):
    assert migrate() == []
    assert all(migration.applied for migration in
               Runner(database.obj, str(MIGRATIONS)).status())  # fmt: skip


def test_reference_rows_are_seeded_once_and_edits_stay(app, db, now):
    from administration import reference

    counts = [table.select().count() for table in (Role, Page, Holiday)]
    Page.update(body="Disunting").where(Page.slug == "tentang").execute()
    reference.seed_reference(now=now)
    assert Page.get(Page.slug == "tentang").body == "Disunting"
    again = [table.select().count() for table in (Role, Page, Holiday)]
    assert again == counts
    Page.delete().where(Page.slug == "tentang").execute()
    reference.seed_reference(now=now)
