"""Indexes in whose order a queue of everything is sorted by its headings."""

INDEXES = {
    "request_subject_id": '"subject", "id"',
    "request_service_code_stage_code_id": '"service_code", "stage_code", "id"',
}


def up(migrator, db):
    for name, columns in INDEXES.items():
        db.execute_sql(f'CREATE INDEX "{name}" ON "request" ({columns})')


def down(migrator, db):
    for name in INDEXES:
        db.execute_sql(f'DROP INDEX "{name}"')
