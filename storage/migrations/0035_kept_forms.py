"""Forms that could not be taken when they came, kept for a day."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class JsonField(TextField):
    pass


class Table(Model):
    id = BigAutoField()


def tables(db):
    class KeptForm(Table):
        key = CharField(max_length=26, unique=True)
        owner = CharField(max_length=32, index=True)
        address = CharField(max_length=300)
        fields = JsonField()
        had_files = BooleanField()
        kept_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "kept_form"

    return (KeptForm,)


def up(migrator, db):
    for table in tables(db):
        table.create_table()


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
