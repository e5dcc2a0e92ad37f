"""A form as a page gives it, filled in the way that a person with a pen would."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

import html5lib

from tests.people import upload

SENTENCE = "Isian yang cukup panjang agar dapat dibaca orang lain."
USUAL = {"number": "4", "tel": "+6281234567890", "date": ""}


@dataclass
class Form:
    """What stands in a form: hidden values, and the names that it asks for."""

    hidden: dict[str, str] = field(default_factory=dict)
    ticks: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def filled(self, words: Mapping[str, object]) -> dict[str, object]:
        """Everything ticked, the first of each choice, and `words` for what is typed."""
        given: dict[str, object] = dict(self.hidden)
        given |= {name: values for name, values in self.ticks.items() if name != "then"}
        given |= {name: values[0] for name, values in self.choices.items()}
        for name, kind in self.typed.items():
            known = words.get(name)
            usual = "" if name.endswith("remark") else USUAL.get(kind, SENTENCE)
            given[name] = known if isinstance(known, str) else usual
        return given | {name: upload() for name in self.files}


def form_at(page: str, address: str) -> Form | None:
    """The form of a page that goes to an address; the page's own for an empty one."""
    wanted = f'(?=[^>]* action="{re.escape(address)}")' if address else "(?![^>]* action=)"
    found = re.search(rf'<form\b(?=[^>]* method="post"){wanted}.*?</form>', page, re.S)
    if found is None:
        return None
    form = Form()
    for element in html5lib.parseFragment(found[0], namespaceHTMLElements=False).iter():
        if element.get("name"):
            _read(form, element)
    return form


def _read(form: Form, element) -> None:
    name, kind = element.get("name"), element.get("type", "text")
    value = unescape(element.get("value", ""))
    if element.tag == "select":
        values = [one.get("value", (one.text or "").strip()) for one in element.iter("option")]
        form.choices[name] = [one for one in values if one] or [""]
    elif element.tag == "textarea":
        form.typed[name] = "text"
    elif element.tag != "input":
        return
    elif kind == "hidden":
        form.hidden[name] = value
    elif kind == "checkbox":
        form.ticks.setdefault(name, []).append(value)
    elif kind == "radio":
        form.choices.setdefault(name, []).append(value)
    elif kind == "file":
        form.files.append(name)
    else:
        form.typed[name] = kind
