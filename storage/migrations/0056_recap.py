"""By when the office was through with a request, and recaps that are sent by themselves."""

from peewee import *

from storage.database import InstantField, JsonField

ENDED = """
CREATE INDEX "request_ended" ON "request" (COALESCE("office_done_at", "closed_at"), "id")
"""


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class RecapSchedule(Table):
        public_id = CharField(max_length=26, unique=True)
        title = CharField(max_length=60)
        arguments = CharField(max_length=600)
        format = CharField(max_length=4)
        day_of_month = IntegerField()
        recipients = JsonField()
        last_due_on = DateField()
        created_at = InstantField()
        created_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
        ended_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "recap_schedule"
            indexes = ((("ended_at", "last_due_on"), False),)

    return (RecapSchedule,)


def up(migrator, db):
    db.execute_sql(ENDED)
    db.create_tables(tables(db))
    # Empty for what somebody ordered.
    db.execute_sql(
        """ALTER TABLE "export_job" ADD COLUMN "title" VARCHAR(60) NOT NULL DEFAULT ''"""
    )


def down(migrator, db):
    db.execute_sql('ALTER TABLE "export_job" DROP COLUMN "title"')
    for table in tables(db):
        table.drop_table()
    db.execute_sql('DROP INDEX "request_ended"')
