"""Who is away on which days, and the secret addresses by which calendars read the agenda."""

from peewee import *

from storage.database import InstantField


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Absence(Table):
        public_id = CharField(max_length=26, unique=True)
        user = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
        kind = CharField(max_length=12)
        from_on = DateField()
        until_on = DateField()
        created_at = InstantField()
        created_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
        revoked_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "absence"
            indexes = ((("until_on", "from_on"), False),)

    class CalendarFeed(Table):
        user = ForeignKeyField(User, unique=True, backref="+", on_delete="CASCADE")
        token_digest = CharField(max_length=64, unique=True)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "calendar_feed"

    return (Absence, CalendarFeed)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
