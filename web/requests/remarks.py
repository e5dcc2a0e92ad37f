"""The conversation of a request on a page, the same in portal and backoffice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import request

from config.office import office
from messages.conversation import (
    LONGEST,
    MOST_SHOWN,
    WHATSAPP,
    mark_read,
    thread_of,
    why_closed,
    write_remark,
)
from models import Remark, Request
from storage.database import new_public_id
from web.accounts.limits import is_within_limit, patience
from workflow import InvalidInput, Reader, Refused

PER_HOUR = 60
INTERNAL = "internal"


@dataclass(frozen=True)
class Line:
    """One remark as a reader sees it; `side` is mine, theirs or note."""

    side: str
    who: str
    at: datetime
    text: str
    note: str
    is_new: bool


@dataclass(frozen=True)
class PostedRemark:
    """What became of a try to write: a remark, or the reason with what was typed."""

    remark: Remark | None = None
    code: int = 200
    is_internal: bool = False
    text: str = ""
    error: str = ""


NOTHING_POSTED = PostedRemark()


@dataclass(frozen=True)
class Thread:
    """The conversation as one page shows it, with its forms."""

    lines: Sequence[Line]
    closed: str
    notes_closed: str
    said: PostedRemark
    longest: int = LONGEST
    keys: Mapping[str, str] = field(default_factory=dict)
    # Up to which line it is read by whoever has seen this page.
    last: str = ""

    @property
    def is_cut(self) -> bool:
        return len(self.lines) >= MOST_SHOWN

    @property
    def latest(self) -> Sequence[Line]:
        """What stays open on a phone: the last one, and all that is new."""
        return self.lines[-max(1, self.new_count) :]

    @property
    def earlier(self) -> Sequence[Line]:
        return self.lines[: -max(1, self.new_count)]

    @property
    def awaits_answer(self) -> bool:
        """Whether the last word is the other side's."""
        return bool(self.lines) and self.lines[-1].side == "theirs"

    @property
    def new_count(self) -> int:
        return sum(line.is_new for line in self.lines)


def show_thread(item: Request, reader: Reader, said: PostedRemark = NOTHING_POSTED) -> Thread:
    """The conversation for this reader; that it was read is said by `note_read`. One query."""
    remarks, upto = thread_of(item, reader)
    return Thread(
        [_line(remark, reader, upto) for remark in remarks],
        why_closed(item, reader),
        why_closed(item, reader, is_internal=True),
        said,
        keys={"public": new_public_id(), INTERNAL: new_public_id()},
        last=remarks[-1].public_id if remarks else "",
    )


def note_read(item: Request, reader: Reader) -> None:
    """That the reader has seen the conversation up to the line which the form names."""
    remarks, upto = thread_of(item, reader)
    seen = next((one for one in remarks if one.public_id == request.form.get("last")), None)
    if seen and seen.id > upto:
        mark_read(item, reader, seen.id)


def _line(remark: Remark, reader: Reader, upto: int) -> Line:
    # What came from an account that was merged into this one is the customer's own as well.
    own_side = remark.is_from_customer and not reader.is_staff
    mine = remark.author_id == reader.id or own_side
    side = "note" if remark.is_internal else "mine" if mine else "theirs"
    post = office().posts.get(remark.acted_for, "")
    if mine:
        who = "Anda"
    elif remark.is_from_customer:
        who = f"{remark.author.name} (pelanggan)"
    elif reader.is_staff:
        who = f"{remark.author.name} ({post})" if post else remark.author.name
    else:
        # Customers talk to posts, as everywhere in the portal.
        who = f"{post}, {office().name}" if post else office().name
    theirs = remark.is_from_customer == reader.is_staff and not mine
    return Line(
        side,
        who,
        remark.at,
        remark.text,
        "lewat WhatsApp" if remark.via == WHATSAPP else "",
        is_new=remark.id > upto and (theirs or remark.is_internal) and not mine,
    )


def write_posted_remark(item: Request, reader: Reader, *, via: str) -> PostedRemark:
    """Write what the posted form holds; the words come back when they can't be taken."""
    is_internal = reader.is_staff and request.form.get("kind") == INTERNAL
    text = request.form.get("text", "")
    if not is_within_limit("remark", reader.user.public_id, times=PER_HOUR, seconds=3600):
        return PostedRemark(
            None, 429, is_internal, text, patience("Terlalu banyak pesan dalam satu jam.")
        )
    key = request.form.get("key", "")
    key = key if key.isalnum() and len(key) == 26 else new_public_id()
    try:
        remark = write_remark(item, text, reader=reader, key=key, via=via, is_internal=is_internal)
    except InvalidInput as refusal:
        return PostedRemark(None, 422, is_internal, text, refusal.errors["text"])
    except Refused as refusal:
        return PostedRemark(None, 403, is_internal, text, str(refusal))
    return PostedRemark(remark, is_internal=is_internal)
