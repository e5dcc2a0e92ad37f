"""What became of messages: ladder of channels, state of a channel, people to be phoned."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    """Frozen copies; the tables that exist already are named by their keys only."""

    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class Message(Table):
        class Meta:
            database = db
            table_name = "message"

    class CallTask(Table):
        public_id = CharField(max_length=26, unique=True)
        recipient = ForeignKeyField(User, on_delete="RESTRICT")
        request = ForeignKeyField(Request, null=True, on_delete="RESTRICT")
        reason = CharField(max_length=300)
        created_at = InstantField()
        done_at = InstantField(null=True)
        done_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
        outcome = CharField(max_length=16)
        note = CharField(max_length=500)

        class Meta:
            database = db
            table_name = "call_task"
            indexes = ((("done_at", "created_at"), False), (("recipient", "done_at"), False))

    class ChannelState(Table):
        name = CharField(max_length=16, unique=True)
        failures = IntegerField()
        opened_at = InstantField(null=True)
        next_probe_at = InstantField(null=True)
        next_send_at = InstantField(null=True)
        reason = CharField(max_length=300)

        class Meta:
            database = db
            table_name = "channel_state"

    return Message, CallTask, ChannelState


def columns(db):
    Message, CallTask, _ = tables(db)
    return {
        "state_at": InstantField(null=True),
        "queued_at": InstantField(null=True),
        "carrier": CharField(max_length=16, default=""),
        "report_id": CharField(max_length=120, default=""),
        "origin_id": ForeignKeyField(
            Message, Message.id, null=True, backref="followers", on_delete="SET NULL"
        ),
        "fell_back_at": InstantField(null=True),
        "call_task_id": ForeignKeyField(
            CallTask, CallTask.id, null=True, backref="messages", on_delete="SET NULL"
        ),
    }


def up(migrator, db):
    db.create_tables(tables(db)[1:])
    for name, field in columns(db).items():
        migrator.migrate(migrator.add_column("message", name, field))
    migrator.migrate(migrator.add_index("message", ("report_id",), False))
    db.execute_sql('UPDATE "message" SET "queued_at" = "next_attempt_at", "state_at" = "sent_at"')


def down(migrator, db):
    for index in db.get_indexes("message"):
        if set(index.columns) & set(columns(db)):
            migrator.migrate(migrator.drop_index("message", index.name))
    for name in columns(db):
        migrator.migrate(migrator.drop_column("message", name))
    db.drop_tables(tables(db)[1:])
