"""Who worked on a request, and for which post; and who was invited and never accepted.

The first is filled from the history: whoever acted in a post's name, except by a message or note.
An invited person had a password that nobody knew; from here on it has none until one is chosen.
"""

from peewee import *

BY_PERSON = """
CREATE UNIQUE INDEX IF NOT EXISTS "participation_person"
ON "participation" ("user_id", "submitted_at", "request_id") WHERE "user_id" IS NOT NULL
"""
BY_POST = """
CREATE UNIQUE INDEX IF NOT EXISTS "participation_post"
ON "participation" ("role_code", "submitted_at", "request_id") WHERE "role_code" != ''
"""
FILL = """
INSERT INTO "participation" ("request_id", "user_id", "role_code", "submitted_at")
SELECT DISTINCT "event"."request_id", {user}, {role}, "request"."submitted_at"
FROM "event" JOIN "request" ON "request"."id" = "event"."request_id"
WHERE "event"."actor_id" IS NOT NULL AND "event"."acted_for" <> ''
AND "event"."kind" NOT IN ('message_written', 'note_written')
"""
FILLS = (
    FILL.format(user='"event"."actor_id"', role="''"),
    FILL.format(user="CAST(NULL AS BIGINT)", role='"event"."acted_for"'),
)
NEVER_ACCEPTED = """
UPDATE "user" SET "password" = NULL
WHERE "is_staff" = {true}
AND "id" IN (SELECT "recipient_id" FROM "message" WHERE "template" = 'undangan_petugas')
AND "id" NOT IN (
  SELECT "actor_id" FROM "event" WHERE "kind" = 'password_changed' AND "actor_id" IS NOT NULL
)
"""


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Participation(Table):
        request = ForeignKeyField(Request, index=False, on_delete="CASCADE")
        user = ForeignKeyField(User, null=True, index=False, on_delete="RESTRICT")
        role_code = CharField(max_length=40, default="")
        submitted_at = InstantField()

        class Meta:
            database = db
            table_name = "participation"

    return (Participation,)


def up(migrator, db):
    db.create_tables(tables(db))
    for sql in FILLS:
        db.execute_sql(sql)
    db.execute_sql(BY_PERSON)
    db.execute_sql(BY_POST)
    db.execute_sql(NEVER_ACCEPTED.format(true="1" if isinstance(db, SqliteDatabase) else "TRUE"))


def down(migrator, db):
    """Whoever hasn't accepted goes on without a password: nobody knew the one before."""
    db.drop_tables(tables(db))
