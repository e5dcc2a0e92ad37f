"""Whose names stand below a recap that is handed in: who takes note of it, and who made it."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.office import office
from moves.letters import signature_words, signer_of_post
from moves.officials import Roster
from outputs.papers.signatories import BLANK, titles
from outputs.recap.order import Order
from rules.formats import long_day
from rules.rights import OWN


@dataclass(frozen=True)
class Signer:
    """What stands above the empty space, the place and the post, and what below it."""

    place: str
    post: str
    name: str
    titles: tuple[str, ...] = ()


def signers_of(order: Order) -> list[Signer]:
    """The post that the office names, on the left; on the right who made it, with place and day.

    Whoever is both signs once.
    """
    reader = order.reader
    place = f"{office().letters.place}, " if office().letters.place else ""
    power = next(iter(reader.powers_to("recap")), None)
    made = signature_words(reader.user, power.role if power else "", power.kind if power else OWN)
    maker = _signer(f"{place}{long_day(order.today)}", made)
    role = office().letters.recap_signer
    if not role:
        return [maker]
    roster = reader.roster or Roster.at(order.now)
    person, words = signer_of_post(role, roster, now=order.now)
    if person is not None and person.id == reader.id:
        return [_signer(maker.place, words)]
    return [_signer("Mengetahui,", words), maker]


def _signer(place: str, words: Mapping[str, str]) -> Signer:
    return Signer(
        place,
        f"{words['post'] or office().name},",
        words["name"] or BLANK,
        titles=titles(words["rank"], words["nip"]),
    )
