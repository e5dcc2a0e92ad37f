"""Numbers are looked up with a day of two digits, as they are issued, whoever wrote them down."""

import re

from peewee import *

SHORT = re.compile(r"(\d+/[^/]+)/(\d)(/.*)")


def up(migrator, db):
    mark = db.param
    rows = db.execute_sql(
        f'SELECT "id", "number_key" FROM "request" WHERE "number_key" LIKE {mark}', ("%/_/%",)
    )
    for request, key in rows.fetchall():
        if found := SHORT.fullmatch(key):
            padded = f"{found[1]}/0{found[2]}{found[3]}"
            db.execute_sql(
                f'UPDATE "request" SET "number_key" = {mark} WHERE "id" = {mark}',
                (padded, request),
            )


def down(migrator, db):
    """A key of either form leads to its request by the number as it stands there."""
