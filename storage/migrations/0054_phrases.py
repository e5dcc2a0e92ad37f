"""Sentences that are kept ready for answers, refusals, completions and dispositions."""

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

    class Phrase(Table):
        public_id = CharField(max_length=26, unique=True)
        kind = CharField(max_length=12)
        title = CharField(max_length=80)
        text = TextField()
        basis = CharField(max_length=300, default="")
        alternative = TextField(default="")
        role_code = CharField(max_length=40, default="")
        owner = ForeignKeyField(User, null=True, on_delete="CASCADE")
        is_active = BooleanField(default=True)
        updated_at = InstantField()

        class Meta:
            database = db
            table_name = "phrase"
            indexes = ((("kind", "title"), False),)

    return (Phrase,)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
