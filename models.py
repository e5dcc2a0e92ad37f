"""Every table with its constraints, indexes and scopes, in the order in which a request meets them.

Fetching a row through a scope (`Request.visible_to`, `Document.visible_to`) is the access check. A
scope takes who reads with all rights at an instant (`workflow.Reader`), never a bare person.
No clock, no web, no mail in these tables: `at` and `now` are arguments.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property, reduce
from operator import or_
from uuid import uuid4

from flask_security import RoleMixin, UserMixin
from peewee import (
    JOIN,
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    Expression,
    Field,
    FloatField,
    ForeignKeyField,
    Function,
    IntegerField,
    IntegrityError,
    ModelInsert,
    ModelSelect,
    TextField,
    fn,
)

from config.office import office
from rules.chain import link_hash
from rules.events import REJECTED as REFUSAL
from rules.file_names import document_name, request_stem
from rules.rights import Naming, Power, Rights, Turn, rights_of
from rules.roles import PELANGGAN
from rules.search_terms import order_key, vocabulary_of, words_of
from rules.statuses import DONE, OPEN_STATUSES, REJECTED, WAITING_VERIFICATION
from rules.text import fold
from storage.database import (
    InstantField,
    JsonField,
    canonical_json,
    database,
    new_check_code,
    new_public_id,
    sql_functions,
)
from storage.fast import Bound, ByIndex, Quick, prepared

# Known to every connection before a row is written: triggers keep the search index by them.
sql_functions.update(
    melasti_fold=fold,
    melasti_words=words_of,
    melasti_vocabulary=vocabulary_of,
    melasti_order=order_key,
)


class Base(Quick):
    id = BigAutoField()

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True


# -- people, posts, log-ins ------------------------------------------------------------------------


# Customers of the counter who gave no e-mail get an address that can't exist (RFC 2606).
NO_EMAIL = "@tanpa-email.invalid"


class Role(RoleMixin, Base):
    """A post of the office; `name` is its code."""

    name = CharField(max_length=40, unique=True)
    title = CharField(max_length=80)

    @property
    def description(self) -> str:
        return self.title

    def __str__(self) -> str:
        return self.title


def lock_roles() -> None:
    """Let a second transaction that says this wait until the first one is through.

    For writes that look at many rows before they add one. Neither engine locks rows that don't
    exist yet, and SQLite locks no rows at all; an UPDATE that changes nothing does on both.
    """
    Role.update(title=Role.title).where(Role.name == PELANGGAN).execute()


class User(UserMixin, Base):
    """A customer or a member of staff. The mixin comes first: peewee has a `get_id` of its own."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    email = CharField(max_length=254, unique=True)
    password = TextField(null=True)
    fs_uniquifier = CharField(max_length=64, unique=True)
    active = BooleanField(default=True)
    # When its owner proved each address, by the link that came there; NULL until then.
    email_confirmed_at = InstantField(null=True)
    phone_confirmed_at = InstantField(null=True)
    # What is to take their place, once it is proved; empty when nothing waits.
    new_email = CharField(max_length=254, default="")
    new_phone = CharField(max_length=20, default="")
    created_at = InstantField(null=True, index=True)
    is_staff = BooleanField(default=False, index=True)
    name = CharField(max_length=120)
    # What names are ordered by (`rules.search_terms.order_key`); kept by triggers, never set here.
    name_key = CharField(max_length=120, default="")
    institution_category = CharField(max_length=40, default="")
    institution_name = CharField(max_length=160, default="")
    phone = CharField(max_length=20, default="", index=True)
    gender = CharField(max_length=1, default="")
    address = CharField(max_length=300, default="")
    privacy_version = CharField(max_length=20, default="")
    newsletter = BooleanField(default=False)
    # whatsapp: WhatsApp, and e-mail where that fails; email: chosen in the profile; stopped: the
    # same, asked for by STOP from the phone itself, which alone may be undone from the phone.
    notify_by = CharField(max_length=12, default="whatsapp")
    # Of staff, as letters name who signs: the number of civil servants (18 digits), rank and grade
    # (`Pembina (IV/a)`), and the formal title where it is another than the post's.
    nip = CharField(max_length=18, default="")
    rank = CharField(max_length=60, default="")
    position = CharField(max_length=120, default="")
    # How this member of staff likes the screens: {"queue": {"columns": […], "density": …}}.
    preferences = JsonField(default=dict)
    # The account that took over this one's requests, where one customer had two.
    merged_into = ForeignKeyField("self", null=True, backref="merged", on_delete="RESTRICT")

    class Meta:
        indexes = ((("name_key", "id"), False), (("institution_name", "id"), False))

    def __str__(self) -> str:
        return self.name

    @classmethod
    def name_order(cls) -> tuple[Field, Field]:
        """ORDER BY terms of people by name, in the order of the language on both engines."""
        return cls.name_key, cls.id

    @cached_property
    def role_codes(self) -> frozenset[str]:
        """Codes of the posts held; a customer has none and costs no query."""
        return frozenset(role.name for role in self.roles)

    @property
    def roles(self) -> list[Role]:
        if not self.is_staff or self.id is None:
            return []
        if "_roles" not in self.__dict__:
            self.__dict__["_roles"] = _roles_of(user=self.id)
        return self.__dict__["_roles"]

    @roles.setter
    def roles(self, roles: Iterable[Role]) -> None:
        """Accept the empty list that Flask-Security hands to every new user."""
        if list(roles):
            raise ValueError("posts are given by hold_posts")

    def holds(self, role_code: str) -> bool:
        return role_code in self.role_codes

    def hold_posts(self, role_codes: Iterable[str]) -> None:
        """Replace the posts of this member of staff."""
        with database.atomic():
            RoleHolding.delete().where(RoleHolding.user == self).execute()
            for role in Role.select().where(Role.name.in_(list(role_codes))):
                RoleHolding.create(user=self, role=role)
        self.__dict__.pop("_roles", None)
        self.__dict__.pop("role_codes", None)

    @property
    def has_account(self) -> bool:
        """False for who came to the counter and never signed up, or was invited and never came."""
        return bool(self.password)

    @property
    def is_in_service(self) -> bool:
        """Whether they are staff who work here now: not closed, and the invitation accepted.

        Who was invited only has an address that nobody has proved, and holds nothing yet.
        """
        return self.is_staff and self.active and self.has_account

    @classmethod
    def in_service(cls) -> Expression:
        """Condition: the same."""
        return cls.is_staff & cls.active & cls.password.is_null(False)

    @classmethod
    def unknown_sender(cls) -> "User":
        """Who is written to when a number of nobody's account wrote to us. No real person."""
        email = f"nomor-asing{NO_EMAIL}"
        cls.insert(
            public_id=new_public_id(),
            email=email,
            fs_uniquifier="nomor-asing",
            name="Nomor tanpa akun",
            active=False,
        ).on_conflict_ignore().execute()
        return cls.get(cls.email == email)

    @property
    def is_unknown_sender(self) -> bool:
        return self.fs_uniquifier == "nomor-asing"

    @property
    def in_use(self) -> "User":
        """This account, or the one that took over from it in the end."""
        found = self
        while found.merged_into_id:
            found = found.merged_into
        return found

    @property
    def shown_email(self) -> str:
        return "" if self.email.endswith(NO_EMAIL) else self.email

    @property
    def confirmed_at(self) -> datetime | None:
        """Since when anything of the account is proved; what Flask-Security asks for."""
        proved = [at for at in (self.email_confirmed_at, self.phone_confirmed_at) if at]
        return min(proved, default=None)

    def proved_address(self, channel: str) -> str:
        """Where this person may be told anything by a channel; empty while it isn't proved."""
        if channel == "whatsapp":
            return self.phone if self.phone_confirmed_at else ""
        return self.shown_email if self.email_confirmed_at else ""

    def addresses(self, channel: str) -> list[str]:
        """The address of a channel that is in use, and the one that waits to be proved."""
        if channel == "whatsapp":
            found = [self.phone, self.new_phone]
        else:
            found = [self.shown_email, self.new_email]
        return [address for address in found if address]

    def unproved(self, channel: str) -> list[str]:
        """The addresses of a channel that are given and not proved."""
        proved = self.proved_address(channel)
        return [address for address in self.addresses(channel) if address != proved]

    @property
    def is_proved(self) -> bool:
        """Whether the owner proved every way to be reached that is given."""
        return not (self.unproved("whatsapp") or self.unproved("email"))

    @property
    def wants_whatsapp(self) -> bool:
        return self.notify_by == "whatsapp"

    @classmethod
    def holding(cls, role_code: str) -> ModelSelect:
        """Those in service who hold a post."""
        return (
            cls.select(cls)
            .join(RoleHolding)
            .join(Role)
            .where((Role.name == role_code) & cls.in_service())
            .order_by(*cls.name_order())
        )

    @classmethod
    def customers_visible_to(cls, reader: Rights) -> ModelSelect:
        """All to whoever supervises accounts by an own post, else nobody but oneself."""
        customers = cls.select().where(~cls.is_staff & (cls.fs_uniquifier != "nomor-asing"))
        if rights_of(reader).may_by_own_post("customers"):
            return customers
        return customers.where(cls.id == reader.id)


User.add_index(User.index(User.new_email, where=User.new_email != SQL("''"), name="user_new_email"))


class RoleHolding(Base):
    user = ForeignKeyField(User, backref="holdings", on_delete="CASCADE")
    role = ForeignKeyField(Role, on_delete="RESTRICT")

    class Meta:
        indexes = ((("user", "role"), True),)


@prepared
def _roles_of() -> ModelSelect:
    held = Role.select().join(RoleHolding).where(RoleHolding.user == Bound("user"))
    return held.order_by(Role.id)


class LoginSession(Base):
    """A log-in; ending the row kills every copy of the cookie."""

    token_digest = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    started_at = InstantField()
    expires_at = InstantField(index=True)


class RateBucket(Base):
    """Attempts counted per window; the key is a keyed digest, never an address."""

    key = CharField(max_length=64, unique=True)
    count = IntegerField()
    # Looked for once a night, so without an index, which every attempt would write to.
    expires_at = InstantField()


# -- acting officials ------------------------------------------------------------------------------


class Mandate(Base):
    """Somebody acts for a post (Plh./Plt.), by letter, from a day until a day, both included."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    role_code = CharField(max_length=40)
    # plh: the holder is away for a while; plt: nobody holds the post for now.
    kind = CharField(max_length=3)
    absent = ForeignKeyField(User, null=True, backref="absences", on_delete="RESTRICT")
    acting = ForeignKeyField(User, backref="mandates", on_delete="RESTRICT")
    letter = CharField(max_length=80)
    from_on = DateField()
    until_on = DateField()
    # Codes of the services it covers; empty for all.
    services = JsonField(default=list)
    created_at = InstantField()
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    revoked_at = InstantField(null=True)

    class Meta:
        indexes = ((("acting", "until_on"), False), (("role_code", "until_on"), False))

    @classmethod
    def in_force(cls, on: date) -> ModelSelect:
        return cls.select().where(
            (cls.from_on <= on) & (cls.until_on >= on) & cls.revoked_at.is_null()
        )

    @classmethod
    def with_people(cls) -> ModelSelect:
        """Mandates with the absent and the acting person beside them. One query."""
        absent, acting = User.alias(), User.alias()
        return (
            cls.select(cls, absent, acting)
            .join(absent, JOIN.LEFT_OUTER, on=cls.absent)
            .switch(cls)
            .join(acting, on=cls.acting)
        )


class Absence(Base):
    """Days on which somebody of the office isn't there, both included. Moves nobody's work."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    user = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    # A code of `rules.labels.ABSENCES`.
    kind = CharField(max_length=12)
    from_on = DateField()
    until_on = DateField()
    created_at = InstantField()
    created_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    revoked_at = InstantField(null=True)

    class Meta:
        indexes = ((("until_on", "from_on"), False),)

    @classmethod
    def since(cls, on: date) -> ModelSelect:
        """Those that last on this day or begin later, with who is away; the first one first."""
        running = (cls.until_on >= on) & cls.revoked_at.is_null()
        with_people = cls.select(cls, User).join(User, on=cls.user)
        return with_people.where(running & User.in_service()).order_by(cls.from_on, cls.id)


# -- services and requests -------------------------------------------------------------------------


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
    """A request of a customer. Only the door and `compare_and_set` of `moves` write here."""

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
    # Whose act is held back (`HeldAct`) and can still be undone; nobody acts meanwhile.
    held_by = ForeignKeyField(User, null=True, backref="+", index=False, on_delete="RESTRICT")
    submitted_at = InstantField()
    submitted_month = CharField(max_length=7)
    stage_entered_at = InstantField()
    stage_due_at = InstantField()
    due_at = InstantField()
    # When the customer was told to expect it instead, once the promise had broken or was about to.
    # The promise stays: whether it was kept is asked of `due_at`.
    expected_at = InstantField(null=True)
    # Why it is late, a code of `office().delay_causes`; empty while nobody said.
    delay_cause = CharField(max_length=40, default="")
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
            # Sorted by their headings, lists of everything lie in these, and in that of `number`.
            (("subject", "id"), False),
            (("service_code", "stage_code", "id"), False),
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
    def ended(cls) -> Function:
        """When the office was through with it, with a result or without; NULL while it isn't."""
        return fn.COALESCE(cls.office_done_at, cls.closed_at)

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """The requests this person may see at all; a stranger's id isn't among them."""
        if not rights_of(reader).is_staff:
            return cls.select().where(cls.customer == reader.id)
        if cls.shows_all_to(reader):
            return cls.select()
        # A union, so that each part comes off its own index. Joined by OR, Postgres walks the
        # whole table, and SQLite the order of the list until it has met enough of the few.
        parts = cls.parts_visible_to(reader)
        found = reduce(lambda some, more: some.union_all(more), parts)
        return cls.select().where(cls.id.in_(found))

    @classmethod
    def parts_visible_to(cls, reader: Rights) -> Iterator[ModelSelect]:
        """Ids of what is given to this person, was theirs or their post's, or may come to be.

        What `visible_to` puts together, for staff who don't see everything: of requests, or of the
        rows that name them.
        """
        yield Assignment.select(Assignment.request).where(Assignment.user == reader.id)
        yield cls.select(cls.id).where(cls._at_posts_of(reader))
        for power in reader.powers_to("sees_all"):
            yield cls.select(cls.id).where(cls.service_code.in_(power.services))
        if reader.may("requests"):
            yield Participation.of_person(reader.id)
        for power in reader.powers:
            if power.role in office().keeps:
                yield cls._kept_by(power)
            if subordinates := office().subordinates_of(power.role):
                # Refused by one of them, so that the customer's objection would come here.
                refusals = Event.select(Event.request).where(
                    (Event.kind == REFUSAL) & Event.acted_for.in_(sorted(subordinates))
                )
                refused = (cls.status == REJECTED) & cls.id.in_(refusals)
                yield cls.select(cls.id).where(refused & cls.covered_by([power]))
        for naming in reader.namings:
            yield from cls._named_at(naming)

    @classmethod
    def _kept_by(cls, power: Power) -> ModelSelect:
        """Ids of what a post had a hand in, as far as a power for it goes."""
        kept = Participation.of_post(power.role)
        if power.is_for_all:
            return kept
        return kept.from_(Participation, cls).where(
            (Participation.request == cls.id) & cls.covered_by([power])
        )

    @classmethod
    def covered_by(cls, powers: Iterable[Power]) -> Expression:
        """Condition: of a service for which one of these powers is."""
        return reduce(or_, (cls._is_covered_by(power) for power in powers))

    @classmethod
    def _is_covered_by(cls, power: Power) -> Expression:
        found = SQL("1 = 1")
        if power.services:
            found &= cls.service_code.in_(power.services)
        if power.except_services:
            found &= cls.service_code.not_in(power.except_services)
        return found

    @classmethod
    def _named_at(cls, naming: Naming) -> Iterator[ModelSelect]:
        """Ids of what lies where a side path is a post's of this person, of one flow."""
        if naming.desks or naming.paused:
            at = [(cls._lies_at(*desk)) for desk in naming.desks]
            at += [cls._lies_at(*desk) & (cls.pending != "") for desk in naming.paused]
            lies = cls.is_running() & (cls.flow == naming.flow_id) & reduce(or_, at)
            # By name: SQLite would take the index of the flow, with all that was ever filed.
            yield cls.select(cls.id).from_(ByIndex(cls, RUNNING)).where(lies)
        if naming.is_finished:
            yield cls.select(cls.id).where((cls.flow == naming.flow_id) & (cls.status == DONE))

    @classmethod
    def _lies_at(cls, stage_code: str, step: int) -> Expression:
        return (cls.stage_code == stage_code) & (cls.step == step)

    @classmethod
    def taken_part_in_by(cls, reader: Rights) -> ModelSelect:
        """What this person worked on, whatever became of it."""
        mine = Participation.of_person(rights_of(reader).id)
        return cls.select().where(cls.id.in_(mine))

    @classmethod
    def kept_by(cls, reader: Rights, role: str) -> ModelSelect:
        """What a post of this person had a hand in, whoever held it then."""
        parts = [cls._kept_by(power) for power in rights_of(reader).powers if power.role == role]
        kept = reduce(lambda some, more: some.union_all(more), parts)
        return cls.select().where(cls.id.in_(kept))

    @classmethod
    def shows_all_to(cls, reader: Rights) -> bool:
        """Whether this person sees every request there is."""
        return not all(power.services for power in rights_of(reader).powers_to("sees_all"))

    @classmethod
    def waiting_for(cls, reader: Rights) -> ModelSelect:
        """What waits for this person: at a post of theirs and not assigned to somebody else."""
        if not rights_of(reader).is_staff:
            mine = (cls.customer == reader.id) & (cls.waiting_role == PELANGGAN)
            return cls.select().where(mine)
        waiting = cls.select().where(cls._at_posts_of(reader))
        # For who did it, it is done.
        return waiting.where(cls.id.not_in(HeldAct.of_person(reader.id)))

    @classmethod
    def _at_posts_of(cls, reader: Rights) -> Expression:
        """Condition: it waits for a post of this person, and for nobody else by name."""
        if not reader.turns:
            # An empty post is where closed requests lie.
            return cls.is_running() & SQL("1 = 0")
        # Said for each of them and for all: an index over the running ones looks for it in both.
        return cls.is_running() & reduce(or_, (cls._is_turn(turn) for turn in reader.turns))

    @classmethod
    def _is_turn(cls, turn: Turn) -> Expression:
        """Condition: what `Turn.is_for` says of one row."""
        takes = sorted(turn.takes)
        free = cls.assignee.is_null() | cls.assignee.in_(takes)
        free |= cls.assignee.not_in(sorted(turn.living | turn.takes))
        found = cls.is_running() & (cls.waiting_role == turn.role) & free
        if turn.services:
            found &= cls.service_code.in_(turn.services)
        if turn.except_services:
            found &= cls.service_code.not_in(turn.except_services)
        return found


RUNNING = "request_running"
# All that filters of running requests ask for: a list of them never touches the table.
Request.add_index(
    Request.index(
        Request.waiting_role,
        Request.stage_due_at,
        Request.id,
        Request.assignee,
        Request.service_code,
        Request.stage_code,
        Request.status,
        Request.submitted_at,
        Request.stage_entered_at,
        where=Request.is_running(),
        name=RUNNING,
    )
)
# What the office has done, with what says whether in time; of all services and of each.
DONE_COLUMNS = (Request.office_done_at, Request.id, Request.due_at)
for name, columns in (
    ("request_done", DONE_COLUMNS),
    ("request_service_done", (Request.service_code, *DONE_COLUMNS)),
):
    Request.add_index(
        Request.index(*columns, where=Request.office_done_at.is_null(False), name=name)
    )
# Both of what is through, by when, and of what isn't.
Request.add_index(Request.index(Request.ended(), Request.id, name="request_ended"))
Request.add_index(
    Request.index(
        Request.delay_cause,
        Request.submitted_at,
        Request.id,
        where=Request.delay_cause != SQL("''"),
        name="request_delayed",
    )
)


class Assignment(Base):
    """The person who holds a stage of a request, named at an earlier stage."""

    request = ForeignKeyField(Request, backref="assignments", on_delete="CASCADE")
    stage_code = CharField(max_length=40)
    user = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("request", "stage_code"), True), (("user", "request"), False))


class Participation(Base):
    """That somebody worked on a request, or a post did; written with the history, for good.

    A row is of a person, or of the post in whose name (`user` is None). `submitted_at` is that of
    the request, so that a list of these lies in its order in the index.
    """

    request = ForeignKeyField(Request, index=False, on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, index=False, on_delete="RESTRICT")
    role_code = CharField(max_length=40, default="")
    submitted_at = InstantField()

    @classmethod
    def is_of_person(cls, user_id: int) -> Expression:
        return cls.user == user_id

    @classmethod
    def is_of_post(cls, role_code: str) -> Expression:
        # Said twice: by these letters SQLite takes the small index over the posts' rows alone.
        return (cls.role_code == role_code) & cls.is_any_post()

    @classmethod
    def is_any_post(cls) -> Expression:
        """Condition: the row is of a post and not of a person."""
        return cls.role_code != SQL("''")

    @classmethod
    def of_person(cls, user_id: int) -> ModelSelect:
        """Ids of the requests."""
        return cls.select(cls.request).where(cls.is_of_person(user_id))

    @classmethod
    def of_post(cls, role_code: str) -> ModelSelect:
        """Ids of the requests."""
        return cls.select(cls.request).where(cls.is_of_post(role_code))

    @classmethod
    def note(cls, request: Request, user_id: int, role_code: str) -> None:
        """Write down that this person worked on it for this post; once, however often."""
        given = {"request": request.id, "submitted_at": request.submitted_at}
        _participate(user=user_id, role="", **given)
        _participate(user=None, role=role_code, **given)


for name, column, condition in (
    ("participation_person", Participation.user, Participation.user.is_null(False)),
    ("participation_post", Participation.role_code, Participation.is_any_post()),
):
    Participation.add_index(
        Participation.index(
            column,
            Participation.submitted_at,
            Participation.request,
            where=condition,
            unique=True,
            name=name,
        )
    )


@prepared
def _participate() -> ModelInsert:
    row = {
        Participation.request: Bound("request"),
        Participation.user: Bound("user"),
        Participation.role_code: Bound("role"),
        Participation.submitted_at: Bound("submitted_at", Participation.submitted_at),
    }
    return Participation.insert(row).on_conflict_ignore().returning(Participation.id).tuples()


class HeldAct(Base):
    """What somebody of the office did and can still undo: carried out from `due_at` on.

    While there is one, `held_by` of the request is its actor. One that couldn't be carried out
    says why in `refusal` until its actor has read that.
    """

    request = ForeignKeyField(Request, backref="held_acts", on_delete="CASCADE")
    # Its own, or one of several that one click did and that are undone together.
    batch = CharField(max_length=26, index=True)
    actor = ForeignKeyField(User, index=False, on_delete="RESTRICT")
    # The post in whose name, and the desk at which it was done.
    acted_for = CharField(max_length=40)
    desk = CharField(max_length=50)
    choice_code = CharField(max_length=40)
    # As they were given, files by what `StoredFile` holds (may be personal).
    inputs = JsonField(default=dict)
    # What happened, in the words that the actor read.
    outcome = CharField(max_length=300)
    acted_at = InstantField()
    due_at = InstantField(index=True)
    refusal = CharField(max_length=500, default="")

    class Meta:
        indexes = ((("actor", "due_at"), False),)

    @classmethod
    def is_open(cls) -> Expression:
        """Condition: it is held still, in these letters for the small index over them."""
        return cls.refusal == SQL("''")

    @classmethod
    def of_person(cls, user_id: int) -> ModelSelect:
        """Ids of the requests that wait for what this person did."""
        return cls.select(cls.request).where(cls.is_open() & (cls.actor == user_id))


HeldAct.add_index(
    HeldAct.index(HeldAct.request, unique=True, where=HeldAct.is_open(), name="held_act_open")
)


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
        indexes = (
            (("request", "issued_at"), False),
            (("expires_on",), False),
            (("issued_at", "id"), False),
            (("paid_on",), False),
        )

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """The bills of the services whose book this person reads, with request and customer."""
        joined = cls.select().join(Request).join(User, on=Request.customer)
        powers = rights_of(reader).powers_to("bills")
        if any(power.is_for_all for power in powers):
            return joined
        # Nobody's book is an empty one.
        found = reduce(or_, map(cls._is_covered, powers), Request.id.is_null())
        return joined.where(found)

    @classmethod
    def _is_covered(cls, power: Power) -> Expression:
        """Condition: `Power.covers` of the service, of one that isn't for all."""
        if power.services:
            return Request.service_code.in_(power.services)
        return Request.service_code.not_in(power.except_services)


class RevenueTarget(Base):
    """What a service is to bring in within a year, in rupiah (PNBP)."""

    service_code = CharField(max_length=40)
    year = IntegerField()
    amount = BigIntegerField()
    updated_at = InstantField()
    updated_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")

    class Meta:
        indexes = ((("service_code", "year"), True),)


class UniqueValue(Base):
    """What a request gave for an input that the flow calls unique, such as the code of a sample.

    `scope` is the code of the service, or empty where it is unique in the whole office; `value`
    is folded as it is compared.
    """

    request = ForeignKeyField(Request, backref="+", on_delete="CASCADE")
    scope = CharField(max_length=40)
    name = CharField(max_length=40)
    value = CharField(max_length=200)

    class Meta:
        indexes = ((("scope", "name", "value"), True),)


class NumberCounter(Base):
    """The last number issued, per series and WITA year. A sequence would leave gaps."""

    # A service's code; `surat:` and a register for letters out, `surat:masuk` for letters in.
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
    # Name of the attachment -> the fields of a `StoredFile` in their order.
    files = JsonField(default=dict)
    updated_at = InstantField(index=True)
    # Once, and never again however long it lies there.
    reminded_at = InstantField(null=True)


class KeptForm(Base):
    """A form that couldn't be taken when it came, for whoever wrote it to send again within a day.

    `owner` is the mark of that person, or of a visitor's browser (`web.kept_forms`): a keyed
    digest, so that answers to a survey lead to nobody here either.
    """

    key = CharField(max_length=26, unique=True, default=new_check_code)
    owner = CharField(max_length=32, index=True)
    # Where it was sent to.
    address = CharField(max_length=300)
    # [name, value] of each field, as they came.
    fields = JsonField()
    had_files = BooleanField(default=False)
    kept_at = InstantField(index=True)


class Upload(Base):
    """A file that arrives in pieces, or has arrived and waits for its form to be sent.

    How much of it is there is the length of the partial file, not a column.
    """

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    user = ForeignKeyField(User, on_delete="CASCADE")
    # The input of the form that it is for: `<request>:<desk>:<choice>:<input>`.
    purpose = CharField(max_length=160)
    # What that input accepts: kinds by commas, and how large.
    kinds = CharField(max_length=60)
    max_mb = IntegerField()
    filename = CharField(max_length=160)
    size = BigIntegerField()
    # By which the same file is known when somebody chooses it again: its own time of change.
    changed = CharField(max_length=20, default="")
    # The fields of a `StoredFile` once it is whole, checked and kept.
    file = JsonField(default=list)
    sha256 = CharField(max_length=64, default="", index=True)
    updated_at = InstantField(index=True)

    class Meta:
        indexes = ((("user", "purpose"), False),)

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        return cls.select().where(cls.user == rights_of(reader).id)


# -- documents -------------------------------------------------------------------------------------


# Whether a file was looked through for malware: empty for yes, or where no scanner is set.
WAITING_SCAN, INFECTED = "waiting", "infected"


class Document(Base):
    """A file of a request. `sha256` is empty while the document still has to be made."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    request = ForeignKeyField(Request, backref="documents", on_delete="RESTRICT")
    kind = CharField(max_length=40)
    title = CharField(max_length=120)
    filename = CharField(max_length=160)
    sha256 = CharField(max_length=64, default="", index=True)
    size = IntegerField(default=0)
    # Bytes before "%PDF" that a reader skips; cut off when served so that they can't act.
    header_offset = IntegerField(default=0)
    media_type = CharField(max_length=100, default="application/pdf")
    # What it is, in the words of who handed it in.
    description = CharField(max_length=200, default="")
    # Its place among several that were handed in together for one input; 0 for one alone.
    part = IntegerField(default=0)
    # Not served while it waits, and never when infected.
    scan = CharField(max_length=10, default="")
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    created_at = InstantField()
    # Internal documents are never shown to the customer.
    is_internal = BooleanField(default=False)
    # A result is shown to the customer only once the flow has released it.
    is_result = BooleanField(default=False)
    released_at = InstantField(null=True)
    # Versions of the same thing: the newer one replaces the older one, which stays readable.
    version = IntegerField(default=1)
    replaced_by = ForeignKeyField("self", null=True, on_delete="SET NULL")
    # By this everybody who holds the document can check it; it opens nothing.
    code = CharField(max_length=26, unique=True, default=new_check_code)
    # Withdrawn by a later decision, without anything in its place.
    revoked_at = InstantField(null=True)

    @property
    def is_served(self) -> bool:
        return self.scan not in (WAITING_SCAN, INFECTED)

    @property
    def download_name(self) -> str:
        """What it is called when it leaves: by the number of its request, fetched with it."""
        about = self.request
        stem = request_stem(about.number, about.submitted_at, about.subject)
        return document_name(stem, self.kind, self.filename, version=self.version, part=self.part)

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """Documents of visible requests; for the customer no internal or unreleased one."""
        visible = cls.select(cls, Request).join(Request)
        visible = visible.where(cls.request.in_(Request.visible_to(reader).select(Request.id)))
        if reader.is_staff:
            return visible
        released = ~cls.is_result | cls.released_at.is_null(False)
        return visible.where(~cls.is_internal & released)


class IncomingLetter(Base):
    """The letter by which a request came, under its running number in the agenda book.

    Every request has one from its filing on, whether its letter has a number of its own or not.
    """

    request = ForeignKeyField(Request, unique=True, backref="+", on_delete="RESTRICT")
    year = IntegerField()
    seq = IntegerField()
    received_at = InstantField()
    # What the sender's letter says; empty where it says nothing, as private persons' often do.
    number = CharField(max_length=100, default="")
    dated_on = DateField(null=True)
    sender = CharField(max_length=160, default="")

    class Meta:
        indexes = (
            (("year", "seq"), True),
            (("received_at", "id"), False),
            (("number", "id"), False),
            (("dated_on", "id"), False),
        )

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """Letters of visible requests, with these and their customers beside them."""
        seen = Request.visible_to(reader).select(Request.id)
        joined = cls.select(cls, Request, User).join(Request).join(User, on=Request.customer)
        return joined if Request.shows_all_to(reader) else joined.where(cls.request.in_(seen))


class OutgoingLetter(Base):
    """A numbered paper that the office sent; the number stays taken whatever becomes of it."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    register = CharField(max_length=24)
    year = IntegerField()
    seq = IntegerField()
    number = CharField(max_length=80, index=True)
    document = ForeignKeyField(Document, unique=True, backref="letters", on_delete="RESTRICT")
    request = ForeignKeyField(Request, backref="+", on_delete="RESTRICT")
    issued_at = InstantField()
    # Who signs: for which post, and who that was when it was ordered or signed.
    signer_role = CharField(max_length=40)
    signer = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    # As the paper says it: {"post": "Plh. Kepala Balai", "name": …, "nip": …, "rank": …}.
    signature = JsonField(default=dict)
    # By which way of `outputs.signing` and under which id it was signed; empty before.
    signed_by_way = CharField(max_length=12, default="")
    signature_id = CharField(max_length=120, default="")
    signed_at = InstantField(null=True)

    class Meta:
        indexes = (
            (("register", "year", "seq"), True),
            (("issued_at", "id"), False),
        )

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """Letters about visible requests, with these, their papers and customers beside them."""
        seen = Request.visible_to(reader).select(Request.id)
        joined = cls.select(cls, Document, Request, User).join(Document).switch(cls)
        joined = joined.join(Request).join(User, on=Request.customer)
        return joined if Request.shows_all_to(reader) else joined.where(cls.request.in_(seen))


# The few that wait, for the task that looks again.
Document.add_index(
    Document.index(Document.scan, where=Document.scan != SQL("''"), name="document_unscanned")
)


class Printout(Base):
    """A paper about many requests, made when asked for and not kept: what its check page says.

    `about` is a list of (label, value) for everybody's eyes: filters and periods, never a person.
    Papers of one `series` follow each other; the newest one that wasn't withdrawn is in force.
    """

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    code = CharField(max_length=26, unique=True)
    kind = CharField(max_length=20)
    number = CharField(max_length=40)
    about = JsonField()
    series = CharField(max_length=64)
    # The post in whose name it was made, as code and as the paper says it (`Plh. Kepala Balai`).
    role_code = CharField(max_length=40)
    issuer = CharField(max_length=80)
    created_by = ForeignKeyField(User, on_delete="RESTRICT")
    created_at = InstantField()
    sha256 = CharField(max_length=64)
    size = IntegerField()
    revoked_at = InstantField(null=True)

    class Meta:
        indexes = (
            (("series", "created_at"), False),
            (("role_code", "created_at"), False),
        )

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """What this person made, and what was made in the name of a post of theirs."""
        posts = sorted(rights_of(reader).posts) or ["-"]
        return cls.select().where((cls.created_by == reader.id) | cls.role_code.in_(posts))


# -- history ---------------------------------------------------------------------------------------


class Event(Base):
    """The only history: append-only, hash-chained per stream (a request, or a person)."""

    stream = CharField(max_length=40)
    seq = IntegerField()
    kind = CharField(max_length=40)
    request = ForeignKeyField(Request, null=True, backref="events", on_delete="RESTRICT")
    stage_code = CharField(max_length=40, default="")
    actor = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    # The post in whose name the actor acted; empty for customers and the system.
    acted_for = CharField(max_length=40, default="")
    at = InstantField()
    data = JsonField(default=dict)
    prev_hash = CharField(max_length=64)
    hash = CharField(max_length=64)

    class Meta:
        indexes = (
            (("stream", "seq"), True),
            (("request", "seq"), False),
            (("actor", "at"), False),
            (("kind", "at"), False),
        )

    @classmethod
    def record(
        cls,
        kind: str,
        *,
        at: datetime,
        actor: User | None,
        request: Request | None = None,
        stream: str = "",
        stage_code: str = "",
        acted_for: str = "",
        data: Mapping[str, object] | None = None,
    ) -> "Event":
        """Append one event. `data` holds ids and values only, no personal data."""
        stream = stream or (f"request:{request.public_id}" if request else _person_stream(actor))
        for _ in range(8):
            seq, last_hash = next(iter(_last_link(stream=stream)), (0, ""))
            event = cls(
                stream=stream,
                seq=seq + 1,
                kind=kind,
                request=request,
                stage_code=stage_code,
                actor=actor,
                acted_for=acted_for,
                at=at,
                data=dict(data or {}),
                prev_hash=last_hash,
            )
            event.hash = event.digest()
            made = cls.insert(event.__data__).on_conflict_ignore().returning(cls.id).execute()
            if found := list(made):
                event.id = found[0].id
                return event
            # Somebody appended to the same stream first.
        raise IntegrityError(f"stream {stream} is too busy")

    def digest(self) -> str:
        """SHA-256 over everything the event says and the event before it."""
        said = [
            self.stream,
            self.seq,
            self.kind,
            self.stage_code,
            self.actor_id,
            self.acted_for,
            InstantField().db_value(self.at),
            self.data,
            self.prev_hash,
        ]
        return link_hash(canonical_json(said))


@prepared
def _last_link() -> ModelSelect:
    """(seq, hash) of the newest event of a stream."""
    links = Event.select(Event.seq, Event.hash).where(Event.stream == Bound("stream"))
    return links.order_by(Event.seq.desc()).limit(1).tuples()


def _person_stream(actor: User | None) -> str:
    return f"user:{actor.public_id}" if actor else "system"


class StageRecord(Base):
    """What the holder of a stage wrote when completing or refusing it (may be personal)."""

    request = ForeignKeyField(Request, backref="records", on_delete="CASCADE")
    event = ForeignKeyField(Event, unique=True, on_delete="CASCADE")
    stage_code = CharField(max_length=40)
    inputs = JsonField(default=dict)
    # What of them the search finds: lines that the customer reads too.
    words = CharField(max_length=400, default="")


class ChangeRecord(Base):
    """What a change in one of the office's own tables said before and after (may be personal).

    Beside the event, which holds only the digest of both, as a StageRecord does.
    """

    event = ForeignKeyField(Event, unique=True, on_delete="CASCADE")
    table = CharField(max_length=40, index=True)
    row_id = BigIntegerField()
    before = JsonField(default=dict)
    after = JsonField(default=dict)


# -- messages --------------------------------------------------------------------------------------


class CallTask(Base):
    """Somebody to be phoned, since no channel reached this person; one open per occasion."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    recipient = ForeignKeyField(User, backref="call_tasks", on_delete="RESTRICT")
    request = ForeignKeyField(Request, null=True, backref="call_tasks", on_delete="RESTRICT")
    reason = CharField(max_length=300, default="")
    created_at = InstantField()
    done_at = InstantField(null=True)
    done_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    # reached, corrected or unreachable; empty while it waits.
    outcome = CharField(max_length=16, default="")
    note = CharField(max_length=500, default="")

    class Meta:
        indexes = ((("done_at", "created_at"), False), (("recipient", "done_at"), False))


class Message(Base):
    """The outbox. The row is the truth; the queue only says when to look at it."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    dedupe_key = CharField(max_length=120, unique=True)
    template = CharField(max_length=40)
    request = ForeignKeyField(Request, null=True, backref="messages", on_delete="RESTRICT")
    recipient = ForeignKeyField(User, backref="messages", on_delete="RESTRICT")
    channel = CharField(max_length=16)
    address = CharField(max_length=254)
    variables = JsonField(default=dict)
    # queued, sending, unknown (handed over, the answer was lost), sent, delivered, read, failed,
    # cancelled; `state_at` is since when.
    state = CharField(max_length=12, default="queued")
    state_at = InstantField(null=True)
    attempts = IntegerField(default=0)
    created_at = InstantField(index=True)
    # Since when it could have left: later than created after quiet hours or a second sending.
    queued_at = InstantField(null=True)
    next_attempt_at = InstantField()
    expires_at = InstantField(null=True)
    claim = CharField(max_length=36, default="")
    # Which gateway took it, its id for the message, and the second id that some report with.
    carrier = CharField(max_length=16, default="")
    provider_id = CharField(max_length=120, default="", index=True)
    report_id = CharField(max_length=120, default="", index=True)
    error = CharField(max_length=300, default="")
    sent_at = InstantField(null=True)
    # The message in whose place this one went out by another channel.
    origin = ForeignKeyField("self", null=True, backref="followers", on_delete="SET NULL")
    fell_back_at = InstantField(null=True)
    call_task = ForeignKeyField(CallTask, null=True, backref="messages", on_delete="SET NULL")
    # To this address by this channel and to no other, however the person is reached by then: a
    # link that proves the address, an answer to the phone that wrote, word to an address of old.
    only_here = BooleanField(default=False)
    # What kind of link opens an account from here; it is composed as the message leaves, so that
    # no row holds one.
    link = CharField(max_length=16, default="")
    # How often it was handed over without an answer, so that nobody knows whether it left.
    lost_answers = IntegerField(default=0)

    class Meta:
        indexes = (
            (("state", "next_attempt_at"), False),
            (("request", "created_at"), False),
            (("recipient", "created_at"), False),
        )

    @classmethod
    def enqueue(
        cls,
        template: str,
        *,
        recipient: User,
        channel: str,
        at: datetime,
        dedupe_key: str,
        variables: Mapping[str, str],
        request: Request | None = None,
        expires_at: datetime | None = None,
        is_reply: bool = False,
        address: str = "",
        only_here: bool = False,
        link: str = "",
        origin: "Message | None" = None,
    ) -> None:
        """Write one message into the outbox; a second one with the same key is ignored.

        Where it goes is looked at again when it leaves, but for one that is for this channel and
        `address` alone (`only_here`, an answer), or when `address` isn't the recipient's own. Who
        wants no WhatsApp gets an e-mail, unless it answers (`is_reply`) a message that came by
        WhatsApp just now. `link` is the kind of a link that opens an account: see `Message.link`.
        """
        only_here = only_here or is_reply or bool(address)
        if channel == "whatsapp" and not only_here and not recipient.wants_whatsapp:
            channel = "email"
        own = recipient.phone if channel == "whatsapp" else recipient.shown_email
        cls.insert(
            template=template,
            recipient=recipient,
            channel=channel,
            address=address or own,
            created_at=at,
            queued_at=at,
            next_attempt_at=at,
            dedupe_key=f"{dedupe_key}:{channel}",
            variables=dict(variables),
            request=request,
            expires_at=expires_at,
            origin=origin,
            only_here=only_here,
            link=link,
        ).on_conflict_ignore().execute()


class OwnWording(Base):
    """The office's own words for a message, by version; the newest is in force.

    A version that restores the default (`is_default`) holds no words of its own.
    """

    code = CharField(max_length=40)
    version = IntegerField()
    subject = CharField(max_length=160, default="")
    text = TextField(default="")
    is_default = BooleanField(default=False)
    created_at = InstantField()
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("code", "version"), True),)


class Remark(Base):
    """One thing said about a request: a message between customer and office, or a note.

    Notes (`is_internal`) stay inside the office; `visible_to` is the only way to read.
    """

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    # The form's key, so that a second POST of the same form says nothing twice.
    key = CharField(max_length=80, unique=True)
    request = ForeignKeyField(Request, backref="remarks", on_delete="RESTRICT")
    author = ForeignKeyField(User, backref="remarks", on_delete="RESTRICT")
    acted_for = CharField(max_length=40, default="")
    is_from_customer = BooleanField(default=False)
    is_internal = BooleanField(default=False)
    via = CharField(max_length=12)
    text = TextField()
    at = InstantField()

    class Meta:
        indexes = ((("request", "is_internal", "id"), False),)

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """What was said about visible requests; for the customer without the notes."""
        visible = cls.select().where(
            cls.request.in_(Request.visible_to(reader).select(Request.id)),
        )
        return visible if reader.is_staff else visible.where(~cls.is_internal)


class RemarkReading(Base):
    """Up to which remark of a request somebody has read."""

    request = ForeignKeyField(Request, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    upto = BigIntegerField()

    class Meta:
        indexes = ((("request", "user"), True),)


class AwaitedReply(Base):
    """That a customer wrote and waits for the office; one open row per request.

    Written with the remarks: it begins with the first that nobody answered, and ends with an
    answer or when somebody says that none is needed.
    """

    request = ForeignKeyField(Request, backref="+", on_delete="RESTRICT")
    asked_at = InstantField()
    settled_at = InstantField(null=True)
    settled_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    # None where none was needed.
    answer = ForeignKeyField(Remark, null=True, backref="+", on_delete="RESTRICT")

    @classmethod
    def is_open(cls) -> Expression:
        return cls.settled_at.is_null()

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """What waits about visible requests."""
        if Request.shows_all_to(reader):
            return cls.select().where(cls.is_open())
        seen = Request.visible_to(reader).select(Request.id)
        return cls.select().where(cls.is_open() & cls.request.in_(seen))


for name, columns, is_unique in (
    ("awaited_reply_request", (AwaitedReply.request,), True),
    ("awaited_reply_oldest", (AwaitedReply.asked_at, AwaitedReply.id), False),
):
    AwaitedReply.add_index(
        AwaitedReply.index(*columns, unique=is_unique, where=AwaitedReply.is_open(), name=name)
    )


class Watcher(Base):
    """That a member of staff follows a request, and is told of its moves while they may see it."""

    request = ForeignKeyField(Request, backref="+", on_delete="CASCADE")
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    since_at = InstantField()

    class Meta:
        indexes = ((("request", "user"), True),)


class NoticeReading(Base):
    """Up to which moment somebody of the office has seen what they were told."""

    user = ForeignKeyField(User, unique=True, backref="+", on_delete="CASCADE")
    seen_at = InstantField()


class IncomingMessage(Base):
    """A WhatsApp message that came in. `provider_id` makes its repetition harmless."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    provider_id = CharField(max_length=160, unique=True)
    channel = CharField(max_length=16)
    phone = CharField(max_length=20)
    # text, or what else it was: image, audio, document …
    kind = CharField(max_length=16, default="text")
    text = TextField(default="")
    received_at = InstantField()
    # The account of the phone, when there is exactly one.
    sender = ForeignKeyField(User, null=True, backref="incoming", on_delete="RESTRICT")
    request = ForeignKeyField(Request, null=True, backref="incoming", on_delete="RESTRICT")
    # status, stop, start, remark, inbox, unknown; assigned, answered and done by staff.
    outcome = CharField(max_length=16, default="inbox")
    is_waiting = BooleanField(default=False)
    handled_at = InstantField(null=True)
    handled_by = ForeignKeyField(User, null=True, backref="handled", on_delete="RESTRICT")
    answer = TextField(default="")

    class Meta:
        indexes = (
            (("is_waiting", "received_at"), False),
            (("phone", "received_at"), False),
            (("received_at", "id"), False),
        )


class ChannelState(Base):
    """What is known about a channel: whether it is down, and when it may be tried."""

    name = CharField(max_length=16, unique=True)
    failures = IntegerField(default=0)
    # Since when it counts as down; None while it works.
    opened_at = InstantField(null=True)
    next_probe_at = InstantField(null=True)
    next_send_at = InstantField(null=True)
    reason = CharField(max_length=300, default="")
    # Digests of the addresses at which it failed since it last worked: one person's trouble, sent
    # to again and again, isn't the channel's.
    faulty = CharField(max_length=60, default="")
    # Whether it takes addresses with letters beyond ASCII before the @; None while nobody asked.
    takes_utf8 = BooleanField(null=True)


# -- the survey ------------------------------------------------------------------------------------


class SurveyVersion(Base):
    """A questionnaire as it was published; immutable. Answers name it for good.

    In force is the newest that has begun. One that hasn't yet may be withdrawn.
    """

    name = CharField(max_length=40, unique=True)
    definition = TextField()
    starts_at = InstantField(index=True)
    published_at = InstantField()
    # None for the one that came with the program.
    published_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    note = CharField(max_length=300, default="")
    withdrawn_at = InstantField(null=True)


class SurveyDraft(Base):
    """The questionnaire that somebody is writing; one for each code, and there is one code."""

    code = CharField(max_length=40, unique=True)
    definition = TextField()
    base = ForeignKeyField(SurveyVersion, on_delete="RESTRICT")
    updated_at = InstantField()
    updated_by = ForeignKeyField(User, on_delete="RESTRICT")


class SurveyReceipt(Base):
    """Proof that a request's survey was filled, once. It doesn't lead to the answers."""

    request = ForeignKeyField(Request, unique=True, on_delete="RESTRICT")
    answered_at = InstantField()


class SurveyResponse(Base):
    """Answers apart from identity: no request, no person, a day instead of a moment."""

    id = CharField(max_length=36, primary_key=True, default=lambda: str(uuid4()))
    questionnaire = CharField(max_length=40)
    service_code = CharField(max_length=40)
    answered_on = DateField()
    scores = JsonField()
    demographics = JsonField()
    extras = JsonField()

    class Meta:
        indexes = ((("service_code", "answered_on"), False), (("answered_on",), False))
        # SQLite would number the rows as they come, which ties an answer to its receipt.
        without_rowid = True


class SurveyPeriod(Base):
    """What the office keeps about a period of the survey; a row from its first note or its lock.

    Once locked, `figures` are the period's counts for good (`outputs.survey.figures.Answers`)
    and `digest` their SHA-256, which the history holds too.
    """

    code = CharField(max_length=7, unique=True)
    # What the suggestions come down to, in the office's words, without anybody's identity.
    summary = TextField(default="")
    figures = TextField(default="")
    digest = CharField(max_length=64, default="")
    locked_at = InstantField(null=True)
    locked_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    @property
    def is_intact(self) -> bool:
        """Whether the frozen figures are still those that were locked."""
        return hashlib.sha256(self.figures.encode()).hexdigest() == self.digest


class ActionPlan(Base):
    """What the office means to do about an element: programme, until when, by whom, how far."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    period_code = CharField(max_length=7)
    element = CharField(max_length=2)
    program = CharField(max_length=300)
    due_on = DateField()
    responsible = CharField(max_length=120)
    status = CharField(max_length=12, default="rencana")
    note = CharField(max_length=500, default="")
    updated_at = InstantField()
    updated_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("period_code", "element"), False),)


# -- figures by month ------------------------------------------------------------------------------


# In place of working days: all requests of the month, whether done or not; and a day as a whole.
FILED = WHOLE_DAY = -1


class RequestFigure(Base):
    """How many requests of a month of filing took how long; kept by triggers of the database.

    A row counts all that were filed (`days` is FILED), or those done by the office in so many
    whole working days (`hundredths` is WHOLE_DAY), or exactly in so many and hundredths: where
    the middle lies is found by the days, and what it is by the hundredths of that day alone.
    """

    month = CharField(max_length=7)
    service_code = CharField(max_length=40)
    days = IntegerField()
    hundredths = IntegerField()
    requests = IntegerField()
    on_time = IntegerField()

    class Meta:
        indexes = (
            (("service_code", "days", "month", "hundredths"), True),
            (("hundredths", "month"), False),
        )


class AnswerFigure(Base):
    """The complete answers of a month to one element: how many, and the sum of their scores.

    Kept by triggers of the database; holds neither the order nor the moment of an answer.
    """

    month = CharField(max_length=7)
    element = CharField(max_length=2)
    answers = IntegerField()
    total = IntegerField()

    class Meta:
        indexes = ((("month", "element"), True),)


class StageFigure(Base):
    """Figures of one stage in one month, counted from the history each night.

    An empty `stage_code` is the request as a whole. The histograms map tenths of working days
    to counts: `office` and `customer` are the time spent in the stage, `rest` the time from
    entering it until the office was done.
    """

    month = CharField(max_length=7)
    service_code = CharField(max_length=40)
    subclass_code = CharField(max_length=40)
    stage_code = CharField(max_length=40)
    passes = IntegerField()
    on_time = IntegerField()
    office = JsonField(default=dict)
    customer = JsonField(default=dict)
    rest = JsonField(default=dict)

    class Meta:
        indexes = (
            (("service_code", "stage_code", "month"), False),
            (("month", "service_code", "subclass_code", "stage_code"), True),
        )


class LatePass(Base):
    """A request that passed a stage later than promised, as the figures of that month count it.

    What is late by the working days can't be asked of the database, so that the list behind a
    figure needs it written down.
    """

    month = CharField(max_length=7)
    service_code = CharField(max_length=40)
    stage_code = CharField(max_length=40)
    request = ForeignKeyField(Request, on_delete="CASCADE")

    class Meta:
        indexes = (
            (("service_code", "stage_code", "month"), False),
            (("request", "stage_code", "month"), True),
        )


# -- what staff keep for their own work ------------------------------------------------------------


class Saved(Base):
    """A page's choices under a name: of one person, or shared with a post."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    owner = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    # The post it is shared with; empty for the owner's alone.
    role_code = CharField(max_length=40, default="", index=True)
    title = CharField(max_length=60)
    # A query string of the page's own arguments.
    arguments = CharField(max_length=600)
    created_at = InstantField()

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        posts = sorted(rights_of(reader).held) or ["-"]
        return cls.select().where((cls.owner == reader.id) | cls.role_code.in_(posts))


class SavedView(Saved):
    """Filters of the queue."""


class RecapLayout(Saved):
    """Period, filters and columns of the recap."""


class RecapSchedule(Base):
    """A recap that is sent to named people on a day of every month, until it is ended."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    title = CharField(max_length=60)
    # A query string of the recap's own arguments; its period moves with the calendar.
    arguments = CharField(max_length=600)
    format = CharField(max_length=4)
    # 1 to 28, a day that every month has.
    day_of_month = IntegerField()
    # Ids of the people who get it, each what they may see.
    recipients = JsonField()
    # The last day for which it was ordered; at first that of its making.
    last_due_on = DateField()
    created_at = InstantField()
    created_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    ended_at = InstantField(null=True)

    class Meta:
        indexes = ((("ended_at", "last_due_on"), False),)


class ExportJob(Base):
    """An export too long for a page: ordered, made by a worker, fetched by its owner, expired.

    The row is the truth: a worker claims it with a lease, says how far it is, and one that dies
    gives it back when the lease runs out.
    """

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    owner = ForeignKeyField(User, backref="exports", on_delete="CASCADE")
    format = CharField(max_length=4)
    # A query string of the recap's own arguments.
    arguments = CharField(max_length=600)
    # The name of the schedule that ordered it; empty for what its owner asked for.
    title = CharField(max_length=60, default="")
    # queued, running, ready, failed, cancelled or expired.
    state = CharField(max_length=10, default="queued")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    attempts = IntegerField(default=0)
    claim = CharField(max_length=36, default="")
    lease_until = InstantField(null=True)
    error = CharField(max_length=300, default="")
    filename = CharField(max_length=160, default="")
    sha256 = CharField(max_length=64, default="", index=True)
    size = IntegerField(default=0)
    created_at = InstantField()
    finished_at = InstantField(null=True)
    expires_at = InstantField(null=True)

    class Meta:
        indexes = (
            (("state", "created_at"), False),
            (("owner", "created_at"), False),
            (("expires_at",), False),
        )

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """An export holds what its owner may see, so nobody else gets it."""
        return cls.select().where(cls.owner == rights_of(reader).id)


class Presence(Base):
    """Who has a card open. Best effort: a hint for colleagues, never a lock."""

    request = ForeignKeyField(Request, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    seen_at = InstantField(index=True)

    class Meta:
        indexes = ((("request", "user"), True),)


class CalendarFeed(Base):
    """The secret address by which somebody's calendar reads the agenda; only its digest is kept."""

    user = ForeignKeyField(User, unique=True, backref="+", on_delete="CASCADE")
    token_digest = CharField(max_length=64, unique=True)
    created_at = InstantField()


# -- days and texts that the office edits ----------------------------------------------------------


class Phrase(Base):
    """A sentence kept ready for a kind of text: for everybody, for a post, or somebody's own."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    # reply, refusal, completion or disposition.
    kind = CharField(max_length=12)
    title = CharField(max_length=80)
    text = TextField()
    # Of a refusal: what it rests on, and what the customer may do.
    basis = CharField(max_length=300, default="")
    alternative = TextField(default="")
    # The post it is for, or the one person; all when both are empty.
    role_code = CharField(max_length=40, default="")
    owner = ForeignKeyField(User, null=True, backref="+", on_delete="CASCADE")
    is_active = BooleanField(default=True)
    updated_at = InstantField()

    class Meta:
        indexes = ((("kind", "title"), False),)

    @classmethod
    def visible_to(cls, reader: Rights) -> ModelSelect:
        """What is for everybody, for a post held or acted for, and their own."""
        posts = ["", *sorted(rights_of(reader).posts)]
        shared = cls.owner.is_null() & cls.role_code.in_(posts)
        return cls.select().where(shared | (cls.owner == reader.id))


class Holiday(Base):
    """A day on which the office is closed."""

    on = DateField(unique=True)
    title = CharField(max_length=120)
    kind = CharField(max_length=20)
    source = CharField(max_length=120, default="")

    @classmethod
    def as_mapping(cls) -> dict[date, str]:
        # As text: peewee would try several ways to read each of a hundred dates.
        return {date.fromisoformat(on): title for on, title in _holidays()}


@prepared
def _holidays() -> ModelSelect:
    return Holiday.select(Holiday.on.cast("TEXT"), Holiday.title).tuples()


class Page(Base):
    """An editable text of the portal; Markdown."""

    slug = CharField(max_length=40, unique=True)
    title = CharField(max_length=120)
    summary = CharField(max_length=300, default="")
    body = TextField()
    updated_at = InstantField()


class FaqItem(Base):
    position = IntegerField(default=0, index=True)
    question = CharField(max_length=200)
    answer = TextField()
    # Kept without being on the portal when not.
    is_shown = BooleanField(default=True)
    updated_at = InstantField()


# -- whether all is well ---------------------------------------------------------------------------


class Heartbeat(Base):
    """That a part lives: `web:<host>`, `worker:<host>`; and `work`, the last sweep of any."""

    name = CharField(max_length=120, unique=True)
    # Without a longer silence in between.
    began_at = InstantField(null=True)
    seen_at = InstantField()
    version = CharField(max_length=20, default="")


class Trouble(Base):
    """Something of which the administrator is told, once when it begins and once when it is over.

    Of one that is open there is a single row, whichever process saw it first.
    """

    # What it is, with the host where it is of one.
    code = CharField(max_length=120)
    title = CharField(max_length=120)
    # What is the matter and what to do; nobody's data.
    words = CharField(max_length=300)
    advice = CharField(max_length=300, default="")
    opened_at = InstantField(index=True)
    seen_at = InstantField()
    ended_at = InstantField(null=True)
    # When its news is tried next, and how often it was in vain.
    next_try_at = InstantField()
    tries = IntegerField(default=0)
    told_at = InstantField(null=True)
    end_told_at = InstantField(null=True)


Trouble.add_index(
    Trouble.index(Trouble.code, unique=True, where=Trouble.ended_at.is_null(), name="trouble_open")
)


class DocumentFailure(Base):
    """A document that was ordered and couldn't be made: how often, and when it is tried again."""

    document = ForeignKeyField(Document, unique=True, backref="+", on_delete="CASCADE")
    attempts = IntegerField(default=0)
    failed_at = InstantField()
    next_attempt_at = InstantField()
    # The kinds of the errors and where they came up; not their words, which may be somebody's.
    error = CharField(max_length=300, default="")


# -- what these tables belong to -------------------------------------------------------------------


class Installation(Base):
    """One row: by which id the folder of kept files knows the database that names them."""

    store_id = CharField(max_length=32)


class Maintenance(Base):
    """A time in which pages are read and nothing is written; the row without an end is the present
    one. Begun and ended by `run.py maintenance`."""

    began_at = InstantField()
    ended_at = InstantField(null=True)
    # When it is likely to end, where that was said.
    expected_at = InstantField(null=True)

    @classmethod
    def running(cls) -> "Maintenance | None":
        return cls.select().where(cls.ended_at.is_null()).order_by(cls.id.desc()).first()


class Backup(Base):
    """A run of `run.py backup` that came to its end, well or not; the last year of them is kept.

    The row is written once the backup is in its place, so that it is in the next one only. One that
    was killed leaves none: what counts is the age of the last that is `whole`.
    """

    began_at = InstantField()
    finished_at = InstantField(index=True)
    # Folder or file.
    target = CharField(max_length=300)
    # Bytes of the whole backup, and the files that it holds.
    size = BigIntegerField(default=0)
    files = IntegerField(default=0)
    # Why there is none, or what of it is missing, in a line; empty for a whole one.
    error = CharField(max_length=300, default="")

    @classmethod
    def last_whole(cls) -> "Backup | None":
        whole = cls.select().where(cls.error == "").order_by(cls.finished_at.desc())
        return whole.first()


# -- all tables ------------------------------------------------------------------------------------


TABLES = [
    # Before what they count: who empties all tables from the last on leaves nothing in these.
    RequestFigure,
    AnswerFigure,
    StageFigure,
    Role,
    User,
    RoleHolding,
    LoginSession,
    RateBucket,
    FlowVersion,
    Request,
    Assignment,
    Participation,
    HeldAct,
    Pause,
    Mandate,
    Absence,
    Billing,
    RevenueTarget,
    UniqueValue,
    FlowDraft,
    NumberCounter,
    Event,
    StageRecord,
    ChangeRecord,
    Document,
    IncomingLetter,
    OutgoingLetter,
    Printout,
    CallTask,
    Message,
    ChannelState,
    SurveyReceipt,
    SurveyResponse,
    RequestDraft,
    KeptForm,
    Upload,
    Phrase,
    Holiday,
    Page,
    FaqItem,
    OwnWording,
    Remark,
    RemarkReading,
    AwaitedReply,
    Watcher,
    NoticeReading,
    IncomingMessage,
    SavedView,
    RecapLayout,
    RecapSchedule,
    ExportJob,
    Presence,
    CalendarFeed,
    SurveyPeriod,
    ActionPlan,
    SurveyVersion,
    SurveyDraft,
    LatePass,
    Installation,
    Backup,
    Maintenance,
    Heartbeat,
    Trouble,
    DocumentFailure,
]
