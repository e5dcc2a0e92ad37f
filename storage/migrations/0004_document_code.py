"""A random code by which everybody can check a document, and the moment it was withdrawn."""

import base64
import secrets

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


def new_code():
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def up(migrator, db):
    class Document(Model):
        id = BigAutoField()
        code = CharField(max_length=26)

        class Meta:
            database = db
            table_name = "document"

    migrator.migrate(
        migrator.add_column("document", "code", CharField(max_length=26, default="")),
        migrator.add_column("document", "revoked_at", InstantField(null=True)),
    )
    for (row_id,) in list(Document.select(Document.id).tuples()):
        Document.update(code=new_code()).where(Document.id == row_id).execute()
    migrator.migrate(migrator.add_index("document", ("code",), True))


def down(migrator, db):
    for index in db.get_indexes("document"):
        if index.columns == ["code"]:
            migrator.migrate(migrator.drop_index("document", index.name))
    migrator.migrate(
        migrator.drop_column("document", "code"), migrator.drop_column("document", "revoked_at")
    )
