"""E-mail and phone are proved apart, each with its moment.

Until now one link went to both, and whoever opened it had verified the account. Which of the two
it came by was not written down, so that an account in use keeps both: it is told by both today.
What was never given is not proved.
"""

from peewee import *

# As `models.NO_EMAIL` was then.
NO_EMAIL = "%@tanpa-email.invalid"


def up(migrator, db):
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    # Not by the migrator, which builds the table anew on SQLite and loses its triggers.
    db.execute_sql('ALTER TABLE "user" RENAME COLUMN "confirmed_at" TO "email_confirmed_at"')
    db.execute_sql('ALTER TABLE "user" ADD COLUMN "phone_confirmed_at" TIMESTAMPTZ')
    db.execute_sql(
        'UPDATE "user" SET "phone_confirmed_at" = "email_confirmed_at" WHERE "phone" <> \'\''
    )
    db.execute_sql(
        f'UPDATE "user" SET "email_confirmed_at" = NULL WHERE "email" LIKE {mark}', (NO_EMAIL,)
    )


def down(migrator, db):
    db.execute_sql(
        'UPDATE "user" SET "email_confirmed_at" = "phone_confirmed_at" '
        'WHERE "email_confirmed_at" IS NULL OR "phone_confirmed_at" < "email_confirmed_at"'
    )
    db.execute_sql('ALTER TABLE "user" DROP COLUMN "phone_confirmed_at"')
    db.execute_sql('ALTER TABLE "user" RENAME COLUMN "email_confirmed_at" TO "confirmed_at"')
