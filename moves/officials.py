"""Who may act for a post at a moment: its holders, a Plh./Plt. by mandate, or a substitute post.

Nothing is stored about it: a mandate that begins or ends reroutes the queue by itself, and what
was assigned to somebody who left the post comes free for those who are there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from peewee import ModelSelect

from config.office import office
from models import Mandate, Role, RoleHolding, Turn, User
from rules.formats import ZONE
from rules.roles import PELANGGAN
from storage.fast import Bound, bound_each, prepared

OWN, PLH, PLT, SUBSTITUTE = "own", "plh", "plt", "substitute"
PREFIXES = {PLH: "Plh.", PLT: "Plt."}
# Posts without a daily queue: nobody is warned when they are empty.
NOT_IN_QUEUES = frozenset({PELANGGAN, "administrator", "auditor", "staf_tu", "atasan_balai"})
# Posts for which nobody ever stands in: they don't move requests.
WITHOUT_SUBSTITUTE = frozenset({PELANGGAN, "administrator", "auditor", "staf_tu"})


@dataclass(frozen=True)
class Power:
    """One post a person may act for, by what right, and for which services (all when empty)."""

    role: str
    kind: str = OWN
    mandate: str = ""
    absent_id: int | None = None
    services: tuple[str, ...] = ()
    # Services for which somebody else acts; only a substitute has some.
    except_services: tuple[str, ...] = ()

    def covers(self, service_code: str) -> bool:
        named = not self.services or service_code in self.services
        return named and service_code not in self.except_services


@dataclass(frozen=True)
class Roster:
    """Who is at which post at one moment: `holders` by post, and the mandates in force."""

    holders: Mapping[str, frozenset[int]]
    mandates: Sequence[Mandate]

    @classmethod
    def at(cls, now: datetime) -> "Roster":
        """The living officials and their mandates. Two queries."""
        held = {role: frozenset(ids) for role, ids in holders_of_posts().items()}
        return cls(held, _mandates(day=today(now)))

    def at_post(self, role: str, service_code: str = "") -> set[int]:
        """Ids of the officials and acting officials of a post; without a service only of those
        who act for all."""
        return self.holders.get(role, frozenset()) | {
            mandate.acting_id for mandate in self.mandates_for(role, service_code)
        }

    def mandates_for(self, role: str, service_code: str) -> list[Mandate]:
        return [
            mandate
            for mandate in self.mandates
            if mandate.role_code == role
            and (not mandate.services or service_code in mandate.services)
        ]

    def standing_for(
        self, role: str, service_code: str = "", *, excluded: Collection[int] = ()
    ) -> tuple[str, set[int]]:
        """(post, ids) who are to act for a post: its own people, else the next substitute's."""
        seen: set[str] = set()
        while role and role not in seen:
            seen.add(role)
            if found := self.at_post(role, service_code) - set(excluded):
                return role, found
            role = "" if role in WITHOUT_SUBSTITUTE else office().substitutes.get(role, "")
        return "", set()

    def told(
        self,
        role: str,
        service_code: str = "",
        *,
        assignee_id: int | None = None,
        excluded: Collection[int] = (),
    ) -> set[int]:
        """Ids of whom a task at a post is told: the person named, or all who are there."""
        post, ids = self.standing_for(role, service_code, excluded=excluded)
        absent = {
            mandate.absent_id: mandate.acting_id
            for mandate in self.mandates_for(post, service_code)
            if mandate.absent_id and mandate.acting_id in ids
        }
        if assignee_id in ids:
            there = assignee_id
            for _ in absent:
                there = absent.get(there, there)
            return {there}
        return ids - absent.keys() or ids

    @cached_property
    def named_services(self) -> list[str]:
        """Services that some mandate names; the empty word stands for all the others."""
        named = {code for mandate in self.mandates for code in mandate.services or ()}
        return [*sorted(named), ""]

    def substitutions(self, user_id: int) -> Iterator[Power]:
        """The vacant posts for which this person stands in."""
        for role in office().posts:
            served = [
                code
                for code in self.named_services
                if not self.at_post(role, code) and user_id in self.standing_for(role, code)[1]
            ]
            if "" in served:
                others = tuple(code for code in self.named_services if code not in served)
                yield Power(role, SUBSTITUTE, except_services=others)
            elif served:
                yield Power(role, SUBSTITUTE, services=tuple(served))


def holders_of_posts() -> dict[str, set[int]]:
    """Code of a post -> ids of the living staff who hold it. One query."""
    found: dict[str, set[int]] = {}
    for role, user_id in _held():
        found.setdefault(role, set()).add(user_id)
    return found


@prepared
def _held() -> ModelSelect:
    return (
        RoleHolding.select(Role.name, RoleHolding.user)
        .join(Role)
        .switch(RoleHolding)
        .join(User)
        .where(User.active & User.is_staff)
        .tuples()
    )


@prepared
def _mandates() -> ModelSelect:
    return (
        Mandate.in_force(Bound("day"))
        .join(User, on=Mandate.acting)
        .where(User.active & User.is_staff)
        .order_by(Mandate.id)
    )


@dataclass(frozen=True)
class Standing:
    """The powers of one person, the own posts first, with the roster they come from."""

    powers: tuple[Power, ...] = ()
    roster: Roster | None = None

    def __iter__(self) -> Iterator[Power]:
        return iter(self.powers)


NOBODY = Standing()


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def powers_of(user: User, now: datetime) -> Standing:
    """Everything this member of staff may act for; a customer has nothing.

    Two queries; none for the instant for which `empower` asked already.
    """
    if not user.is_staff or not user.active:
        return NOBODY
    asked_at, found = user.__dict__.get("standing", (None, NOBODY))
    return found if asked_at == now else _ask_powers(user, now)


def _ask_powers(user: User, now: datetime) -> Standing:
    roster = Roster.at(now)
    own = [Power(role) for role, ids in sorted(roster.holders.items()) if user.id in ids]
    given = [_power_by(mandate) for mandate in roster.mandates if mandate.acting_id == user.id]
    return Standing((*own, *given, *roster.substitutions(user.id)), roster)


def empower(user: User, now: datetime) -> Standing:
    """Note on the person what `powers_of` says, so that scopes and queues take it in."""
    is_there = user.is_staff and user.active
    standing = _ask_powers(user, now) if is_there else NOBODY
    user.__dict__["standing"] = (now, standing)
    user.__dict__["acting_rights"] = tuple(
        (power.role, power.services, power.absent_id) for power in standing if power.kind != OWN
    )
    if standing.roster:
        user.__dict__["turns_now"] = tuple(_turns_of(user, standing, standing.roster))
    return standing


def noted(user: User) -> Standing:
    """What `empower` noted on the person. No query."""
    _, standing = user.__dict__.get("standing", (None, NOBODY))
    return standing


def _turns_of(user: User, standing: Standing, roster: Roster) -> Iterator[Turn]:
    """What each power lets wait for this person; services with mandates of their own apart."""
    named = roster.named_services
    for power in standing:
        takes = {user.id} | ({power.absent_id} if power.absent_id else set())
        for code in filter(power.covers, named):
            _, living = roster.standing_for(power.role, code)
            yield Turn(
                frozenset({power.role}),
                frozenset(takes),
                frozenset(living),
                services=(code,) if code else (),
                except_services=() if code else tuple(filter(None, named)),
            )


def authority(
    actor: User,
    role: str,
    now: datetime,
    *,
    service_code: str = "",
    assignee_id: int | None = None,
    excluded: Collection[int] = (),
    powers: Standing | None = None,
) -> Power | None:
    """By what right `actor` may act for `role` on this request now; None when by none.

    `excluded` are people who may not, since they made what is to be approved; when nobody else
    is left at the post, its substitute may. An assignment to somebody who isn't at the post any
    more, or may not, binds nobody.
    """
    standing = powers_of(actor, now) if powers is None else powers
    roster = standing.roster
    if not actor.is_staff or not actor.active or actor.id in excluded or roster is None:
        return None
    _, able = roster.standing_for(role, service_code, excluded=excluded)
    is_bound = assignee_id in able
    for power in standing:
        if power.role != role or not power.covers(service_code):
            continue
        if not is_bound or assignee_id in (actor.id, power.absent_id):
            return power
    if excluded and actor.id in able and not is_bound:
        return Power(role, SUBSTITUTE)
    return None


def people_for(
    role: str,
    now: datetime,
    *,
    service_code: str = "",
    excluded: Collection[int] = (),
    roster: Roster | None = None,
) -> list[User]:
    """Who may act for a post now: its officials and acting officials, else its substitute's.

    An official with a Plh. in force is left out when asked whom to tell, see `to_be_told`.
    Who has the `roster` of this instant already needn't have it read again.
    """
    _, ids = (roster or Roster.at(now)).standing_for(role, service_code, excluded=excluded)
    return _people(ids)


def to_be_told(
    role: str,
    now: datetime,
    *,
    service_code: str = "",
    assignee_id: int | None = None,
    excluded: Collection[int] = (),
    roster: Roster | None = None,
) -> list[User]:
    """Whom a new task is told: the person named, or everybody at the post; a Plh. instead of
    the absent official."""
    roster = roster or Roster.at(now)
    return _people(roster.told(role, service_code, assignee_id=assignee_id, excluded=excluded))


def _people(ids: Collection[int]) -> list[User]:
    if not ids:
        return []
    return _people_with(len(ids), ids=sorted(ids))


@prepared
def _people_with(count: int) -> ModelSelect:
    return User.select().where(User.id.in_(bound_each("ids", count))).order_by(User.name, User.id)


def vacant_posts(now: datetime) -> list[str]:
    """Posts with a place in a queue that nobody living holds or acts for."""
    roster = Roster.at(now)
    return [c for c in office().posts if c not in NOT_IN_QUEUES and not roster.at_post(c)]


def _power_by(mandate: Mandate) -> Power:
    return Power(
        mandate.role_code,
        mandate.kind,
        mandate.public_id,
        mandate.absent_id,
        tuple(mandate.services or ()),
    )
