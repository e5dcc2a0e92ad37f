"""Survey answers without SQLite's row numbers, which would tell who gave which."""

from peewee import *


def up(migrator, db):
    if not isinstance(db, SqliteDatabase):
        return
    db.execute_sql('ALTER TABLE "survey_response" RENAME TO "survey_response_old"')
    for name in (
        "surveyresponse_service_code_answered_on",
        "surveyresponse_answered_on",
        "survey_response_service_code_answered_on",
        "survey_response_answered_on",
    ):
        db.execute_sql(f'DROP INDEX IF EXISTS "{name}"')

    class SurveyResponse(Model):
        id = CharField(primary_key=True, max_length=36)
        questionnaire = CharField(max_length=40)
        service_code = CharField(max_length=40)
        answered_on = DateField()
        scores = TextField()
        demographics = TextField()
        extras = TextField()

        class Meta:
            database = db
            table_name = "survey_response"
            without_rowid = True
            indexes = ((("service_code", "answered_on"), False), (("answered_on",), False))

    db.create_tables([SurveyResponse])
    db.execute_sql('INSERT INTO "survey_response" SELECT * FROM "survey_response_old" ORDER BY id')
    db.execute_sql('DROP TABLE "survey_response_old"')


def down(migrator, db):
    """The answers stay as they are: their order is gone for good."""
