"""Acting officials."""

from datetime import date

from peewee import (
    JOIN,
    CharField,
    DateField,
    ForeignKeyField,
    ModelSelect,
)

from models.people import User
from storage.database import Base, InstantField, JsonField, new_public_id


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
