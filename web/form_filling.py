"""Put what somebody typed back into a form of a page that was drawn without it.

Works on the finished HTML of our own templates, so that no view and no template has to know of it,
and needs no script in the browser. What is hidden, secret or a file stays as the page has it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

ID = "isian-kembali"
# Controls whose value isn't the person's to type, or isn't ours to give back.
LEFT_ALONE = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
Attributes = list[tuple[str, str | None]]


@dataclass
class Element:
    """A start tag: where it stands in the text, and what it says."""

    tag: str
    start: int
    end: int
    attributes: Attributes
    # Where the content ends, of a text area.
    closed_at: int = 0
    # What stands in it, of an option.
    text: str = ""

    def get(self, name: str, default: str = "") -> str:
        return next((value or "" for key, value in self.attributes if key == name), default)

    @property
    def chosen_as(self) -> str:
        """What is sent when this option is chosen."""
        return self.get("value") if self.has("value") else " ".join(self.text.split())

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.attributes)

    def written(self, without: Iterable[str] = (), **more: str | None) -> str:
        """The tag anew; a value of None stands for an attribute without one."""
        gone = {*without, *more}
        kept = [(name, value) for name, value in self.attributes if name not in gone]
        words = [
            name if value is None else f'{name}="{escape(value)}"'
            for name, value in (*kept, *more.items())
        ]
        return f"<{' '.join([self.tag, *words])}>"


@dataclass
class Form:
    """A form of the page with its controls, and what is folded around it."""

    element: Element
    folds: list[Element]
    controls: list[Element] = field(default_factory=list)
    # The control that an option belongs to, by the option's place.
    selects: dict[int, Element] = field(default_factory=dict)

    def goes_to(self, address: str, page: str) -> bool:
        action = urlsplit(self.element.get("action") or page).path
        return self.element.get("method").lower() == "post" and action == address

    @property
    def names(self) -> set[str]:
        return {control.get("name") for control in self.controls}

    def likeness(self, typed: Mapping[str, Sequence[str]]) -> tuple[int, int]:
        """How well it fits: hidden values alike first, such as the kind of a note, then names."""
        hidden = [
            control.get("value") in typed.get(control.get("name"), ())
            for control in self.controls
            if control.get("type") == "hidden"
        ]
        return sum(hidden), len(self.names & set(typed))


class _Forms(HTMLParser):
    """Notes the forms of a page with their places in the text."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        # As the parser counts them: a form feed or U+2028 in somebody's text ends no line.
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._open: Form | None = None
        self._folds: list[Element] = []
        self._select: Element | None = None
        self._area: Element | None = None
        self._option: Element | None = None
        self.feed(page)

    @property
    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        element = Element(tag, self._here, self._here + len(self.get_starttag_text()), attrs)
        if tag in ("details", "dialog"):
            self._folds.append(element)
        elif tag == "form":
            self._open = Form(element, list(self._folds))
            self.forms.append(self._open)
        elif self._open and tag == "option" and self._select:
            self._open.selects[element.start] = self._select
            self._open.controls.append(element)
            self._option = element
        elif self._open and tag in ("input", "textarea", "select", "button"):
            self._open.controls.append(element)
            if tag == "select":
                self._select = element
            if tag == "textarea":
                self._area = element

    def handle_data(self, data: str) -> None:
        if self._option:
            self._option.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("details", "dialog") and self._folds:
            self._folds.pop()
        elif tag == "form":
            self._open = None
        elif tag == "option":
            self._option = None
        elif tag == "select":
            self._select = self._option = None
        elif tag == "textarea" and self._area:
            self._area.closed_at = self._here
            self._area = None


@dataclass(frozen=True)
class Filled:
    """The page with the form filled, if it has it; and what found no place in it."""

    page: str
    has_form: bool
    left_over: list[str]
    form_id: str = ""


def fill_form(
    page: str, address: str, fields: Iterable[tuple[str, str]], *, at: str, key: tuple[str, str]
) -> Filled:
    """Fill the form that goes to `address` on the page which was opened at the address `at`.

    `key` is a hidden field that the form gets besides.
    """
    typed: dict[str, list[str]] = {}
    for name, value in fields:
        typed.setdefault(name, []).append(value)
    found = [form for form in _Forms(page).forms if form.goes_to(address, at)]
    if not found:
        return Filled(page, False, [value for values in typed.values() for value in values])
    form = max(found, key=lambda one: one.likeness(typed))
    left_over = [
        value for name, values in typed.items() if name not in form.names for value in values
    ]
    edits = sorted([*_edits_of_form(form, key), *_edits_of_controls(form, typed)])
    return Filled(_edited(page, edits), True, left_over, form.element.get("id") or ID)


Edit = tuple[int, int, str]


def _edited(page: str, edits: Iterable[Edit]) -> str:
    pieces, at = [], 0
    for start, end, words in edits:
        pieces += [page[at:start], words]
        at = end
    return "".join([*pieces, page[at:]])


def _edits_of_form(form: Form, key: tuple[str, str]) -> Iterator[Edit]:
    """Unfold what is around it, give it an id to lead to, and the key of what was kept."""
    for fold in form.folds:
        yield fold.start, fold.end, fold.written(open=None)
    more = {"id": form.element.get("id") or ID}
    if form.element.has("data-keep"):
        more["data-keep"] = "unsaved"
    name, value = (escape(word) for word in key)
    hidden = f'<input type="hidden" name="{name}" value="{value}">'
    yield form.element.start, form.element.end, form.element.written(**more) + hidden


def _edits_of_controls(form: Form, typed: Mapping[str, Sequence[str]]) -> Iterator[Edit]:
    rest = {name: list(values) for name, values in typed.items()}
    for control in form.controls:
        if control.tag == "option":
            name = form.selects[control.start].get("name")
            chosen = control.chosen_as in typed.get(name, ())
            yield control.start, control.end, _marked(control, "selected", chosen)
        elif control.tag == "textarea" and rest.get(control.get("name")):
            # A line break right behind the tag is none of the text.
            words = "\n" + escape(rest[control.get("name")].pop(0))
            yield control.end, control.closed_at, words
        elif control.tag == "input" and control.get("type") not in LEFT_ALONE:
            yield from _edits_of_input(control, typed, rest)


def _edits_of_input(
    control: Element, typed: Mapping[str, Sequence[str]], rest: dict[str, list[str]]
) -> Iterator[Edit]:
    name = control.get("name")
    if control.get("type") in ("checkbox", "radio"):
        # A box that wasn't sent was empty.
        ticked = control.get("value", "on") in typed.get(name, ())
        yield control.start, control.end, _marked(control, "checked", ticked)
    elif rest.get(name):
        yield control.start, control.end, control.written(value=rest[name].pop(0))


def _marked(control: Element, word: str, is_so: bool) -> str:
    return control.written(**{word: None}) if is_so else control.written(without=(word,))
