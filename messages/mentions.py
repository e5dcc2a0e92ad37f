"""Colleagues whom an internal note names by `@`: the whole name, or a part that only one has."""

import re
from collections.abc import Sequence

from peewee import ModelSelect

from models import Remark, Request, User
from moves.notices import tell_staff
from moves.watchers import may_see
from rules.search_terms import order_key
from storage.fast import prepared
from workflow import InvalidInput, Reader

# Not within an address of e-mail.
MARK = re.compile(r"(?<![\w.@])@(?=\w)")
# As much as a name with its degrees may take.
LONGEST_NAME = 120
FIRST_WORD = re.compile(r"[\w'’-]+")


def mentioned_in(text: str, request: Request, *, reader: Reader) -> list[User]:
    """Whom a note tells, each once. Raises InvalidInput for a name of nobody, of several, or of
    somebody who may not see the request."""
    places = [found.end() for found in MARK.finditer(text)]
    if not places:
        return []
    staff = _staff()
    found = {}
    for place in places:
        person = _named(text[place : place + LONGEST_NAME], staff)
        if not may_see(request, Reader.at(person, reader.now)):
            raise InvalidInput(
                {"text": f"{person.name} tidak dapat membuka permohonan ini. Hapus tanda @-nya."}
            )
        found[person.id] = person
    found.pop(reader.id, None)
    return list(found.values())


def _named(rest: str, staff: Sequence[User]) -> User:
    """Whose name the text begins with: the longest whole one, else the one that has the word."""
    said = f"{order_key(rest)} "
    whole = [one for one in staff if said.startswith(f"{order_key(one.name)} ")]
    if whole:
        return max(whole, key=lambda one: len(one.name))
    typed = FIRST_WORD.match(rest)[0]
    word = order_key(typed)
    part = [one for one in staff if word in order_key(one.name).split()]
    if len(part) == 1:
        return part[0]
    if not part:
        raise InvalidInput(
            {"text": f"Tidak ada petugas bernama “{typed}”. Hapus tanda @ bila bukan nama."}
        )
    names = ", ".join(f"@{one.name}" for one in part[:5])
    raise InvalidInput({"text": f"Ada beberapa “{typed}”: {names}. Tulis namanya lengkap."})


def tell_mentioned(remark: Remark, people: Sequence[User]) -> None:
    """Tell each of the note once."""
    path = f"/backoffice/permohonan/{remark.request.public_id}#percakapan"
    for person in people:
        more = {"oleh": remark.author.name, "tautan": path}
        occasion = f"note:{remark.public_id}"
        tell_staff(remark.request, person, "disebut", now=remark.at, occasion=occasion, more=more)


def names_to_mention() -> list[str]:
    """Of everybody in service, for a list beside a note. One query."""
    return [person.name for person in _staff()]


@prepared
def _staff() -> ModelSelect:
    return (
        User.select().where((User.is_staff == 1) & User.in_service()).order_by(*User.name_order())
    )
