"""Saved layouts of the recap, and exports made in the background."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class RecapLayout(Table):
        public_id = CharField(max_length=26, unique=True)
        owner = ForeignKeyField(User, on_delete="CASCADE")
        role_code = CharField(max_length=40, index=True)
        title = CharField(max_length=60)
        arguments = CharField(max_length=600)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "recap_layout"

    class ExportJob(Table):
        public_id = CharField(max_length=26, unique=True)
        owner = ForeignKeyField(User, on_delete="CASCADE")
        format = CharField(max_length=4)
        arguments = CharField(max_length=600)
        state = CharField(max_length=10)
        total = IntegerField()
        done = IntegerField()
        attempts = IntegerField()
        claim = CharField(max_length=36)
        lease_until = InstantField(null=True)
        error = CharField(max_length=300)
        filename = CharField(max_length=160)
        sha256 = CharField(max_length=64, index=True)
        size = IntegerField()
        created_at = InstantField()
        finished_at = InstantField(null=True)
        expires_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "export_job"
            indexes = (
                (("state", "created_at"), False),
                (("owner", "created_at"), False),
                (("expires_at",), False),
            )

    return RecapLayout, ExportJob


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
