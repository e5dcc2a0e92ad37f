"""Which customers wait for an answer, and how far somebody has seen what they were told.

Filled from the conversations: whoever wrote after the office's last message, unless the request
had ended so long before the last of all that nobody can write about it any more.
"""

from datetime import datetime, timedelta

from peewee import *

OPEN_DAYS = 30
OPEN_ROW = """
CREATE UNIQUE INDEX "awaited_reply_request" ON "awaited_reply" ("request_id")
WHERE "settled_at" IS NULL
"""
OLDEST = """
CREATE INDEX "awaited_reply_oldest" ON "awaited_reply" ("asked_at", "id")
WHERE "settled_at" IS NULL
"""
FILL = """
INSERT INTO "awaited_reply" ("request_id", "asked_at")
SELECT "said"."request_id", MIN("said"."at")
FROM "remark" AS "said" JOIN "request" ON "request"."id" = "said"."request_id"
WHERE "said"."is_from_customer" = {true} AND "said"."is_internal" = {false}
AND ("request"."closed_at" IS NULL OR "request"."closed_at" > '{since}')
AND NOT EXISTS (
  SELECT 1 FROM "remark" AS "answer"
  WHERE "answer"."request_id" = "said"."request_id" AND "answer"."id" > "said"."id"
  AND "answer"."is_from_customer" = {false} AND "answer"."is_internal" = {false}
)
GROUP BY "said"."request_id"
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

    class Remark(Table):
        class Meta:
            database = db
            table_name = "remark"

    class AwaitedReply(Table):
        request = ForeignKeyField(Request, on_delete="RESTRICT")
        asked_at = InstantField()
        settled_at = InstantField(null=True)
        settled_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        answer = ForeignKeyField(Remark, null=True, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "awaited_reply"

    class NoticeReading(Table):
        user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
        seen_at = InstantField()

        class Meta:
            database = db
            table_name = "notice_reading"

    return AwaitedReply, NoticeReading


def up(migrator, db):
    db.create_tables(tables(db))
    is_sqlite = isinstance(getattr(db, "obj", db), SqliteDatabase)
    true, false = ("1", "0") if is_sqlite else ("TRUE", "FALSE")
    if last := db.execute_sql('SELECT MAX("at") FROM "remark"').fetchone()[0]:
        last = datetime.fromisoformat(last) if isinstance(last, str) else last
        since = (last - timedelta(days=OPEN_DAYS)).isoformat(" ", "microseconds")
        db.execute_sql(FILL.format(true=true, false=false, since=since))
    db.execute_sql(OPEN_ROW)
    db.execute_sql(OLDEST)


def down(migrator, db):
    for table in tables(db):
        table.drop_table()
