"""The rows behind the pages of flows, and who may change them. A stranger's code is a 404."""

from typing import Any

from flask import Response, abort
from peewee import JOIN, ModelSelect

from administration.flow_drafts import definition_of
from backoffice.lists import LONGEST_ID
from models import FlowDraft, FlowVersion, User
from rules.flow_shape import write_toml
from rules.services import Flow, parse_flow
from web.requests.uploads import send_bytes
from web.runtime import runtime


def flow_on_offer(code: str) -> tuple[Flow, FlowVersion]:
    offer = runtime().catalogue.get(code) or abort(404)
    return offer.flow, FlowVersion.get_by_id(offer.version_id)


def all_drafts() -> ModelSelect:
    return FlowDraft.select(FlowDraft, User).join(User, JOIN.LEFT_OUTER)


def draft_of(code: str) -> FlowDraft | None:
    return all_drafts().where(FlowDraft.service_code == code).first()


def open_draft(code: str) -> FlowDraft:
    """The draft of a service; 404 where there is no such service or no draft of it."""
    if code not in runtime().catalogue:
        abort(404)
    return draft_of(code) or abort(404)


def parsed(draft: FlowDraft) -> tuple[dict[str, Any], Flow]:
    """The draft's definition as written, and what it means."""
    raw = definition_of(draft)
    return raw, parse_flow(raw, draft.service_code)


def version_of(code: str, number: str) -> FlowVersion:
    """The version of this service with this id, typed into an address; 404 for any other."""
    if code not in runtime().catalogue or not number.isdecimal() or len(number) > LONGEST_ID:
        abort(404)
    found = FlowVersion.select(FlowVersion, User).join(User, JOIN.LEFT_OUTER)
    mine = (FlowVersion.id == int(number)) & (FlowVersion.service_code == code)
    return found.where(mine).first() or abort(404)


def as_file(code: str, raw: dict[str, Any]) -> Response:
    return send_bytes(write_toml(raw).encode(), f"alur-{code}.toml", "application/toml")
