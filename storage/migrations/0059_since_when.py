"""Since when a part lives: who has just begun isn't late with what waited for it.

And the index of words is written at once everywhere: databases that were made before its migration
said so still gather what is to be written, and make somebody who files wait for all of it.
"""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def up(migrator, db):
    # Whoever lives writes the row again within seconds.
    db.execute_sql('DELETE FROM "heartbeat"')
    migrator.migrate(migrator.add_column("heartbeat", "began_at", InstantField(null=True)))
    if not isinstance(db, SqliteDatabase):
        db.execute_sql('ALTER INDEX "request_search_words" SET (fastupdate = off)')


def down(migrator, db):
    migrator.migrate(migrator.drop_column("heartbeat", "began_at"))
