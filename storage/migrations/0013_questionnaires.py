"""The questionnaire as published versions and a draft."""

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

    class SurveyVersion(Table):
        name = CharField(max_length=40, unique=True)
        definition = TextField()
        starts_at = InstantField(index=True)
        published_at = InstantField()
        published_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        note = CharField(max_length=300)
        withdrawn_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "survey_version"

    class SurveyDraft(Table):
        code = CharField(max_length=40, unique=True)
        definition = TextField()
        base = ForeignKeyField(SurveyVersion, on_delete="RESTRICT")
        updated_at = InstantField()
        updated_by = ForeignKeyField(User, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "survey_draft"

    return SurveyVersion, SurveyDraft


def up(migrator, db):
    db.create_tables(tables(db))


def down(migrator, db):
    db.drop_tables(tables(db))
