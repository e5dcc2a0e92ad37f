"""Who may act for a post at a moment: its holders, a Plh./Plt. by mandate, or a substitute post.

Nothing is stored about it: a mandate that begins or ends reroutes the queue by itself, and what
was assigned to somebody who left the post comes free for those who are there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from peewee import ModelSelect

from config.office import office
from models import Mandate, Role, RoleHolding, User
from moves.catalogue import published_flows
from rules.formats import ZONE
from rules.rights import PLH, PLT, SUBSTITUTE, Naming, Power, Rights, Turn
from rules.services import Flow
from storage.fast import Bound, bound_each, prepared

PREFIXES = {PLH: "Plh.", PLT: "Plt."}


@dataclass(frozen=True)
class Roster:
    """Who is at which post at one moment: `holders` by post, and the mandates in force."""

    holders: Mapping[str, frozenset[int]]
    mandates: Sequence[Mandate]

    @classmethod
    def at(cls, now: datetime) -> "Roster":
        """The living officials and their mandates. Two queries.

        A mandate gives nothing to who has come to hold a post that doesn't take part meanwhile.
        """
        held = {role: frozenset(ids) for role, ids in holders_of_posts().items()}
        posts = office().posts_that_may("works")
        barred = {user_id for role, ids in held.items() if role not in posts for user_id in ids}
        mandates = [one for one in _mandates(day=today(now)) if one.acting_id not in barred]
        return cls(held, mandates)

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
            role = office().substitutes.get(role, "")
        return "", set()

    def recipients(
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
                yield _power(role, SUBSTITUTE, except_services=others)
            elif served:
                yield _power(role, SUBSTITUTE, services=tuple(served))

    def powers_of(self, user_id: int) -> tuple[Power, ...]:
        """Everything an official may act for, the own posts first."""
        own = [_power(role) for role, ids in sorted(self.holders.items()) if user_id in ids]
        given = [_power_by(mandate) for mandate in self.mandates if mandate.acting_id == user_id]
        return (*own, *given, *self.substitutions(user_id))

    def turns_of(self, user_id: int, powers: Collection[Power]) -> Iterator[Turn]:
        """What each power lets wait for its holder; services with mandates of their own apart."""
        named = self.named_services
        for power in powers:
            takes = {user_id} | ({power.absent_id} if power.absent_id else set())
            for code in filter(power.covers, named):
                _, living = self.standing_for(power.role, code)
                yield Turn(
                    power.role,
                    frozenset(takes),
                    frozenset(living),
                    services=(code,) if code else (),
                    except_services=() if code else tuple(filter(None, named)),
                )


def _power(role: str, *arguments: object, **named: object) -> Power:
    return Power(role, *arguments, may=office().capabilities.get(role, frozenset()), **named)


def _power_by(mandate: Mandate) -> Power:
    return _power(
        mandate.role_code,
        mandate.kind,
        mandate.public_id,
        mandate.absent_id,
        tuple(mandate.services or ()),
    )


@dataclass(frozen=True, kw_only=True)
class Reader(Rights):
    """A person at an instant, with all rights: made once per web request, task or command."""

    user: User = field(compare=False)
    now: datetime = field(compare=False)
    # Who is at which post at that instant; None for who is no official.
    roster: Roster | None = field(default=None, compare=False)

    @classmethod
    def at(cls, user: User, now: datetime) -> "Reader":
        """`user` with everything they may at `now`. Two queries for staff and one more for who
        doesn't see every request, none for others."""
        known = {"id": user.id, "is_staff": user.is_staff, "user": user, "now": now}
        if not user.is_in_service:
            return cls(**known)
        roster = Roster.at(now)
        powers = roster.powers_of(user.id)
        turns = tuple(roster.turns_of(user.id, powers))
        opens = [power for power in powers if "requests" in power.may]
        sees_all = any("sees_all" in power.may and not power.services for power in opens)
        namings = () if sees_all or not opens else tuple(_namings(opens))
        return cls(powers=powers, turns=turns, namings=namings, roster=roster, **known)


def _namings(powers: Collection[Power]) -> Iterator[Naming]:
    """Where each version of a service names these posts beside their desks."""
    for key, flow in published_flows().items():
        roles = sorted({power.role for power in powers if power.covers(flow.code)})
        known = [flow.namings[role] for role in roles if role in flow.namings]
        desks = [place for named, _ in known for place in named]
        desks += _desks_without_their_makers(flow, set(roles))
        naming = Naming(
            key,
            tuple(dict.fromkeys(desks)),
            tuple(dict.fromkeys(place for _, own in known for place in own)),
            flow.revision_role in roles,
        )
        if naming != Naming(key):
            yield naming


def _desks_without_their_makers(flow: Flow, roles: Collection[str]) -> Iterator[tuple[str, int]]:
    """Desks that fall to a substitute when everybody at the post made what is approved there."""
    for desk in flow.desks:
        if desk.not_by and not roles.isdisjoint(office().substitutes_of(desk.role)):
            yield desk.code, desk.step


def holders_of_posts() -> dict[str, set[int]]:
    """Code of a post -> ids of those in service who hold it. One query."""
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
        .where(User.in_service())
        .tuples()
    )


@prepared
def _mandates() -> ModelSelect:
    return (
        Mandate.in_force(Bound("day"))
        .join(User, on=Mandate.acting)
        .where(User.in_service())
        .order_by(Mandate.id)
    )


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def authority(
    reader: Reader,
    role: str,
    *,
    service_code: str = "",
    assignee_id: int | None = None,
    excluded: Collection[int] = (),
) -> Power | None:
    """By what right this reader may act for `role` on a request; None when by none.

    `excluded` are people who may not, since they made what is to be approved; when nobody else
    is left at the post, its substitute may. An assignment to somebody who isn't at the post any
    more, or may not, binds nobody.
    """
    if reader.roster is None or reader.id in excluded:
        return None
    _, able = reader.roster.standing_for(role, service_code, excluded=excluded)
    is_bound = assignee_id in able
    for power in reader.powers:
        if power.role != role or not power.covers(service_code):
            continue
        if not is_bound or assignee_id in (reader.id, power.absent_id):
            return power
    if excluded and reader.id in able and not is_bound:
        return _power(role, SUBSTITUTE)
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

    An official with a Plh. in force is left out when asked whom to tell, see `recipients_for`.
    Who has the `roster` of this instant already needn't have it read again.
    """
    _, ids = (roster or Roster.at(now)).standing_for(role, service_code, excluded=excluded)
    return _people(ids)


def recipients_for(
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
    return _people(
        roster.recipients(role, service_code, assignee_id=assignee_id, excluded=excluded)
    )


def _people(ids: Collection[int]) -> list[User]:
    if not ids:
        return []
    return _people_with(len(ids), ids=sorted(ids))


@prepared
def _people_with(count: int) -> ModelSelect:
    return User.select().where(User.id.in_(bound_each("ids", count))).order_by(*User.name_order())


def vacant_posts(now: datetime) -> list[str]:
    """Posts with a place in a queue that nobody living holds or acts for."""
    roster = Roster.at(now)
    queues = office().posts_that_may("queue")
    return [post for post in office().posts if post in queues and not roster.at_post(post)]
