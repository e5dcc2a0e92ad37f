"""Documents of any kind, several for one input, each with a description and looked through."""

from peewee import *

COLUMNS = {
    "media_type": CharField(max_length=100, default="application/pdf"),
    "description": CharField(max_length=200, default=""),
    "part": IntegerField(default=0),
    "scan": CharField(max_length=10, default=""),
}


def up(migrator, db):
    for name, column in COLUMNS.items():
        migrator.migrate(migrator.add_column("document", name, column))
    db.execute_sql(
        """CREATE INDEX "document_unscanned" ON "document" ("scan") WHERE "scan" != ''"""
    )


def down(migrator, db):
    db.execute_sql('DROP INDEX "document_unscanned"')
    for name in COLUMNS:
        migrator.migrate(migrator.drop_column("document", name))
