"""What a PDF may not hold: whatever acts, carries another file, or fetches one.

Names of ISO 32000-1 (7.3.8, 7.11, 8.10.4, 12.5, 12.6). Works on parsed dictionaries alone, without
the parser, for the process that looks at a file.
"""

from collections.abc import Iterator
from typing import Any

# Why a file is refused, as `storage.pdf_policy` tells it.
SCRIPT, ATTACHMENT, OTHER_FILE = "script", "attachment", "other_file"
PROGRAM, SENDING, MEDIA, FORM, BY_ITSELF, OUTSIDE = (
    "program",
    "sending",
    "media",
    "form",
    "by_itself",
    "outside",
)
# Key whose presence alone acts, unless there is nothing in it.
ACTIVE_KEYS = {
    "/JS": SCRIPT,
    "/JavaScript": SCRIPT,
    "/AA": BY_ITSELF,
    "/EmbeddedFiles": ATTACHMENT,
    "/EF": ATTACHMENT,
    "/XFA": FORM,
    "/RichMedia": MEDIA,
}
# Action -> what it is, and the operands of which it needs one.
ACTIONS = {
    "/JavaScript": (SCRIPT, ("/JS",)),
    "/Launch": (PROGRAM, ("/F", "/Win", "/Mac", "/Unix")),
    "/SubmitForm": (SENDING, ("/F",)),
    "/ImportData": (SENDING, ("/F",)),
    "/GoToR": (OTHER_FILE, ("/F",)),
    "/GoToE": (OTHER_FILE, ("/F", "/T")),
    "/Rendition": (MEDIA, ("/R", "/OP", "/JS")),
    "/Movie": (MEDIA, ("/Annotation",)),
    "/Sound": (MEDIA, ("/Sound",)),
    "/RichMediaExecute": (MEDIA, ("/TA", "/CMD")),
}
ACTIVE_SUBTYPES = {
    "/FileAttachment": ATTACHMENT,
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
}
# What a document may do when it is opened: show one of its pages.
OPENING = (None, "/GoTo")
# Under these an action stands; under the first it is carried out without a click.
AT_OPENING, AT_CLICK = "opening", "click"
PLACES = {"/OpenAction": AT_OPENING, "/A": AT_CLICK, "/PA": AT_CLICK}
TREE_KEYS = {"/Names", "/Nums", "/Kids", "/Limits"}
DEPTH = 8


def reason_against(item: Any, place: str, *, is_stream: bool) -> str:
    """Why this dictionary isn't accepted; empty for no reason.

    `place` says where it stands, as `places_in` of what holds it does; "" for anywhere else.
    """
    action, subtype = resolved(item, "/S"), resolved(item, "/Subtype")
    if place == AT_OPENING and action not in OPENING:
        return ACTIONS[action][0] if isinstance(action, str) and action in ACTIONS else BY_ITSELF
    if isinstance(action, str) and (found := _action(item, action, place)):
        return found
    if isinstance(subtype, str) and subtype in ACTIVE_SUBTYPES:
        return ACTIVE_SUBTYPES[subtype]
    for key, reason in ACTIVE_KEYS.items():
        if key in item and not _is_empty(resolved(item, key)):
            return reason
    # A stream whose bytes lie elsewhere, or a form or picture that another file draws.
    if is_stream and any(resolved(item, key) is not None for key in ("/F", "/Ref", "/OPI")):
        return OUTSIDE
    return ""


def places_in(item: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Each value of a dictionary with the place at which it stands."""
    for key, value in dict.items(item):
        if key == "/Next" and place:
            yield place, value
        else:
            yield PLACES.get(key, ""), value


def _action(item: Any, action: str, place: str) -> str:
    """Elsewhere than where actions stand `/S` says other things: the kind of a part of a page."""
    if action == "/Thread" and resolved(item, "/F") is not None:
        return OTHER_FILE
    if action not in ACTIONS:
        return ""
    reason, operands = ACTIONS[action]
    is_typed = resolved(item, "/Type") == "/Action"
    is_armed = any(resolved(item, operand) is not None for operand in operands)
    return reason if place or is_typed or is_armed else ""


def _is_empty(value: Any, depth: int = 0) -> bool:
    """Nothing, or a tree without a leaf, as some programs leave it behind."""
    if value is None:
        return True
    if isinstance(value, dict):
        return set(value) <= TREE_KEYS and all(
            _is_empty(resolved(value, key), depth + 1) for key in set(value) - {"/Limits"}
        )
    if isinstance(value, list):
        if depth > DEPTH:
            return False
        return all(_is_empty(each.get_object(), depth + 1) for each in list.__iter__(value))
    return False


def resolved(dictionary: Any, key: str) -> Any:
    """The value of a key, also behind a reference; None when there is none."""
    value = dict.get(dictionary, key)
    found = None if value is None else value.get_object()
    return None if type(found).__name__ == "NullObject" else found
