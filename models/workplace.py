"""What staff keep for their own work: views, exports, who looks at what."""

from peewee import (
    CharField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
)

from models.people import User
from models.requests import Request
from storage.database import Base, InstantField, new_public_id


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
    def visible_to(cls, user: User) -> ModelSelect:
        return cls.select().where(
            (cls.owner == user) | cls.role_code.in_(sorted(user.role_codes) or ["-"])
        )


class SavedView(Saved):
    """Filters of the queue."""


class RecapLayout(Saved):
    """Period, filters and columns of the recap."""


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
    def visible_to(cls, user: User) -> ModelSelect:
        """An export holds what its owner may see, so nobody else gets it."""
        return cls.select().where(cls.owner == user)


class Presence(Base):
    """Who has a card open. Best effort: a hint for colleagues, never a lock."""

    request = ForeignKeyField(Request, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    seen_at = InstantField(index=True)

    class Meta:
        indexes = ((("request", "user"), True),)
