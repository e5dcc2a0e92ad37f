"""What a stage wrote for everybody to see in a line, such as the method of a test, is found too."""

import json
from importlib import import_module

from peewee import *
from playhouse.pool import PooledSqliteDatabase

search = import_module("storage.migrations.0033_search")

OF_STAGES = """coalesce((SELECT {join}(s."words", ' ') FROM "stage_record" s
  WHERE s."request_id" = r."id" AND s."words" <> ''), '')"""
# Written once with the stage, and taken away with its request alone.
SAYS = """WHEN (NEW."words" <> '')"""
LONGEST_LINE, LONGEST = 200, 400


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def lines_of(part):
    """Names of the inputs of a stage, at whichever of its desks, that are a line and shown."""
    if isinstance(part, list):
        return {name for one in part for name in lines_of(one)}
    if not isinstance(part, dict):
        return set()
    found = {name for one in part.values() for name in lines_of(one)}
    is_line = part.get("type") == "text" and part.get("max_length", 2000) <= LONGEST_LINE
    return found | {part["name"]} if is_line and part.get("is_shown") else found


def fill(db):
    mark = db.param
    rows = db.execute_sql('SELECT "id", "definition" FROM "flow_version"').fetchall()
    for flow, definition in rows:
        for stage in json.loads(definition).get("stage", ()):
            if not (names := lines_of(stage)):
                continue
            records = db.execute_sql(
                'SELECT s."id", s."inputs" FROM "stage_record" s '
                'JOIN "request" r ON r."id" = s."request_id" '
                f'WHERE r."flow_id" = {mark} AND s."stage_code" = {mark}',
                (flow, stage["code"]),
            ).fetchall()
            for key, inputs in records:
                given = json.loads(inputs)
                words = " ".join(str(given[name]) for name in sorted(names) if given.get(name))
                db.execute_sql(
                    f'UPDATE "stage_record" SET "words" = {mark} WHERE "id" = {mark}',
                    (words[:LONGEST], key),
                )


def refill(db, more):
    """Write the index of requests anew by another view."""
    requests, _ = search.views(db)
    join = "group_concat" if is_sqlite(db) else "string_agg"
    db.execute_sql('DROP VIEW "request_words"')
    db.execute_sql(requests.replace(' AS "words"', f'{more.format(join=join)} AS "words"'))
    if is_sqlite(db):
        db.execute_sql("""INSERT INTO "request_search" ("request_search") VALUES ('delete-all')""")
        db.execute_sql(search.FILL_SQLITE[0])
    else:
        db.execute_sql('TRUNCATE "request_search"')
        db.execute_sql(search.FILL_POSTGRES[0])


def up(migrator, db):
    db.execute_sql(
        """ALTER TABLE "stage_record" ADD COLUMN "words" VARCHAR(400) NOT NULL DEFAULT ''"""
    )
    fill(db)
    refill(db, f" || ' ' || {OF_STAGES}")
    if is_sqlite(db):
        where = '"id" = NEW."request_id"'
        for name, moment, make in (
            ("old", "BEFORE", search.taken_out),
            ("new", "AFTER", search.put_in),
        ):
            db.execute_sql(
                f'CREATE TRIGGER "request_search_stage_record_{name}" {moment} INSERT '
                f'ON "stage_record" FOR EACH ROW {SAYS} BEGIN {make("request", where)} END'
            )
    else:
        db.execute_sql(
            'CREATE TRIGGER "request_search_stage_record" AFTER INSERT ON "stage_record" '
            f"FOR EACH ROW {SAYS} EXECUTE FUNCTION melasti_index_part()"
        )


def down(migrator, db):
    if is_sqlite(db):
        for name in ("old", "new"):
            db.execute_sql(f'DROP TRIGGER "request_search_stage_record_{name}"')
    else:
        db.execute_sql('DROP TRIGGER "request_search_stage_record" ON "stage_record"')
    refill(db, "")
    db.execute_sql('ALTER TABLE "stage_record" DROP COLUMN "words"')
