"""Sentences kept ready, beside the fields of a request that they go into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import abort, request, url_for

from administration.phrases import REPLY, Ready, phrases_for, place_of, ready
from models import Phrase, Request
from web.requests.actions import Attempt, read_inputs
from web.requests.remarks import PostedRemark
from web.runtime import reader
from workflow import Choice


@dataclass(frozen=True)
class Picker:
    """What may be inserted, into which field, and where the form goes without a script."""

    # The id of the field.
    target: str
    phrases: Sequence[Ready]
    action: str


def pickers_of(item: Request, choices: Sequence[Choice]) -> Mapping[str, Picker]:
    """Those of the conversation, and by the code of each choice that has some. One query."""
    places = {choice.code: place_of(choice) for choice in choices}
    kept = phrases_for(reader(), {REPLY} | {place[1] for place in places.values() if place})
    found = {REPLY: ("pesan-public", kept[REPLY])} | {
        code: (f"{code}-{place[0]}", kept[place[1]]) for code, place in places.items() if place
    }
    return {
        code: Picker(
            target,
            [ready(phrase, item, reader()) for phrase in phrases],
            url_for("card.insert_phrase", public_id=item.public_id, place=code),
        )
        for code, (target, phrases) in found.items()
    }


def _chosen(item: Request | None) -> Ready | None:
    """The sentence that the form asks for, of those that this reader has."""
    wanted = Phrase.public_id == request.form.get("kalimat", "")[:26]
    phrase = Phrase.visible_to(reader()).where(wanted & Phrase.is_active).first()
    return ready(phrase, item, reader()) if phrase else None


def text_with_phrase(item: Request | None) -> str:
    """What was typed as `text`, and below it the sentence that was chosen."""
    typed, chosen = request.form.get("text", ""), _chosen(item)
    return _below(typed, chosen.text) if chosen else typed


def remark_with_phrase(item: Request) -> PostedRemark:
    """The form of the conversation as it comes back."""
    return PostedRemark(text=text_with_phrase(item))


def attempt_with_phrase(choice: Choice, item: Request) -> Attempt:
    """The form of a choice as it comes back; 404 for one that has no sentences."""
    place = place_of(choice) or abort(404)
    given, _, kept = read_inputs(choice.inputs)
    tried = Attempt(choice, given=given, kept=kept)
    if chosen := _chosen(item):
        name = place[0]
        others = {name: text for name, text in chosen.others.items() if not given.get(name)}
        given = given | others | {name: _below(str(given.get(name, "")), chosen.text)}
    return replace(tried, given=given)


def _below(typed: str, sentence: str) -> str:
    return f"{typed.rstrip()}\n{sentence}" if typed.strip() else sentence
