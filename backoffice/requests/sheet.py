"""The sheet on which several requests are handled at once: a row each, a column for each input."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import request, url_for

import workflow
from models import Document, Request, User
from moves.catalogue import service_of
from rules.services import MADE_DOCUMENTS, SURVEY, Input
from rules.statuses import LABELS
from web.requests.actions import NO_ATTEMPT, Attempt, read_inputs
from web.requests.document_list import FileLine, document_lines
from web.requests.file_inputs import FileControl, file_controls
from web.requests.request_card import kinds_of, people_for_inputs, waiting_words
from web.runtime import now, reader
from workflow import COMPLETE, Choice

MOST_AT_ONCE = 40
# Of a list longer than this a row shows first what is ticked.
FEW_OPTIONS = 4


@dataclass(frozen=True)
class Row:
    """A request on the sheet with what was filled in for it, and what became of it."""

    item: Request
    choice: Choice
    given: Mapping[str, object]
    is_picked: bool = True
    letter: FileLine | None = None
    files: Mapping[tuple[str, str], FileControl] = field(default_factory=dict)
    tried: Attempt = NO_ATTEMPT
    outcome: str = ""

    @property
    def prefix(self) -> str:
        """What the names of its controls begin with."""
        return f"{self.item.public_id}-"

    @property
    def name(self) -> str:
        """What a form calls it: its id, and the state that the form was made from."""
        return f"{self.item.public_id}:{self.item.version}:{self.choice.stage.desk}"

    @property
    def refusal(self) -> str:
        """Why it wasn't done, but for what stands at its inputs."""
        return self.tried.refusal

    @property
    def named_errors(self) -> dict[str, str]:
        """What is wrong with its inputs, by the names of their controls."""
        return {self.prefix + name: said for name, said in self.tried.errors.items()}

    def value_of(self, entry: Input) -> object:
        return self.given.get(entry.name) or _usual_value(self.item, self.choice, entry)


def _usual_value(item: Request, choice: Choice, entry: Input) -> str:
    """What a form begins with: as on the card."""
    if entry.type == "subclass":
        return item.subclass_code
    if entry.type == "choice" and choice.code not in (COMPLETE, "explain_delay"):
        return entry.options[0]
    return ""


@dataclass(frozen=True)
class Group:
    """Rows that are asked for the same: of one title, with the same inputs."""

    key: str
    choice: Choice
    rows: Sequence[Row]
    people: Mapping[Input, Sequence[tuple[str, str]]]
    kinds: Sequence[tuple[str, str]]
    error: str = ""

    @property
    def title(self) -> str:
        return self.choice.title

    @property
    def services(self) -> str:
        """The services whose requests these are."""
        return ", ".join(sorted({service_of(row.item).title for row in self.rows}))

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.choice.inputs

    @property
    def is_grave(self) -> bool:
        """Whether it asks for a word that it is meant."""
        return bool(self.choice.is_danger or self.choice.confirm)

    @property
    def takes_files(self) -> bool:
        return any(entry.type == "file" for entry in self.inputs)

    @property
    def open_rows(self) -> list[Row]:
        return [row for row in self.rows if not row.outcome]


@dataclass(frozen=True)
class Other:
    """A picked request for which the chosen action isn't offered, and why."""

    item: Request
    words: str
    # What came of it where it was sent all the same.
    tried: Attempt = NO_ATTEMPT


@dataclass(frozen=True)
class Sheet:
    """What the picked requests have in common: `actions` are code, words and number of each."""

    code: str
    groups: Sequence[Group]
    others: Sequence[Other]
    actions: Sequence[tuple[str, str, int]]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def open_rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.open_rows]

    @property
    def takes_files(self) -> bool:
        return any(group.takes_files for group in self.groups)


def picked(public_ids: Sequence[str]) -> list[Request]:
    """The named requests of this person's scope, in the order of the list. One query."""
    wanted = [text[:26] for text in public_ids[:MOST_AT_ONCE]]
    visible = Request.visible_to(reader()).select_extend(User).join(User, on=Request.customer)
    found = {row.public_id: row for row in visible.where(Request.public_id.in_(wanted or [""]))}
    return [found[name] for name in dict.fromkeys(wanted) if name in found]


def offered_on_sheet(item: Request) -> dict[str, Choice]:
    """Code -> what may be done with a request here: all but what a customer decides."""
    found = workflow.choices(item, reader())
    return {one.code: one for one in found if one.code != SURVEY and not one.on_behalf}


def sheet_of(items: Sequence[Request], code: str = "") -> Sheet:
    """The sheet of the picked requests for one action; the usual one of each without a code."""
    offers = {item.id: offered_on_sheet(item) for item in items}
    actions = _actions(offers.values())
    if code not in [one for one, _, _ in actions]:
        code = actions[0][0] if actions else COMPLETE
    groups: dict[str, list[Row]] = {}
    letters = _letters(items)
    for item in items:
        if choice := offers[item.id].get(code):
            controls = file_controls(item, [choice], "", {})
            row = Row(item, choice, {}, letter=letters.get(item.id), files=controls)
            groups.setdefault(_key(choice), []).append(row)
    others = [Other(item, _why_not(item)) for item in items if code not in offers[item.id]]
    made = [_group(key, rows) for key, rows in groups.items()]
    return Sheet(code, made, others, actions)


def _actions(offers: Iterable[Mapping[str, Choice]]) -> list[tuple[str, str, int]]:
    """Code, words and number of requests of each action, the usual one first."""
    counts: dict[str, int] = {}
    words: dict[str, set[str]] = {}
    for choices in offers:
        for code, choice in choices.items():
            counts[code] = counts.get(code, 0) + 1
            words.setdefault(code, set()).add(choice.title)
    ordered = sorted(counts, key=lambda code: (code != COMPLETE, -counts[code]))
    usual = "Tindakan tahapnya"
    return [
        (code, words[code].pop() if len(words[code]) == 1 else usual, counts[code])
        for code in ordered
    ]


def _key(choice: Choice) -> str:
    """What a form calls a group; the same whoever else is in it."""
    said = repr((choice.code, choice.stage.desk, choice.title, choice.inputs))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _group(key: str, rows: Sequence[Row]) -> Group:
    first = rows[0]
    people = people_for_inputs([first.choice], first.item, now())
    return Group(key, first.choice, rows, people, kinds_of(service_of(first.item)))


def _why_not(item: Request) -> str:
    if item.held_by_id:
        return "Sedang diproses; tunggu sebentar."
    state = waiting_words(item) if item.is_open or item.pending else LABELS[item.status].title
    return f"Tindakan ini tidak tersedia sekarang: {state[0].lower()}{state[1:]}."


def _letters(items: Sequence[Request]) -> dict[int, FileLine]:
    """What is to be looked at of each request: what the office made last, else the customer's
    letter. One query."""
    found: dict[int, Document] = {}
    of_filing = {item.id: {entry.name for entry in service_of(item).attachments} for item in items}
    rows = (
        Document.visible_to(reader())
        .where(Document.request.in_([item.id for item in items]) & Document.revoked_at.is_null())
        .order_by(Document.id)
    )
    for row in rows:
        is_beside = row.kind in of_filing[row.request_id] and row.request_id in found
        if row.kind not in MADE_DOCUMENTS and row.replaced_by_id is None and not is_beside:
            found[row.request_id] = row
    return dict(zip(found, document_lines(found.values()), strict=True))


# -- what came with the form -----------------------------------------------------------------------


def filled_in(sheet: Sheet) -> Sheet:
    """The sheet with what was typed into its rows."""
    sent = {name.partition(":")[0] for name in request.form.getlist("rowid")}
    return replace(
        sheet,
        groups=[
            replace(group, rows=[_read(row, row.item.public_id in sent) for row in group.rows])
            for group in sheet.groups
        ],
    )


def _read(row: Row, is_picked: bool) -> Row:
    wanted = tuple(entry for entry in row.choice.inputs if entry.type != "file")
    given, _, _ = read_inputs(wanted, row.prefix)
    return replace(row, given=given, is_picked=is_picked)


def fill_down(sheet: Sheet, asked: str) -> Sheet:
    """Copy what the first picked row of a group says to those below it.

    `asked` is the key of the group, and behind a colon the input; without one, all of them. Files
    are each request's own.
    """
    key, _, name = asked.partition(":")
    return replace(
        sheet,
        groups=[
            replace(group, rows=list(_filled_down(group, name))) if group.key == key else group
            for group in sheet.groups
        ],
    )


def _filled_down(group: Group, name: str) -> Iterator[Row]:
    source = next((row for row in group.rows if row.is_picked), None)
    for row in group.rows:
        if source and row.is_picked:
            copied = {one: said for one, said in source.given.items() if name in ("", one)}
            row = replace(row, given={**row.given, **copied})
        yield row


def letter_address(row: Row) -> str:
    """Where the letter of a row is looked at, for a frame beside it; empty for none."""
    if row.letter is None or not row.letter.is_shown:
        return ""
    return f"{row.letter.url}?lihat=1"


def card_address(item: Request) -> str:
    return url_for("card.card", public_id=item.public_id)
