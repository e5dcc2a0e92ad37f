"""Search index with its triggers, saved views, presence, figures per stage, indexes of the queue.

Triggers keep the index, not the code that writes: whoever changes a request's number or a
customer's name, in whatever way, changes the index in the same transaction.
"""

from peewee import *
from playhouse.pool import PooledSqliteDatabase


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class SavedView(Table):
        public_id = CharField(max_length=26, unique=True)
        owner = ForeignKeyField(User, backref="views", on_delete="CASCADE")
        role_code = CharField(max_length=40, index=True)
        title = CharField(max_length=60)
        arguments = CharField(max_length=600)
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "saved_view"

    class Presence(Table):
        request = ForeignKeyField(Request, on_delete="CASCADE")
        user = ForeignKeyField(User, on_delete="CASCADE")
        seen_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "presence"
            indexes = ((("request", "user"), True),)

    class StageFigure(Table):
        month = CharField(max_length=7)
        service_code = CharField(max_length=40)
        subclass_code = CharField(max_length=40)
        stage_code = CharField(max_length=40)
        passes = IntegerField()
        on_time = IntegerField()
        office = TextField()
        customer = TextField()
        rest = TextField()

        class Meta:
            database = db
            table_name = "stage_figure"
            indexes = (
                (("service_code", "stage_code", "month"), False),
                (("month", "service_code", "subclass_code", "stage_code"), True),
            )

    return SavedView, Presence, StageFigure


# What can be found of a request. The number also stands in one piece, so that its beginning can
# be looked up; the phone with and without the country; the kind of institution as a hidden word.
WORDS = """
CREATE VIEW "request_words" AS SELECT r."id" AS "id", u."id" AS "user_id",
  coalesce(r."number", '') || ' ' ||
  replace(replace(replace(coalesce(r."number", ''), '/', ''), '.', ''), '-', '') || ' ' ||
  r."subject" || ' ' || u."name" || ' ' || u."institution_name" || ' ' ||
  substr(u."phone", 2) || ' ' ||
  CASE WHEN substr(u."phone", 1, 3) = '+62' THEN substr(u."phone", 4) ELSE '' END || ' qq' ||
  replace(u."institution_category", '_', '') AS "words"
FROM "request" r JOIN "user" u ON u."id" = r."customer_id"
"""
NAMED = '"name", "institution_name", "institution_category", "phone"'

# The table holds no copy of the words, so the old ones are said again to take them out. With the
# beginnings indexed, a common word is streamed newest first; else all it matches is merged first.
SQLITE = [
    WORDS,
    """CREATE VIRTUAL TABLE "request_search" USING fts5("words", content='', detail=none,
       tokenize='unicode61 remove_diacritics 2', prefix='3 4 5 6 7 8 9 10')""",
]
TAKE_OUT = """INSERT INTO "request_search" ("request_search", "rowid", "words")
  SELECT 'delete', "id", "words" FROM "request_words" WHERE """
PUT_IN = """INSERT INTO "request_search" ("rowid", "words")
  SELECT "id", "words" FROM "request_words" WHERE """
for name, moment, body in (
    ("request_search_new", 'AFTER INSERT ON "request"', PUT_IN + '"id" = NEW."id"'),
    ("request_search_gone", 'BEFORE DELETE ON "request"', TAKE_OUT + '"id" = OLD."id"'),
    (
        "request_search_old",
        'BEFORE UPDATE OF "subject", "number", "customer_id" ON "request"',
        TAKE_OUT + '"id" = OLD."id"',
    ),
    (
        "request_search_changed",
        'AFTER UPDATE OF "subject", "number", "customer_id" ON "request"',
        PUT_IN + '"id" = NEW."id"',
    ),
    (
        "request_search_person_old",
        f'BEFORE UPDATE OF {NAMED} ON "user"',
        TAKE_OUT + '"user_id" = OLD."id"',
    ),
    (
        "request_search_person_changed",
        f'AFTER UPDATE OF {NAMED} ON "user"',
        PUT_IN + '"user_id" = NEW."id"',
    ),
):
    SQLITE.append(f'CREATE TRIGGER "{name}" {moment} FOR EACH ROW BEGIN {body}; END')

# Words are cut at every sign by a fixed list, not by the locale of the server; accents go.
POSTGRES = [
    WORDS,
    """
CREATE FUNCTION melasti_words(given text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_remove(string_to_array(regexp_replace(
    translate(lower(given),
      'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿ',
      'aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyy'),
    '[\\u0001-\\u002f\\u003a-\\u0060\\u007b-\\u00bf\\u2000-\\u206f]+', ' ', 'g'), ' '), '')
$$
""",
    """CREATE TABLE "request_search" ("request_id" BIGINT PRIMARY KEY, "words" tsvector NOT NULL)""",
    # Without the list of pending entries, which every search would read from end to end.
    'CREATE INDEX "request_search_words" ON "request_search" USING gin ("words") '
    "WITH (fastupdate = off)",
    """
CREATE FUNCTION melasti_index_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM "request_search" WHERE "request_id" = OLD."id";
    RETURN OLD;
  END IF;
  INSERT INTO "request_search" ("request_id", "words")
    SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"
    WHERE "id" = NEW."id"
    ON CONFLICT ("request_id") DO UPDATE SET "words" = EXCLUDED."words";
  RETURN NEW;
END $$
""",
    """
CREATE FUNCTION melasti_index_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "request_search" ("request_id", "words")
    SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"
    WHERE "user_id" = NEW."id"
    ON CONFLICT ("request_id") DO UPDATE SET "words" = EXCLUDED."words";
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER "request_search_kept"
       AFTER INSERT OR DELETE OR UPDATE OF "subject", "number", "customer_id" ON "request"
       FOR EACH ROW EXECUTE FUNCTION melasti_index_request()""",
    f"""CREATE TRIGGER "request_search_person" AFTER UPDATE OF {NAMED} ON "user"
        FOR EACH ROW EXECUTE FUNCTION melasti_index_person()""",
]
FILL_SQLITE = """INSERT INTO "request_search" ("rowid", "words")
  SELECT "id", "words" FROM "request_words" """
FILL_POSTGRES = """INSERT INTO "request_search" ("request_id", "words")
  SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words" """


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def up(migrator, db):
    db.create_tables(tables(db))
    migrator.migrate(
        migrator.add_column("user", "preferences", TextField(default="{}")),
        migrator.drop_index("request", "request_waiting_role_stage_due_at_id"),
        # With the assignee in it the counts of the tabs never touch the table.
        migrator.add_index("request", ("waiting_role", "stage_due_at", "id", "assignee_id"), False),
        migrator.add_index("request", ("office_done_at", "id"), False),
    )
    for sql in (*SQLITE, FILL_SQLITE) if is_sqlite(db) else (*POSTGRES, FILL_POSTGRES):
        db.execute_sql(sql)


def down(migrator, db):
    if is_sqlite(db):
        for name in ("new", "gone", "old", "changed", "person_old", "person_changed"):
            db.execute_sql(f'DROP TRIGGER "request_search_{name}"')
    else:
        db.execute_sql('DROP TRIGGER "request_search_kept" ON "request"')
        db.execute_sql('DROP TRIGGER "request_search_person" ON "user"')
        db.execute_sql("DROP FUNCTION melasti_index_request(), melasti_index_person()")
    db.execute_sql('DROP TABLE "request_search"')
    db.execute_sql('DROP VIEW "request_words"')
    if not is_sqlite(db):
        db.execute_sql("DROP FUNCTION melasti_words(text)")
    for index in db.get_indexes("request"):
        if index.columns in (
            ["waiting_role", "stage_due_at", "id", "assignee_id"],
            ["office_done_at", "id"],
        ):
            migrator.migrate(migrator.drop_index("request", index.name))
    migrator.migrate(
        migrator.add_index("request", ("waiting_role", "stage_due_at", "id"), False),
        migrator.drop_column("user", "preferences"),
    )
    db.drop_tables(tables(db))
