"""Files that arrive in pieces."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class JsonField(TextField):
    pass


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Upload(Table):
        public_id = CharField(max_length=26, unique=True)
        user = ForeignKeyField(User, on_delete="CASCADE")
        purpose = CharField(max_length=160)
        kinds = CharField(max_length=60)
        max_mb = IntegerField()
        filename = CharField(max_length=160)
        size = BigIntegerField()
        changed = CharField(max_length=20)
        file = JsonField()
        sha256 = CharField(max_length=64, index=True)
        updated_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "upload"
            indexes = ((("user", "purpose"), False),)

    return (Upload,)


def up(migrator, db):
    for table in tables(db):
        table.create_table()


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
