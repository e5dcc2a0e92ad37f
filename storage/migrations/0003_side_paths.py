"""Side paths, pauses, acting officials, bills, versions of documents and of services."""

import json

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

    class FlowVersion(Table):
        class Meta:
            database = db
            table_name = "flow_version"

    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class Document(Table):
        class Meta:
            database = db
            table_name = "document"

    class Pause(Table):
        request = ForeignKeyField(Request, on_delete="CASCADE")
        reason = CharField(max_length=20)
        began_at = InstantField()
        ended_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "pause"
            indexes = ((("request", "began_at"), False),)

    class Mandate(Table):
        public_id = CharField(max_length=26, unique=True)
        role_code = CharField(max_length=40)
        kind = CharField(max_length=3)
        absent = ForeignKeyField(User, null=True, backref="absences", on_delete="RESTRICT")
        acting = ForeignKeyField(User, backref="mandates", on_delete="RESTRICT")
        letter = CharField(max_length=80)
        from_on = DateField()
        until_on = DateField()
        services = TextField()
        created_at = InstantField()
        created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        revoked_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "mandate"
            indexes = ((("acting", "until_on"), False), (("role_code", "until_on"), False))

    class Billing(Table):
        request = ForeignKeyField(Request, on_delete="RESTRICT")
        code = CharField(max_length=15, unique=True)
        amount = BigIntegerField()
        issued_at = InstantField()
        expires_on = DateField()
        ntpn = CharField(max_length=16, null=True, unique=True)
        paid_on = DateField(null=True)
        verified_at = InstantField(null=True)
        replaced_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "billing"
            indexes = ((("request", "issued_at"), False), (("expires_on",), False))

    class FlowDraft(Table):
        service_code = CharField(max_length=40, unique=True)
        definition = TextField()
        base = ForeignKeyField(FlowVersion, null=True, on_delete="SET NULL")
        updated_at = InstantField()
        updated_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "flow_draft"

    return User, FlowVersion, Request, Document, (Pause, Mandate, Billing, FlowDraft)


def columns(db):
    User, FlowVersion, Request, Document, _ = tables(db)
    user_key = {"model": User, "field": User.id, "null": True, "on_delete": "RESTRICT"}
    return {
        "request": {
            "step": IntegerField(default=0),
            "pending": CharField(max_length=16, default=""),
            "pending_due_at": InstantField(null=True),
            "details": TextField(default="{}"),
            "channel": CharField(max_length=12, default="portal"),
            "registered_by_id": ForeignKeyField(**user_key, backref="registered"),
            "is_free": BooleanField(default=False),
            "is_urgent": BooleanField(default=False),
            "revision": IntegerField(default=0),
            "agreed_due_on": DateField(null=True),
            "agreed_at": InstantField(null=True),
        },
        "flow_version": {
            "published_at": InstantField(null=True),
            "published_by_id": ForeignKeyField(**user_key),
            "note": CharField(max_length=300, default=""),
        },
        "document": {
            "released_at": InstantField(null=True),
            "version": IntegerField(default=1),
            "replaced_by_id": ForeignKeyField(
                Document, Document.id, null=True, on_delete="SET NULL"
            ),
        },
    }


def up(migrator, db):
    for table, added in columns(db).items():
        for name, field in added.items():
            migrator.migrate(migrator.add_column(table, name, field))
    migrator.migrate(migrator.add_index("request", ("pending", "pending_due_at"), False))
    db.create_tables(tables(db)[4])
    db.execute_sql('UPDATE "flow_version" SET "published_at" = "created_at"')
    db.execute_sql(
        'UPDATE "document" SET "released_at" = (SELECT "released_at" FROM "request" '
        'WHERE "request"."id" = "document"."request_id") WHERE "is_result"'
    )
    _gather_draft_files(migrator, db)


def _gather_draft_files(migrator, db):
    """A draft now holds several files, in one column."""
    migrator.migrate(migrator.add_column("request_draft", "files", TextField(default="{}")))

    class RequestDraft(Table):
        file_sha256 = CharField()
        file_name = CharField()
        file_size = IntegerField()
        file_offset = IntegerField()
        files = TextField()

        class Meta:
            database = db
            table_name = "request_draft"

    for draft in RequestDraft.select().where(RequestDraft.file_sha256 != ""):
        kept = [draft.file_sha256, draft.file_size, draft.file_name, draft.file_offset]
        files = json.dumps({"pendukung": kept}, ensure_ascii=False, separators=(",", ":"))
        RequestDraft.update(files=files).where(RequestDraft.id == draft.id).execute()
    for index in db.get_indexes("request_draft"):
        if index.columns == ["file_sha256"]:
            migrator.migrate(migrator.drop_index("request_draft", index.name))
    for name in ("file_sha256", "file_name", "file_size", "file_offset"):
        migrator.migrate(migrator.drop_column("request_draft", name))


def down(migrator, db):
    migrator.migrate(
        migrator.add_column("request_draft", "file_sha256", CharField(max_length=64, default="")),
        migrator.add_index("request_draft", ("file_sha256",), False),
        migrator.add_column("request_draft", "file_name", CharField(max_length=160, default="")),
        migrator.add_column("request_draft", "file_size", IntegerField(default=0)),
        migrator.add_column("request_draft", "file_offset", IntegerField(default=0)),
        migrator.drop_column("request_draft", "files"),
    )
    db.drop_tables(tables(db)[4])
    for table, added in columns(db).items():
        for index in db.get_indexes(table):
            if set(index.columns) & set(added):
                migrator.migrate(migrator.drop_index(table, index.name))
        for name in added:
            migrator.migrate(migrator.drop_column(table, name))
