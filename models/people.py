"""People, the posts they hold, and their log-ins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from flask_security import RoleMixin, UserMixin
from peewee import (
    BooleanField,
    CharField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from rules.roles import ADMINISTRATOR, SUPERVISES_ACCOUNTS
from storage.database import Base, Bound, InstantField, JsonField, database, new_public_id, prepared

# Customers of the counter who gave no e-mail get an address that can't exist (RFC 2606).
NO_EMAIL = "@tanpa-email.invalid"


@dataclass(frozen=True)
class Turn:
    """Work that waits for a person at some posts, as one rule for queries and for rows.

    `takes` are the people in whose name this person works: the own id, and an absent official's.
    `living` are all who work at the post now; what is assigned to anybody else has come free.
    None when that wasn't looked at.
    """

    roles: frozenset[str]
    takes: frozenset[int]
    living: frozenset[int] | None = None
    services: tuple[str, ...] = ()
    except_services: tuple[str, ...] = ()

    def is_for(self, waiting_role: str, service_code: str, assignee_id: int | None) -> bool:
        """Whether a request that waits so is this turn's. No query."""
        is_free = assignee_id is None or assignee_id in self.takes
        if self.living is not None and assignee_id not in self.living:
            is_free = True
        return (
            is_free
            and waiting_role in self.roles
            and (not self.services or service_code in self.services)
            and service_code not in self.except_services
        )

    def condition(self, requests: type[Base]) -> Expression:
        """The same as a clause over the table of requests."""
        free = requests.assignee.is_null() | requests.assignee.in_(sorted(self.takes))
        if self.living is not None:
            free |= requests.assignee.not_in(sorted(self.living | self.takes))
        found = requests.is_running() & requests.waiting_role.in_(sorted(self.roles)) & free
        if self.services:
            found &= requests.service_code.in_(self.services)
        if self.except_services:
            found &= requests.service_code.not_in(self.except_services)
        return found


@dataclass(frozen=True)
class Reader:
    """A person as the shape of a prepared query: who has the same key sees the same rows."""

    key: tuple
    user: "User" = field(compare=False)

    @classmethod
    def of(cls, user: "User") -> "Reader":
        """`user` with all that a scope looks at."""
        seen_by = (user.id, user.is_staff, user.role_codes, user.acting_rights, user.turns)
        return cls(seen_by, user)


class Role(RoleMixin, Base):
    """A post of the office; `name` is its code."""

    name = CharField(max_length=40, unique=True)
    title = CharField(max_length=80)

    @property
    def description(self) -> str:
        return self.title

    @classmethod
    def let_one_by_one(cls) -> None:
        """Let a second transaction that says this wait until the first one is through.

        For writes that look at many rows before they add one. Neither engine locks rows that
        don't exist yet, and SQLite locks no rows at all; an UPDATE that changes nothing does on
        both.
        """
        cls.update(title=cls.title).where(cls.name == ADMINISTRATOR).execute()

    def __str__(self) -> str:
        return self.title


class User(UserMixin, Base):
    """A customer or a member of staff. The mixin comes first: peewee has a `get_id` of its own."""

    public_id = CharField(max_length=26, unique=True, default=new_public_id)
    email = CharField(max_length=254, unique=True)
    password = TextField(null=True)
    fs_uniquifier = CharField(max_length=64, unique=True)
    active = BooleanField(default=True)
    confirmed_at = InstantField(null=True)
    created_at = InstantField(null=True, index=True)
    is_staff = BooleanField(default=False, index=True)
    name = CharField(max_length=120)
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
    # How this member of staff likes the screens: {"queue": {"columns": […], "density": …}}.
    preferences = JsonField(default=dict)
    # The account that took over this one's requests, where one customer had two.
    merged_into = ForeignKeyField("self", null=True, backref="merged", on_delete="RESTRICT")

    def __str__(self) -> str:
        return self.name

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
    def all_posts(self) -> frozenset[str]:
        """Posts held, and those acted for at this moment once `officials.empower` said so."""
        return self.role_codes | frozenset(role for role, _, _ in self.acting_rights)

    @property
    def acting_rights(self) -> tuple[tuple[str, tuple[str, ...], int | None], ...]:
        """Rights by mandate or as a substitute: (post, services or none for all, absent's id)."""
        return self.__dict__.get("acting_rights", ())

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What waits for this person; mandates count once `officials.empower` said so."""
        own = (Turn(self.role_codes, frozenset({self.id})),)
        return self.__dict__.get("turns_now", own)

    def has_turn(self, waiting_role: str, service_code: str, assignee_id: int | None) -> bool:
        """Whether a request that waits so waits for this person; `Request.waiting_for` in SQL."""
        return any(turn.is_for(waiting_role, service_code, assignee_id) for turn in self.turns)

    @property
    def has_account(self) -> bool:
        """False for somebody who came to the counter and never signed up."""
        return bool(self.password)

    @classmethod
    def nobody(cls) -> "User":
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
    def is_nobody(self) -> bool:
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
    def wants_whatsapp(self) -> bool:
        return self.notify_by == "whatsapp"

    @classmethod
    def holding(cls, role_code: str) -> ModelSelect:
        """Living, active holders of a post."""
        return (
            cls.select(cls)
            .join(RoleHolding)
            .join(Role)
            .where((Role.name == role_code) & cls.active & cls.is_staff)
            .order_by(cls.name, cls.id)
        )

    @classmethod
    def customers_visible_to(cls, user: "User") -> ModelSelect:
        customers = cls.select().where(~cls.is_staff & (cls.fs_uniquifier != "nomor-asing"))
        if user.is_staff and user.role_codes & SUPERVISES_ACCOUNTS:
            return customers
        return customers.where(cls.id == user.id)


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
