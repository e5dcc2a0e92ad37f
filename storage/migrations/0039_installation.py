"""By which id the folder of kept files knows the database that names them."""

from peewee import *


def tables(db):
    class Installation(Model):
        id = BigAutoField()
        store_id = CharField(max_length=32)

        class Meta:
            database = db
            table_name = "installation"

    return (Installation,)


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
