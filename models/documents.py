"""Files of a request, uploaded or made, and papers about many requests."""

from peewee import (
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
)

from models.people import User
from models.requests import Request
from storage.database import Base, InstantField, JsonField, new_check_code, new_public_id


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

    @classmethod
    def visible_to(cls, user: User) -> ModelSelect:
        """Documents of visible requests; for the customer no internal or unreleased one."""
        visible = cls.select(cls, Request).join(Request)
        visible = visible.where(cls.request.in_(Request.visible_to(user).select(Request.id)))
        if user.is_staff:
            return visible
        released = ~cls.is_result | cls.released_at.is_null(False)
        return visible.where(~cls.is_internal & released)


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
    def visible_to(cls, user: User) -> ModelSelect:
        """What this person made, and what was made in the name of a post of theirs."""
        return cls.select().where(
            (cls.created_by == user) | cls.role_code.in_(sorted(user.all_posts) or ["-"])
        )
