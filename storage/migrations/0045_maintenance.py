"""Times in which pages are read and nothing is written."""

from peewee import *

from storage.database import InstantField


def tables(db):
    class Maintenance(Model):
        id = BigAutoField()
        began_at = InstantField()
        ended_at = InstantField(null=True)
        expected_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "maintenance"

    return (Maintenance,)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
