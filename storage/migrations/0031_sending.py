"""Messages for one address alone, links that no row holds, and faults by recipient."""

import json

from peewee import *

COLUMNS = {
    "message": {
        "only_here": "BOOLEAN NOT NULL DEFAULT {false}",
        "link": "VARCHAR(16) NOT NULL DEFAULT ''",
        "lost_answers": "INTEGER NOT NULL DEFAULT 0",
    },
    "channel_state": {
        "faulty": "VARCHAR(60) NOT NULL DEFAULT ''",
        "takes_utf8": "BOOLEAN",
    },
}
# Words whose link opens an account, when this was written.
SECRET = "'akun_terdaftar', 'kirim_ulang_verifikasi', 'reset_sandi', 'undangan_petugas'"
LINKED = f'SELECT "id", "variables" FROM "message" WHERE "template" IN ({SECRET})'
# A link that was written down can't be sent any more; whoever waits for it asks for another.
LOST = f"""
UPDATE "message" SET "state" = 'cancelled', "error" = 'Tautan ini tidak disimpan lagi.'
WHERE "state" IN ('queued', 'sending') AND "template" IN ({SECRET})
"""
ANSWERS = """UPDATE "message" SET "only_here" = {true} WHERE "template" LIKE 'jawaban%%'"""
NAMED = (
    """SELECT "id", "provider_id" FROM "message" WHERE "carrier" = 'waha' AND "report_id" = ''"""
)


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    mark = "?" if is_sqlite else "%s"
    words = {"true": "1", "false": "0"} if is_sqlite else {"true": "true", "false": "false"}
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            # Not by the migrator, which builds the table anew on SQLite.
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind.format(**words)}')
    db.execute_sql(ANSWERS.format(**words))
    db.execute_sql(LOST)
    for row_id, text in db.execute_sql(LINKED).fetchall():
        variables = json.loads(text)
        if variables.pop("tautan", None):
            kept = json.dumps(variables, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            db.execute_sql(
                f'UPDATE "message" SET "variables" = {mark} WHERE "id" = {mark}', (kept, row_id)
            )
    for row_id, found in db.execute_sql(NAMED).fetchall():
        # By the last part, which stays when the contact is called otherwise.
        db.execute_sql(
            f'UPDATE "message" SET "report_id" = {mark} WHERE "id" = {mark}',
            (found.rpartition("_")[2], row_id),
        )


def down(migrator, db):
    for table, columns in COLUMNS.items():
        for name in columns:
            db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{name}"')
