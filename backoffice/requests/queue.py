"""The first page of the backoffice: what waits for my post or for me, most urgent first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView, expose
from peewee import ModelSelect

from administration import appointments, closures
from backoffice.base import ANY_POST, StaffOnly
from backoffice.exports import FORMATS, MEDIA, write_list
from backoffice.lists import MOST_EXPORTED, is_too_long, note_export
from backoffice.messages.unanswered import tab_of_unanswered
from backoffice.requests.card_content import content_of, find_visible
from backoffice.requests.orders import HEADINGS, SIZES, SORTS, size_of
from backoffice.requests.preferences import COLUMNS, preferences_of, views_of
from backoffice.requests.queue_filters import Filters, current_arguments, offered, read_filters
from backoffice.requests.queue_list import (
    ALL,
    CLOSED,
    MINE,
    POST,
    Listed,
    list_of,
    tabs_of,
)
from backoffice.requests.queue_rows import queue_row
from config.office import office
from messages import inbox
from messages.conversation import unread_counts
from models import User
from moves import assignments
from moves.catalogue import work_calendar
from outputs.workbooks import Column
from rules.formats import ZONE
from storage.fast import prepared
from web.access import may
from web.listing import text_argument, with_arguments
from web.requests.uploads import send_bytes
from web.runtime import me, now, reader

FILE_COLUMNS = (
    Column("NOMOR", 24),
    Column("PERIHAL", 50),
    Column("LAYANAN", 34),
    Column("PELANGGAN", 28),
    Column("INSTANSI", 34),
    Column("KEADAAN", 34),
    Column("PETUGAS", 28),
    Column("DIAJUKAN", 18, "date"),
    Column("BATAS TAHAP", 18, "date"),
    Column("SISA WAKTU", 24),
)


class QueueView(StaffOnly, AdminIndexView):
    """Every member of staff has a queue, if an empty one."""

    name = "Antrean"
    url = "/backoffice"
    endpoint = "queue"
    reads = ANY_POST

    @expose("/")
    def index(self) -> ResponseReturnValue:
        staff = _staff()
        filters = read_filters(reader(), staff)
        tab, size = _tab_of(filters), size_of()
        listed = list_of(tab, filters, reader(), size=size)
        calendar, at = work_calendar(), now()
        unread = unread_counts([item.id for item in listed.page.rows], reader())
        warnings: dict[str, Any] = {
            "vacancies": appointments.vacancies(at) if may("staff_write") else (),
            "year_doubts": closures.year_doubts(at) if may("reference_write") else (),
            "stranded": assignments.stranded() if may("assignments_all") else 0,
            "incoming_waiting": inbox.waiting() if may("incoming_write") else 0,
        }
        # The request beside the list; one that this person doesn't see is not spoken of.
        opened = find_visible(text_argument("buka"))
        return self.render(
            "backoffice/requests/queue.html",
            **(
                content_of(opened)
                if opened
                else {"preferences": preferences_of(me()), "printed_at": at}
            ),
            page=listed.page,
            now=at,
            rows=[queue_row(item, calendar, at, reader()) for item in listed.page.rows],
            unread=unread,
            opened=opened.public_id if opened else "",
            tab=tab,
            tabs=_tabs(tab, listed, filters),
            # What was done goes from a list of what waits; from others it stays.
            waits_here=tab in (MINE, POST),
            unanswered=tab_of_unanswered(),
            listed=listed,
            sorts=[(code, SORTS[code].words) for code in listed.sorts],
            headings=_headings(listed),
            sizes=[(one, with_arguments(page_size=one), one == size) for one in SIZES],
            downloads=[(words, _file_address(kind)) for kind, words in FORMATS.items()],
            chips=filters.chips,
            **offered(staff),
            **warnings,
            warned=list(_warned(**warnings)),
            acting=appointments.sentences_for(reader()),
            posts=[office().posts.get(role.name, role.title) for role in me().roles],
            # What is closed, and who only reads, has nothing to do together.
            may_pick=tab != CLOSED and may("works"),
            columns=COLUMNS,
            views=views_of(reader()),
            arguments=current_arguments(),
            may_share=sorted(reader().held),
            sees_requests=may("requests"),
        )

    @expose("/unduh")
    def download(self) -> ResponseReturnValue:
        """What the queue shows, as a file: the open part under its filters, in its order."""
        kind = text_argument("jenis")
        if kind not in FORMATS:
            abort(404)
        filters = read_filters(reader(), _staff())
        listed = list_of(_tab_of(filters), filters, reader(), size=MOST_EXPORTED + 1)
        if is_too_long(listed.page.rows):
            return redirect(with_arguments(jenis=None).replace("/unduh", "/", 1))
        calendar, at = work_calendar(), now()
        rows = (queue_row(item, calendar, at, reader()) for item in listed.page.rows)
        content = write_list(kind, "Antrean", FILE_COLUMNS, map(_file_line, rows))
        note_export("queue", kind)
        return send_bytes(content, f"antrean-{at.astimezone(ZONE):%Y-%m-%d}.{kind}", MEDIA[kind])


def _warned(
    vacancies: Sequence[appointments.Vacancy],
    year_doubts: Sequence[closures.YearDoubt],
    stranded: int,
    incoming_waiting: int,
) -> Iterator[str]:
    """Each in a few words, for the line that opens."""
    yield from (f"pos {vacancy.title} kosong" for vacancy in vacancies)
    if stranded:
        yield f"{stranded} penugasan pada akun tidak aktif"
    if incoming_waiting:
        yield f"{incoming_waiting} pesan WhatsApp"
    yield from (f"kalender {doubt.year} belum pasti" for doubt in year_doubts)


def _tab_of(filters: Filters) -> str:
    """The part that is open. A search looks everywhere; the tabs narrow it afterwards."""
    asked = text_argument("tab")
    if asked in tabs_of(reader()):
        return asked
    return ALL if filters.text else MINE


def _file_address(kind: str) -> str:
    """Where what stands on the page is to be had as a file."""
    return f"{url_for('queue.download')}?{with_arguments(jenis=kind).partition('?')[2]}"


def _headings(listed: Listed) -> dict[str, tuple[str, str]]:
    """Heading -> where a click leads, and how it is sorted now (as aria-sort says it)."""
    found = {}
    for heading in HEADINGS:
        order, now_sorted = listed.order_of(heading)
        found[heading] = with_arguments(sort=order) if order else "", now_sorted
    return found


def _file_line(row: Mapping[str, Any]) -> list[object]:
    item, is_open = row["item"], row["item"].waiting_role
    return [
        item.number or "",
        item.subject,
        row["service"],
        item.customer.name,
        item.customer.institution_name,
        row["stage"],
        item.assignee.name if item.assignee_id else "",
        item.submitted_at,
        item.stage_due_at if is_open else None,
        row["urgency"][0],
    ]


@prepared
def _staff() -> ModelSelect:
    """Everybody who may hold a request. One query.

    Compared with a value, an index finds them; the bare column would walk all customers.
    """
    people = User.select(User.id, User.public_id, User.name).where(User.is_staff == 1)
    return people.where(User.in_service()).order_by(*User.name_order())


def _tabs(tab: str, listed: Listed, filters: Filters) -> list[tuple[str, str, str, str]]:
    """Code, words, address and count of each tab; filters stay when one changes the tab."""
    return [
        (
            code,
            words,
            with_arguments(tab=code, sort=None),
            listed.count_of(code, is_whole=code == tab or not filters),
        )
        for code, words in tabs_of(reader()).items()
    ]
