"""When the last backups were made, where they lie, and what one failed of."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def tables(db):
    class Backup(Model):
        id = BigAutoField()
        began_at = InstantField()
        finished_at = InstantField(index=True)
        target = CharField(max_length=300)
        size = BigIntegerField()
        files = IntegerField()
        error = CharField(max_length=300)

        class Meta:
            database = db
            table_name = "backup"

    return (Backup,)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
