"""The e-mail and the phone that somebody asked for, until they are proved."""

from peewee import *

COLUMNS = {
    "new_email": "VARCHAR(254) NOT NULL DEFAULT ''",
    "new_phone": "VARCHAR(20) NOT NULL DEFAULT ''",
}


def up(migrator, db):
    for name, kind in COLUMNS.items():
        # Not by the migrator, which builds the table anew on SQLite and loses its triggers.
        db.execute_sql(f'ALTER TABLE "user" ADD COLUMN "{name}" {kind}')
    # Two sign-ups may wait for one e-mail; few accounts wait for any.
    db.execute_sql(
        'CREATE INDEX "user_new_email" ON "user" ("new_email") WHERE "new_email" <> \'\''
    )


def down(migrator, db):
    db.execute_sql('DROP INDEX "user_new_email"')
    for name in COLUMNS:
        db.execute_sql(f'ALTER TABLE "user" DROP COLUMN "{name}"')
