"""What customer and office say to each other about a request, and the office's own notes.

These are writes of their own, beside `workflow`: nothing said here moves a request.
Each remark is one transaction that writes the row, its event (a digest, never the words) and the
message to the other side.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from peewee import JOIN, IntegrityError, ModelSelect, fn

from config.office import office
from messages.mentions import mentioned_in, tell_mentioned
from models import AwaitedReply, Event, Remark, RemarkReading, Request, User
from moves.notices import tell_customer, tell_staff
from moves.officials import recipients_for
from rules import events
from rules.formats import ZONE, day
from rules.rights import Rights
from rules.roles import PELANGGAN
from rules.text import normalise
from storage.database import database
from storage.fast import Bound, bound_each, prepared
from workflow import InvalidInput, Reader, Refused

LONGEST = 4096
# So long after its end a customer may still ask about a request.
OPEN_DAYS = 30
MOST_SHOWN = 200
PORTAL, BACKOFFICE, WHATSAPP = "portal", "backoffice", "whatsapp"


def why_closed(request: Request, reader: Reader, *, is_internal: bool = False) -> str:
    """Why this reader can't write here, as a sentence; empty when they can."""
    if reader.is_staff and not reader.may("works"):
        return "Anda dapat membaca percakapan ini, tetapi tidak menulis."
    if is_internal:
        return "" if reader.is_staff else "Catatan internal hanya untuk petugas."
    if reader.is_staff and not request.customer.has_account:
        return "Pelanggan ini tidak memiliki akun; hubungi melalui telepon."
    closed_at = None if request.is_open or request.pending else request.closed_at
    if closed_at and reader.now > closed_at + timedelta(days=OPEN_DAYS):
        return f"Percakapan ditutup {OPEN_DAYS} hari setelah layanan selesai ({day(closed_at)})."
    return ""


def write_remark(
    request: Request,
    text: str,
    *,
    reader: Reader,
    key: str,
    via: str,
    is_internal: bool = False,
) -> Remark:
    """Write one remark, once per `key` of this reader, and tell the other side of it.

    Raises InvalidInput for words that are missing or too long, Refused for who may not write.
    """
    if reason := why_closed(request, reader, is_internal=is_internal):
        raise Refused(reason)
    words, actor, now = clean_words(text), reader.user, reader.now
    mentioned = mentioned_in(words, request, reader=reader) if is_internal else []
    own_key = f"{actor.public_id}:{key}"
    with database.atomic():
        try:
            with database.atomic():
                remark = Remark.create(
                    key=own_key,
                    request=request,
                    author=actor,
                    acted_for=_post_of(request, reader),
                    is_from_customer=not actor.is_staff,
                    is_internal=is_internal,
                    via=via,
                    text=words,
                    at=now,
                )
        except IntegrityError:
            return Remark.get(Remark.key == own_key)
        Event.record(
            events.NOTE_WRITTEN if is_internal else events.MESSAGE_WRITTEN,
            at=now,
            actor=actor,
            request=request,
            stage_code=request.stage_code,
            acted_for=remark.acted_for,
            data={
                "message": remark.public_id,
                "digest": hashlib.sha256(words.encode()).hexdigest(),
            },
        )
        mark_read(request, reader, remark.id)
        tell_mentioned(remark, mentioned)
        if not is_internal:
            _note_waiting(remark)
            _tell_other_side(remark, now=now)
    return remark


def _note_waiting(remark: Remark) -> None:
    """A customer's first words wait for an answer; the office's words are one."""
    if remark.is_from_customer:
        waiting = AwaitedReply.insert(request=remark.request, asked_at=remark.at)
        waiting.on_conflict_ignore().execute()
    else:
        settle(remark.request, by=remark.author, at=remark.at, answer=remark)


def settle(request: Request, *, by: User, at: datetime, answer: Remark | None = None) -> bool:
    """Note that nobody waits for an answer any more; False when nobody did."""
    open_row = (AwaitedReply.request == request) & AwaitedReply.is_open()
    settled = AwaitedReply.update(settled_at=at, settled_by=by, answer=answer).where(open_row)
    return settled.execute() > 0


def clean_words(text: str, *, longest: int = LONGEST) -> str:
    """The words that people see of them. Raises InvalidInput."""
    words = normalise(text).strip()
    if not words:
        raise InvalidInput({"text": "Tulis pesannya lebih dahulu."})
    if len(words) > longest:
        raise InvalidInput({"text": f"Paling banyak {longest} huruf."})
    return words


def _post_of(request: Request, reader: Reader) -> str:
    """The post in whose name somebody of the office writes: the one that has the turn, if held."""
    posts = {power.role for power in reader.powers_to("works")}
    if request.waiting_role in posts:
        return request.waiting_role
    return min(posts, key=list(office().posts).index, default="")


# -- telling -------------------------------------------------------------------------------------


def _tell_other_side(remark: Remark, *, now: datetime) -> None:
    """Tell once per person, day and batch of unread remarks, so that five lines are one message."""
    request = remark.request
    people = _office_side(request, now) if remark.is_from_customer else [request.customer]
    read = dict(
        RemarkReading.select(RemarkReading.user, RemarkReading.upto)
        .where((RemarkReading.request == request) & RemarkReading.user.in_(people))
        .tuples()
    )
    today = now.astimezone(ZONE).date().isoformat()
    for person in people:
        key = f"{today}:{read.get(person.id, 0)}"
        if person.is_staff:
            path = f"/backoffice/permohonan/{request.public_id}#percakapan"
            tell_staff(request, person, "pesan_pelanggan", now=now, key=key, more={"tautan": path})
        else:
            path = f"/layanan/{request.public_id}#percakapan"
            number = request.number or "yang belum bernomor"
            more = {"tautan": path, "nomor": number}
            tell_customer(request, person, "pesan_baru", now=now, key=key, more=more)


def _office_side(request: Request, now: datetime) -> list[User]:
    """Whose turn it is (who answers messages, when nobody's of the office), and who asked last."""
    role = request.waiting_role
    if role and role != PELANGGAN:
        service, assignee_id = request.service_code, request.assignee_id
        people = recipients_for(role, now, service_code=service, assignee_id=assignee_id)
    else:
        people = who_answers(now, service_code=request.service_code)
    last = (
        Remark.select(Remark, User)
        .join(User)
        .where((Remark.request == request) & ~Remark.is_internal & ~Remark.is_from_customer)
        .order_by(Remark.id.desc())
        .first()
    )
    if last and last.author.is_in_service:
        people = [*people, last.author]
    return list({person.id: person for person in people}.values())


def who_answers(now: datetime, *, service_code: str = "") -> list[User]:
    """Whom a message is told that waits for nobody's desk."""
    posts = sorted(office().posts_that_may("incoming_write"))
    found = (recipients_for(post, now, service_code=service_code) for post in posts)
    return list({person.id: person for people in found for person in people}.values())


# -- reading -------------------------------------------------------------------------------------


def thread_of(request: Request, reader: Reader) -> tuple[Sequence[Remark], int]:
    """(remarks this reader may see, oldest first, with their authors; up to which id they read).

    The newest `MOST_SHOWN`. One query.
    """
    rows = list(
        Remark.visible_to(reader)
        .select(Remark, User, RemarkReading.upto)
        .join(User, on=Remark.author)
        .switch(Remark)
        .join(
            RemarkReading,
            JOIN.LEFT_OUTER,
            on=(RemarkReading.request == Remark.request) & (RemarkReading.user == reader.id),
            attr="reading",
        )
        .where(Remark.request == request)
        .order_by(Remark.id.desc())
        .limit(MOST_SHOWN)
    )
    rows.reverse()
    upto = getattr(getattr(rows[0], "reading", None), "upto", None) if rows else None
    return rows, upto or 0


def mark_read(request: Request, reader: Rights, upto: int) -> None:
    """Note up to which remark somebody has read; never backwards."""
    RemarkReading.insert(request=request, user=reader.id, upto=upto).on_conflict(
        conflict_target=[RemarkReading.request, RemarkReading.user],
        update={RemarkReading.upto: upto},
        where=RemarkReading.upto < upto,
    ).execute()


def unread_counts(request_ids: Collection[int] | None, reader: Rights) -> dict[int, int]:
    """Request id -> how many messages of the other side this reader hasn't read.

    For staff an answer by any colleague settles what came before it. None asks for all requests
    of a customer. One query.
    """
    if request_ids is None:
        return dict(_unread(None, reader.is_staff, reader=reader.id))
    if not request_ids:
        return {}
    return dict(_unread(len(request_ids), reader.is_staff, reader=reader.id, ids=request_ids))


@prepared
def _unread(count: int | None, is_staff: bool) -> ModelSelect:
    """Rows (request id, unread), of `count` requests or of all of a customer."""
    answer = Remark.alias()
    wanted = ~Remark.is_internal & (Remark.is_from_customer == is_staff)
    if count is not None:
        wanted &= Remark.request.in_(bound_each("ids", count))
    elif not is_staff:
        owned = Request.select(Request.id).where(Request.customer == Bound("reader"))
        wanted &= Remark.request.in_(owned)
    if is_staff:
        later = answer.select(answer.id).where(
            (answer.request == Remark.request)
            & ~answer.is_internal
            & ~answer.is_from_customer
            & (answer.id > Remark.id)
        )
        wanted &= ~fn.EXISTS(later)
    mine = (RemarkReading.request == Remark.request) & (RemarkReading.user == Bound("reader"))
    return (
        Remark.select(Remark.request, fn.COUNT(Remark.id))
        .join(RemarkReading, JOIN.LEFT_OUTER, on=mine)
        .where(wanted & (RemarkReading.upto.is_null() | (Remark.id > RemarkReading.upto)))
        .group_by(Remark.request)
        .tuples()
    )
