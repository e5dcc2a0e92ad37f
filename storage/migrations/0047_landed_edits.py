"""What databases of earlier landings lack, since migrations were mended after they had landed.

Each step looks first whether the database needs it. Others find nothing to do here.
"""

from importlib import import_module

from peewee import *
from playhouse.pool import PooledSqliteDatabase

figures = import_module("storage.migrations.0014_figures")
participation = import_module("storage.migrations.0020_participation")

# Of the first days: lists went without these.
INDEXES = (
    ("message", ("provider_id",)),
    ("request", ("customer_id", "submitted_at", "id")),
    ("request", ("waiting_role", "submitted_at", "id")),
)
GONE = (("request", ("customer_id", "submitted_at")),)
BY_HUNDREDTHS = ("service_code", "days", "hundredths", "month")
BY_MONTH = """
CREATE UNIQUE INDEX "requestfigure_service_code_days_month_hundredths"
ON "request_figure" ("service_code", "days", "month", "hundredths")
"""


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def indexes(db, table):
    """Columns -> index."""
    return {tuple(index.columns): index for index in db.get_indexes(table)}


def columns(db, table):
    return {column.name: column.data_type.lower() for column in db.get_columns(table)}


def mend_indexes(migrator, db):
    for table, wanted in INDEXES:
        if wanted not in indexes(db, table):
            migrator.migrate(migrator.add_index(table, wanted, False))
    for table, unwanted in GONE:
        if found := indexes(db, table).get(unwanted):
            migrator.migrate(migrator.drop_index(table, found.name))


def mend_figures(migrator, db):
    """The triggers name the columns of the index in its order."""
    found = indexes(db, "request_figure").get(BY_HUNDREDTHS)
    if not found:
        return
    migrator.migrate(migrator.drop_index("request_figure", found.name))
    db.execute_sql(BY_MONTH)
    for table, *_ in figures.COUNTED:
        for name, *_ in figures.MOMENTS:
            if is_sqlite(db):
                db.execute_sql(f'DROP TRIGGER "{table}_tally_{name}"')
            else:
                db.execute_sql(f"DROP FUNCTION melasti_{table}_tally_{name}() CASCADE")
    made = figures.triggers_sqlite() if is_sqlite(db) else figures.triggers_postgres()
    for sql in made:
        db.execute_sql(sql)


def mend_participation(db):
    for index in db.get_indexes("participation"):
        if index.name == "participation_post" and "user_id IS NULL" in index.sql.replace('"', ""):
            db.execute_sql('DROP INDEX "participation_post"')
            db.execute_sql(participation.BY_POST)


def mend_uploads(db):
    if "kinds" not in columns(db, "upload"):
        # What is on its way then is a PDF of a form.
        for column in ("\"kinds\" VARCHAR(60) NOT NULL DEFAULT 'pdf'",
                       '"max_mb" INTEGER NOT NULL DEFAULT 2'):  # fmt: skip
            db.execute_sql(f'ALTER TABLE "upload" ADD COLUMN {column}')


def mend_channels(db):
    if columns(db, "channel_state")["faulty"] == "text":
        # Counts from the last message that arrived: it may begin again.
        db.execute_sql('ALTER TABLE "channel_state" DROP COLUMN "faulty"')
        db.execute_sql(
            """ALTER TABLE "channel_state" ADD COLUMN "faulty" VARCHAR(60) NOT NULL DEFAULT ''"""
        )


def up(migrator, db):
    mend_indexes(migrator, db)
    mend_figures(migrator, db)
    mend_participation(db)
    mend_uploads(db)
    mend_channels(db)


def down(migrator, db):
    """Nothing of the models' own is undone."""
