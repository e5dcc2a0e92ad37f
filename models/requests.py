"""Requests with the versions of their services, assignments, pauses, bills and numbers.

Fetching a row through a scope (`Request.visible_to`, `Document.visible_to`) is the access check.
No clock, no web, no mail in these tables: `at` and `now` are arguments."""

from functools import reduce
from operator import or_

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    Expression,
    FloatField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from models.people import Turn, User
from rules.roles import PELANGGAN, SEES_ALL_REQUESTS
from rules.statuses import OPEN_STATUSES, WAITING_VERIFICATION
from storage.database import Base, InstantField, JsonField, new_public_id


class FlowVersion(Base):
    """A service definition as it was; immutable. A request stays on the version it was filed on."""

    service_code = CharField(max_length=40)
    digest = CharField(max_length=64)
    definition = TextField()
    created_at = InstantField()
    # The newest published version of a service is the one on offer.
    published_at = InstantField(null=True)
    published_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    note = CharField(max_length=300, default="")

    class Meta:
        indexes = ((("service_code", "digest"), True),)


class FlowDraft(Base):
    """A copy of a service definition that an administrator is changing; one per service."""

    service_code = CharField(max_length=40, unique=True)
    definition = TextField()
    base = ForeignKeyField(FlowVersion, null=True, on_delete="SET NULL")
    updated_at = InstantField()
    updated_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")


class Request(Base):
    """A request of a customer. Only `workflow` writes here."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    version = IntegerField(default=1)
    idempotency_key = CharField(max_length=26, unique=True)
    customer = ForeignKeyField(User, backref="requests", on_delete="RESTRICT")
    flow = ForeignKeyField(FlowVersion, on_delete="RESTRICT")
    service_code = CharField(max_length=40)
    subclass_code = CharField(max_length=40, default="")
    subject = CharField(max_length=200)
    description = TextField()
    statement_version = CharField(max_length=20)
    number = CharField(max_length=60, null=True, unique=True)
    number_key = CharField(max_length=60, null=True, unique=True)
    status = CharField(max_length=24, default=WAITING_VERIFICATION)
    stage_code = CharField(max_length=40)
    # Which turn of the stage, from 0, where a stage has several desks.
    step = IntegerField(default=0)
    # What must be settled before the stage goes on: completion, suspension, objection,
    # cancellation, amendment, revision; empty for nothing.
    pending = CharField(max_length=16, default="")
    pending_due_at = InstantField(null=True)
    # Answers to the fields that only this service asks.
    details = JsonField(default=dict)
    # portal, loket or surat; and who wrote it down for the customer.
    channel = CharField(max_length=12, default="portal")
    registered_by = ForeignKeyField(User, null=True, backref="registered", on_delete="RESTRICT")
    is_free = BooleanField(default=False)
    is_urgent = BooleanField(default=False)
    revision = IntegerField(default=0)
    agreed_due_on = DateField(null=True)
    agreed_at = InstantField(null=True)
    # The post (or `pelanggan`) whose turn it is; empty once the request is closed.
    waiting_role = CharField(max_length=40)
    assignee = ForeignKeyField(User, null=True, backref="assigned", on_delete="RESTRICT")
    submitted_at = InstantField()
    submitted_month = CharField(max_length=7)
    stage_entered_at = InstantField()
    stage_due_at = InstantField()
    due_at = InstantField()
    accepted_at = InstantField(null=True)
    # The moment the clock stopped because the office's own work was done, and the working days
    # that took: frozen, since a later change of the holiday table must not rewrite history.
    office_done_at = InstantField(null=True)
    office_days = FloatField(null=True)
    released_at = InstantField(null=True)
    closed_at = InstantField(null=True)

    class Meta:
        indexes = (
            (("customer", "status", "submitted_at"), False),
            (("customer", "submitted_at", "id"), False),
            (("waiting_role", "submitted_at", "id"), False),
            (("status", "submitted_at", "id"), False),
            (("submitted_at", "id"), False),
            (("service_code", "status", "submitted_at", "id"), False),
            (("pending", "pending_due_at"), False),
        )

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @classmethod
    def is_running(cls) -> Expression:
        """Condition: it waits for somebody, which few do at a time.

        In these letters, for the small index over them to serve: SQLite compares the texts.
        """
        return cls.waiting_role != SQL("''")

    @classmethod
    def visible_to(cls, user: User) -> ModelSelect:
        """The requests this person may see at all; a stranger's id isn't among them."""
        if not user.is_staff:
            return cls.select().where(cls.customer == user)
        wide = [right for right in user.acting_rights if right[0] in SEES_ALL_REQUESTS]
        if user.role_codes & SEES_ALL_REQUESTS or not all(services for _, services, _ in wide):
            return cls.select()
        # A union, so that each part comes off its own index. Joined by OR, Postgres walks the
        # whole table, and SQLite the order of the list until it has met enough of the few.
        found = Assignment.select(Assignment.request).where(Assignment.user == user)
        found = found.union_all(cls.select(cls.id).where(cls._at_posts_of(user)))
        for _, services, _ in wide:
            found = found.union_all(cls.select(cls.id).where(cls.service_code.in_(services)))
        return cls.select().where(cls.id.in_(found))

    @classmethod
    def waiting_for(cls, user: User) -> ModelSelect:
        """What waits for this person: at a post of theirs and not assigned to somebody else."""
        if not user.is_staff:
            return cls.select().where((cls.customer == user) & (cls.waiting_role == PELANGGAN))
        return cls.select().where(cls._at_posts_of(user))

    @classmethod
    def _at_posts_of(cls, user: User) -> Expression:
        """Condition: it waits for a post of this person, and for nobody else by name.

        Somebody without a post has no turn; an empty post is where closed requests lie.
        """
        turns = user.turns or (Turn(frozenset(), frozenset()),)
        # Said for each of them and for all: an index over the running ones looks for it in both.
        return cls.is_running() & reduce(or_, (turn.condition(cls) for turn in turns))


# All that filters of running requests ask for: a list of them never touches the table.
Request.add_index(
    Request.index(
        Request.waiting_role, Request.stage_due_at, Request.id, Request.assignee,
        Request.service_code, Request.stage_code, Request.status, Request.submitted_at,
        Request.stage_entered_at,
        where=Request.is_running(), name="request_running",
    )
)  # fmt: skip
# What the office has done, with what says whether in time; of all services and of each.
DONE_COLUMNS = (Request.office_done_at, Request.id, Request.due_at)
for name, columns in (
    ("request_done", DONE_COLUMNS),
    ("request_service_done", (Request.service_code, *DONE_COLUMNS)),
):
    Request.add_index(
        Request.index(*columns, where=Request.office_done_at.is_null(False), name=name)
    )


class Assignment(Base):
    """The person who holds a stage of a request, named at an earlier stage."""

    request = ForeignKeyField(Request, backref="assignments", on_delete="CASCADE")
    stage_code = CharField(max_length=40)
    user = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("request", "stage_code"), True), (("user", "request"), False))


class Pause(Base):
    """A stretch in which a request's clock stands; at most one is open."""

    request = ForeignKeyField(Request, backref="pauses", on_delete="CASCADE")
    reason = CharField(max_length=20)
    began_at = InstantField()
    ended_at = InstantField(null=True)

    class Meta:
        indexes = ((("request", "began_at"), False),)


class Billing(Base):
    """A PNBP bill by its SIMPONI code; the state treasury takes the money, we keep the record."""

    request = ForeignKeyField(Request, backref="billings", on_delete="RESTRICT")
    code = CharField(max_length=15, unique=True)
    amount = BigIntegerField()
    issued_at = InstantField()
    expires_on = DateField()
    ntpn = CharField(max_length=16, null=True, unique=True)
    paid_on = DateField(null=True)
    verified_at = InstantField(null=True)
    replaced_at = InstantField(null=True)

    class Meta:
        indexes = ((("request", "issued_at"), False), (("expires_on",), False))


class NumberCounter(Base):
    """The last number issued, per service and WITA year. A sequence would leave gaps."""

    service_code = CharField(max_length=40)
    year = IntegerField()
    last = IntegerField()

    class Meta:
        indexes = ((("service_code", "year"), True),)

    @classmethod
    def issue(cls, service_code: str, year: int) -> int:
        """Take the next number; call inside the transaction that uses it."""
        rows = (
            cls.insert(service_code=service_code, year=year, last=1)
            .on_conflict(
                conflict_target=[cls.service_code, cls.year], update={cls.last: cls.last + 1}
            )
            .returning(cls.last)
            .execute()
        )
        return next(iter(rows)).last


class RequestDraft(Base):
    """A form half way: kept through log-in and sign-up; its key makes filing idempotent."""

    key = CharField(max_length=26, unique=True, default=new_public_id)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    answers = JsonField(default=dict)
    # Name of the attachment -> [SHA-256, size in bytes, file name, offset of the header].
    files = JsonField(default=dict)
    updated_at = InstantField(index=True)
