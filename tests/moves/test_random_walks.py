"""Random walks of everybody through all services: what always holds, whatever happens.

A small round runs always, the same one each time. `MELASTI_MOVES=big` walks ten times as far,
on paths of its own.
"""

import os
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

import workflow
from administration.closures import move_deadlines
from models import Event, Holiday, Mandate, Request, User
from moves import assignments, completions
from moves.catalogue import current_stage
from moves.officials import people_for
from moves.sides import SIDES
from rules.formats import ZONE
from tests.conftest import MANUAL_MOMENT
from tests.moves.walked_invariants import WhatHolds
from tests.moves.walked_office import SOURCE
from tests.moves.walked_requests import KINDS, Walked, would_loop
from tests.people import POSTS, file_request
from workflow import Conflict, InvalidInput, Reader, Refused

IS_BIG = os.environ.get("MELASTI_MOVES") == "big"
WALKS = settings(
    max_examples=40 if IS_BIG else 4,
    stateful_step_count=80 if IS_BIG else 25,
    derandomize=not IS_BIG,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink) if IS_BIG else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
ANY = st.integers(min_value=0, max_value=10_000)
DESKS = st.integers(min_value=0, max_value=19)
ACTIONS = [
    *["go_on"] * 6,
    *["take_a_side_path"] * 8,
    *["try_what_is_not_offered"] * 2,
    *["try_with_a_stale_page_or_nothing_filled"] * 2,
    *["time_passes", "file"] * 2,
    "nobody_answers_the_survey",
    "a_holding_changes_hands",
    "somebody_leaves_or_comes_back",
    "a_mandate_is_given",
    "a_day_off_is_added",
]


class Office(WhatHolds):
    """All posts, two customers and the system on all services at once."""

    @initialize(kind=st.sampled_from(KINDS), head_start=DESKS)
    def first(self, kind, head_start):
        self._file(kind, 0, head_start)

    # One rule for everything: a rule each would be left out of whole walks at random.
    @rule(action=st.sampled_from(ACTIONS), which=ANY, pick=ANY)
    def something_happens(self, action, which, pick):
        getattr(self, action)(which, pick)

    def file(self, which, pick):
        if len(self.walks) < 5:
            self._file(KINDS[which % len(KINDS)], pick, pick % 20)

    def _file(self, kind, who, head_start):
        service, subclass, is_free = kind
        self._pass(minutes=20)
        request = file_request(
            self.runtime, self.customers[who % 2], now=self.now, service=service,
            subclass=subclass, is_free=is_free, key=f"KEY{len(self.walks)}",
        )  # fmt: skip
        walk = self.walks[request.id] = Walked(service, subclass, is_free)
        for _ in range(min(head_start, len(walk.desks) - 1)):
            self._go_on(request.id, 0)

    def go_on(self, which, pick):
        for _ in range(1 + pick % 4):
            self._go_on(self._one(which), pick)

    def _go_on(self, request_id: int, pick: int) -> None:
        """Whoever may complete the desk does so."""
        request = Request.get_by_id(request_id)
        forward = [(p, c) for p, c in self._able(request) if c.code in ("complete", "survey")]
        if forward:
            self._take(request, *forward[pick % len(forward)], pick)

    def take_a_side_path(self, which, pick):
        request = Request.get_by_id(self._one(which))
        aside = [(p, c) for p, c in self._able(request) if c.code not in ("complete", "survey")]
        # Ends are left for the later picks, or every walk would end at once.
        if pick % 3:
            aside = [(p, c) for p, c in aside if c.code not in ("reject", "cancel")]
        if aside:
            self._take(request, *aside[pick % len(aside)], pick)

    def try_what_is_not_offered(self, which, pick):
        request = Request.get_by_id(self._one(which))
        everybody = [*self.staff, *self.customers]
        person = everybody[pick % len(everybody)]
        open_to = {choice.code for choice in workflow.choices(request, Reader.at(person, self.now))}
        forbidden = sorted({"complete", "survey", *SIDES} - open_to)
        code = forbidden[pick % len(forbidden)]
        before = self._everything()
        with pytest.raises(Refused):
            workflow.act(request, code, reader=Reader.at(person, self.now), inputs=self._words(()),
                         version=request.version)  # fmt: skip
        if "survey" not in open_to:
            with pytest.raises(Refused):
                self._survey(request, person)
        assert self._everything() == before

    def try_with_a_stale_page_or_nothing_filled(self, which, pick):
        request = Request.get_by_id(self._one(which))
        able = [(p, c) for p, c in self._able(request) if c.code != "survey"]
        if not able:
            return
        person, choice = able[pick % len(able)]
        before = self._everything()
        with pytest.raises(Conflict):
            workflow.act(request, choice.code, reader=Reader.at(person, self.now), inputs={},
                         version=request.version - 1)  # fmt: skip
        if any(entry.required for entry in choice.inputs):
            with pytest.raises(InvalidInput):
                workflow.act(request, choice.code, reader=Reader.at(person, self.now), inputs={},
                             version=request.version)  # fmt: skip
        assert self._everything() == before

    # -- the world -------------------------------------------------------------------------------

    def time_passes(self, which, pick):
        self._pass(minutes=60 * (1, 7, 24, 72, 24 * 9)[pick % 5])
        completions.remind_of_completions(now=self.now)
        before = Event.select().where(Event.kind == "expired").count()
        closed = completions.expire_overdue(now=self.now)
        assert completions.expire_overdue(now=self.now) == 0
        assert Event.select().where(Event.kind == "expired").count() == before + closed
        self.touched = list(self.walks)

    def nobody_answers_the_survey(self, which, pick):
        """The office may let the result go after a time; the survey is asked for again later."""
        for request in Request.select().where(Request.status == "waiting_customer"):
            walk = self.walks[request.id]
            if current_stage(request).kind == "survey" and not request.pending:
                assert workflow.release_unanswered(request, now=self.now)
                assert not workflow.release_unanswered(request, now=self.now)
                walk.complete()
                walk.surveyed = False
                self.touched.append(request.id)

    def a_holding_changes_hands(self, which, pick):
        """What somebody holds by name goes to a colleague, or back to the post."""
        found = assignments.holdings(assignments.open_requests())
        if not found:
            return
        held = found[which % len(found)]
        heirs = [None, *people_for(held.role, self.now, service_code=held.request.service_code)]
        before = self._everything()
        try:
            assignments.reassign(held.request, held.person, held.role, heirs[pick % len(heirs)],
                                 reader=Reader.at(self.people.administrator, self.now))  # fmt: skip
        except Refused:
            assert self._everything() == before
        self.touched.append(held.request.id)

    def somebody_leaves_or_comes_back(self, who, pick):
        """Anybody, as long as every post is left with somebody to act for it."""
        person = self.staff[who % len(self.staff)]
        person.active = not person.active
        person.save()
        if not all(people_for(post, self.now) for post in POSTS[:12]):
            person.active = True
            person.save()
        self.touched = list(self.walks)

    def a_mandate_is_given(self, who, pick):
        post, only = POSTS[pick % 12], "" if pick % 5 else "lab"
        holders = list(User.holding(post))
        absent = holders[0] if holders else None
        acting = self.staff[who % len(self.staff)]
        today = self.now.astimezone(ZONE).date()
        until = today + timedelta(days=pick % 10)
        if would_loop(absent, acting, today, until) or acting.id == (absent and absent.id):
            return
        Mandate.create(
            role_code=post, kind="plh" if absent else "plt", absent=absent, acting=acting,
            letter="SPT-1", from_on=today, until_on=until, services=[only] if only else [],
            created_at=self.now,
        )  # fmt: skip
        self.touched = list(self.walks)

    def a_day_off_is_added(self, which, pick):
        on = self.now.astimezone(ZONE).date() + timedelta(days=pick % 30)
        Holiday.insert(on=on, title="Libur uji", kind="khusus", source=SOURCE)\
            .on_conflict_ignore().execute()  # fmt: skip
        move_deadlines(actor=self.people.administrator, now=self.now)
        self.touched = list(self.walks)


def test_nothing_breaks_whatever_people_do(app, runtime, db):
    Office.app, Office.runtime, Office.moves = app, runtime, Counter()
    run_state_machine_as_test(Office, settings=WALKS)
    # A round that hardly moves would prove nothing.
    assert Office.moves["complete"] > 40
    assert len(Office.moves) > 5, Office.moves


def test_the_walker_knows_the_files():
    """The oracle is read from the files: their desks in order, the left-out ones left out."""
    lab = Walked("lab", "", True)
    assert ("PEMBAYARAN", 0) not in {(desk["code"], desk["turn"]) for desk in lab.desks}
    paid = Walked("lab", "", False)
    assert len(paid.desks) - len(lab.desks) == 3
    assert isinstance(MANUAL_MOMENT, datetime)
