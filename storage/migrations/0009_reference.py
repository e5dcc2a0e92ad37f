"""What a change in the office's own tables said before and after; accounts joined to another."""

from peewee import *


class Table(Model):
    id = BigAutoField()


def tables(db):
    class Event(Table):
        class Meta:
            database = db
            table_name = "event"

    class ChangeRecord(Table):
        event = ForeignKeyField(Event, unique=True, on_delete="CASCADE")
        table = CharField(max_length=40, index=True)
        row_id = BigIntegerField()
        before = TextField()
        after = TextField()

        class Meta:
            database = db
            table_name = "change_record"

    return (ChangeRecord,)


def up(migrator, db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    merged_into = ForeignKeyField(User, field=User.id, null=True, on_delete="RESTRICT")
    migrator.migrate(migrator.add_column("user", "merged_into_id", merged_into))
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
    migrator.migrate(migrator.drop_column("user", "merged_into_id"))
