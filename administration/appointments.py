"""Acting officials (Plh./Plt.): named, recalled, and what that does to the work that waits.

A Plh. stands in for an official who is away, a Plt. fills a post that nobody holds. Nothing is
moved when a mandate begins or ends: `moves.officials` reads the mandates of the day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import ModelSelect, fn

from config.office import office
from models import Mandate, Request, Role, RoleHolding, User, lock_roles
from moves.changes import record_change
from moves.notices import tell_staff
from moves.officials import (
    PREFIXES,
    Reader,
    Roster,
    today,
    vacant_posts,
)
from moves.refusals import InvalidInput, Refused
from rules import events
from rules.formats import day
from rules.labels import RIGHT_DATE
from rules.rights import PLH, PLT, SUBSTITUTE
from storage.database import database

LONGEST_DAYS = 366
# For so long after its last day a mandate's end is still news, if nobody was told at night.
TOLD_FOR_DAYS = 3
RUNNING, COMING, PAST = "running", "coming", "past"


@dataclass(frozen=True)
class Appointment:
    """A mandate as it is asked for; `absent` is None for a vacant post."""

    role: str
    absent: User | None
    acting: User | None
    letter: str
    from_on: date | None
    until_on: date | None
    services: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return PLH if self.absent else PLT

    @property
    def title(self) -> str:
        return f"{PREFIXES[self.kind]} {office().posts[self.role]}"


@dataclass(frozen=True)
class Vacancy:
    """A post without an official: who does its work meanwhile, and how much of it waits."""

    role: str
    title: str
    substitute: str
    substitutes: tuple[str, ...]
    waiting: int


def title_of(mandate: Mandate) -> str:
    return f"{PREFIXES[mandate.kind]} {office().posts[mandate.role_code]}"


def state_of(mandate: Mandate, now: datetime) -> str:
    on = today(now)
    if mandate.revoked_at or mandate.until_on < on:
        return PAST
    return COMING if mandate.from_on > on else RUNNING


def may_appoint(person: User) -> bool:
    """By a post of one's own: who acts by mandate names nobody, least of all prolongs himself."""
    return bool(_own_posts(person, office().posts_that_may("mandates_write")))


def posts_to_name_for(person: User) -> frozenset[str]:
    """The own posts for which somebody names who stands in for them while they are away."""
    return _own_posts(person, office().posts_that_may("mandates_own"))


def may_appoint_for(person: User, role: str, absent: User | None) -> bool:
    """Whether this person may name, or recall, who acts for somebody at a post."""
    is_own = absent is not None and absent.id == person.id and role in posts_to_name_for(person)
    return is_own or may_appoint(person)


def _own_posts(person: User, able: frozenset[str]) -> frozenset[str]:
    return person.role_codes & able if person.is_in_service else frozenset()


# -- what may be asked for -----------------------------------------------------------------------


def replaceable(by: User) -> tuple[list[tuple[str, User]], list[str]]:
    """Whom `by` may have stood in for: (post, official) for a Plh., the vacant posts for a Plt."""
    by_letter = office().posts_that_may("works")
    rows = (
        RoleHolding.select(RoleHolding, Role, User)
        .join(Role)
        .switch(RoleHolding)
        .join(User)
        .where(User.in_service() & Role.name.in_(sorted(by_letter)))
        .order_by(Role.id, *User.name_order())
    )
    held = [(row.role.name, row.user) for row in rows]
    if not may_appoint(by):
        own = posts_to_name_for(by)
        return [(role, person) for role, person in held if person == by and role in own], []
    taken = {role for role, _ in held}
    return held, [role for role in office().posts if role in by_letter - taken]


def eligible(by: User) -> list[tuple[User, list[str]]]:
    """Who may act for somebody, with the titles of their posts: never `by`, nor who holds a post
    that takes no part in requests, since such a one watches them or gives out the posts. One
    query."""
    rows = (
        RoleHolding.select(RoleHolding, Role, User)
        .join(Role)
        .switch(RoleHolding)
        .join(User)
        .where(User.in_service() & (User.id != by.id))
        .order_by(*User.name_order(), Role.id)
    )
    held: dict[int, tuple[User, list[str]]] = {}
    for row in rows:
        held.setdefault(row.user_id, (row.user, []))[1].append(row.role.name)
    titles, takes_part = office().posts, office().posts_that_may("works")
    return [
        (person, [titles[role] for role in roles if role in titles])
        for person, roles in held.values()
        if takes_part.issuperset(roles)
    ]


def examine(asked: Appointment, *, by: User, now: datetime) -> None:
    """Raise InvalidInput with a sentence per wrong entry (replaced, acting, letter, from_on,
    until_on). One query for what is in the way."""
    errors = _wrong_post(asked) | _wrong_person(asked, by)
    if not asked.letter.strip():
        errors["letter"] = "Isi nomor surat penunjukan."
    elif not office().mandate_letter.fits(asked.letter.strip()):
        errors["letter"] = f"Nomor surat belum lengkap. {office().mandate_letter.hint}"
    errors |= _wrong_days(asked, now)
    if not errors and (way := conflicting_mandate(asked)):
        field, sentence = way
        errors[field] = sentence
    if errors:
        raise InvalidInput(errors)


def _wrong_post(asked: Appointment) -> dict[str, str]:
    absent = asked.absent
    if asked.role not in office().posts_that_may("works"):
        return {"replaced": "Pilih pejabat atau pos yang digantikan."}
    if absent and not (absent.is_in_service and absent.holds(asked.role)):
        return {"replaced": f"{absent.name} tidak lagi memegang pos ini."}
    if not absent and (holders := list(User.holding(asked.role))):
        is_held = f"Pos ini masih dipegang {holders[0].name}."
        return {"replaced": f"{is_held} Pilih pejabat itu agar ditunjuk Plh."}
    return {}


def _wrong_person(asked: Appointment, by: User) -> dict[str, str]:
    acting, absent = asked.acting, asked.absent
    if acting is None or not acting.is_in_service:
        return {"acting": "Pilih petugas yang akunnya aktif."}
    if absent and acting.id == absent.id:
        return {"acting": "Pelaksana harus orang lain, bukan pejabat yang berhalangan."}
    if acting.id == by.id:
        return {
            "acting": "Anda tidak dapat menunjuk diri sendiri. Mintalah pejabat itu atau pejabat "
            "lain yang berwenang menetapkannya."
        }
    barred = sorted(acting.role_codes - office().posts_that_may("works"))
    if barred:
        title = office().posts.get(barred[0], barred[0])
        return {
            "acting": f"{acting.name} memegang pos {title}, yang tidak menggantikan pejabat lain. "
            "Pilih orang lain."
        }
    if not acting.role_codes:
        return {"acting": f"{acting.name} tidak memegang pos apa pun. Pilih orang lain."}
    return {}


def _wrong_days(asked: Appointment, now: datetime) -> dict[str, str]:
    if not asked.from_on or not asked.until_on:
        missing = {"from_on": asked.from_on, "until_on": asked.until_on}
        return {name: RIGHT_DATE for name, on in missing.items() if not on}
    if asked.until_on < asked.from_on:
        return {"until_on": "Tanggal akhir mendahului tanggal mulai."}
    if asked.until_on < today(now):
        return {"until_on": "Masa ini sudah lewat. Isi tanggal akhir hari ini atau sesudahnya."}
    if asked.until_on - asked.from_on > timedelta(days=LONGEST_DAYS):
        return {"until_on": "Paling lama satu tahun; perpanjang dengan surat baru."}
    return {}


def conflicting_mandate(asked: Appointment) -> tuple[str, str] | None:
    """The first mandate that a new one can't live beside: (entry, sentence); None for none.

    Two mandates for the same work on the same day, or a chain: the acting person is away, or
    the absent one acts for somebody. A chain that closes would send the work round in a circle.
    """
    rows = (
        Mandate.with_people()
        .where(
            (Mandate.from_on <= asked.until_on)
            & (Mandate.until_on >= asked.from_on)
            & Mandate.revoked_at.is_null()
        )
        .order_by(Mandate.from_on, Mandate.id)
    )
    absent_id = asked.absent.id if asked.absent else None
    for row in rows:
        if row.absent_id == asked.acting.id:
            return "acting", (
                f"{asked.acting.name} sendiri berhalangan pada masa itu: {described(row)}. "
                "Pilih orang lain, atau akhiri mandat itu dahulu."
            )
        if absent_id and row.acting_id == absent_id:
            return "replaced", (
                f"{asked.absent.name} sedang menggantikan orang lain pada masa itu: "
                f"{described(row)}. Akhiri mandat itu dahulu agar pekerjaannya tidak berputar."
            )
        same_work = (row.role_code, row.absent_id) == (asked.role, absent_id)
        if same_work and _overlap(row.services, asked.services):
            return "replaced", (
                f"Sudah ada mandat untuk masa itu: {described(row)}. "
                "Ubah tanggalnya, atau akhiri mandat itu dahulu."
            )
    return None


def _overlap(some: Collection[str], others: Collection[str]) -> bool:
    """Whether two scopes share a service; an empty scope holds all of them."""
    return not some or not others or bool(set(some) & set(others))


def described(mandate: Mandate) -> str:
    """`Plh. Kepala Balai oleh X, surat SPT-1, 1 Agu 2026 – 5 Agu 2026`"""
    span = f"{day(mandate.from_on)} – {day(mandate.until_on)}"
    return f"{title_of(mandate)} oleh {mandate.acting.name}, surat {mandate.letter}, {span}"


# -- what it does --------------------------------------------------------------------------------


def moving_work(role: str, absent_id: int | None, services: Collection[str]) -> ModelSelect:
    """The requests that wait for the post at this moment and come with a mandate."""
    names = Request.assignee.is_null()
    if absent_id:
        names = names | (Request.assignee == absent_id)
    found = Request.select().where((Request.waiting_role == role) & names)
    if services:
        found = found.where(Request.service_code.in_(list(services)))
    return found


def appoint(asked: Appointment, *, actor: User, now: datetime) -> Mandate:
    """Write the mandate with its event, and tell both and whoever watches over it.

    Raises InvalidInput, Refused.
    """
    if not may_appoint_for(actor, asked.role, asked.absent):
        able = office().titles_that_may("mandates_write")
        raise Refused(f"Mandat hanya ditetapkan oleh {able}.")
    with database.atomic():
        lock_roles()
        examine(asked, by=actor, now=now)
        mandate = Mandate.create(
            role_code=asked.role,
            kind=asked.kind,
            absent=asked.absent,
            acting=asked.acting,
            letter=asked.letter.strip(),
            from_on=asked.from_on,
            until_on=asked.until_on,
            services=sorted(asked.services),
            created_at=now,
            created_by=actor,
        )
        _record(events.MANDATE_GIVEN, mandate, actor, now)
        _tell(mandate, "mandat_mulai", now)
        _tell_watchers(mandate, actor, now)
    return mandate


def revoke(mandate: Mandate, *, actor: User, now: datetime) -> None:
    """End a mandate at once, with its event and messages to both. Raises Refused."""
    if not may_appoint_for(actor, mandate.role_code, mandate.absent):
        able = office().titles_that_may("mandates_write")
        raise Refused(f"Mandat hanya diakhiri oleh {able}.")
    with database.atomic():
        ended = (
            Mandate.update(revoked_at=now)
            .where(
                (Mandate.id == mandate.id)
                & Mandate.revoked_at.is_null()
                & (Mandate.until_on >= today(now))
            )
            .execute()
        )
        if not ended:
            raise Refused("Mandat ini sudah berakhir.")
        mandate.revoked_at = now
        _record(events.MANDATE_REVOKED, mandate, actor, now)
        _tell(mandate, "mandat_berakhir", now)


def tell_ended(*, now: datetime) -> int:
    """Tell both that a mandate ran out yesterday or shortly before, each once, however often
    this runs; return how many mandates that were."""
    on = today(now)
    ended = Mandate.with_people().where(
        Mandate.revoked_at.is_null()
        & (Mandate.until_on < on)
        & (Mandate.until_on >= on - timedelta(days=TOLD_FOR_DAYS))
    )
    count = 0
    with database.atomic():
        for mandate in list(ended):
            _tell(mandate, "mandat_berakhir", now)
            count += 1
    return count


def _record(kind: str, mandate: Mandate, actor: User, now: datetime) -> None:
    data = {
        "mandate": mandate.public_id,
        "role": mandate.role_code,
        "kind": mandate.kind,
        "absent": mandate.absent.public_id if mandate.absent else "",
        "acting": mandate.acting.public_id,
        "letter": mandate.letter,
        "from": mandate.from_on.isoformat(),
        "until": mandate.until_on.isoformat(),
        "services": list(mandate.services),
    }
    until = day(mandate.until_on)
    if kind == events.MANDATE_REVOKED:
        before, after = {"sampai": until}, {"sampai": "diakhiri"}
    else:
        before, after = {}, {"mandat": described(mandate)}
    record_change(mandate, kind, before=before, after=after, actor=actor, at=now, data=data)


def _said(mandate: Mandate) -> dict[str, str]:
    return {
        "jabatan": title_of(mandate),
        "pelaksana": mandate.acting.name,
        "mulai": day(mandate.from_on),
        "selesai": day(mandate.revoked_at or mandate.until_on),
        "surat": mandate.letter,
    }


def _tell(mandate: Mandate, template: str, now: datetime) -> None:
    for person in (mandate.acting, mandate.absent):
        if person is not None:
            tell_staff(None, person, template, now=now, key=mandate.public_id, more=_said(mandate))


def _tell_watchers(mandate: Mandate, actor: User, now: datetime) -> None:
    """Tell those who watch over mandates, and haven't part in this one."""
    parties = {mandate.acting_id, mandate.absent_id, actor.id}
    replaced = mandate.absent.name if mandate.absent else "pos yang kosong"
    more = {**_said(mandate), "penetap": actor.name, "digantikan": replaced}
    more["tautan"] = "/backoffice/mandat/"
    watchers = {
        person.id: person
        for post in sorted(office().posts_that_may("mandates_told"))
        for person in User.holding(post)
    }
    for key, person in watchers.items():
        if key not in parties:
            tell_staff(None, person, "mandat_ditetapkan", now=now, key=mandate.public_id, more=more)


def sentences_for(reader: Reader) -> list[str]:
    """In whose name this person acts at this moment, and who acts in theirs, for themselves.

    One query for each who acts for them, none else.
    """
    if reader.roster is None:
        return []
    until = {mandate.public_id: mandate.until_on for mandate in reader.roster.mandates}
    said, titles = [], office().posts
    for power in reader.powers:
        if power.kind in PREFIXES:
            title = f"{PREFIXES[power.kind]} {titles[power.role]}"
            said.append(f"Anda bertindak sebagai {title} sampai {day(until[power.mandate])}.")
        elif power.kind == SUBSTITUTE:
            said.append(f"Pos {titles[power.role]} kosong; pekerjaannya jatuh kepada Anda.")
    said += [
        f"{mandate.acting.name} bertindak sebagai {title_of(mandate)} menggantikan Anda "
        f"sampai {day(mandate.until_on)}."
        for mandate in reader.roster.mandates
        if mandate.absent_id == reader.id
    ]
    return list(dict.fromkeys(said))


def mandates_of(person: User, now: datetime) -> list[Mandate]:
    """The mandates, running and coming, by which somebody acts for others. One query."""
    rows = Mandate.with_people().where(
        (Mandate.acting == person) & Mandate.revoked_at.is_null() & (Mandate.until_on >= today(now))
    )
    return list(rows.order_by(Mandate.from_on, Mandate.id))


# -- vacancies -----------------------------------------------------------------------------------


def vacancies(now: datetime) -> list[Vacancy]:
    """Posts that nobody living holds or acts for. Four queries, and one more per vacancy."""
    vacant = vacant_posts(now)
    if not vacant:
        return []
    counted = (
        Request.select(Request.waiting_role, fn.COUNT(Request.id))
        .where(Request.waiting_role.in_(vacant))
        .group_by(Request.waiting_role)
        .tuples()
    )
    waiting, roster, titles = dict(counted), Roster.at(now), office().posts
    found = []
    for role in vacant:
        post, ids = roster.standing_for(role)
        people = User.select(User.name).where(User.id.in_(sorted(ids) or [0]))
        names = tuple(person.name for person in people.order_by(*User.name_order()))
        found.append(Vacancy(role, titles[role], titles.get(post, ""), names, waiting.get(role, 0)))
    return found


def invited_to(role: str) -> list[str]:
    """Names of those who are to hold a post once they accept their invitation. One query."""
    rows = (
        User.select(User.name)
        .join(RoleHolding)
        .join(Role)
        .where((Role.name == role) & User.is_staff & User.active & User.password.is_null())
        .order_by(*User.name_order())
    )
    return [person.name for person in rows]


def posts_held_only_by(person: User) -> list[str]:
    """Posts with a place in a queue that of those in service only this person holds. One query.

    Who was invited and hasn't come takes no post from anybody's shoulders.
    """
    if not person.is_in_service:
        return []
    mine = sorted(person.role_codes & office().posts_that_may("queue"))
    shared = (
        Role.select(Role.name)
        .join(RoleHolding)
        .join(User)
        .where(Role.name.in_(mine or [""]) & User.in_service() & (User.id != person.id))
        .distinct()
        .tuples()
    )
    others = {name for (name,) in shared}
    return [role for role in mine if role not in others]
