"""Which parts of the system live, and of what the administrator was told."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def tables(db):
    class Heartbeat(Model):
        id = BigAutoField()
        name = CharField(max_length=120, unique=True)
        seen_at = InstantField()
        version = CharField(max_length=20)

        class Meta:
            database = db
            table_name = "heartbeat"

    class Trouble(Model):
        id = BigAutoField()
        code = CharField(max_length=120)
        title = CharField(max_length=120)
        words = CharField(max_length=300)
        advice = CharField(max_length=300)
        opened_at = InstantField(index=True)
        seen_at = InstantField()
        ended_at = InstantField(null=True)
        next_try_at = InstantField()
        tries = IntegerField()
        told_at = InstantField(null=True)
        end_told_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "trouble"

    is_open = Trouble.ended_at.is_null()
    Trouble.add_index(Trouble.index(Trouble.code, unique=True, where=is_open, name="trouble_open"))
    return Heartbeat, Trouble


def up(migrator, db):
    for table in tables(db):
        table.create_table()


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
