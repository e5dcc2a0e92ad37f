"""What random walks know by themselves: where a request must lie, and who would turn in circles."""

import tomllib
from dataclasses import dataclass, field
from datetime import date

from config.settings import CONTENT
from models import Mandate, User

KINDS = [
    ("data", "data_informasi", False),
    ("data", "magang_kp", False),
    ("data", "bimtek", False),
    ("advis", "advis_lengkap", False),
    ("advis", "konsultasi", False),
    ("lab", "", False),
    ("lab", "", True),
]
RAW = {code: tomllib.loads((CONTENT / "services" / f"{code}.toml").read_text())
       for code in ("data", "advis", "lab")}  # fmt: skip


def would_loop(absent: User | None, acting: User, from_on: date, until_on: date) -> bool:
    """Whether a new mandate would send the work round in a circle on some day.

    A acts for B while B acts for A: then nobody who is there would be asked.
    """
    if absent is None:
        return False
    if absent.id == acting.id:
        return True
    stands_for: dict[int, set[int]] = {}
    overlapping = Mandate.select().where(
        (Mandate.from_on <= until_on)
        & (Mandate.until_on >= from_on)
        & Mandate.revoked_at.is_null()
        & Mandate.absent.is_null(False)
    )
    for mandate in overlapping:
        stands_for.setdefault(mandate.absent_id, set()).add(mandate.acting_id)
    seen, waiting = set(), {acting.id}
    while waiting:
        person = waiting.pop()
        if person == absent.id:
            return True
        seen.add(person)
        waiting |= stands_for.get(person, set()) - seen
    return False


@dataclass
class Walked:
    """What the test knows by itself of one request: where it must lie."""

    service: str
    subclass: str
    is_free: bool
    index: int = 1
    surveyed: bool = False
    released: bool = False
    answers: list[str] = field(default_factory=list)

    @property
    def desks(self) -> list[dict]:
        """The desks of the service's file that this kind passes, as its tables say."""
        raw = RAW[self.service]
        kind = next((k for k in raw.get("subclass", ()) if k["code"] == self.subclass), {})
        kept = [stage for stage in raw["stage"] if stage["code"] not in kind.get("skips", ())
                and not (self.is_free and stage.get("paid_only"))]  # fmt: skip
        return [{**stage, **turn, "turn": number, "number": place}
                for place, stage in enumerate(kept, start=1)
                for number, turn in enumerate(stage.get("step", [{}]))]  # fmt: skip

    @property
    def place(self) -> tuple[str, int] | None:
        """(stage, turn) where it must lie; None at the end."""
        desks = self.desks
        if self.index >= len(desks):
            return None
        return desks[self.index]["code"], desks[self.index]["turn"]

    def effects(self) -> list[str]:
        return self.desks[self.index].get("effects", [])

    def complete(self) -> None:
        desk = self.desks[self.index]
        self.surveyed |= desk["kind"] == "survey"
        self.released |= "release_report" in desk.get("effects", [])
        self.index += 1
        place = self.place
        if place and self.desks[self.index]["kind"] == "survey" and self.surveyed:
            self.index += 1

    def back(self, wanted) -> None:
        """To the nearest earlier desk for which `wanted` holds."""
        self.index = next(i for i in range(self.index - 1, 0, -1) if wanted(self.desks[i]))

    def back_by_label(self, label: str) -> None:
        """To what a button calls `8. Pembayaran, giliran 3: Bendahara Penerimaan`."""
        number, _, rest = label.partition(". ")
        turn = int(rest.partition("giliran ")[2].partition(":")[0] or 1) - 1
        self.back(lambda desk: (desk["number"], desk["turn"]) == (int(number), turn))

    def revise(self) -> None:
        stage = RAW[self.service]["revision_stage"]
        self.index = next(i for i, desk in enumerate(self.desks) if desk["code"] == stage)
