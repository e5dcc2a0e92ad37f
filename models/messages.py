"""What is said between office and customer: the outbox, conversations, what comes in."""

from collections.abc import Mapping
from datetime import datetime

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from models.people import User
from models.requests import Request
from storage.database import Base, InstantField, JsonField, new_public_id


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
    # queued, sending, sent, delivered, read, failed, cancelled; `state_at` is since when.
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
        origin: "Message | None" = None,
    ) -> None:
        """Write one message into the outbox; a second one with the same key is ignored.

        Who wants no WhatsApp gets an e-mail, unless it answers (`is_reply`) a message that came
        by WhatsApp just now. `address` is another one than the recipient's own.
        """
        if channel == "whatsapp" and not is_reply and not recipient.wants_whatsapp:
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
    def visible_to(cls, user: User) -> ModelSelect:
        """What was said about visible requests; for the customer without the notes."""
        visible = cls.select().where(
            cls.request.in_(Request.visible_to(user).select(Request.id)),
        )
        return visible if user.is_staff else visible.where(~cls.is_internal)


class RemarkReading(Base):
    """Up to which remark of a request somebody has read."""

    request = ForeignKeyField(Request, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    upto = BigIntegerField()

    class Meta:
        indexes = ((("request", "user"), True),)


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
