"""Changes of a questionnaire that is being written, and what differs between two of them.

A definition is the mapping that `rules.survey.parse_questionnaire` reads; each function takes one
and gives another, and leaves the codes as they are: answers are kept by them.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from rules.skm import ELEMENTS
from rules.survey import EXTRAS, TITLES, Questionnaire

QUESTION, DEMOGRAPHIC, EXTRA = "question", "demographic", "extra"
KEYS = {QUESTION: "element", DEMOGRAPHIC: "code", EXTRA: "code"}
ADDED, REMOVED, MOVED, CHANGED = "baru", "dihapus", "dipindah", "diubah"
FIELDS = {
    "text": "pertanyaan",
    "label": "pertanyaan",
    "options": "pilihan",
    "hint": "keterangan",
    "required": "wajib diisi",
    "max_length": "panjang jawaban",
}
MOST_EXTRAS = 10


@dataclass(frozen=True)
class Difference:
    """One thing that differs: of which question, and what it says before and after."""

    kind: str
    subject: str
    field: str = ""
    before: str = ""
    after: str = ""


def entry_of(raw: Mapping[str, Any], part: str, code: str) -> Mapping[str, Any] | None:
    """The question, demographic or extra with this code."""
    found = (entry for entry in raw.get(part, ()) if entry[KEYS[part]] == code)
    return next(found, None)


def rewrite(
    raw: Mapping[str, Any], part: str, code: str, values: Mapping[str, object]
) -> dict[str, Any]:
    """The definition with other words in one entry; an empty hint isn't kept."""
    changed = deepcopy(dict(raw))
    for entry in changed[part]:
        if entry[KEYS[part]] == code:
            entry.update(values)
            if not entry.get("hint"):
                entry.pop("hint", None)
    return changed


def may_move(raw: Mapping[str, Any], part: str, code: str, step: int) -> bool:
    codes = [entry[KEYS[part]] for entry in raw.get(part, ())]
    return code in codes and 0 <= codes.index(code) + step < len(codes)


def move(raw: Mapping[str, Any], part: str, code: str, step: int) -> dict[str, Any]:
    """The definition with an entry one place up (-1) or down (1)."""
    changed = deepcopy(dict(raw))
    entries = changed[part]
    place = next(n for n, entry in enumerate(entries) if entry[KEYS[part]] == code)
    entries[place], entries[place + step] = entries[place + step], entries[place]
    return changed


def add_extra(raw: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    """The definition with one more question outside the index, before the suggestions."""
    changed = deepcopy(dict(raw))
    taken = {entry["code"] for entry in changed[EXTRA]}
    number = next(n for n in range(1, MOST_EXTRAS * 2) if f"extra_{n}" not in taken)
    entry = {"code": f"extra_{number}", **values}
    if not entry.get("hint"):
        entry.pop("hint", None)
    codes = [entry["code"] for entry in changed[EXTRA]]
    changed[EXTRA].insert(codes.index("suggestion") if "suggestion" in codes else len(codes), entry)
    return changed


def may_remove(part: str, code: str) -> bool:
    """The regulation asks for the elements, who answers, and what they suggest."""
    return part == EXTRA and code not in EXTRAS


def remove_extra(raw: Mapping[str, Any], code: str) -> dict[str, Any]:
    changed = deepcopy(dict(raw))
    changed[EXTRA] = [entry for entry in changed[EXTRA] if entry["code"] != code]
    return changed


def differences(old: Questionnaire, new: Questionnaire) -> list[Difference]:
    """What `new` says otherwise than `old`, in the order of the page."""
    found = [
        Difference(CHANGED, TITLES[name], "", getattr(old, name), getattr(new, name))
        for name in TITLES
        if getattr(old, name) != getattr(new, name)
    ]
    for before, after in (
        (_entries(old.questions), _entries(new.questions)),
        (_entries(old.demographics), _entries(new.demographics)),
        (_entries(old.extras), _entries(new.extras)),
    ):
        found += _between(before, after)
    return found


def _entries(items: tuple) -> dict[str, Any]:
    return {getattr(item, "element", "") or item.code: item for item in items}


def _between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for code, item in after.items():
        if code not in before:
            yield Difference(ADDED, subject_of(code, item), "", "", _words(item, "text"))
            continue
        for field, words in FIELDS.items():
            was, now = _words(before[code], field), _words(item, field)
            if was != now:
                yield Difference(CHANGED, subject_of(code, item), words, was, now)
    for code, item in before.items():
        if code not in after:
            yield Difference(REMOVED, subject_of(code, item), "", _words(item, "text"), "")
    kept = [code for code in before if code in after]
    order = [code for code in after if code in before]
    if kept != order:
        moved = [code for code, other in zip(order, kept, strict=True) if code != other]
        yield Difference(MOVED, ", ".join(subject_of(code, after[code]) for code in moved))


def subject_of(code: str, item: Any) -> str:
    """What people call a question: `U3 Waktu Penyelesaian`, or what it asks."""
    if code in ELEMENTS:
        return f"{code} {ELEMENTS[code]}"
    return getattr(item, "label", "") or item.text


def _words(item: Any, field: str) -> str:
    value = getattr(item, field, "")
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    return " / ".join(value) if isinstance(value, tuple) else str(value)
