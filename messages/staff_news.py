"""What somebody of the office was told and hasn't seen, who waits, and what came since a moment.

Asked by every page of the backoffice, in one query with whether messages get through; and every
twenty seconds by each page that is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, ModelCompoundSelectQuery, ModelSelect, Select, Value, fn

from messages.banner import WAITS_TOO_LONG, sentences_of, trouble
from messages.unanswered import MOST_COUNTED, counted
from models import Message, NoticeReading
from storage.fast import Bound, prepared
from workflow import Reader

UNSEEN, UNANSWERED, ARRIVED = COUNTS = ("#unseen", "#unanswered", "#arrived")
# What is older counts as seen.
REMEMBERED = timedelta(days=30)
# Messages that say of a request that it has come to somebody.
TASKS = (
    "tugas_baru",
    "tugas_dialihkan",
    "dikembalikan_petugas",
    "pelanggan_meminta_perubahan",
    "kelengkapan_diterima",
    "lingkup_disetujui",
    "lingkup_ditolak",
    "keberatan_masuk",
    "pembatalan_diminta",
    "perbaikan_diminta",
)


@dataclass(frozen=True)
class News:
    """Counts, none beyond a hundred: notices unseen, customers who wait, and new requests."""

    unseen: int = 0
    unanswered: int = 0
    arrived: int = 0
    # What keeps messages from arriving, in sentences.
    trouble: Sequence[str] = ()

    @property
    def mark(self) -> str:
        """The same as long as no count changed."""
        return f"{self.unseen}-{self.unanswered}-{self.arrived}"


def news_for(reader: Reader, *, since: datetime) -> News:
    """What the pages of this reader count; `since` is when the open one was made. One query."""
    rows = _rows(
        reader,
        me=reader.id,
        since=since,
        first=reader.now - REMEMBERED,
        before=reader.now - WAITS_TOO_LONG,
    )
    counts = dict.fromkeys(COUNTS, 0)
    for name, _, _, count in rows:
        if name in counts:
            counts[name] += count
    trouble = sentences_of(row for row in rows if row[0] not in counts)
    return News(*counts.values(), trouble=trouble)


@prepared
def _rows(reader: Reader) -> ModelCompoundSelectQuery:
    """Rows of `banner.trouble`, and (count, None, "", how many) for each of `COUNTS`."""
    seen = NoticeReading.select(NoticeReading.seen_at).where(NoticeReading.user == Bound("me"))
    last = fn.COALESCE(seen, Bound("first", NoticeReading.seen_at))
    arrived = Message.template.in_(TASKS)
    arrived &= Message.created_at > Bound("since", Message.created_at)
    told = _told(Bound("me"))
    parts = [
        (UNSEEN, _few(told.where(Message.created_at > last), "unseen")),
        (ARRIVED, _few(told.where(arrived), "arrived")),
        *((UNANSWERED, one) for one in (counted(reader) if reader.may("works") else ())),
    ]
    found = trouble()
    for name, number in parts:
        found = found.union_all(Select(columns=[Value(name), SQL("NULL"), Value(""), number]))
    return found.tuples()


def _few(query: ModelSelect, name: str) -> ModelSelect:
    few = query.select(Message.id).limit(MOST_COUNTED + 1).alias(name)
    return Message.select(fn.COUNT(few.c.id)).from_(few)


def _told(user_id: int | Bound) -> ModelSelect:
    """What a person was told, each once however many channels it took; no links to accounts."""
    theirs = (Message.recipient == user_id) & Message.origin.is_null() & (Message.link == "")
    return Message.select().where(theirs)


def told_to(reader: Reader) -> ModelSelect:
    """The notices of this reader."""
    return _told(reader.id)


def seen_until(reader: Reader) -> datetime:
    """When this reader last looked at their notices."""
    row = NoticeReading.get_or_none(NoticeReading.user == reader.id)
    return row.seen_at if row else reader.now - REMEMBERED


def mark_seen(reader: Reader) -> None:
    """Note that everything up to now was seen."""
    NoticeReading.insert(user=reader.id, seen_at=reader.now).on_conflict(
        conflict_target=[NoticeReading.user], update={NoticeReading.seen_at: reader.now}
    ).execute()
