"""What was done in the office and can still be undone, and the mark of it on the request."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def tables(db):
    class User(Model):
        id = BigAutoField()

        class Meta:
            database = db
            table_name = "user"

    class Request(Model):
        id = BigAutoField()

        class Meta:
            database = db
            table_name = "request"

    class HeldAct(Model):
        id = BigAutoField()
        request = ForeignKeyField(Request, on_delete="CASCADE")
        batch = CharField(max_length=26, index=True)
        actor = ForeignKeyField(User, index=False, on_delete="RESTRICT")
        acted_for = CharField(max_length=40)
        desk = CharField(max_length=50)
        choice_code = CharField(max_length=40)
        inputs = TextField()
        outcome = CharField(max_length=300)
        acted_at = InstantField()
        due_at = InstantField(index=True)
        refusal = CharField(max_length=500)

        class Meta:
            database = db
            table_name = "held_act"
            indexes = ((("actor", "due_at"), False),)

    HeldAct.add_index(
        HeldAct.index(
            HeldAct.request,
            unique=True,
            where=HeldAct.refusal == SQL("''"),
            name="held_act_open",
        )
    )
    return (HeldAct,)


def up(migrator, db):
    # Not by the migrator, which builds the table anew on SQLite and loses its triggers.
    db.execute_sql(
        'ALTER TABLE "request" ADD COLUMN "held_by_id" BIGINT '
        'REFERENCES "user" ("id") ON DELETE RESTRICT'
    )
    for table in tables(db):
        table.create_table()


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
    db.execute_sql('ALTER TABLE "request" DROP COLUMN "held_by_id"')
