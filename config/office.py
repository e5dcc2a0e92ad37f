"""The facts of the office from `office.toml`, and the other texts people agree to."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from config.letters import Letters, problem_of_letters, read_letters
from config.settings import CONTENT, BadSetting

# Whoever files requests: no staff hold this post, and services give it desks.
CUSTOMER = "pelanggan"
# The cause of a delay that says nothing without words beside it.
OTHER_CAUSE = "lainnya"
# Where the office names no other.
FIRST_ANSWER_HOURS, MOST_ANSWER_HOURS = 4, 80
# What a post may do beside its desks. Every word is given to a post at least, in `office.toml`.
CAPABILITIES = {
    "requests": "opens cards, dashboard and issued papers",
    "works": "takes part: writes remarks, does several at once, stands in and is stood in for",
    "queue": "has work of its own waiting, so that an empty post is reported",
    "sees_all": "sees every request and not only what was given to it",
    "shares": "shares views of the queue with colleagues of the post",
    "counter": "files and decides for customers who come to the office",
    "incoming": "reads WhatsApp messages that came in",
    "incoming_write": "answers them, and is told of what waits for nobody else",
    "messages": "reads the outbox, the calls to make and the wordings",
    "messages_write": "sends again, and notes calls",
    "wordings_write": "changes the words of messages",
    "customers": "reads the accounts of customers",
    "customers_write": "changes and merges them",
    "staff": "reads the accounts of the office",
    "staff_write": "changes them, gives posts and invites",
    "assignments": "hands work by name to somebody else",
    "assignments_all": "does so with every request, in no post's name",
    "mandates": "reads who acts for whom",
    "mandates_write": "names acting officials; only who holds the post",
    "mandates_own": "names who stands in for oneself at the post; only who holds it",
    "mandates_told": "is told of every acting official who is named",
    "recap": "exports the recap",
    "bills": "reads the book of bills and what came in",
    "bills_target": "sets the targets of a year; only who holds the post",
    "letters": "reads the agenda books of letters in and out",
    "letters_write": "corrects what is known of a letter in",
    "signatures": "signs letters electronically, where the office does; only in the signer's name",
    "skm": "reads the survey and its questionnaire",
    "skm_plan": "writes what follows from the survey",
    "skm_lock": "locks a period and signs its report",
    "questionnaire_write": "changes the questionnaire",
    "flows": "reads the flows of the services",
    "flows_write": "changes them",
    "reference": "reads pages, questions and holidays as they are kept",
    "reference_write": "changes them",
    "system": "sees whether the system is well, and reads the handbook of whoever runs it",
    "system_write": "has papers and exports tried again that couldn't be made",
    "audit": "reads who changed what",
    "delays": "reminds whoever holds what is late, says why it is, and tells a new date",
}


@dataclass(frozen=True)
class Institution:
    """A kind of customer; `internal` ones belong to the ministry."""

    code: str
    title: str
    internal: bool = False
    needs_name: bool = True


@dataclass(frozen=True)
class LetterForm:
    """What the number of a letter that names an acting official looks like; empty for any."""

    pattern: str = ""
    # A sentence for whoever types one.
    hint: str = ""

    def fits(self, number: str) -> bool:
        return not self.pattern or re.fullmatch(self.pattern, number) is not None


@dataclass(frozen=True)
class Link:
    """A place of the office elsewhere: what it is called there, and its address or nothing."""

    name: str = ""
    url: str = ""


LINKS = ("web", "youtube", "instagram", "facebook")


@dataclass(frozen=True)
class Office:
    name: str
    short_name: str
    product_name: str
    parent: str
    address: str
    email: str
    whatsapp: str
    # Where the office is found elsewhere: what each place is called there, and its address.
    web: Link
    youtube: Link
    instagram: Link
    facebook: Link
    complaint_url: str
    service_hours: str
    collective_leave_is_holiday: bool
    posts: Mapping[str, str]
    # Who decides on an objection against a refusal of a post, and who stands in for a vacant one.
    superiors: Mapping[str, str]
    substitutes: Mapping[str, str]
    # What each post may do beside the desks that services give it.
    capabilities: Mapping[str, frozenset[str]]
    institutions: Mapping[str, Institution]
    # Posts that keep everything in view that they ever had a hand in: title of that list.
    keeps: Mapping[str, str]
    mandate_letter: LetterForm
    # Why something may be late: code and words.
    delay_causes: Mapping[str, str]
    opening: Mapping[str, time | tuple[time, ...]]
    letters: Letters
    # Within how many office hours a customer who writes is to be answered.
    first_answer_hours: int

    def posts_that_may(self, capability: str) -> frozenset[str]:
        return frozenset(post for post, words in self.capabilities.items() if capability in words)

    def titles_that_may(self, capability: str) -> str:
        """`Kasubag TU atau Staf TU`"""
        return " atau ".join(sorted(self.posts[post] for post in self.posts_that_may(capability)))

    def superior_of(self, post: str) -> str:
        """Who decides on an objection against a refusal by this post."""
        return self.superiors.get(post) or self.superiors["default"]

    def subordinates_of(self, post: str) -> frozenset[str]:
        """The posts whose refusals this one decides on."""
        return frozenset(one for one in self.posts if self.superior_of(one) == post)

    def substitutes_of(self, post: str) -> tuple[str, ...]:
        """Who stands in for a post, in this order, while nobody else can."""
        found: list[str] = []
        while (post := self.substitutes.get(post, "")) and post not in found:
            found.append(post)
        return tuple(found)

    @property
    def whatsapp_url(self) -> str:
        """The link that opens a chat; gateways and links take digits without a plus."""
        return f"https://wa.me/62{self.whatsapp.lstrip('0')}" if self.whatsapp else ""

    @property
    def public_facts(self) -> dict[str, str]:
        """What pages may insert as {office.…}."""
        names = ("name", "parent", "address", "email", "whatsapp", "service_hours", "complaint_url")
        return {f"office.{name}": getattr(self, name) for name in names}


@dataclass(frozen=True)
class Statement:
    """A text that a person agrees to; the version agreed to is stored."""

    version: str
    text: str
    footnote: str = ""


@cache
def office() -> Office:
    """The facts in OFFICE_FILE. Raises BadSetting for posts or capabilities that aren't there."""
    path = Path(os.environ.get("OFFICE_FILE") or CONTENT / "office.toml")
    try:
        raw = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"OFFICE_FILE must be a file of facts about the office: {error}") from None
    if problem := _problem_of(raw) or problem_of_letters(raw, path.parent):
        raise BadSetting(f"{path.name}: {problem}")
    institutions = [Institution(**entry) for entry in raw["institution"]]
    return Office(
        **raw["office"] | {name: _link(raw["office"].get(name, "")) for name in LINKS},
        posts=raw["posts"],
        superiors=raw["superiors"],
        substitutes=raw["substitutes"],
        capabilities={post: frozenset(words) for post, words in raw["capabilities"].items()},
        institutions={institution.code: institution for institution in institutions},
        keeps=raw.get("keeps", {}),
        mandate_letter=LetterForm(**raw.get("mandate_letter", {})),
        delay_causes=raw.get("delay_causes") or {OTHER_CAUSE: "Lainnya"},
        opening={name: _times(value) for name, value in raw["hours"].items()},
        letters=read_letters(raw, path.parent),
        first_answer_hours=raw.get("first_answer", {}).get("hours", FIRST_ANSWER_HOURS),
    )


def _problem_of(raw: Mapping[str, Any]) -> str:
    """What is wrong with posts and capabilities; empty when nothing is."""
    posts, given = raw["posts"], raw["capabilities"]
    hours = raw.get("first_answer", {}).get("hours", FIRST_ANSWER_HOURS)
    if not isinstance(hours, int) or not 0 < hours <= MOST_ANSWER_HOURS:
        return f"[first_answer] hours must be a whole number up to {MOST_ANSWER_HOURS}"
    try:
        re.compile(raw.get("mandate_letter", {}).get("pattern", ""))
    except re.error as error:
        return f"[mandate_letter] has a pattern that can't be read: {error}"
    if CUSTOMER not in posts:
        return f"[posts] lacks {CUSTOMER!r}, who files requests"
    named = {
        "capabilities": {*given},
        "superiors": {*raw["superiors"], *raw["superiors"].values()} - {"default"},
        "substitutes": {*raw["substitutes"], *raw["substitutes"].values()},
        "keeps": {*raw.get("keeps", {})},
    }
    for section, codes in named.items():
        if unknown := sorted(codes - posts.keys()):
            return f"[{section}] names a post that [posts] lacks: {', '.join(unknown)}"
    if given.get(CUSTOMER):
        return f"[capabilities] gives {CUSTOMER!r} some, who is no staff"
    used = {word for words in given.values() for word in words}
    if unknown := sorted(used - CAPABILITIES.keys()):
        return f"[capabilities] has a word that means nothing: {', '.join(unknown)}"
    if missing := sorted(CAPABILITIES.keys() - used):
        return f"[capabilities] gives no post: {', '.join(missing)}"
    return ""


def _link(given: str | Mapping[str, str]) -> Link:
    """`{ name = …, url = … }`, or an address alone."""
    return Link(url=given) if isinstance(given, str) else Link(**given)


def _times(value: str | list[str]) -> time | tuple[time, ...]:
    if isinstance(value, str):
        return time.fromisoformat(value)
    return tuple(time.fromisoformat(item) for item in value)


@cache
def statements() -> dict[str, Statement]:
    raw = tomllib.loads((CONTENT / "statements.toml").read_text())
    return {name: Statement(**entry) for name, entry in raw.items()}
