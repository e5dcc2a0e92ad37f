"""What is late: its cause, and the finishing moment that the customer was told anew."""

import json
from datetime import UTC, datetime

from peewee import *

COLUMNS = {
    "delay_cause": "VARCHAR(40) NOT NULL DEFAULT ''",
    "expected_at": "TIMESTAMPTZ",
}
INDEX = """
CREATE INDEX "request_delayed" ON "request" ("delay_cause", "submitted_at", "id")
WHERE "delay_cause" != ''
"""
# What running requests were told since their promise slipped; the last one holds.
TOLD = """
SELECT "request_id", "data" FROM "event" WHERE "kind" = 'promise_slipped' AND "request_id" IN
  (SELECT "id" FROM "request" WHERE "waiting_role" != '') ORDER BY "request_id", "seq"
"""


def up(migrator, db):
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    for name, kind in COLUMNS.items():
        # Not by the migrator, which builds the table anew on SQLite and loses its triggers.
        db.execute_sql(f'ALTER TABLE "request" ADD COLUMN "{name}" {kind}')
    db.execute_sql(INDEX)
    for request_id, data in db.execute_sql(TOLD).fetchall():
        until = datetime.fromisoformat(json.loads(data)["until"]).astimezone(UTC)
        db.execute_sql(
            f'UPDATE "request" SET "expected_at" = {mark} WHERE "id" = {mark}',
            (until.isoformat(" ", "microseconds"), request_id),
        )


def down(migrator, db):
    db.execute_sql('DROP INDEX "request_delayed"')
    for name in COLUMNS:
        db.execute_sql(f'ALTER TABLE "request" DROP COLUMN "{name}"')
