"""The filters of the queue: arguments of the address into conditions, and chips to remove them."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for
from peewee import SQL, Expression, Field, fn

from config.office import office
from models import Event, LatePass, Request, User
from outputs.dashboards.figures import AGES, LATE, NO_CAUSE, age_conditions, unexplained
from rules.events import STAGE_COMPLETED
from rules.formats import day, month
from rules.periods import end_of, start_of
from rules.statuses import APPROVED_STATUSES, LABELS
from web.listing import AFTER, BEFORE, NUMBER, date_argument, text_argument, with_arguments
from web.runtime import now, runtime
from web.searched_words import KEY, address_of, no_words, searched_words
from workflow import Reader

# Everything that a saved view may keep, and nothing else.
ARGUMENTS = (
    "tab",
    "q",
    "service",
    "stage",
    "status",
    "role",
    "instansi",
    "assignee",
    "pelanggan",
    "overdue",
    "running",
    "age",
    "since",
    "until",
    "done",
    "outcome",
    "cause",
    "passed",
    "passed_as",
    "sort",
    "page_size",
)
MINE, NOBODY = "saya", "kosong"
APPROVED = "disetujui"
# What counters count together: words, and the statuses that they stand for.
GROUPS = {APPROVED: ("Disetujui (diterima admin)", APPROVED_STATUSES)}
OUTCOMES = {"tepat": "Tepat waktu", "terlambat": "Terlambat"}
MONTHS = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])(?:_(20\d\d)-(0[1-9]|1[0-2]))?")


@dataclass
class Filters:
    """Conditions on Request, what the search index narrows, and the chips."""

    conditions: list = field(default_factory=list)
    chips: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    category: str = ""
    service: str = ""
    statuses: Sequence[str] = ()
    # What the filters imply: only running requests, or those whose own work was done in a month.
    is_running: bool = False
    is_done: bool = False
    # Whether the history is looked through, which costs more than the list itself.
    is_of_history: bool = False

    def __bool__(self) -> bool:
        return bool(self.chips)

    def add(self, name: str, words: str, *conditions: object) -> None:
        self.chips.append((words, with_arguments(**{name: None})))
        self.conditions += conditions


def offered(staff: Sequence[User]) -> dict[str, object]:
    """What can be chosen in each filter: pairs of code and words, the stages by service."""
    return {
        "statuses": [
            *((code, label.title) for code, label in LABELS.items()),
            *((code, words) for code, (words, _) in GROUPS.items()),
        ],
        "stages": [
            (flow.title, [(f"{flow.code}:{stage.code}", stage.short) for stage in flow.stages[1:]])
            for flow in (offer.flow for offer in runtime().catalogue.values())
        ],
        "causes": [(NO_CAUSE, "Belum dicatat"), *office().delay_causes.items()],
        "institutions": [(one.code, one.title) for one in office().institutions.values()],
        "assignees": [
            ("saya", "Saya"),
            ("kosong", "Belum ada"),
            *((one.public_id, one.name) for one in staff),
        ],
    }


def read_filters(reader: Reader, staff: Sequence[User]) -> Filters:
    """The filters of this address; what isn't offered is left out."""
    found = Filters()
    _read_words(found)
    _read_place(found)
    _read_people(found, reader, staff)
    _read_time(found)
    return found


def _read_words(found: Filters) -> None:
    if words := searched_words():
        found.text = words
        found.chips.append((f"Cari: {words}", with_arguments(**no_words())))
    institution = office().institutions.get(text_argument("instansi"))
    if institution:
        found.category = institution.code
        found.add("instansi", f"Instansi: {institution.title}")


def _read_place(found: Filters) -> None:
    titles = {code: offer.flow.title for code, offer in runtime().catalogue.items()}
    codes, is_not = _asked("service", titles)
    if codes:
        words = _either(titles, codes, "Bukan: " if is_not else "")
        found.add("service", words, _among(Request.service_code, codes, is_not))
        if len(codes) == 1 and not is_not:
            found.service = codes[0]
    code, _, stage = text_argument("stage").partition(":")
    offer = runtime().catalogue.get(code)
    if offer and offer.flow.has_stage(stage):
        found.is_running = True
        found.add(
            "stage",
            f"Tahap: {offer.flow.stage(stage).short}",
            Request.service_code == code,
            Request.stage_code == stage,
        )
    words_of = {code: label.title for code, label in LABELS.items()}
    words_of |= {code: words for code, (words, _) in GROUPS.items()}
    codes, is_not = _asked("status", words_of)
    if codes:
        named = {one for code in codes for one in (GROUPS[code][1] if code in GROUPS else (code,))}
        # In the order of the list, so that an index gives them part by part.
        found.statuses = [one for one in LABELS if (one in named) != is_not]
        words = _either(words_of, codes, "Status bukan: " if is_not else "Status: ")
        found.add("status", words, _among(Request.status, found.statuses, False))
    codes, is_not = _asked("role", office().posts)
    if codes:
        found.is_running = True
        words = _either(office().posts, codes, "Tidak menunggu: " if is_not else "Menunggu: ")
        found.add("role", words, _among(Request.waiting_role, codes, is_not))


def _asked(name: str, known: Container[str]) -> tuple[list[str], bool]:
    """The codes of an argument, `a,b` for one of several, and whether `!` before them says not."""
    text = text_argument(name)
    return [one for one in text.removeprefix("!").split(",") if one in known], text.startswith("!")


def _either(titles: Mapping[str, str], codes: Sequence[str], before: str) -> str:
    return before + " atau ".join(titles[code] for code in codes)


def _among(column: Field, codes: Sequence[str], is_not: bool) -> Expression:
    if len(codes) == 1:
        return column != codes[0] if is_not else column == codes[0]
    return column.not_in(codes) if is_not else column.in_(codes)


def _read_people(found: Filters, reader: Reader, staff: Sequence[User]) -> None:
    # What is closed is nobody's any more.
    assignee = text_argument("assignee")
    if assignee == MINE:
        found.is_running = True
        found.add("assignee", "Ditugaskan ke saya", Request.assignee == reader.id)
    elif assignee == NOBODY:
        found.is_running = True
        found.add("assignee", "Belum ada petugas", Request.assignee.is_null())
    elif person := next((one for one in staff if one.public_id == assignee), None):
        found.is_running = True
        found.add("assignee", f"Petugas: {person.name}", Request.assignee == person.id)
    if name := text_argument("pelanggan"):
        # Named only to who may see a request of theirs.
        theirs = Request.visible_to(reader).select(Request.id, User.id, User.name)
        one = theirs.join(User, on=Request.customer).where(User.public_id == name[:26]).first()
        if one is not None:
            found.add(
                "pelanggan", f"Pelanggan: {one.customer.name}", Request.customer == one.customer_id
            )


def _read_time(found: Filters) -> None:
    at = now()
    if text_argument("running"):
        found.is_running = True
        found.add("running", "Sedang berjalan")
    age = LATE if text_argument("overdue") else text_argument("age")
    if age in AGES:
        found.is_running = True
        name = "overdue" if text_argument("overdue") else "age"
        found.add(name, AGES[age], age_conditions(at)[age])
    since, until = date_argument("since"), date_argument("until")
    if since:
        found.add("since", f"Sejak {day(since)}", Request.submitted_at >= start_of(since))
    if until:
        found.add("until", f"Sampai {day(until)}", Request.submitted_at < end_of(until))
    if period := read_months(text_argument("done")):
        found.is_done = True
        found.add(
            "done",
            f"Selesai dikerjakan {period.words}",
            Request.office_done_at >= period.begin,
            Request.office_done_at < period.end,
        )
    outcome = text_argument("outcome")
    if outcome in OUTCOMES:
        found.is_done = True
        late = Request.office_done_at > Request.due_at
        found.add(
            "outcome",
            OUTCOMES[outcome],
            Request.office_done_at.is_null(False),
            late if outcome == "terlambat" else ~late,
        )
    _read_cause(found, at)
    _read_passed(found)


def _read_cause(found: Filters, at: datetime) -> None:
    """Why it is late: a code of the office's list, or that nobody has said it yet."""
    cause = text_argument("cause")
    if cause == NO_CAUSE:
        found.is_running = True
        found.add("cause", "Terlambat, penyebab belum dicatat", unexplained(at))
    elif cause in office().delay_causes:
        words = f"Penyebab terlambat: {office().delay_causes[cause]}"
        found.add("cause", words, Request.delay_cause == cause, Request.delay_cause != SQL("''"))


def _read_passed(found: Filters) -> None:
    """`data:STAGE@2024-07`: what passed a stage in a month, or in months, and not again later."""
    place, _, months = text_argument("passed").partition("@")
    code, _, stage = place.partition(":")
    offer, period = runtime().catalogue.get(code), read_months(months)
    if not (offer and offer.flow.has_stage(stage) and period):
        return
    completed = (Event.kind == STAGE_COMPLETED) & (Event.stage_code == stage)
    passed = Event.select(Event.request).where(
        completed & (Event.at >= period.begin) & (Event.at < period.end)
    )
    again = Event.select(1).where(
        completed & (Event.request == Request.id) & (Event.at >= period.end)
    )
    found.is_of_history = True
    words = f"Melewati {offer.flow.stage(stage).short} {period.words}"
    found.add(
        "passed", words, Request.service_code == code, Request.id.in_(passed), ~fn.EXISTS(again)
    )
    outcome = text_argument("passed_as")
    if outcome in OUTCOMES:
        late = Request.id.in_(
            LatePass.select(LatePass.request).where(
                (LatePass.service_code == code)
                & (LatePass.stage_code == stage)
                & LatePass.month.between(period.first, period.last)
            )
        )
        found.add(
            "passed_as",
            f"{OUTCOMES[outcome]} di tahap itu",
            late if outcome == "terlambat" else ~late,
        )


@dataclass(frozen=True)
class Months:
    """A month, or several, as instants; `first` and `last` as `2024-07`, `words` for people."""

    begin: datetime
    end: datetime
    first: str
    last: str
    words: str


def read_months(text: str) -> Months | None:
    """`2024-07` or `2023-08_2024-07`."""
    found = MONTHS.fullmatch(text)
    if not found:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    last = date(int(found[3] or found[1]), int(found[4] or found[2]), 1)
    following = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    words = month(first.year, first.month)
    if last != first:
        words += f" – {month(last.year, last.month)}"
    begin, end = _midnight(first), _midnight(following)
    return Months(begin, end, f"{first:%Y-%m}", f"{last:%Y-%m}", words)


def _midnight(on: date) -> datetime:
    return start_of(on).astimezone(UTC)


def kept_arguments(given: Mapping[str, str]) -> str:
    """The query string of a saved view: only arguments of the queue, in a fixed order."""
    kept = {name: given[name][:100] for name in ARGUMENTS if given.get(name)}
    return urlencode(kept)[:600]


def current_arguments() -> str:
    """Those of this address, with the words that it is searched for. Not for an address."""
    return kept_arguments(request.args.to_dict() | {"q": searched_words()})


def arguments_of(text: str) -> str:
    """A query string from a form, cleaned the same way."""
    return kept_arguments(dict(parse_qsl(text)))


def queue_address(text: str) -> str:
    """The queue with the filters, order and page of a query string that a form brought back."""
    given = dict(parse_qsl(text))
    names = (*ARGUMENTS, KEY, AFTER, BEFORE, NUMBER)
    return address_of(url_for("queue.index"), {name: given.get(name, "")[:100] for name in names})
