"""Every table of the first release."""
# Frozen copies, deliberately independent of the application's models.

from peewee import *


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class JsonField(TextField):
    pass


def up(migrator, db):
    class User(Model):
        id = BigAutoField()
        public_id = CharField(unique=True, max_length=26)
        email = CharField(unique=True, max_length=254)
        password = TextField(null=True)
        fs_uniquifier = CharField(unique=True, max_length=64)
        active = BooleanField(default=True)
        confirmed_at = InstantField(null=True)
        created_at = InstantField(index=True, null=True)
        is_staff = BooleanField(index=True, default=False)
        name = CharField(max_length=120)
        institution_category = CharField(max_length=40, default="")
        institution_name = CharField(max_length=160, default="")
        phone = CharField(index=True, max_length=20, default="")
        gender = CharField(max_length=1, default="")
        address = CharField(max_length=300, default="")
        privacy_version = CharField(max_length=20, default="")
        newsletter = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "user"

    db.create_tables([User])

    class FlowVersion(Model):
        id = BigAutoField()
        service_code = CharField(max_length=40)
        digest = CharField(max_length=64)
        definition = TextField()
        created_at = InstantField()

        class Meta:
            database = db
            table_name = "flow_version"
            indexes = ((("service_code", "digest"), True),)

    db.create_tables([FlowVersion])

    class Request(Model):
        id = BigAutoField()
        public_id = CharField(unique=True, max_length=26)
        version = IntegerField(default=1)
        idempotency_key = CharField(unique=True, max_length=26)
        customer = ForeignKeyField(User, on_delete="RESTRICT")
        flow = ForeignKeyField(FlowVersion, on_delete="RESTRICT")
        service_code = CharField(max_length=40)
        subclass_code = CharField(max_length=40, default="")
        subject = CharField(max_length=200)
        description = TextField()
        statement_version = CharField(max_length=20)
        number = CharField(unique=True, null=True, max_length=60)
        number_key = CharField(unique=True, null=True, max_length=60)
        status = CharField(max_length=24, default="waiting_verification")
        stage_code = CharField(max_length=40)
        waiting_role = CharField(max_length=40)
        assignee = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        submitted_at = InstantField()
        submitted_month = CharField(max_length=7)
        stage_entered_at = InstantField()
        stage_due_at = InstantField()
        due_at = InstantField()
        accepted_at = InstantField(null=True)
        office_done_at = InstantField(null=True)
        office_days = FloatField(null=True)
        released_at = InstantField(null=True)
        closed_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "request"
            indexes = (
                (("customer", "status", "submitted_at"), False),
                (("customer", "submitted_at", "id"), False),
                (("waiting_role", "stage_due_at", "id"), False),
                (("waiting_role", "submitted_at", "id"), False),
                (("assignee", "waiting_role", "stage_due_at"), False),
                (("status", "submitted_at"), False),
                (("submitted_at", "id"), False),
                (("service_code", "submitted_month", "status"), False),
            )

    db.create_tables([Request])

    class Assignment(Model):
        id = BigAutoField()
        request = ForeignKeyField(Request, on_delete="CASCADE")
        stage_code = CharField(max_length=40)
        user = ForeignKeyField(User, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "assignment"
            indexes = ((("request", "stage_code"), True), (("user", "request"), False))

    db.create_tables([Assignment])

    class Document(Model):
        id = BigAutoField()
        public_id = CharField(unique=True, max_length=26)
        request = ForeignKeyField(Request, on_delete="RESTRICT")
        kind = CharField(max_length=40)
        title = CharField(max_length=120)
        filename = CharField(max_length=160)
        sha256 = CharField(index=True, max_length=64, default="")
        size = IntegerField(default=0)
        header_offset = IntegerField(default=0)
        created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        created_at = InstantField()
        is_internal = BooleanField(default=False)
        is_result = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "document"

    db.create_tables([Document])

    class Event(Model):
        id = BigAutoField()
        stream = CharField(max_length=40)
        seq = IntegerField()
        kind = CharField(max_length=40)
        request = ForeignKeyField(Request, null=True, on_delete="RESTRICT")
        stage_code = CharField(max_length=40, default="")
        actor = ForeignKeyField(User, null=True, on_delete="RESTRICT")
        acted_for = CharField(max_length=40, default="")
        at = InstantField()
        data = JsonField(default=dict)
        prev_hash = CharField(max_length=64)
        hash = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "event"
            indexes = (
                (("stream", "seq"), True),
                (("request", "seq"), False),
                (("actor", "at"), False),
                (("kind", "at"), False),
            )

    db.create_tables([Event])

    class FaqItem(Model):
        id = BigAutoField()
        position = IntegerField(index=True, default=0)
        question = CharField(max_length=200)
        answer = TextField()
        updated_at = InstantField()

        class Meta:
            database = db
            table_name = "faq_item"

    db.create_tables([FaqItem])

    class Holiday(Model):
        id = BigAutoField()
        on = DateField(unique=True)
        title = CharField(max_length=120)
        kind = CharField(max_length=20)
        source = CharField(max_length=120, default="")

        class Meta:
            database = db
            table_name = "holiday"

    db.create_tables([Holiday])

    class LoginSession(Model):
        id = BigAutoField()
        token_digest = CharField(unique=True, max_length=64)
        user = ForeignKeyField(User, on_delete="CASCADE")
        started_at = InstantField()
        expires_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "login_session"

    db.create_tables([LoginSession])

    class Message(Model):
        id = BigAutoField()
        public_id = CharField(unique=True, max_length=26)
        dedupe_key = CharField(unique=True, max_length=120)
        template = CharField(max_length=40)
        request = ForeignKeyField(Request, null=True, on_delete="RESTRICT")
        recipient = ForeignKeyField(User, on_delete="RESTRICT")
        channel = CharField(max_length=16)
        address = CharField(max_length=254)
        variables = JsonField(default=dict)
        state = CharField(max_length=12, default="queued")
        attempts = IntegerField(default=0)
        created_at = InstantField(index=True)
        next_attempt_at = InstantField()
        expires_at = InstantField(null=True)
        claim = CharField(max_length=36, default="")
        provider_id = CharField(index=True, max_length=120, default="")
        error = CharField(max_length=300, default="")
        sent_at = InstantField(null=True)

        class Meta:
            database = db
            table_name = "message"
            indexes = (
                (("state", "next_attempt_at"), False),
                (("request", "created_at"), False),
                (("recipient", "created_at"), False),
            )

    db.create_tables([Message])

    class NumberCounter(Model):
        id = BigAutoField()
        service_code = CharField(max_length=40)
        year = IntegerField()
        last = IntegerField()

        class Meta:
            database = db
            table_name = "number_counter"
            indexes = ((("service_code", "year"), True),)

    db.create_tables([NumberCounter])

    class Page(Model):
        id = BigAutoField()
        slug = CharField(unique=True, max_length=40)
        title = CharField(max_length=120)
        summary = CharField(max_length=300, default="")
        body = TextField()
        updated_at = InstantField()

        class Meta:
            database = db
            table_name = "page"

    db.create_tables([Page])

    class RateBucket(Model):
        id = BigAutoField()
        key = CharField(unique=True, max_length=64)
        count = IntegerField()
        expires_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "rate_bucket"

    db.create_tables([RateBucket])

    class RequestDraft(Model):
        id = BigAutoField()
        key = CharField(unique=True, max_length=26)
        user = ForeignKeyField(User, null=True, on_delete="CASCADE")
        answers = JsonField(default=dict)
        file_sha256 = CharField(index=True, max_length=64, default="")
        file_name = CharField(max_length=160, default="")
        file_size = IntegerField(default=0)
        file_offset = IntegerField(default=0)
        updated_at = InstantField(index=True)

        class Meta:
            database = db
            table_name = "request_draft"

    db.create_tables([RequestDraft])

    class Role(Model):
        id = BigAutoField()
        name = CharField(unique=True, max_length=40)
        title = CharField(max_length=80)

        class Meta:
            database = db
            table_name = "role"

    db.create_tables([Role])

    class RoleHolding(Model):
        id = BigAutoField()
        user = ForeignKeyField(User, on_delete="CASCADE")
        role = ForeignKeyField(Role, on_delete="RESTRICT")

        class Meta:
            database = db
            table_name = "role_holding"
            indexes = ((("user", "role"), True),)

    db.create_tables([RoleHolding])

    class StageRecord(Model):
        id = BigAutoField()
        request = ForeignKeyField(Request, on_delete="CASCADE")
        event = ForeignKeyField(Event, unique=True, on_delete="CASCADE")
        stage_code = CharField(max_length=40)
        inputs = JsonField(default=dict)

        class Meta:
            database = db
            table_name = "stage_record"

    db.create_tables([StageRecord])

    class SurveyReceipt(Model):
        id = BigAutoField()
        request = ForeignKeyField(Request, unique=True, on_delete="RESTRICT")
        answered_at = InstantField()

        class Meta:
            database = db
            table_name = "survey_receipt"

    db.create_tables([SurveyReceipt])

    class SurveyResponse(Model):
        id = CharField(primary_key=True, max_length=36)
        questionnaire = CharField(max_length=40)
        service_code = CharField(max_length=40)
        answered_on = DateField()
        scores = JsonField()
        demographics = JsonField()
        extras = JsonField()

        class Meta:
            database = db
            table_name = "survey_response"
            indexes = ((("service_code", "answered_on"), False), (("answered_on",), False))

    db.create_tables([SurveyResponse])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("survey_response"))
    migrator.migrate(migrator.drop_table("survey_receipt"))
    migrator.migrate(migrator.drop_table("stage_record"))
    migrator.migrate(migrator.drop_table("role_holding"))
    migrator.migrate(migrator.drop_table("role"))
    migrator.migrate(migrator.drop_table("request_draft"))
    migrator.migrate(migrator.drop_table("rate_bucket"))
    migrator.migrate(migrator.drop_table("page"))
    migrator.migrate(migrator.drop_table("number_counter"))
    migrator.migrate(migrator.drop_table("message"))
    migrator.migrate(migrator.drop_table("login_session"))
    migrator.migrate(migrator.drop_table("holiday"))
    migrator.migrate(migrator.drop_table("faq_item"))
    migrator.migrate(migrator.drop_table("event"))
    migrator.migrate(migrator.drop_table("document"))
    migrator.migrate(migrator.drop_table("assignment"))
    migrator.migrate(migrator.drop_table("request"))
    migrator.migrate(migrator.drop_table("flow_version"))
    migrator.migrate(migrator.drop_table("user"))
