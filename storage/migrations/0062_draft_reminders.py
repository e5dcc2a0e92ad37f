"""When somebody was reminded of a form that they began and never sent: once, then no more."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def up(migrator, db):
    column = InstantField(null=True)
    migrator.migrate(migrator.add_column("request_draft", "reminded_at", column))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("request_draft", "reminded_at"))
