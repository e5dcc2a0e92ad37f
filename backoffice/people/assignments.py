"""Who holds which request by name, and handing it to somebody else of the same post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backoffice.base import StaffView
from config.office import office
from models import Request, User
from moves import assignments
from moves.assignments import LATER, NOW, PAST, Holding
from moves.catalogue import current_stage, flow_of
from rules.search_terms import order_key
from web.listing import text_argument
from web.runtime import reader
from workflow import Refused

STATES = {
    NOW: ("menunggu orang ini", "soon"),
    LATER: ("tahap berikutnya", "info"),
    PAST: ("sudah dikerjakan", "muted"),
}
# The choice that takes the name away, so that everybody at the post may act.
TO_THE_POST = "pos"


@dataclass(frozen=True)
class Group:
    """What one person holds at one post, and who could take it."""

    person: User
    role: str
    holdings: Sequence[Holding]
    successors: Sequence[User] = ()

    @property
    def waiting(self) -> int:
        return sum(holding.state == NOW for holding in self.holdings)


class AssignmentView(StaffView):
    """For those who lead the people of the desks, and the administrator."""

    name = "Penugasan"
    url = "/backoffice/penugasan"
    endpoint = "assignments"
    category = "Orang"
    reads = "assignments"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> ResponseReturnValue:
        if request.method == "POST":
            return self._hand_over()
        person, one = _named_person(), text_argument("permohonan", 26)
        if not person and not one:
            return self._overview()
        found = assignments.holdings(_scope(), person=person, request_id=one)
        if one and not found and not _scope().where(Request.public_id == one).exists():
            abort(404)
        return self._groups(found, person=person, is_single=bool(one))

    def _overview(self):
        groups = _grouped(assignments.holdings(_scope()))
        groups.sort(
            key=lambda group: (group.person.active, order_key(group.person.name), group.role)
        )
        return self.render("backoffice/people/assignments.html", groups=groups)

    def _groups(
        self,
        found: Sequence[Holding],
        *,
        person: User | None = None,
        is_single: bool = False,
        error: str = "",
    ):
        groups = _grouped(found)
        holders = {role: list(User.holding(role)) for role in {group.role for group in groups}}
        groups = [
            Group(g.person, g.role, g.holdings, [h for h in holders[g.role] if h != g.person])
            for g in groups
        ]
        return self.render(
            "backoffice/people/assignment_list.html",
            person=person,
            groups=groups,
            is_single=is_single,
            error=error,
            row=_row,
            to_the_post=TO_THE_POST,
            chosen=set(request.form.getlist("rowid")),
            successor=request.form.get("pengganti", ""),
        )

    def _hand_over(self):
        """Each request by itself, so that one refusal doesn't hold up the others."""
        person, role = _named_person(request.form.get("orang", "")), request.form.get("pos", "")
        if person is None or role not in office().posts:
            return self._groups([], error="Pilih dahulu petugas yang tugasnya dialihkan."), 422
        found = assignments.holdings(_scope(), person=person, role=role)
        is_single = bool(request.form.get("single"))
        successor, error = _successor(role)
        chosen = set(request.form.getlist("rowid"))
        if request.form.get("all"):
            chosen = {holding.request.public_id for holding in found}
        if not chosen and not error:
            error = "Pilih sedikitnya satu permohonan."
        if error:
            shown = [h for h in found if not is_single or h.request.public_id in chosen]
            return self._groups(shown, person=person, is_single=is_single, error=error), 422
        outcomes = _outcomes(sorted(chosen), person, role, successor)
        return self.render(
            "backoffice/people/assignment_done.html",
            person=person,
            post=office().posts[role],
            successor=successor,
            outcomes=outcomes,
            done=sum(not refusal for _, refusal in outcomes),
        )


def _scope():
    return assignments.reassignable(reader())


def _named_person(public_id: str = "") -> User | None:
    """The member of staff that the address names, closed accounts too; 404 for a stranger."""
    key = public_id or text_argument("orang", 26)
    if not key:
        return None
    key = key.replace("\x00", "")[:26]
    return User.get_or_none((User.public_id == key) & User.is_staff) or abort(404)


def _successor(role: str) -> tuple[User | None, str]:
    """(who takes it, what is wrong with the choice); nobody for back to the post."""
    key = request.form.get("pengganti", "").replace("\x00", "")
    if key == TO_THE_POST:
        return None, ""
    found = User.holding(role).where(User.public_id == key).first() if key else None
    return found, "" if found else "Pilih siapa yang menerima."


def _outcomes(
    keys: Sequence[str], person: User, role: str, successor: User | None
) -> list[tuple[str, str]]:
    """(number, reason of the refusal or empty) for each request."""
    outcomes = []
    for key in keys:
        item = Request.get_or_none(Request.public_id == key.replace("\x00", "")[:26])
        if item is None:
            abort(404)
        try:
            assignments.reassign(
                item, person, role, successor, reader=reader(), in_bulk=len(keys) > 1
            )
        except Refused as refusal:
            outcomes.append((item.number or item.subject, str(refusal)))
        else:
            outcomes.append((item.number or item.subject, ""))
    return outcomes


def _grouped(found: Sequence[Holding]) -> list[Group]:
    groups: dict[tuple[int, str], list[Holding]] = {}
    for holding in found:
        groups.setdefault((holding.person.id, holding.role), []).append(holding)
    return [Group(held[0].person, role, held) for (_, role), held in groups.items()]


def _row(holding: Holding) -> Mapping[str, object]:
    """What the list shows of one request. No query."""
    item = holding.request
    words, tone = STATES[holding.state]
    return {
        "key": item.public_id,
        "number": item.number or "belum bernomor",
        "service": flow_of(item).title_of(item.subclass_code),
        "stage": current_stage(item).waiting or current_stage(item).short,
        "state": words,
        "tone": tone,
        "due_at": item.due_at,
    }
