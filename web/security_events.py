"""What somebody watching the site wants to hear of: one line each, as JSON, without personal data.

Log-ins, refused log-ins, denials, refused forms and limits. Addresses and accounts are keyed
digests, so that two lines of one stranger can be told to be so and nobody can be named.
"""

import json
import logging

from flask import Flask, Response, g, has_request_context, request

from web.accounts.limits import anonymous_digest, visitor

log = logging.getLogger("melasti.security")

LOG_IN = "log_in"
LOG_IN_REFUSED = "log_in_refused"
DENIED = "denied"
FORM_REFUSED = "form_refused"
LIMITED = "limited"
KINDS = (LOG_IN, LOG_IN_REFUSED, DENIED, FORM_REFUSED, LIMITED)
# Status of an answer -> what it says.
STATUSES = {
    400: FORM_REFUSED,
    401: DENIED,
    403: DENIED,
    413: FORM_REFUSED,
    415: FORM_REFUSED,
    422: FORM_REFUSED,
    429: LIMITED,
}


def install_security_events(app: Flask) -> None:
    """Note each answer that refuses something, whichever view gave it."""
    # Other rooms of ours only warn.
    log.setLevel(logging.INFO)
    app.after_request(_note_answer)


def security_event(kind: str, **facts: object) -> None:
    """Write one event: a `kind` of KINDS and what more is known, never a name or an address."""
    told = {"event": kind, **_of_request(), **facts}
    line = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    log.info("%s", line, extra={"security": told, "facts": told})


def _of_request() -> dict[str, object]:
    """The page and not its address, which may hold a token; who asks, as digests."""
    if not has_request_context():
        return {}
    facts = {
        "endpoint": request.endpoint or "",
        "method": request.method,
        "visitor": anonymous_digest(visitor()),
    }
    # Asked of what is known already: an event must cost no query, nor fail without a database.
    if (person := g.get("_login_user")) is not None and person.is_authenticated:
        facts["account"] = person.public_id
    return facts


def _note_answer(response: Response) -> Response:
    if kind := STATUSES.get(response.status_code):
        reference = {"ref": g.error_reference} if "error_reference" in g else {}
        limit = {"limit": g.limit} if kind == LIMITED and "limit" in g else {}
        security_event(kind, status=response.status_code, **reference, **limit)
    return response
