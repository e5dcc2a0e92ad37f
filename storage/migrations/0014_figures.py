"""Figures of the public statistics, kept by triggers so that its page counts no rows.

What a request or an answer counts for is said once, in a view; the triggers take out what it
said before and put in what it says now, in the transaction of whoever wrote.
"""

from peewee import *
from playhouse.pool import PooledSqliteDatabase


class Table(Model):
    id = BigAutoField()


def tables(db):
    class RequestFigure(Table):
        month = CharField(max_length=7)
        service_code = CharField(max_length=40)
        days = IntegerField()
        hundredths = IntegerField()
        requests = IntegerField()
        on_time = IntegerField()

        class Meta:
            database = db
            table_name = "request_figure"
            indexes = (
                (("service_code", "days", "month", "hundredths"), True),
                (("hundredths", "month"), False),
            )

    class AnswerFigure(Table):
        month = CharField(max_length=7)
        element = CharField(max_length=2)
        answers = IntegerField()
        total = IntegerField()

        class Meta:
            database = db
            table_name = "answer_figure"
            indexes = ((("month", "element"), True),)

    return RequestFigure, AnswerFigure


# A request counts as filed; and once the office is done, for its whole days and to the hundredth.
TALLY = """
CREATE VIEW "request_tally" AS
  SELECT "id", "submitted_month" AS "month", "service_code", -1 AS "days", -1 AS "hundredths",
    0 AS "on_time"
  FROM "request"
  UNION ALL
  SELECT "id", "submitted_month", "service_code", {took} / 100, -1, {timely}
  FROM "request" WHERE "office_done_at" IS NOT NULL
  UNION ALL
  SELECT "id", "submitted_month", "service_code", {took} / 100, {took} - {took} / 100 * 100, {timely}
  FROM "request" WHERE "office_done_at" IS NOT NULL
""".format(
    took='CAST(round(coalesce("office_days", 0) * 100) AS INTEGER)',
    timely='CASE WHEN "office_done_at" <= "due_at" THEN 1 ELSE 0 END',
)
# An answer counts when it is complete: nine elements with scores of 1 to 4.
ELEMENTS = ", ".join(f"'U{number}'" for number in range(1, 10))
ANSWERS_SQLITE = f"""
CREATE VIEW "answer_tally" AS
  SELECT r."id", substr(r."answered_on", 1, 7) AS "month", s."key" AS "element",
    s."value" AS "score"
  FROM "survey_response" r, json_each(r."scores") s
  WHERE s."key" IN ({ELEMENTS}) AND 9 = (
    SELECT count(*) FROM json_each(r."scores") o
    WHERE o."key" IN ({ELEMENTS}) AND o."value" BETWEEN 1 AND 4)
"""
ANSWERS_POSTGRES = f"""
CREATE VIEW "answer_tally" AS
  SELECT r."id", to_char(r."answered_on", 'YYYY-MM') AS "month", s."key" AS "element",
    CAST(s."value" AS INTEGER) AS "score"
  FROM "survey_response" r, json_each_text(CAST(r."scores" AS json)) s
  WHERE s."key" IN ({ELEMENTS}) AND 9 = (
    SELECT count(*) FROM json_each_text(CAST(r."scores" AS json)) o
    WHERE o."key" IN ({ELEMENTS}) AND o."value" IN ('1', '2', '3', '4'))
"""

# The month's own row comes first: who changes a month waits there, and never crosswise further on.
COUNT_REQUEST = """
INSERT INTO "request_figure"
  ("service_code", "days", "month", "hundredths", "requests", "on_time")
SELECT "service_code", "days", "month", "hundredths", {by}, {by} * "on_time"
FROM "request_tally" WHERE "id" = {row}."id"
ORDER BY "days", "hundredths"
ON CONFLICT ("service_code", "days", "month", "hundredths") DO UPDATE SET
  "requests" = "request_figure"."requests" + excluded."requests",
  "on_time" = "request_figure"."on_time" + excluded."on_time"
"""
COUNT_ANSWER = """
INSERT INTO "answer_figure" ("month", "element", "answers", "total")
SELECT "month", "element", {by}, {by} * "score"
FROM "answer_tally" WHERE "id" = {row}."id"
ORDER BY "element"
ON CONFLICT ("month", "element") DO UPDATE SET
  "answers" = "answer_figure"."answers" + excluded."answers",
  "total" = "answer_figure"."total" + excluded."total"
"""
# Every move writes the deadline; it only counts for what is done.
REQUEST_CHANGED = """
  OLD."service_code" {differs} NEW."service_code"
  OR OLD."submitted_month" {differs} NEW."submitted_month"
  OR OLD."office_done_at" {differs} NEW."office_done_at"
  OR OLD."office_days" {differs} NEW."office_days"
  OR (NEW."office_done_at" IS NOT NULL AND OLD."due_at" {differs} NEW."due_at")
"""
ANSWER_CHANGED = """
  OLD."answered_on" {differs} NEW."answered_on" OR OLD."scores" {differs} NEW."scores"
"""
COUNTED = (
    ("request", COUNT_REQUEST, REQUEST_CHANGED),
    ("survey_response", COUNT_ANSWER, ANSWER_CHANGED),
)
# Suffix, moment, by how much, which row, whether only when something that counts differs.
MOMENTS = (
    ("new", "AFTER INSERT", 1, "NEW", False),
    ("gone", "BEFORE DELETE", -1, "OLD", False),
    ("old", "BEFORE UPDATE", -1, "OLD", True),
    ("changed", "AFTER UPDATE", 1, "NEW", True),
)
FILL = (
    """
INSERT INTO "request_figure"
  ("service_code", "days", "month", "hundredths", "requests", "on_time")
SELECT "service_code", "days", "month", "hundredths", count(*), sum("on_time")
FROM "request_tally" GROUP BY 1, 2, 3, 4
""",
    """
INSERT INTO "answer_figure" ("month", "element", "answers", "total")
SELECT "month", "element", count(*), sum("score") FROM "answer_tally" GROUP BY 1, 2
""",
)


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def triggers_sqlite():
    for table, count, changed in COUNTED:
        for name, moment, by, row, is_guarded in MOMENTS:
            guard = f"WHEN {changed.format(differs='IS NOT')}" if is_guarded else ""
            yield (
                f'CREATE TRIGGER "{table}_tally_{name}" {moment} ON "{table}" FOR EACH ROW '
                f"{guard} BEGIN {count.format(by=by, row=row)}; END"
            )


def triggers_postgres():
    for table, count, changed in COUNTED:
        for name, moment, by, row, is_guarded in MOMENTS:
            function = f"melasti_{table}_tally_{name}"
            guard = f"WHEN ({changed.format(differs='IS DISTINCT FROM')})" if is_guarded else ""
            yield (
                f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"{count.format(by=by, row=row)}; "
                f"RETURN {'NEW' if 'UPDATE' in moment else row}; END $$"
            )
            yield (
                f'CREATE TRIGGER "{table}_tally_{name}" {moment} ON "{table}" FOR EACH ROW '
                f"{guard} EXECUTE FUNCTION {function}()"
            )


def up(migrator, db):
    db.create_tables(tables(db))
    lite = is_sqlite(db)
    for sql in (
        TALLY,
        ANSWERS_SQLITE if lite else ANSWERS_POSTGRES,
        # Before the filling: on Postgres they keep writers out until all of it is committed.
        *(triggers_sqlite() if lite else triggers_postgres()),
        *FILL,
    ):
        db.execute_sql(sql)


def down(migrator, db):
    for table, _, _ in COUNTED:
        for name, *_ in MOMENTS:
            if is_sqlite(db):
                db.execute_sql(f'DROP TRIGGER "{table}_tally_{name}"')
            else:
                db.execute_sql(f"DROP FUNCTION melasti_{table}_tally_{name}() CASCADE")
    db.execute_sql('DROP VIEW "request_tally"')
    db.execute_sql('DROP VIEW "answer_tally"')
    db.drop_tables(tables(db))
