"""Every stage and every side path of all services, through the pages, by the post that is named.

What the rules offer somebody has to be found in that person's own list, on the page that it leads
to, and has to work there: a button that nobody reaches is a request that nobody can go on with.
"""

from datetime import timedelta

import pytest

import workflow
from models import Request
from moves.catalogue import current_stage, flow_of
from moves.sides import SIDES
from rules.services import OFFICE_PATHS
from tests.moves.walked_requests import KINDS
from tests.office_pages import OfficePages
from tests.people import advance, complete_desk, file_request
from workflow import Reader

NAMES = ["-".join(filter(None, (code, kind, "free" if free else ""))) for code, kind, free in KINDS]
# Those that pass every desk of their service.
WHOLE = [kind for kind in KINDS if kind[1] in ("data_informasi", "advis_lengkap", "")][:3]


@pytest.fixture
def pages(app, people, runtime, clock) -> OfficePages:
    return OfficePages(app, people, runtime, clock)


def filed(pages: OfficePages, kind, key: str) -> Request:
    service, subclass, is_free = kind
    return file_request(pages.runtime, pages.people.customer, now=pages.clock.now, key=key,
                        service=service, subclass=subclass or None, is_free=is_free)  # fmt: skip


def named_at(request: Request) -> set[tuple[str, str]]:
    """(side path, post) as the flow names them for the desk at which a request lies."""
    desk = current_stage(request)
    return {(code, role) for code in OFFICE_PATHS for role in desk.who_may(code)
            if role != "pelanggan"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_every_stage_is_completed_from_its_own_queue(pages, kind):
    request, passed = filed(pages, kind, "WALK"), []
    while request.is_open:
        found = pages.everybody_reaches_their_buttons(request)
        assert named_at(request) <= found, request.stage_code
        passed.append(current_stage(request).desk)
        request = pages.completes(request)
    assert request.status == "done"
    # The first desk is the form; one that nobody does goes past by itself.
    way = [desk.desk for desk in flow_of(request).desks[1:] if not desk.automatic]
    assert passed == way
    assert "revise" in {code for code, _ in pages.everybody_reaches_their_buttons(request)}


@pytest.mark.parametrize("kind", WHOLE, ids=[kind[0] for kind in WHOLE])
def test_every_side_path_of_every_desk_is_taken_from_its_own_queue(pages, kind):
    """Each by each post that may, and whatever follows only from it."""
    walker = SidePaths(pages, kind)
    walker.walk()
    known = {code for code, _ in walker.taken}
    assert {"ask_completion", "reject", "return", "suspend", "cancel"} <= known
    assert {"give_completion", "withdraw_completion", "resume", "object", "uphold", "reopen",
            "ask_revision", "revise", "refuse_revision"} <= known  # fmt: skip
    if kind[0] == "lab":
        late = {"remind", "explain_delay", "tell_new_date"}
        assert known == SIDES.keys() - late


class SidePaths:
    """Takes each side path of each desk once, by each post, and what only follows from it."""

    def __init__(self, pages: OfficePages, kind):
        self.pages, self.kind = pages, kind
        self.taken: set[tuple[str, str]] = set()
        self._count = 0

    def walk(self) -> None:
        request = self._at(0)
        desks = 0
        while request.is_open:
            self._from_here(desks, request)
            desks += 1
            request = self._at(desks)
        self._from_here(desks, request)

    def _at(self, desks: int) -> Request:
        """A request that so many desks have passed."""
        self._count += 1
        request = filed(self.pages, self.kind, f"SIDE{self._count}")
        for _ in range(desks):
            self.pages.clock.forward(minutes=10)
            request = complete_desk(request, self.pages.people, self.pages.runtime,
                                    now=self.pages.clock.now)  # fmt: skip
        return request

    def _from_here(self, desks: int, request: Request) -> None:
        spare: Request | None = request
        for person, choice in self._sides_of(request):
            here = spare or self._at(desks)
            spare = None
            self._take(desks, here, [(person, choice.code)])

    def _sides_of(self, request: Request):
        return [(person, choice) for person, choice in self.pages.offered(request)
                if choice.code in SIDES and not choice.on_behalf]  # fmt: skip

    def _take(self, desks: int, request: Request, steps) -> None:
        """The last step of a path; then each new thing that can only be done afterwards."""
        person, code = steps[-1]
        moved = self.pages.presses(person, request, code)
        self.taken |= {(code, post) for post in person.role_codes or {"pelanggan"}}
        if not (moved.pending or moved.status == "rejected"):
            return
        self.pages.everybody_reaches_their_buttons(moved)
        spare: Request | None = moved
        for other, choice in self._sides_of(moved):
            posts = {(choice.code, post) for post in other.role_codes or {"pelanggan"}}
            if posts <= self.taken:
                continue
            here = spare or self._again(desks, steps)
            spare = None
            self._take(desks, here, [*steps, (other, choice.code)])

    def _again(self, desks: int, steps) -> Request:
        request = self._at(desks)
        for person, code in steps:
            request = self.pages.presses(person, request, code)
        return request


def test_what_is_late_is_dealt_with_from_the_queue(pages, people, runtime, clock):
    request = advance(filed(pages, KINDS[0], "LATE"), people, runtime, now=clock.now,
                      until="VERIFIKASI_DATA")  # fmt: skip
    clock.forward(timedelta(days=90))
    taken = set()
    for code in ("remind", "explain_delay", "tell_new_date"):
        able = [person for person, choice in pages.offered(request) if choice.code == code]
        assert able, code
        pages.everybody_reaches_their_buttons(request)
        request = pages.presses(able[0], request, code)
        taken.add(code)
    assert taken <= SIDES.keys()


def test_a_customer_without_account_is_served_at_the_counter_desk(pages, people, runtime):
    """The customer's own turns are the counter's, from the same queue."""
    kind = next(kind for kind in KINDS if kind[0] == "lab")
    request = filed(pages, kind, "COUNTER")
    people.customer.password = None
    people.customer.save()
    Request.update(registered_by=people.admin_layanan).where(Request.id == request.id).execute()
    request = advance(Request.get_by_id(request.id), people, runtime, now=pages.clock.now,
                      until="KONTRAK")  # fmt: skip
    pages.clock.forward(hours=8)
    on_behalf = [choice for choice in workflow.choices(
        request, Reader.at(people.admin_layanan, pages.clock.now)) if choice.on_behalf]  # fmt: skip
    assert {choice.code for choice in on_behalf} >= {"complete", "negotiate", "cancel"}
    request = pages.presses(people.admin_layanan, request, "complete")
    assert request.stage_code == "PEMBAYARAN"
