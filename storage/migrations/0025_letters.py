"""Letters in and out with numbers of their own; what letters say of who signs."""

from peewee import *

PERSON = (("nip", 18), ("rank", 60), ("position", 120))


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class Document(Table):
        class Meta:
            database = db
            table_name = "document"

    class IncomingLetter(Table):
        request = ForeignKeyField(Request, unique=True, on_delete="RESTRICT")
        year = IntegerField()
        seq = IntegerField()
        received_at = InstantField()
        number = CharField(max_length=100)
        dated_on = DateField(null=True)
        sender = CharField(max_length=160)

        class Meta:
            database = db
            table_name = "incoming_letter"
            indexes = ((("year", "seq"), True),)

    class OutgoingLetter(Table):
        public_id = CharField(max_length=26, unique=True)
        register = CharField(max_length=24)
        year = IntegerField()
        seq = IntegerField()
        number = CharField(max_length=80, index=True)
        document = ForeignKeyField(Document, unique=True, on_delete="RESTRICT")
        request = ForeignKeyField(Request, on_delete="RESTRICT")
        issued_at = InstantField()
        signer_role = CharField(max_length=40)
        signer = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        signature = TextField()
        signed_by_way = CharField(max_length=12)
        signature_id = CharField(max_length=120)
        signed_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "outgoing_letter"
            indexes = (
                (("register", "year", "seq"), True),
                (("issued_at", "id"), False),
            )

    return IncomingLetter, OutgoingLetter


def up(migrator, db):
    # Written out: peewee's way rebuilds the table on SQLite, and its triggers would be gone.
    for name, length in PERSON:
        db.execute_sql(
            f'ALTER TABLE "user" ADD COLUMN "{name}" VARCHAR({length}) NOT NULL DEFAULT \'\''
        )
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
    for name, _ in PERSON:
        db.execute_sql(f'ALTER TABLE "user" DROP COLUMN "{name}"')
