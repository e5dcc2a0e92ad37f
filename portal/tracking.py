"""Tracking without log-in: masked, the same answer for unknown, limited per address."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from peewee import ModelSelect

from models import Event, Request, User
from moves.catalogue import flow_of
from portal.blueprint import portal
from rules import events
from rules.email_addresses import email_key
from rules.formats import mask_name
from rules.numbering import normalise_number, numbers_in
from rules.search_terms import MISREAD
from rules.statuses import LABELS
from storage.fast import Bound, prepared
from web.accounts.limits import count_attempt, visitor
from web.maintenance import only_looks
from web.requests.request_card import timeline_of

MOST_SHOWN = 5
# With everything that is pasted around an address or a number; neither is ever cut.
LONGEST = 320


@portal.route("/lacak", methods=["GET", "POST"])
@only_looks
def tracking() -> ResponseReturnValue:
    """Both words come by POST: an e-mail must not stand in an address."""
    if request.method == "GET":
        return render_template("portal/tracking.html", found=None, email="", number="")
    g.only_looked = True
    count_attempt("tracking", visitor(), times=10, seconds=60)
    email = request.form.get("email", "").strip()[:LONGEST]
    number = request.form.get("number", "").strip()[:LONGEST]
    error = "" if email or number else "Isi email atau nomor layanan."
    found = [] if error else list(_find(email, number))
    page = render_template(
        "portal/tracking.html",
        found=[_masked(item) for item in found[:MOST_SHOWN]],
        most_shown=MOST_SHOWN if len(found) > MOST_SHOWN else 0,
        email=email,
        number=number,
        error=error,
    )
    return page, 422 if error else 200


def _find(email: str, number: str) -> list[Request]:
    """Requests, newest first, and one more than is shown; by number alone when one is given."""
    # Copied together with what stands beside it: `Permohonan No. …`, `48-L.Data-29-VII-24.pdf`.
    printed = numbers_in(number)
    key = printed[0] if len(printed) == 1 else normalise_number(number)
    # A receipt names the request by its code as long as there is no number.
    code = "".join(filter(str.isalnum, key)).translate(MISREAD).upper()
    code = code[-Request.public_id.max_length :]
    return _named(bool(number), bool(email), number=key, code=code, email=email_key(email))


# What the answer is made of; a request has four times as many columns.
SHOWN = (
    Request.id,
    Request.number,
    Request.flow,
    Request.subclass_code,
    Request.is_free,
    Request.status,
    Request.stage_code,
    Request.step,
    Request.submitted_at,
    User.name,
)


@prepared
def _named(by_number: bool, by_email: bool) -> ModelSelect:
    query = Request.select(*SHOWN).join(User, on=Request.customer)
    if by_number:
        is_named = Request.number_key == Bound("number")
        query = query.where(is_named | (Request.public_id == Bound("code")))
    if by_email:
        query = query.where(User.email == Bound("email"))
    return query.order_by(Request.submitted_at.desc()).limit(MOST_SHOWN + 1)


@prepared
def _history() -> ModelSelect:
    """What moved the request, in its order."""
    return (
        Event.select(Event.kind, Event.stage_code, Event.actor, Event.at, Event.data)
        .where(
            (Event.request == Bound("request"))
            & Event.kind.in_(events.COMPLETING + events.REWINDING)
        )
        .order_by(Event.seq)
        .namedtuples()
    )


def _masked(item: Request) -> dict[str, object]:
    """Name masked, number, service, stages and dates: nothing else leaves."""
    flow = flow_of(item)
    return {
        "number": item.number,
        "name": mask_name(item.customer.name),
        "service": flow.title_of(item.subclass_code),
        "submitted_at": item.submitted_at,
        "status": LABELS[item.status].title,
        "steps": timeline_of(item, _history(request=item.id)),
    }
