"""Who asks, and everything this person may at one instant: an argument, never ambient."""

from dataclasses import dataclass
from functools import cached_property

OWN, PLH, PLT, SUBSTITUTE = "own", "plh", "plt", "substitute"


@dataclass(frozen=True)
class Power:
    """One post a person may act for, by what right, and for which services (all when empty).

    `may` are the capabilities that the office gives to the post, see `config/office.toml`.
    """

    role: str
    kind: str = OWN
    mandate: str = ""
    absent_id: int | None = None
    services: tuple[str, ...] = ()
    # Services for which somebody else acts; only a substitute has some.
    except_services: tuple[str, ...] = ()
    may: frozenset[str] = frozenset()

    @property
    def is_for_all(self) -> bool:
        """Whether it is for every service."""
        return not self.services and not self.except_services

    def covers(self, service_code: str) -> bool:
        named = not self.services or service_code in self.services
        return named and service_code not in self.except_services


@dataclass(frozen=True)
class Turn:
    """Work that waits for a person at a post; `Request.waiting_for` is the same in SQL.

    `takes` are the people in whose name this person works: the own id, and an absent official's.
    `living` are all who work at the post now; what is assigned to anybody else has come free.
    """

    role: str
    takes: frozenset[int]
    living: frozenset[int]
    services: tuple[str, ...] = ()
    except_services: tuple[str, ...] = ()

    def is_for(self, waiting_role: str, service_code: str, assignee_id: int | None) -> bool:
        """Whether a request that waits so is this turn's."""
        return (
            waiting_role == self.role
            and (assignee_id in self.takes or assignee_id not in self.living)
            and (not self.services or service_code in self.services)
            and service_code not in self.except_services
        )


@dataclass(frozen=True)
class Naming:
    """Where one version of a service names posts of a person for side paths beside their desks.

    Desks are (code of the stage, turn).
    """

    flow_id: int
    # A side path from there is theirs.
    desks: tuple[tuple[str, int], ...] = ()
    # The desk is their post's, and a side path is under way that its holders may end.
    paused: tuple[tuple[str, int], ...] = ()
    # They may open what is finished again.
    is_finished: bool = False


@dataclass(frozen=True)
class Rights:
    """What decides which rows a person sees: whose are equal, sees the same by the same SQL."""

    id: int
    is_staff: bool
    # The own posts first, then those given by letter, then those that fell to a substitute.
    powers: tuple[Power, ...] = ()
    turns: tuple[Turn, ...] = ()
    # Of who doesn't see everything anyway.
    namings: tuple[Naming, ...] = ()

    @cached_property
    def held(self) -> frozenset[str]:
        """Codes of the own posts."""
        return frozenset(power.role for power in self.powers if power.kind == OWN)

    @cached_property
    def posts(self) -> frozenset[str]:
        """Codes of the posts held, and of those acted for at this instant."""
        return frozenset(power.role for power in self.powers)

    def powers_to(self, capability: str) -> list[Power]:
        return [power for power in self.powers if capability in power.may]

    def may(self, capability: str) -> bool:
        """Whether the office lets a post of this person do it, held or acted for."""
        return bool(self.powers_to(capability))

    def may_by_own_post(self, capability: str) -> bool:
        """The same for what nobody does in another's name."""
        return any(power.kind == OWN for power in self.powers_to(capability))

    def has_turn(self, waiting_role: str, service_code: str, assignee_id: int | None) -> bool:
        """Whether a request that waits so waits for this person."""
        return any(turn.is_for(waiting_role, service_code, assignee_id) for turn in self.turns)


def rights_of(reader: object) -> Rights:
    """`reader` again; raises TypeError for a bare person, whose rights nobody has asked for."""
    if not isinstance(reader, Rights):
        raise TypeError(f"a scope takes a Reader, made by Reader.at, not {type(reader).__name__}")
    return reader
