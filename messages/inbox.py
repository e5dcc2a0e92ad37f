"""WhatsApp messages that come in: answered, put into a conversation, or kept for the admin.

Whoever holds a phone hears what our notices already tell it, numbers and stages, and nothing
else. Accounts that chose e-mail only are never found by their phone: the number may long belong
to somebody else. Phones shared by several accounts hear about all of them, without names, and
their words go into a conversation only when they answer a notice or name the number.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from peewee import ModelSelect, fn

from config.office import office
from messages.commands import START, STATUS, STOP, command_of
from messages.conversation import WHATSAPP, clean_words, who_answers, why_closed, write_remark
from messages.gateways.gateway import TEXT, Incoming
from models import Event, IncomingMessage, Message, Request, User
from moves.catalogue import current_stage
from moves.notices import tell_staff
from rules.formats import ZONE, day, moment_short
from rules.numbering import normalise_number, numbers_in
from rules.statuses import LABELS, OPEN_STATUSES
from storage.database import database, new_public_id
from storage.fast import prepared
from workflow import InvalidInput, Reader, Refused

log = logging.getLogger("melasti.inbox")
# Within this time of somebody's own message free text may answer it.
WINDOW = timedelta(hours=24)
OLDEST = timedelta(days=7)
# What was written apart from any request isn't a record of a service.
KEPT = timedelta(days=90)
MOST_LISTED = 10
MOST_ACCOUNTS = 20
# How far the sender's clock may be before ours.
SKEW = timedelta(minutes=10)


def receive(incoming: Incoming, *, channel: str, now: datetime) -> IncomingMessage | None:
    """Take in one message in one transaction; None for one that was taken in before."""
    said_at = incoming.sent_at or now
    at = said_at if said_at <= now + SKEW else now
    with database.atomic():
        public_id = new_public_id()
        IncomingMessage.insert(
            public_id=public_id,
            provider_id=f"{channel}:{incoming.provider_id}",
            channel=channel,
            phone=incoming.phone,
            kind=incoming.kind,
            text=incoming.text.strip(),
            received_at=at,
        ).on_conflict_ignore().execute()
        row = IncomingMessage.get_or_none(IncomingMessage.public_id == public_id)
        if row is None:
            return None
        if at > now - OLDEST:
            _handle(row, incoming, now=now)
        else:
            # Whoever repeats it so late isn't the one who wrote it: a person looks at it.
            log.warning("a message of %s comes %s days late", channel, (now - at).days)
            _keep(row, "inbox", now=now)
        return row


def _handle(row: IncomingMessage, incoming: Incoming, *, now: datetime) -> None:
    accounts = accounts_of(row.phone)
    command = command_of(row.text) if row.kind == TEXT else ""
    if command == STOP and not accounts:
        # Nobody has proved this number, and its owner wants no messages all the same.
        accounts = _claiming(row.phone)
    if not accounts:
        _keep(row, "unknown", now=now)
        _reply(row, [], "jawaban_nomor_asing", {"kantor": office().name}, now=now, daily=True)
        return
    row.sender = accounts[0] if len(accounts) == 1 else None
    if command in (STOP, START) and _was_overtaken(row, accounts):
        _done(row, command, now=now)
    elif command == STOP:
        _stop(row, accounts, now=now)
    elif command == START:
        _start(row, accounts, now=now)
    elif row.kind == TEXT and (asked := _asked_status(row.text, command)) is not None:
        _answer_status(row, accounts, asked, now=now)
    else:
        _route(row, accounts, incoming.replied_to, now=now)


def accounts_of(phone: str) -> list[User]:
    """The customers who are told by this phone; none for one that nobody registered and proved."""
    return [person for person in _claiming(phone) if person.phone_confirmed_at]


def _claiming(phone: str) -> list[User]:
    """The customers who gave this phone, whether or not it is theirs."""
    if not phone:
        return []
    told = (User.phone == phone) & ~User.is_staff & User.active & (User.notify_by != "email")
    return list(User.select().where(told).order_by(User.id).limit(MOST_ACCOUNTS))


def _keep(row: IncomingMessage, outcome: str, *, now: datetime) -> None:
    """Leave the message for the admin, who is told of it once a day."""
    row.outcome, row.is_waiting = outcome, True
    row.save()
    key = now.astimezone(ZONE).date().isoformat()
    for person in who_answers(now):
        more = {"tautan": "/backoffice/pesan-masuk/"}
        tell_staff(None, person, "pesan_masuk_baru", now=now, key=key, more=more)


def _done(row: IncomingMessage, outcome: str, *, now: datetime) -> None:
    row.outcome, row.handled_at = outcome, now
    row.save()


# -- answers -------------------------------------------------------------------------------------


def _reply(
    row: IncomingMessage,
    accounts: Sequence[User],
    template: str,
    variables: Mapping[str, str],
    *,
    now: datetime,
    daily: bool = False,
    about: str = "",
) -> None:
    """Answer the phone that wrote, within the 24 hours; once per message, or per day.

    The answer to a phone of several accounts belongs to none of them: it would tell each in its
    own pages about the others.
    """
    until = row.received_at + WINDOW
    if not row.phone or until <= now:
        return
    recipient = accounts[0] if len(accounts) == 1 else User.unknown_sender()
    home = "/masuk" if len(accounts) > 1 else "/lacak"
    if len(accounts) == 1 and recipient.has_account:
        home = "/dasbor"
    today = now.astimezone(ZONE).date().isoformat()
    Message.enqueue(
        template,
        recipient=recipient,
        channel=WHATSAPP,
        at=now,
        dedupe_key=f"wa:{template}:{f'{row.phone}:{today}{about}' if daily else row.public_id}",
        variables={"tautan": home, **variables},
        expires_at=until,
        is_reply=True,
        address=row.phone,
    )


def _stop(row: IncomingMessage, accounts: Sequence[User], *, now: datetime) -> None:
    _choose(accounts, "stopped", now=now)
    _reply(row, accounts, "jawaban_berhenti", {}, now=now)
    if all(person.shown_email for person in accounts):
        _done(row, "stop", now=now)
    else:
        # Without an e-mail address somebody must think of another way.
        _keep(row, "stop", now=now)


def _start(row: IncomingMessage, accounts: Sequence[User], *, now: datetime) -> None:
    _choose(accounts, WHATSAPP, now=now)
    _reply(row, accounts, "jawaban_mulai", {}, now=now)
    _done(row, "start", now=now)


def _was_overtaken(row: IncomingMessage, accounts: Sequence[User]) -> bool:
    """Whether the choice was made anew after this was written, there or in the portal."""
    later = Event.select().where(
        (Event.kind == "channel_chosen")
        & Event.actor.in_([person.id for person in accounts])
        & (Event.at > row.received_at + SKEW)
    )
    return later.exists()


def _choose(accounts: Sequence[User], notify_by: str, *, now: datetime) -> None:
    for person in accounts:
        choose_channel(person, notify_by, by="whatsapp", now=now)


def choose_channel(person: User, notify_by: str, *, by: str, now: datetime) -> bool:
    """Note how somebody wants to be told; False when it was so already."""
    with database.atomic():
        changed = (
            User.update(notify_by=notify_by)
            .where((User.id == person.id) & (User.notify_by != notify_by))
            .execute()
        )
        if changed:
            Event.record(
                "channel_chosen", at=now, actor=person, data={"notify_by": notify_by, "by": by}
            )
    person.notify_by = notify_by
    return bool(changed)


def _asked_status(text: str, command: str) -> str | None:
    """Which number is asked about: empty for all, None when nothing is asked."""
    if command == STATUS:
        return ""
    rest = re.sub(r"^\W*status\b[\s:]*", "", text.strip(), flags=re.IGNORECASE)
    number = normalise_number(rest)
    is_number = re.fullmatch(r"\d{1,7}/[a-z.]{1,20}/\d{2}/[ivx]{1,4}/\d{2}", number)
    return number if is_number else None


def _answer_status(
    row: IncomingMessage, accounts: Sequence[User], number: str, *, now: datetime
) -> None:
    theirs = Request.select().where(Request.customer.in_(accounts))
    if number:
        wanted = theirs.where(Request.number_key == number)
    else:
        wanted = theirs.where(Request.status.in_(OPEN_STATUSES))
    found = list(wanted.order_by(Request.submitted_at.desc()).limit(MOST_LISTED))
    if found:
        lines = "\n".join(f"- {status_line(request)}" for request in found)
        _reply(
            row, accounts, "jawaban_status", {"daftar": lines, "waktu": moment_short(now)}, now=now
        )
    else:
        _reply(row, accounts, "jawaban_tanpa_status", {}, now=now)
    _done(row, "status", now=now)


def status_line(request: Request) -> str:
    """Number and stage, which our notices tell the same phone anyway; no subject, no name."""
    name = request.number or f"Diajukan {day(request.submitted_at)} (belum bernomor)"
    status = LABELS[request.status].title
    return (
        f"{name}: {status}, {current_stage(request).short}"
        if request.is_open
        else (f"{name}: {status}")
    )


# -- conversations -------------------------------------------------------------------------------


def _route(
    row: IncomingMessage, accounts: Sequence[User], replied_to: str, *, now: datetime
) -> None:
    request = _request_meant(row, accounts, replied_to, now=now)
    if request is not None:
        try:
            _into(request, row, now=now)
        except (InvalidInput, Refused):
            request = None
    if request is None:
        _keep(row, "inbox", now=now)
        _reply(row, accounts, "jawaban_diterima", {}, now=now, daily=True)
        return
    row.request = request
    _done(row, "remark", now=now)
    _reply(
        row,
        accounts,
        "jawaban_diteruskan",
        {
            "nomor": request.number or "yang belum bernomor",
            "tautan": f"/layanan/{request.public_id}#percakapan",
        },
        now=now,
        daily=True,
        about=f":{request.id}",
    )


def _into(request: Request, row: IncomingMessage, *, now: datetime) -> None:
    """Say it in the customer's name. A picture or a voice can't be read there."""
    if row.kind != TEXT:
        raise InvalidInput({"text": "Bukan teks."})
    customer = Reader.at(request.customer, now)
    write_remark(request, row.text, reader=customer, key=row.public_id, via=WHATSAPP)


def _request_meant(
    row: IncomingMessage, accounts: Sequence[User], replied_to: str, *, now: datetime
) -> Request | None:
    """By the notice that is answered, by the number that is named, or the only open one."""
    with_pages = [person for person in accounts if person.has_account]
    with_customer = Request.select(Request, User).join(User, on=Request.customer)
    theirs = with_customer.where(Request.customer.in_(with_pages))
    ways = [_answered(theirs, accounts, replied_to), _named(theirs, row.text)]
    if len(accounts) == 1:
        ways.append(theirs.where(Request.status.in_(OPEN_STATUSES)).limit(2))
    for way in ways:
        found = list(way) if way is not None else []
        if len(found) == 1 and not why_closed(found[0], Reader.at(found[0].customer, now)):
            return found[0]
    return None


def _answered(theirs: ModelSelect, accounts: Sequence[User], replied_to: str) -> ModelSelect | None:
    if not replied_to:
        return None
    # WAHA shortens the id of a quoted message to its last part.
    same = (Message.provider_id == replied_to) | Message.provider_id.endswith(f"_{replied_to}")
    notices = Message.select(Message.request).where(
        Message.recipient.in_(accounts) & same & Message.request.is_null(False)
    )
    return theirs.where(Request.id.in_(notices))


def _named(theirs: ModelSelect, text: str) -> ModelSelect | None:
    """The requests whose numbers the words name."""
    numbers = numbers_in(text)[:10]
    return theirs.where(Request.number_key.in_(numbers)) if numbers else None


def waiting() -> int:
    """How many messages wait for the admin. One query."""
    [(count,)] = _waiting()
    return count


@prepared
def _waiting() -> ModelSelect:
    counted = IncomingMessage.select(fn.COUNT(IncomingMessage.id))
    return counted.where(IncomingMessage.is_waiting).tuples()


# -- the admin's turn ----------------------------------------------------------------------------


def _take(
    row: IncomingMessage, outcome: str, actor: User, *, now: datetime, **more: object
) -> None:
    """Note what became of a message that waits, once. Raises Refused for the second to come."""
    taken = (
        IncomingMessage.update(
            is_waiting=False, outcome=outcome, handled_at=now, handled_by=actor, **more
        )
        .where((IncomingMessage.id == row.id) & IncomingMessage.is_waiting)
        .execute()
    )
    if not taken:
        raise Refused("Pesan ini sudah ditangani.")
    Event.record(f"incoming_{outcome}", at=now, actor=actor, data={"incoming": row.public_id})


def close(row: IncomingMessage, *, actor: User, now: datetime) -> None:
    """The message needs no answer, or got one elsewhere. Raises Refused."""
    with database.atomic():
        _take(row, "done", actor, now=now)


def assign(row: IncomingMessage, request: Request, *, actor: User, now: datetime) -> None:
    """Put a message into the conversation of a request of the same phone. Raises Refused.

    Only of the same phone, or a slip of the number would show one customer another's words.
    """
    if request.customer.phone != row.phone or not row.phone:
        raise Refused("Permohonan ini bukan milik pelanggan dengan nomor HP pengirim.")
    with database.atomic():
        _take(row, "assigned", actor, now=now, request=request)
        _into(request, row, now=now)


def answer(row: IncomingMessage, text: str, *, actor: User, now: datetime) -> None:
    """Answer by WhatsApp while the 24 hours last. Raises Refused or InvalidInput."""
    words = clean_words(text, longest=1000)
    if window_closed(row, now):
        raise Refused("Batas 24 jam untuk membalas sudah lewat; hubungi melalui telepon.")
    with database.atomic():
        _take(row, "answered", actor, now=now, answer=words)
        accounts = [row.sender] if row.sender else accounts_of(row.phone)
        _reply(row, accounts, "jawaban_petugas", {"isi": words}, now=now)


def window_closed(row: IncomingMessage, now: datetime) -> bool:
    return not row.phone or now >= row.received_at + WINDOW


def forget(*, now: datetime) -> int:
    """Delete what belongs to no request 90 days on, and the answers to strangers; how many."""
    before = now - KEPT
    old = ~IncomingMessage.is_waiting & (IncomingMessage.received_at < before)
    gone = IncomingMessage.delete().where(old & IncomingMessage.request.is_null()).execute()
    stranger = User.unknown_sender()
    Message.delete().where(
        (Message.recipient == stranger) & (Message.created_at < before)
    ).execute()
    return gone
