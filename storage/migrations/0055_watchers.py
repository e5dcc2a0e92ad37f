"""Who follows which request."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Watcher(Table):
        request = ForeignKeyField(Request, on_delete="CASCADE")
        user = ForeignKeyField(User, on_delete="CASCADE")
        since_at = InstantField()

        class Meta:
            database = db
            table_name = "watcher"
            indexes = ((("request", "user"), True),)

    return (Watcher,)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
