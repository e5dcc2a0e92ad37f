"""Conversations per request, messages that arrive, the office's own wordings, how to be told."""

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

    class OwnWording(Table):
        code = CharField(max_length=40)
        version = IntegerField()
        subject = CharField(max_length=160)
        text = TextField()
        is_default = BooleanField()
        created_at = InstantField()
        created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "own_wording"
            indexes = ((("code", "version"), True),)

    class Remark(Table):
        public_id = CharField(max_length=26, unique=True)
        key = CharField(max_length=80, unique=True)
        request = ForeignKeyField(Request, on_delete="RESTRICT")
        author = ForeignKeyField(User, on_delete="RESTRICT")
        acted_for = CharField(max_length=40)
        is_from_customer = BooleanField()
        is_internal = BooleanField()
        via = CharField(max_length=12)
        text = TextField()
        at = InstantField()

        class Meta:
            database = db
            table_name = "remark"
            indexes = ((("request", "is_internal", "id"), False),)

    class RemarkReading(Table):
        request = ForeignKeyField(Request, on_delete="CASCADE")
        user = ForeignKeyField(User, on_delete="CASCADE")
        upto = BigIntegerField()

        class Meta:
            database = db
            table_name = "remark_reading"
            indexes = ((("request", "user"), True),)

    class IncomingMessage(Table):
        public_id = CharField(max_length=26, unique=True)
        provider_id = CharField(max_length=160, unique=True)
        channel = CharField(max_length=16)
        phone = CharField(max_length=20)
        kind = CharField(max_length=16)
        text = TextField()
        received_at = InstantField()
        sender = ForeignKeyField(User, null=True, backref="incoming", on_delete="RESTRICT")
        request = ForeignKeyField(Request, null=True, backref="incoming", on_delete="RESTRICT")
        outcome = CharField(max_length=16)
        is_waiting = BooleanField()
        handled_at = InstantField(null=True)
        handled_by = ForeignKeyField(User, null=True, backref="handled", on_delete="RESTRICT")
        answer = TextField()

        class Meta:
            database = db
            table_name = "incoming_message"
            indexes = (
                (("is_waiting", "received_at"), False),
                (("phone", "received_at"), False),
            )

    return OwnWording, Remark, RemarkReading, IncomingMessage


def up(migrator, db):
    notify_by = CharField(max_length=12, default="whatsapp")
    migrator.migrate(migrator.add_column("user", "notify_by", notify_by))
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
    migrator.migrate(migrator.drop_column("user", "notify_by"))
