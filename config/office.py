"""The facts of the office from `office.toml`, and the other texts people agree to."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache

from config.settings import CONTENT


@dataclass(frozen=True)
class Institution:
    """A kind of customer; `internal` ones belong to the ministry."""

    code: str
    title: str
    internal: bool = False
    needs_name: bool = True


@dataclass(frozen=True)
class Office:
    name: str
    short_name: str
    product_name: str
    parent: str
    address: str
    email: str
    whatsapp: str
    web: str
    youtube: str
    instagram: str
    facebook: str
    complaint_url: str
    service_hours: str
    collective_leave_is_holiday: bool
    posts: Mapping[str, str]
    # Who decides on an objection against a refusal of a post, and who stands in for a vacant one.
    superiors: Mapping[str, str]
    substitutes: Mapping[str, str]
    institutions: Mapping[str, Institution]
    opening: Mapping[str, time | tuple[time, ...]]

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
    raw = tomllib.loads((CONTENT / "office.toml").read_text())
    institutions = [Institution(**entry) for entry in raw["institution"]]
    return Office(
        **raw["office"],
        posts=raw["posts"],
        superiors=raw["superiors"],
        substitutes=raw["substitutes"],
        institutions={institution.code: institution for institution in institutions},
        opening={name: _times(value) for name, value in raw["hours"].items()},
    )


def _times(value: str | list[str]) -> time | tuple[time, ...]:
    if isinstance(value, str):
        return time.fromisoformat(value)
    return tuple(time.fromisoformat(item) for item in value)


@cache
def statements() -> dict[str, Statement]:
    raw = tomllib.loads((CONTENT / "statements.toml").read_text())
    return {name: Statement(**entry) for name, entry in raw.items()}
