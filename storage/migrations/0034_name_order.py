"""What names are ordered by, the same on both engines: letters and digits, without case or accents.

Kept by triggers, as the search index is: whoever changes a name changes its place. On Postgres the
column compares bytes, whatever the language of the server.
"""

from importlib import import_module

from peewee import *
from playhouse.pool import PooledSqliteDatabase

search = import_module("storage.migrations.0033_search")

# SQLite asks the program (`sql_functions` in storage/database.py).
SQLITE = [
    f"""CREATE TRIGGER "user_name_key_{name}" AFTER {change} ON "user" FOR EACH ROW BEGIN
          UPDATE "user" SET "name_key" = melasti_order("name") WHERE "id" = NEW."id"; END"""
    for name, change in (("new", "INSERT"), ("changed", 'UPDATE OF "name"'))
]
POSTGRES = (
    f"""
CREATE FUNCTION melasti_order(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT left(trim(regexp_replace(
    regexp_replace(melasti_fold(given), '[{search.SIGNS}]+', '', 'g'), ' +', ' ', 'g')), 120)
$$
""",
    """
CREATE FUNCTION melasti_order_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."name_key" := melasti_order(NEW."name");
  RETURN NEW;
END $$
""",
    'ALTER TABLE "user" ALTER COLUMN "name_key" TYPE VARCHAR(120) COLLATE "C"',
    """CREATE TRIGGER "user_name_key" BEFORE INSERT OR UPDATE OF "name" ON "user"
       FOR EACH ROW EXECUTE FUNCTION melasti_order_person()""",
)


def is_sqlite(db):
    return isinstance(getattr(db, "obj", db), PooledSqliteDatabase | SqliteDatabase)


def up(migrator, db):
    db.execute_sql("""ALTER TABLE "user" ADD COLUMN "name_key" VARCHAR(120) NOT NULL DEFAULT ''""")
    for sql in SQLITE if is_sqlite(db) else POSTGRES:
        db.execute_sql(sql)
    db.execute_sql('UPDATE "user" SET "name_key" = melasti_order("name")')
    migrator.migrate(migrator.add_index("user", ("name_key", "id"), False))


def down(migrator, db):
    index = next(one for one in db.get_indexes("user") if one.columns == ["name_key", "id"])
    migrator.migrate(migrator.drop_index("user", index.name))
    if is_sqlite(db):
        for name in ("new", "changed"):
            db.execute_sql(f'DROP TRIGGER "user_name_key_{name}"')
    else:
        db.execute_sql('DROP TRIGGER "user_name_key" ON "user"')
        db.execute_sql("DROP FUNCTION melasti_order_person(), melasti_order(text)")
    db.execute_sql('ALTER TABLE "user" DROP COLUMN "name_key"')
