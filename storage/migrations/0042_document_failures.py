"""Documents that couldn't be made: how often they were tried, and when they are again."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def tables(db):
    class Document(Model):
        id = BigAutoField()

        class Meta:
            database = db
            table_name = "document"

    class DocumentFailure(Model):
        id = BigAutoField()
        document = ForeignKeyField(Document, unique=True, on_delete="CASCADE")
        attempts = IntegerField()
        failed_at = InstantField()
        next_attempt_at = InstantField()
        error = CharField(max_length=300)

        class Meta:
            database = db
            table_name = "document_failure"

    return (DocumentFailure,)


def up(migrator, db):
    for table in tables(db):
        table.create_table()


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
