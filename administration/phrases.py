"""Sentences kept ready: whom they are for, and how their variables are filled for a request."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from config.office import office
from config.settings import CONTENT
from models import ChangeRecord, Phrase, Request
from moves.catalogue import flow_of
from moves.clock import foreseen_at
from moves.notices import name_of
from moves.offers import Choice
from moves.officials import Reader
from rules.formats import salutation, weekday_day
from rules.rights import Rights
from storage.fast import prepared

REPLY, REFUSAL, COMPLETION, DISPOSITION = "reply", "refusal", "completion", "disposition"
KINDS = {
    REPLY: "Balasan kepada pelanggan",
    REFUSAL: "Alasan penolakan",
    COMPLETION: "Yang perlu dilengkapi",
    DISPOSITION: "Isi disposisi",
}
VARIABLES = ("sapaan", "nama", "nomor", "perihal", "layanan", "batas", "petugas")
VARIABLE = re.compile(r"\{([^{}]*)\}")
# Choice of the workflow -> the input that its sentences go into, and of which kind these are.
PLACES = {"reject": ("reason", REFUSAL), "ask_completion": ("items", COMPLETION)}
# A desk that ticks instructions disposes; its words stand here.
DISPOSED_BY, DISPOSED_IN = "instructions", "note"


@dataclass(frozen=True)
class Ready:
    """A sentence with its variables filled; `others` are the further inputs that it fills."""

    public_id: str
    title: str
    text: str
    others: Mapping[str, str]


def unknown_variables(*texts: str) -> list[str]:
    """What stands in braces and is no variable."""
    names = [name for text in texts for name in VARIABLE.findall(text)]
    return [name for name in dict.fromkeys(names) if name not in VARIABLES]


def place_of(choice: Choice) -> tuple[str, str] | None:
    """(name of the input, kind) where sentences are kept ready for what a choice asks."""
    if choice.code in PLACES:
        return PLACES[choice.code]
    names = {entry.name for entry in choice.inputs}
    return (DISPOSED_IN, DISPOSITION) if {DISPOSED_BY, DISPOSED_IN} <= names else None


def phrases_for(reader: Rights, kinds: Collection[str]) -> dict[str, list[Phrase]]:
    """Kind -> the sentences in use that this reader has, by their titles. One query, or none."""
    found: dict[str, list[Phrase]] = {kind: [] for kind in kinds}
    if found:
        for phrase in _of(reader):
            if phrase.kind in found:
                found[phrase.kind].append(phrase)
    return found


@prepared
def _of(reader: Rights) -> ModelSelect:
    found = Phrase.visible_to(reader).where(Phrase.is_active == 1)
    return found.order_by(Phrase.title, Phrase.id)


def ready(phrase: Phrase, request: Request | None, reader: Reader) -> Ready:
    """A sentence as it is inserted; without a request what is about one stays in braces."""
    values = {"petugas": reader.user.name, **(_about(request) if request else {})}
    others = {"basis": phrase.basis, "alternative": phrase.alternative}
    return Ready(
        phrase.public_id,
        phrase.title,
        _filled(phrase.text, values),
        {name: _filled(text, values) for name, text in others.items() if text},
    )


def _about(request: Request) -> dict[str, str]:
    customer = request.customer
    return {
        "sapaan": salutation(customer.gender),
        "nama": customer.name,
        "nomor": name_of(request),
        "perihal": request.subject,
        "layanan": flow_of(request).title_of(request.subclass_code),
        "batas": weekday_day(foreseen_at(request)),
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def seed(*, now: datetime) -> None:
    """Write the sentences that the office begins with, once: removed ones stay away."""
    known = ChangeRecord.select().where(ChangeRecord.table == Phrase._meta.table_name)
    if Phrase.select().exists() or known.exists():
        return
    for item in tomllib.loads((CONTENT / "phrases.toml").read_text())["phrase"]:
        Phrase.create(**item, updated_at=now)


def whom_it_is_for(phrase: Phrase) -> str:
    """`Semua pos`, the title of a post, or `Hanya saya`."""
    if phrase.owner_id:
        return "Hanya saya"
    return office().posts.get(phrase.role_code, phrase.role_code) or "Semua pos"
