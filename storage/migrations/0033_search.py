"""One index of requests and one of people, with the words folded as questions are; a vocabulary.

What can be found has grown: the code of a request, e-mail, the last digits of a telephone, the
numbers of letters; a word with signs in it also stands in one piece. SQLite cuts words by
functions of the program (`sql_functions` in storage/database.py), Postgres by these here, which say
the same. The vocabulary is what misspelt words are compared with, by trigrams: FTS5 on SQLite, an
array with GIN on Postgres, for which no extension is needed.
"""

import sys
import unicodedata
from importlib import import_module
from itertools import groupby

from peewee import *
from playhouse.pool import PooledSqliteDatabase

first = import_module("storage.migrations.0008_queue")
second = import_module("storage.migrations.0023_unique_values")

PERSON = """
  u."name" || ' ' || u."institution_name" || ' ' || u."nip" || ' ' ||
  CASE WHEN u."email" = replace(u."email", '@tanpa-email.invalid', '') THEN u."email" ELSE '' END || ' ' ||
  replace(u."phone", '+', '') || ' ' ||
  CASE WHEN substr(u."phone", 1, 3) = '+62' THEN substr(u."phone", 4) ELSE '' END || ' ' ||
  CASE WHEN u."phone" <> '' THEN 'zz' || reverse(replace(u."phone", '+', '')) ELSE '' END"""
OF_LETTERS_IN = """coalesce((SELECT l."number" || ' ' || l."sender"
  FROM "incoming_letter" l WHERE l."request_id" = r."id"), '')"""
OF_LETTERS_OUT = """coalesce((SELECT {join}(o."number", ' ')
  FROM "outgoing_letter" o WHERE o."request_id" = r."id"), '')"""
REQUEST_VIEW = f"""
CREATE VIEW "request_words" AS SELECT r."id" AS "id", u."id" AS "user_id",
  coalesce(r."number", '') || ' ' || r."public_id" || ' ' || r."subject" || ' ' || {PERSON} ||
  ' qq' || replace(u."institution_category", '_', '') || ' ' || {second.OF_BILLS} || ' ' ||
  {second.OF_VALUES} || ' ' || {OF_LETTERS_IN} || ' ' || {OF_LETTERS_OUT} AS "words"
FROM "request" r JOIN "user" u ON u."id" = r."customer_id"
"""
PERSON_VIEW = f"""
CREATE VIEW "user_words" AS SELECT u."id" AS "id", u."id" AS "user_id", {PERSON} AS "words"
FROM "user" u
"""
NAMED = '"name", "institution_name", "institution_category", "phone", "email", "nip"'
OF_REQUEST = '"subject", "number", "customer_id"'
# Tables whose rows are found by their request: what of them, and which rows say nothing.
PARTS = {
    "billing": ('"code", "ntpn"', ""),
    "unique_value": ('"value"', ""),
    "incoming_letter": ('"number", "sender"', """{row}."number" || {row}."sender" <> ''"""),
    "outgoing_letter": ('"number"', ""),
}
SPOKEN = """(SELECT "subject" AS "words" FROM "request"
  UNION ALL SELECT "name" || ' ' || "institution_name" FROM "user") AS "said" """

# -- SQLite ----------------------------------------------------------------------------------------

# The table holds no copy of the words, so the old ones are said again to take them out. Words come
# folded, so that only ASCII is left to cut at.
SQLITE_INDEX = """CREATE VIRTUAL TABLE "{name}" USING fts5("words", content='', detail=none,
  tokenize='ascii', prefix='3 4 5 6 7 8 9 10')"""
SQLITE_VOCABULARY = (
    'CREATE TABLE "search_word" ("id" INTEGER PRIMARY KEY, "word" TEXT NOT NULL)',
    """CREATE VIRTUAL TABLE "search_gram" USING fts5("word", content='', tokenize='trigram')""",
    'CREATE INDEX "search_word_word" ON "search_word" ("word")',
    # Blanks, so that how a word begins and ends counts too.
    """CREATE TRIGGER "search_word_new" AFTER INSERT ON "search_word" FOR EACH ROW BEGIN
         INSERT INTO "search_gram" ("rowid", "word")
         VALUES (NEW."id", '  ' || NEW."word" || ' '); END""",
)
FILL_SQLITE = (
    'INSERT INTO "request_search" ("rowid", "words") '
    'SELECT "id", melasti_words("words") FROM "request_words"',
    'INSERT INTO "user_search" ("rowid", "words") '
    'SELECT "id", melasti_words("words") FROM "user_words"',
    'INSERT INTO "search_word" ("word") SELECT DISTINCT "value" '
    f'FROM {SPOKEN}, json_each(melasti_vocabulary("words"))',
)


def taken_out(what, where):
    return f"""INSERT INTO "{what}_search" ("{what}_search", "rowid", "words")
            SELECT 'delete', "id", melasti_words("words") FROM "{what}_words" WHERE {where};"""


def put_in(what, where):
    return (
        f'INSERT INTO "{what}_search" ("rowid", "words") '
        f'SELECT "id", melasti_words("words") FROM "{what}_words" WHERE {where};'
    )


def learnt(words):
    return (
        f'INSERT INTO "search_word" ("word") SELECT "value" FROM json_each(melasti_vocabulary({words})) '
        'WHERE "value" NOT IN (SELECT "word" FROM "search_word");'
    )


def sqlite_triggers():
    """(name, table, moment, condition, body)"""
    old, new = '"id" = OLD."id"', '"id" = NEW."id"'
    subject, names = 'NEW."subject"', """NEW."name" || ' ' || NEW."institution_name" """
    theirs = '"user_id" = OLD."id"'
    yield "request_new", "request", "AFTER INSERT", "", put_in("request", new) + learnt(subject)
    yield "request_gone", "request", "BEFORE DELETE", "", taken_out("request", old)
    changed = f"UPDATE OF {OF_REQUEST}"
    yield "request_old", "request", f"BEFORE {changed}", "", taken_out("request", old)
    body = put_in("request", new) + learnt(subject)
    yield "request_changed", "request", f"AFTER {changed}", "", body
    yield "user_new", "user", "AFTER INSERT", "", put_in("user", new) + learnt(names)
    yield "user_gone", "user", "BEFORE DELETE", "", taken_out("user", old)
    changed = f"UPDATE OF {NAMED}"
    body = taken_out("user", old) + taken_out("request", theirs)
    yield "user_old", "user", f"BEFORE {changed}", "", body
    body = put_in("user", new) + put_in("request", theirs) + learnt(names)
    yield "user_changed", "user", f"AFTER {changed}", "", body
    for table, (columns, says) in PARTS.items():
        for change in ("INSERT", "DELETE", f"UPDATE OF {columns}"):
            word = change.split()[0].lower()
            before = "NEW" if word == "insert" else "OLD"
            after = "OLD" if word == "delete" else "NEW"
            when = says.format(row=after) if word == "insert" or word == "delete" else ""
            for name, moment, row, make in (
                ("old", "BEFORE", before, taken_out),
                ("new", "AFTER", after, put_in),
            ):
                body = make("request", f'"id" = {row}."request_id"')
                yield f"{table}_{word}_{name}", table, f"{moment} {change}", when, body


# -- Postgres --------------------------------------------------------------------------------------


def ranges(is_wanted):
    """A class of code points for a regular expression."""
    wanted = (point for point in range(128, sys.maxunicode + 1) if is_wanted(chr(point)))
    found = ""
    for _, run in groupby(enumerate(wanted), key=lambda pair: pair[1] - pair[0]):
        points = [point for _, point in run]
        found += f"\\U{points[0]:08x}-\\U{points[-1]:08x}"
    return found


# As in rules/text.py and rules/search_terms.py.
UNSEEN = (
    r"\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff"
    r"\ufdd0-\ufdef\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
SIGNS = (
    r"\u0001-\u001f\u0021-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u02b0-\u02ff\u055a\u05f3"
    r"\u2000-\u2bff\u2e00-\u2e7f\u3001-\u303f\ua78c\ufe10-\ufe6f\uff00-\uff0f\ufff0-\uffff"
    r"\U0001f000-\U0001faff"
)
SPACES = r"\u0009-\u000d\u0020\u0085\u1680\u2028\u2029"
FOLD = """
CREATE FUNCTION melasti_fold(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT regexp_replace(
    CASE WHEN given ~ '^[\\u0009-\\u000d\\u0020-\\u007e]*$' THEN lower(given) ELSE
      translate(
        replace(replace(replace(replace(lower(regexp_replace(
          normalize(translate(given, E'\\u00b4\\u1ffd\\u3164\\uffa0\\u2800\\U0001d159', '''''    '), NFKD),
          '[{unseen}]+', '', 'g')), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'ıłøđðħŧς', 'iloddhtσ')
    END, '[{spaces}]+', ' ', 'g')
$$
"""
POSTGRES_FUNCTIONS = (
    f"""
CREATE OR REPLACE FUNCTION melasti_words(given text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT left(word, 60)), '{{}}')
  FROM (SELECT melasti_fold(given) AS plain) AS folded,
       unnest(string_to_array(regexp_replace(plain, '[{SIGNS}]+', ' ', 'g') || ' ' ||
                              regexp_replace(plain, '[{SIGNS}]+', '', 'g'), ' ')) AS word
  WHERE word <> ''
$$
""",
    """
CREATE FUNCTION melasti_grams(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT substr('  ' || word || ' ', place, 3))
  FROM generate_series(1, length(word) + 1) AS place
$$
""",
    r"""
CREATE FUNCTION melasti_learn(given text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO "search_word" ("word", "grams")
    SELECT new, melasti_grams(new) FROM unnest(melasti_words(given)) AS new
    WHERE length(new) BETWEEN 3 AND 30 AND new !~ '\d'
    AND NOT EXISTS (SELECT 1 FROM "search_word" WHERE "word" = new)
$$
""",
    """
CREATE OR REPLACE FUNCTION melasti_index_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM "request_search" WHERE "request_id" = OLD."id";
    RETURN OLD;
  END IF;
  INSERT INTO "request_search" ("request_id", "words")
    SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"
    WHERE "id" = NEW."id"
    ON CONFLICT ("request_id") DO UPDATE SET "words" = EXCLUDED."words";
  PERFORM melasti_learn(NEW."subject");
  RETURN NEW;
END $$
""",
    """
CREATE OR REPLACE FUNCTION melasti_index_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM "user_search" WHERE "user_id" = OLD."id";
    RETURN OLD;
  END IF;
  INSERT INTO "user_search" ("user_id", "words")
    SELECT "id", array_to_tsvector(melasti_words("words")) FROM "user_words"
    WHERE "id" = NEW."id"
    ON CONFLICT ("user_id") DO UPDATE SET "words" = EXCLUDED."words";
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO "request_search" ("request_id", "words")
      SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"
      WHERE "user_id" = NEW."id"
      ON CONFLICT ("request_id") DO UPDATE SET "words" = EXCLUDED."words";
  END IF;
  PERFORM melasti_learn(NEW."name" || ' ' || NEW."institution_name");
  RETURN NEW;
END $$
""",
)
# No word is unique: two who write the same new one at once would wait for each other.
POSTGRES_TABLES = (
    'CREATE TABLE "user_search" ("user_id" BIGINT PRIMARY KEY, "words" tsvector NOT NULL)',
    'CREATE INDEX "user_search_words" ON "user_search" USING gin ("words") WITH (fastupdate = off)',
    'CREATE TABLE "search_word" ("id" BIGSERIAL PRIMARY KEY, "word" TEXT NOT NULL, '
    '"grams" TEXT[] NOT NULL)',
    'CREATE INDEX "search_word_word" ON "search_word" ("word")',
    'CREATE INDEX "search_word_grams" ON "search_word" USING gin ("grams")',
)
FILL_POSTGRES = (
    'INSERT INTO "request_search" ("request_id", "words") '
    'SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"',
    'INSERT INTO "user_search" ("user_id", "words") '
    'SELECT "id", array_to_tsvector(melasti_words("words")) FROM "user_words"',
    'INSERT INTO "search_word" ("word", "grams") SELECT new, melasti_grams(new) FROM ('
    f'SELECT DISTINCT unnest(melasti_words("words")) AS new FROM {SPOKEN}) AS words '
    r"WHERE length(new) BETWEEN 3 AND 30 AND new !~ '\d'",
)


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def views(db):
    join = "group_concat" if is_sqlite(db) else "string_agg"
    return REQUEST_VIEW.format(join=join), PERSON_VIEW


def drop_triggers(db):
    """All that keep the index, of whichever migration."""
    for (name,) in db.execute_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'request_search%'"
    ).fetchall():
        db.execute_sql(f'DROP TRIGGER "{name}"')


def up(migrator, db):
    db.execute_sql('DROP VIEW "request_words"')
    for view in views(db):
        db.execute_sql(view)
    if is_sqlite(db):
        drop_triggers(db)
        db.execute_sql('DROP TABLE "request_search"')
        for name in ("request_search", "user_search"):
            db.execute_sql(SQLITE_INDEX.format(name=name))
        for sql in (*SQLITE_VOCABULARY, *FILL_SQLITE):
            db.execute_sql(sql)
        for name, table, moment, when, body in sqlite_triggers():
            when = f"WHEN {when} " if when else ""
            db.execute_sql(
                f'CREATE TRIGGER "request_search_{name}" {moment} ON "{table}" FOR EACH ROW '
                f"{when}BEGIN {body} END"
            )
        return
    unseen = UNSEEN + ranges(unicodedata.combining)
    db.execute_sql(FOLD.format(unseen=unseen, spaces=SPACES))
    for sql in (*POSTGRES_TABLES, *POSTGRES_FUNCTIONS):
        db.execute_sql(sql)
    db.execute_sql('TRUNCATE "request_search"')
    for sql in FILL_POSTGRES:
        db.execute_sql(sql)
    db.execute_sql('DROP TRIGGER "request_search_person" ON "user"')
    db.execute_sql(
        f'CREATE TRIGGER "request_search_person" AFTER INSERT OR DELETE OR UPDATE OF {NAMED} '
        'ON "user" FOR EACH ROW EXECUTE FUNCTION melasti_index_person()'
    )
    for table in ("incoming_letter", "outgoing_letter"):
        columns, _ = PARTS[table]
        db.execute_sql(
            f'CREATE TRIGGER "request_search_{table}" AFTER INSERT OR DELETE OR UPDATE OF {columns} '
            f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION melasti_index_part()'
        )


def down(migrator, db):
    if is_sqlite(db):
        drop_triggers(db)
        for name in ("request_search", "user_search", "search_word", "search_gram"):
            db.execute_sql(f'DROP TABLE "{name}"')
        db.execute_sql(first.SQLITE[1])
        triggers = first.SQLITE[2:] + [
            f'CREATE TRIGGER "{name}" {moment} ON "{table}" FOR EACH ROW BEGIN {body}; END'
            for name, table, moment, body in second.triggers()
        ]
    else:
        for table in ("incoming_letter", "outgoing_letter"):
            db.execute_sql(f'DROP TRIGGER "request_search_{table}" ON "{table}"')
        db.execute_sql('DROP TRIGGER "request_search_person" ON "user"')
        db.execute_sql('DROP TABLE "user_search", "search_word"')
        db.execute_sql("DROP FUNCTION melasti_learn(text), melasti_grams(text)")
        older = (sql for sql in first.POSTGRES if "CREATE FUNCTION" in sql)
        triggers = [sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") for sql in older]
        triggers += ["DROP FUNCTION melasti_fold(text)", first.POSTGRES[-1]]
    db.execute_sql('DROP VIEW "user_words"')
    for sql in triggers if not is_sqlite(db) else ():
        db.execute_sql(sql)
    second.refill(db, second.view(db, with_parts=True))
    for sql in triggers if is_sqlite(db) else ():
        db.execute_sql(sql)
