"""Beranda: what each post begins the day with, by what the post may do and never by its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from administration import absences, appointments, closures
from backoffice.base import ANY_POST, StaffView
from backoffice.reports.dashboard import list_url
from messages.alarms import open_troubles
from models import Backup, ChangeRecord, Document, Event, FlowDraft, OutgoingLetter, User
from moves.officials import today
from outputs.bills.book import Choice, sum_up
from outputs.dashboards.today import late_count, month_so_far, waiting_of
from outputs.signing.registry import chosen_way
from rules import bills
from rules.formats import decimal_id, moment_short, month, rupiah
from rules.periods import start_of
from web.access import may
from web.runtime import now, reader, runtime

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Figure:
    """A figure with its words, and the list behind it; `tone` as of a counter."""

    words: str
    value: str
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """Figures that belong together; `recap` is the month whose recap is one button away."""

    title: str
    figures: Sequence[Figure] = ()
    recap: str = ""


class HomeView(StaffView):
    """Everybody has one; what is on it follows from the posts held and acted for."""

    name = "Beranda"
    url = "/backoffice/beranda"
    endpoint = "home"
    reads = ANY_POST

    def is_visible(self) -> bool:
        """For who has no queue; others come here by the logo, and their menu has no room left."""
        return not may("works")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        shown = [make() for words, make in CARDS if not words or any(map(may, words))]
        return self.render("backoffice/home.html", cards=[card for card in shown if card])


def _count(number: int, words: str, url: str = "", *, bad: bool = False) -> Figure:
    """One that is a fault while it isn't nought."""
    tone = "danger" if bad and number else ""
    return Figure(words, decimal_id(number, 0), url if number else "", tone)


def _queue() -> Card | None:
    found, mine = waiting_of(reader()), url_for("queue.index")
    return Card(
        "Menunggu saya",
        [
            _count(found.count, "permohonan", mine),
            _count(found.late, "lewat batas", mine, bad=True),
            _count(found.due, "jatuh tempo hari ini", mine),
        ],
    )


def _office() -> Card | None:
    """For who leads: what stands still, and three figures of the month."""
    on = today(now())
    found = month_so_far(reader())
    share = f"{decimal_id(100 * found.on_time / found.done, 1)} %" if found.done else "–"
    this = f"{on:%Y-%m}"
    return Card(
        f"Balai, {month(on.year, on.month)}",
        [
            _count(late_count(reader()), "terlambat sekarang", list_url(overdue="1"), bad=True),
            _count(found.filed, "masuk", list_url(since=on.replace(day=1).isoformat())),
            _count(found.done, "selesai dikerjakan", list_url(done=this)),
            Figure(
                "tepat waktu", share, list_url(done=this, outcome="tepat") if found.done else ""
            ),
        ],
    )


def _signatures() -> Card | None:
    """Only where a person signs; elsewhere letters wait for a worker alone."""
    if not chosen_way(runtime().settings).needs_signer:
        return None
    roles = sorted(power.role for power in reader().powers_to("signatures"))
    waiting = OutgoingLetter.select().join(Document).where(Document.sha256 == "")
    count = waiting.where(OutgoingLetter.signer_role.in_(roles)).count()
    words = "surat menunggu tanda tangan saya"
    return Card("Tanda tangan", [_count(count, words, url_for("signatures.index"))])


def _bills() -> Card | None:
    sums = sum_up(Choice(), reader())

    def of(state: str, words: str, *, bad: bool = False) -> Figure:
        found = sums.of([state])
        return _count(
            found.count,
            f"{words}, {rupiah(found.amount)}",
            url_for("bills.index", state=state),
            bad=bad,
        )

    return Card(
        "Tagihan",
        [
            of(bills.UNPAID, "belum dibayar"),
            of(bills.LAPSING, "segera kedaluwarsa"),
            of(bills.LAPSED, "kedaluwarsa", bad=True),
        ],
    )


def _recap() -> Card | None:
    last: date = today(now()).replace(day=1) - timedelta(days=1)
    return Card(f"Rekap {month(last.year, last.month)}", recap=month(last.year, last.month))


def _people() -> Card | None:
    invited = User.select().where(User.is_staff & User.active & User.password.is_null()).count()
    vacant, away = len(appointments.vacancies(now())), len(absences.uncovered(now()))
    staff = url_for("staff.index_view") if may("staff") else ""
    return Card(
        "Orang",
        [
            _count(vacant, "pos kosong", staff, bad=True),
            _count(away, "pos ditinggal tanpa Plh.", url_for("mandates.index"), bad=True),
            _count(invited, "undangan belum diterima", staff),
        ],
    )


def _system() -> Card | None:
    status, last = url_for("system_status.index"), Backup.last_whole()
    when = moment_short(last.finished_at) if last else "belum pernah"
    tone = "" if last and last.finished_at > now() - LATELY else "danger"
    return Card(
        "Sistem",
        [
            _count(len(open_troubles()), "gangguan terbuka", status, bad=True),
            Figure("cadangan terakhir", when, status, tone),
        ],
    )


def _reference() -> Card | None:
    doubts = len(closures.year_doubts(now()))
    figures = [_count(doubts, "tahun dengan hari libur belum pasti", url_for("holidays.index_view"),
                      bad=True)]  # fmt: skip
    if may("flows_write"):
        drafts = FlowDraft.select().count()
        figures.append(_count(drafts, "draf alur layanan", url_for("flows.index")))
    return Card("Acuan", figures)


def _audit() -> Card | None:
    since, trail = now() - LATELY, url_for("changes.index_view")
    changed = ChangeRecord.select().join(Event).where(Event.at >= since).count()
    written = Event.select().where(Event.at >= start_of(today(now()))).count()
    return Card(
        "Jejak",
        [
            _count(changed, "perubahan data acuan dalam tujuh hari", trail),
            _count(written, "peristiwa tercatat hari ini", trail),
        ],
    )


# Capabilities of which one is enough, and the card; none for everybody.
CARDS: Sequence[tuple[tuple[str, ...], Callable[[], Card | None]]] = (
    (("works",), _queue),
    (("signatures",), _signatures),
    (("delays",), _office),
    (("recap",), _recap),
    (("bills",), _bills),
    (("staff_write", "mandates_write"), _people),
    (("system",), _system),
    (("reference_write",), _reference),
    (("audit",), _audit),
)
