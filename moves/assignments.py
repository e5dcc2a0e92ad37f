"""Who holds a request by name, and handing that to another holder of the same post."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from config.office import office
from models import Assignment, Request, User
from moves.catalogue import current_stage, flow_of, service_of
from moves.movement import Actor, compare_and_set, makers_of, write_history
from moves.notices import tell_staff
from moves.officials import Reader, recipients_for
from moves.refusals import Refused
from rules import events
from rules.rights import Power
from rules.services import Flow
from rules.statuses import OPEN_STATUSES
from storage.database import database

NOW, LATER, PAST = "now", "later", "past"


@dataclass(frozen=True)
class Holding:
    """One post of one open request that somebody holds by name."""

    request: Request
    person: User
    role: str
    desks: tuple[str, ...]
    # now: it is this person's turn; later: it will be; past: only if it is returned.
    state: str

    @property
    def key(self) -> str:
        return f"{self.request.public_id}:{self.role}"


def open_requests() -> ModelSelect:
    return Request.select().where(Request.status.in_(OPEN_STATUSES))


def reassignable(reader: Reader) -> ModelSelect:
    """The open requests whose holders this person may change; none for others."""
    if not reader.may("assignments"):
        return Request.select().where(Request.id.is_null())
    is_wide = reader.may_by_own_post("assignments_all")
    scope = Request.select() if is_wide else Request.visible_to(reader)
    return scope.where(Request.status.in_(OPEN_STATUSES))


def holdings(
    scope: ModelSelect, *, person: User | None = None, role: str = "", request_id: str = ""
) -> list[Holding]:
    """What is held by name in a scope of requests, whose turn it is first. One query."""
    rows = (
        Assignment.select(Assignment, Request, User)
        .join(Request)
        .switch(Assignment)
        .join(User)
        .where(Assignment.request.in_(scope.select(Request.id)))
        .order_by(Request.due_at, Request.id, Assignment.id)
    )
    if person:
        rows = rows.where(Assignment.user == person)
    if request_id:
        rows = rows.where(Request.public_id == request_id)
    grouped: dict[tuple[int, str, int], list[Assignment]] = {}
    for row in rows:
        held = role_of(service_of(row.request), row.stage_code)
        if held and role in ("", held):
            grouped.setdefault((row.request_id, held, row.user_id), []).append(row)
    found = [_holding(held, rows) for (_, held, _), rows in grouped.items()]
    return sorted(found, key=lambda holding: (NOW, LATER, PAST).index(holding.state))


def _holding(role: str, rows: Collection[Assignment]) -> Holding:
    first = next(iter(rows))
    names = tuple(row.stage_code for row in rows)
    return Holding(
        first.request, first.user, role, names, _state(first.request, role, names, first.user_id)
    )


def _state(request: Request, role: str, names: Collection[str], user_id: int) -> str:
    if request.waiting_role == role and request.assignee_id == user_id:
        return NOW
    way = [desk.desk for desk in flow_of(request).desks]
    here = way.index(current_stage(request).desk)
    return LATER if any(name in way[here:] for name in names) else PAST


def role_of(flow: Flow, desk_name: str) -> str:
    """The post of a desk; empty for one that the flow doesn't have."""
    try:
        return flow.desk_named(desk_name).role
    except (KeyError, IndexError):
        return ""


def stranded() -> int:
    """How many requests wait by name for somebody who isn't in service. One query."""
    return (
        Request.select()
        .join(User, on=Request.assignee)
        .where(Request.status.in_(OPEN_STATUSES) & ~User.in_service())
        .count()
    )


def reassign(
    request: Request,
    leaving: User,
    role: str,
    successor: User | None,
    *,
    reader: Reader,
    in_bulk: bool = False,
) -> None:
    """Hand what somebody holds of a request at a post to another holder, or back to the post.

    One transaction with event and messages; `in_bulk` tells each person once for all requests
    handed over by the same reader. Raises Refused or Conflict; then nothing is written.
    """
    with database.atomic():
        fresh = Request.get_by_id(request.id)
        if fresh.is_open and not reassignable(reader).where(Request.id == fresh.id).exists():
            raise Refused("Anda tidak berwenang mengalihkan penugasan permohonan ini.")
        names = _desks_held(fresh, leaving, role)
        _refuse_unfit(fresh, leaving, role, successor, names)
        theirs = (Assignment.request == fresh) & Assignment.stage_code.in_(names)
        if successor:
            Assignment.update(user=successor).where(theirs).execute()
        else:
            Assignment.delete().where(theirs).execute()
        holds_now = fresh.assignee_id == leaving.id and fresh.waiting_role == role
        # A version that nobody else has seen, even when the turn is somebody else's.
        holder = (successor.id if successor else None) if holds_now else fresh.assignee_id
        compare_and_set(fresh, {"assignee": holder})
        write_history(
            fresh,
            events.REASSIGNED,
            current_stage(fresh),
            Actor(reader.user, _power_of(reader)),
            now=reader.now,
            data={
                "role": role,
                "from_user": leaving.public_id,
                "to_user": successor.public_id if successor else "",
            },
        )
        _tell(fresh, leaving, role, successor, now=reader.now, in_bulk=in_bulk)


def _desks_held(request: Request, person: User, role: str) -> list[str]:
    rows = Assignment.select().where((Assignment.request == request) & (Assignment.user == person))
    flow = service_of(request)
    return [row.stage_code for row in rows if role_of(flow, row.stage_code) == role]


def _refuse_unfit(
    request: Request, leaving: User, role: str, successor: User | None, names: Collection[str]
) -> None:
    """Raise Refused with the reason why these desks can't go to `successor`."""
    if not request.is_open:
        raise Refused("Permohonan sudah selesai atau ditutup.")
    if not names:
        raise Refused(f"Permohonan ini tidak lagi dipegang {leaving.name}.")
    if successor is None:
        return
    if successor.id == leaving.id:
        raise Refused("Penerima sama dengan pemegang sekarang.")
    if not (successor.is_in_service and successor.holds(role)):
        raise Refused(f"{successor.name} tidak memegang pos {office().posts[role]}.")
    flow = flow_of(request)
    for desk in flow.desks:
        if desk.desk in names and successor.id in makers_of(request, desk):
            raise Refused(
                f"{successor.name} menyusun bagian yang diperiksa pada tahap “{desk.short}”."
            )


def _power_of(reader: Reader) -> Power | None:
    """The post in whose name it is done; who may do it everywhere does it for none."""
    found = reader.powers_to("assignments")
    return next((power for power in found if "assignments_all" not in power.may), None)


def _tell(
    request: Request,
    leaving: User,
    role: str,
    successor: User | None,
    *,
    now: datetime,
    in_bulk: bool,
) -> None:
    number = request.number or "permohonan baru"
    more: Mapping[str, str] = {
        "jabatan": office().posts[role],
        "asal": leaving.name,
        "penerima": successor.name if successor else f"pos {office().posts[role]}",
        "hal": "sejumlah permohonan" if in_bulk else number,
    }
    key = f"{leaving.id}:{now.timestamp():.3f}"
    about = None if in_bulk else request
    taking = recipients_for(
        role,
        now,
        service_code=request.service_code,
        assignee_id=successor.id if successor else None,
    )
    for person in taking:
        tell_staff(about, person, "tugas_dialihkan", now=now, key=key, more=more)
    if leaving.active:
        more = {**more, "tautan": "/backoffice/"}
        tell_staff(about, leaving, "tugas_dilepas", now=now, key=key, more=more)
