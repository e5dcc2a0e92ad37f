"""Periods of the satisfaction survey that can be locked, and action plans."""

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Table(Model):
    id = BigAutoField()


def tables(db):
    class User(Table):
        class Meta:
            database = db
            table_name = "user"

    class SurveyPeriod(Table):
        code = CharField(max_length=7, unique=True)
        summary = TextField()
        figures = TextField()
        digest = CharField(max_length=64)
        locked_at = InstantField(null=True)
        locked_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "survey_period"

    class ActionPlan(Table):
        public_id = CharField(max_length=26, unique=True)
        period_code = CharField(max_length=7)
        element = CharField(max_length=2)
        program = CharField(max_length=300)
        due_on = DateField()
        responsible = CharField(max_length=120)
        status = CharField(max_length=12)
        note = CharField(max_length=500)
        updated_at = InstantField()
        updated_by = ForeignKeyField(User, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "action_plan"
            indexes = ((("period_code", "element"), False),)

    return SurveyPeriod, ActionPlan


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
