"""Which requests passed a stage too late, for the lists behind the figures of the stages.

The figures of before say only how many: they are counted anew at the next start.
"""

from peewee import *


class Table(Model):
    id = BigAutoField()


def tables(db):
    class Request(Table):
        class Meta:
            database = db
            table_name = "request"

    class LatePass(Table):
        month = CharField(max_length=7)
        service_code = CharField(max_length=40)
        stage_code = CharField(max_length=40)
        request = ForeignKeyField(Request, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "late_pass"
            indexes = (
                (("service_code", "stage_code", "month"), False),
                (("request", "stage_code", "month"), True),
            )

    return (LatePass,)


def up(migrator, db):
    db.create_tables(tables(db))
    db.execute_sql('DELETE FROM "stage_figure"')


def down(migrator, db):
    db.drop_tables(tables(db))
