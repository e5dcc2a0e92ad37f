"""The migrations build exactly what the models say, on both engines."""

from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

import models
from database import MIGRATIONS, database, migrate


def test_migrated_database_equals_the_models(app, db):
    diff = diff_models(database.obj, models.TABLES)
    assert not any(diff), diff


def test_migrating_again_does_nothing(app, db):
    assert migrate() == []
    assert all(migration.applied for migration in
               Runner(database.obj, str(MIGRATIONS)).status())  # fmt: skip


def test_reference_rows_are_seeded_once_and_edits_stay(app, db, now):
    import seeding

    counts = [table.select().count() for table in (models.Role, models.Page, models.Holiday)]
    models.Page.update(body="Disunting").where(models.Page.slug == "tentang").execute()
    seeding.seed_reference(now=now)
    assert models.Page.get(models.Page.slug == "tentang").body == "Disunting"
    again = [table.select().count() for table in (models.Role, models.Page, models.Holiday)]
    assert again == counts
    models.Page.delete().where(models.Page.slug == "tentang").execute()
    seeding.seed_reference(now=now)
