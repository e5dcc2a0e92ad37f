"""A question of the FAQ can be kept without being shown; all there are now stay shown."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("faq_item", "is_shown", BooleanField(default=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("faq_item", "is_shown"))
