"""Papers about many requests, which everybody who holds one can check."""

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

    class Printout(Table):
        public_id = CharField(max_length=26, unique=True)
        code = CharField(max_length=26, unique=True)
        kind = CharField(max_length=20)
        number = CharField(max_length=40)
        about = TextField()
        series = CharField(max_length=64)
        role_code = CharField(max_length=40)
        issuer = CharField(max_length=80)
        created_by = ForeignKeyField(User, on_delete="RESTRICT")
        created_at = InstantField()
        sha256 = CharField(max_length=64)
        size = IntegerField()
        revoked_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "printout"
            indexes = (
                (("series", "created_at"), False),
                (("role_code", "created_at"), False),
            )

    return (Printout,)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
