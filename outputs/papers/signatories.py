"""Who acted, in the words of the history and of the printed forms."""

from collections.abc import Iterable, Mapping

from peewee import JOIN

from config.office import office
from models import Event, Mandate, Request, User
from moves.officials import PREFIXES
from rules.nip import display_nip
from rules.rights import SUBSTITUTE
from rules.roles import PELANGGAN

SYSTEM = "Sistem"
# Where nobody is known to sign.
BLANK = "." * 40
# Staff who did something for no post, like an administrator who hands work to somebody else.
NO_POST = "Petugas balai"


def signatories(events: Iterable[Event]) -> dict[int, str]:
    """Event id -> who did it, for which post and by what right.

    `Kepala Balai: Nama`; `Plh. Kepala Balai (Nama) a.n. Nama pejabat` by a mandate;
    `Pengganti Kepala Balai (Nama)` while the post is vacant; `Pelanggan: Nama, dicatat oleh
    Admin Layanan: Nama` for what was written down at the counter. Runs two queries at most, if
    the events were selected with their actors.
    """
    events = list(events)
    absent = _absent_officials(events)
    customers = _customers_behind(events)
    found = {}
    for event in events:
        words = _officer(event, absent)
        if event.data.get("on_behalf"):
            customer = customers.get(event.request_id, "-")
            words = f"{office().posts[PELANGGAN]}: {customer}, dicatat oleh {words}"
        found[event.id] = words
    return found


def titles(rank: str, nip: str) -> tuple[str, ...]:
    """Rank and number as they stand below a name."""
    return tuple(filter(None, (rank, f"NIP {display_nip(nip)}" if nip else "")))


def post_of(event: Event) -> str:
    """`Plh. Kepala Balai`: the post for which somebody acted, with its prefix but no name."""
    if event.actor is None:
        return SYSTEM
    if not event.acted_for:
        return NO_POST if event.actor.is_staff else office().posts[PELANGGAN]
    title = office().posts.get(event.acted_for, event.acted_for)
    power = event.data.get("power", "")
    if power == SUBSTITUTE:
        return f"Pengganti {title}"
    return f"{PREFIXES[power]} {title}" if power in PREFIXES else title


def _officer(event: Event, absent: Mapping[str, str]) -> str:
    post = post_of(event)
    if event.actor is None:
        return post
    if not event.data.get("power"):
        return f"{post}: {event.actor.name}"
    official = absent.get(event.data.get("mandate", ""))
    return f"{post} ({event.actor.name})" + (f" a.n. {official}" if official else "")


def _absent_officials(events: Iterable[Event]) -> dict[str, str]:
    """Public id of a mandate -> the official in whose name it lets act. One query, or none."""
    named = {event.data["mandate"] for event in events if "mandate" in event.data}
    if not named:
        return {}
    rows = (
        Mandate.select(Mandate.public_id, User.name)
        .join(User, JOIN.INNER, on=Mandate.absent)
        .where(Mandate.public_id.in_(sorted(named)))
    )
    return dict(rows.tuples())


def _customers_behind(events: Iterable[Event]) -> dict[int, str]:
    """Request id -> customer, for what was written down for them. One query, or none."""
    named = {event.request_id for event in events if event.data.get("on_behalf")}
    if not named:
        return {}
    rows = Request.select(Request.id, User.name).join(User, on=Request.customer)
    return dict(rows.where(Request.id.in_(sorted(named))).tuples())
