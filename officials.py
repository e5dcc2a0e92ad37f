"""Who may act for a post at a moment: its holders, a Plh./Plt. by mandate, or a substitute post.

Nothing is stored about it: a mandate that begins or ends reroutes the queue by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from config.office import office
from models import Mandate, Role, RoleHolding, User
from rules.formats import ZONE
from rules.roles import PELANGGAN

OWN, PLH, PLT, SUBSTITUTE = "own", "plh", "plt", "substitute"
PREFIXES = {PLH: "Plh.", PLT: "Plt."}
# Posts without a place in any queue: they may be empty.
NOT_IN_QUEUES = frozenset({PELANGGAN, "administrator", "auditor", "staf_tu", "atasan_balai"})


@dataclass(frozen=True)
class Power:
    """One post a person may act for, and by what right."""

    role: str
    kind: str = OWN
    mandate: str = ""
    absent_id: int | None = None
    services: tuple[str, ...] = ()

    def covers(self, service_code: str) -> bool:
        return not self.services or service_code in self.services


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def powers_of(user: User, now: datetime) -> list[Power]:
    """Everything this member of staff may act for, the own posts first.

    Three queries; none for the instant for which `empower` asked already.
    """
    if not user.is_staff or not user.active:
        return []
    asked_at, found = user.__dict__.get("powers", (None, []))
    if asked_at == now:
        return found
    own = [Power(role) for role in sorted(user.role_codes)]
    in_force = _in_force(now)
    given = [_power_by(mandate) for mandate in in_force if mandate.acting_id == user.id]
    held = {power.role for power in (*own, *given)}
    vacant = set(_vacant(in_force)) - held
    standing_in = [
        Power(role, SUBSTITUTE) for role in sorted(vacant) if held & {first_living(role, vacant)}
    ]
    return [*own, *given, *standing_in]


def empower(user: User, now: datetime) -> list[Power]:
    """Note on the person what `powers_of` says, so that scopes and queues take it in."""
    powers = powers_of(user, now)
    user.__dict__["powers"] = (now, powers)
    user.__dict__["acting_rights"] = tuple(
        (power.role, power.services, power.absent_id) for power in powers if power.kind != OWN
    )
    return powers


def authority(
    actor: User,
    role: str,
    now: datetime,
    *,
    service_code: str = "",
    assignee_id: int | None = None,
    excluded: Collection[int] = (),
    powers: Collection[Power] | None = None,
) -> Power | None:
    """By what right `actor` may act for `role` on this request now; None when by none.

    `excluded` are people who may not, since they made what is to be approved; when nobody else
    is left at the post, its substitute may.
    """
    if not actor.is_staff or not actor.active or actor.id in excluded:
        return None
    for power in powers_of(actor, now) if powers is None else powers:
        if power.role != role or not power.covers(service_code):
            continue
        if assignee_id in (None, actor.id, power.absent_id):
            return power
    if not excluded:
        return None
    eligible = people_for(role, now, service_code=service_code, excluded=excluded)
    if any(person.id == actor.id for person in eligible):
        return Power(role, SUBSTITUTE)
    return None


def people_for(
    role: str, now: datetime, *, service_code: str = "", excluded: Collection[int] = ()
) -> list[User]:
    """Who is to act for a post now: its officials and acting officials, else its substitute's.

    An official with a Plh. in force is left out when asked whom to tell, see `to_be_told`.
    """
    seen: set[str] = set()
    while role and role not in seen:
        seen.add(role)
        people = {person.id: person for person in User.holding(role)}
        for mandate in _mandates(role, now, service_code):
            people[mandate.acting_id] = mandate.acting
        found = [person for key, person in people.items() if key not in excluded]
        if found:
            return found
        role = office().substitutes.get(role, "")
    return []


def to_be_told(
    role: str, now: datetime, *, service_code: str = "", assignee: User | None = None
) -> list[User]:
    """Whom a new task is told: the person named, or everybody at the post; a Plh. instead of
    the absent official."""
    mandates = _mandates(role, now, service_code)
    absent = {mandate.absent_id: mandate.acting for mandate in mandates if mandate.absent_id}
    if assignee is not None:
        return [absent.get(assignee.id, assignee)]
    people = people_for(role, now, service_code=service_code)
    return [person for person in people if person.id not in absent]


def vacant_posts(now: datetime) -> list[str]:
    """Posts with a place in a queue that nobody living holds or acts for."""
    return _vacant(_in_force(now))


def _vacant(in_force: Collection[Mandate]) -> list[str]:
    held = {
        name
        for (name,) in Role.select(Role.name)
        .join(RoleHolding)
        .join(User)
        .where(User.active & User.is_staff)
        .distinct()
        .tuples()
    }
    acted = {mandate.role_code for mandate in in_force}
    return [code for code in office().posts if code not in held | acted | NOT_IN_QUEUES]


def _in_force(now: datetime) -> list[Mandate]:
    """Mandates of this day whose acting person is still there."""
    return list(
        Mandate.in_force(today(now))
        .select(Mandate, User)
        .join(User, on=Mandate.acting)
        .where(User.active & User.is_staff)
    )


def _mandates(role: str, now: datetime, service_code: str) -> list[Mandate]:
    return [
        mandate
        for mandate in _in_force(now)
        if mandate.role_code == role
        and (not mandate.services or not service_code or service_code in mandate.services)
    ]


def _power_by(mandate: Mandate) -> Power:
    return Power(
        mandate.role_code,
        mandate.kind,
        mandate.public_id,
        mandate.absent_id,
        tuple(mandate.services or ()),
    )


def first_living(role: str, vacant: Collection[str]) -> str:
    """The first post down the chain of substitutes that isn't vacant; empty for none."""
    seen: set[str] = set()
    while role in vacant and role not in seen:
        seen.add(role)
        role = office().substitutes.get(role, "")
    return role if role not in seen else ""
