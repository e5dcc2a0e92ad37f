"""The treasurer's book: targets of a year, and what its lists are sorted and narrowed by."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


INDEXES = (("issued_at", "id"), ("paid_on",))


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class RevenueTarget(Table):
        service_code = CharField(max_length=40)
        year = IntegerField()
        amount = BigIntegerField()
        updated_at = InstantField()
        updated_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "revenue_target"
            indexes = ((("service_code", "year"), True),)

    return (RevenueTarget,)


def up(migrator, db):
    db.create_tables(tables(db))
    migrator.migrate(*(migrator.add_index("billing", columns, False) for columns in INDEXES))


def down(migrator, db):
    names = [index.name for index in db.get_indexes("billing") if tuple(index.columns) in INDEXES]
    migrator.migrate(*(migrator.drop_index("billing", name) for name in names))
    db.drop_tables(tables(db))
