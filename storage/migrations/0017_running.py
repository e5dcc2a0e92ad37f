"""Indexes of the queue: of the running requests, of services by status, of what is done.

What a request doesn't need while it runs, or once it is closed, leaves the indexes, so that a
move writes less than before.
"""

OLD = (
    ("waiting_role", "stage_due_at", "id", "assignee_id"),
    ("assignee_id", "waiting_role", "stage_due_at"),
    ("service_code", "submitted_month", "status"),
    ("status", "submitted_at"),
    ("office_done_at", "id"),
)
NEW = (
    ("status", "submitted_at", "id"),
    ("service_code", "status", "submitted_at", "id"),
)
PARTIAL = {
    "request_running": """
CREATE INDEX IF NOT EXISTS "request_running" ON "request" (
  "waiting_role", "stage_due_at", "id", "assignee_id", "service_code", "stage_code", "status",
  "submitted_at", "stage_entered_at"
) WHERE "waiting_role" != ''
""",
    "request_done": """
CREATE INDEX IF NOT EXISTS "request_done" ON "request" ("office_done_at", "id", "due_at")
WHERE "office_done_at" IS NOT NULL
""",
    "request_service_done": """
CREATE INDEX IF NOT EXISTS "request_service_done" ON "request" (
  "service_code", "office_done_at", "id", "due_at"
) WHERE "office_done_at" IS NOT NULL
""",
}


def exchange(migrator, db, *, gone, come):
    there = {tuple(index.columns): index.name for index in db.get_indexes("request")}
    for columns in gone:
        if columns in there:
            migrator.migrate(migrator.drop_index("request", there[columns]))
    for columns in come:
        if columns not in there:
            migrator.migrate(migrator.add_index("request", columns, False))


def up(migrator, db):
    exchange(migrator, db, gone=OLD, come=NEW)
    for sql in PARTIAL.values():
        db.execute_sql(sql)


def down(migrator, db):
    for name in PARTIAL:
        db.execute_sql(f'DROP INDEX "{name}"')
    exchange(migrator, db, gone=NEW, come=OLD)
