"""Values that stand in one request only; they, billing codes and NTPN are found by the search.

The view of what can be found is made anew with them, so the index is filled anew as well. On
SQLite the words as they were have to be said again to be taken out, hence a trigger before and
one after every change.
"""

from peewee import *
from playhouse.pool import PooledSqliteDatabase


class Table(Model):
    id = BigAutoField()


def tables(db):
    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class UniqueValue(Table):
        request = ForeignKeyField(Request, backref="+", on_delete="CASCADE")
        scope = CharField(max_length=40)
        name = CharField(max_length=40)
        value = CharField(max_length=200)

        class Meta:
            database = db
            table_name = "unique_value"
            indexes = ((("scope", "name", "value"), True),)

    return (UniqueValue,)


# As in 0008.
PLAIN_WORDS = """
  coalesce(r."number", '') || ' ' ||
  replace(replace(replace(coalesce(r."number", ''), '/', ''), '.', ''), '-', '') || ' ' ||
  r."subject" || ' ' || u."name" || ' ' || u."institution_name" || ' ' ||
  substr(u."phone", 2) || ' ' ||
  CASE WHEN substr(u."phone", 1, 3) = '+62' THEN substr(u."phone", 4) ELSE '' END || ' qq' ||
  replace(u."institution_category", '_', '')"""
OF_BILLS = """coalesce((SELECT {join}(b."code" || ' ' || coalesce(b."ntpn", ''), ' ')
  FROM "billing" b WHERE b."request_id" = r."id"), '')"""
OF_VALUES = """coalesce((SELECT {join}(v."value", ' ')
  FROM "unique_value" v WHERE v."request_id" = r."id"), '')"""
TAKE_OUT = """INSERT INTO "request_search" ("request_search", "rowid", "words")
  SELECT 'delete', "id", "words" FROM "request_words" WHERE "id" = {row}."request_id" """
PUT_IN = """INSERT INTO "request_search" ("rowid", "words")
  SELECT "id", "words" FROM "request_words" WHERE "id" = {row}."request_id" """
CHANGES = {
    "billing": ("INSERT", "DELETE", 'UPDATE OF "code", "ntpn"'),
    "unique_value": ("INSERT", "DELETE", 'UPDATE OF "value"'),
}
POSTGRES_FUNCTION = """
CREATE FUNCTION melasti_index_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "request_search" ("request_id", "words")
    SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"
    WHERE "id" IN (CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE OLD."request_id" END,
                   CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW."request_id" END)
    ON CONFLICT ("request_id") DO UPDATE SET "words" = EXCLUDED."words";
  RETURN NULL;
END $$
"""


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def view(db, *, with_parts):
    join = "group_concat" if is_sqlite(db) else "string_agg"
    more = f" || ' ' || {OF_BILLS} || ' ' || {OF_VALUES}".format(join=join) if with_parts else ""
    return (
        f'CREATE VIEW "request_words" AS SELECT r."id" AS "id", u."id" AS "user_id", '
        f'{PLAIN_WORDS}{more} AS "words" '
        'FROM "request" r JOIN "user" u ON u."id" = r."customer_id"'
    )


def refill(db, sql):
    """Write the whole index anew by another view."""
    db.execute_sql('DROP VIEW "request_words"')
    db.execute_sql(sql)
    if is_sqlite(db):
        db.execute_sql("""INSERT INTO "request_search" ("request_search") VALUES ('delete-all')""")
        db.execute_sql(
            'INSERT INTO "request_search" ("rowid", "words") '
            'SELECT "id", "words" FROM "request_words"'
        )
    else:
        db.execute_sql('TRUNCATE "request_search"')
        db.execute_sql(
            'INSERT INTO "request_search" ("request_id", "words") '
            'SELECT "id", array_to_tsvector(melasti_words("words")) FROM "request_words"'
        )


def triggers():
    """(name, table, moment, body) on SQLite."""
    for table, changes in CHANGES.items():
        for change in changes:
            word = change.split()[0].lower()
            old, new = (
                ("NEW" if word == "insert" else "OLD"),
                ("OLD" if word == "delete" else "NEW"),
            )
            name = f"request_search_{table}_{word}"
            yield f"{name}_old", table, f"BEFORE {change}", TAKE_OUT.format(row=old)
            yield f"{name}_new", table, f"AFTER {change}", PUT_IN.format(row=new)


def up(migrator, db):
    db.create_tables(tables(db))
    refill(db, view(db, with_parts=True))
    if is_sqlite(db):
        for name, table, moment, body in triggers():
            db.execute_sql(
                f'CREATE TRIGGER "{name}" {moment} ON "{table}" FOR EACH ROW BEGIN {body}; END'
            )
        return
    db.execute_sql(POSTGRES_FUNCTION)
    for table, changes in CHANGES.items():
        db.execute_sql(
            f'CREATE TRIGGER "request_search_{table}" AFTER {" OR ".join(changes)} ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION melasti_index_part()"
        )


def down(migrator, db):
    if is_sqlite(db):
        for name, _, _, _ in triggers():
            db.execute_sql(f'DROP TRIGGER "{name}"')
    else:
        for table in CHANGES:
            db.execute_sql(f'DROP TRIGGER "request_search_{table}" ON "{table}"')
        db.execute_sql("DROP FUNCTION melasti_index_part()")
    refill(db, view(db, with_parts=False))
    db.drop_tables(tables(db))
