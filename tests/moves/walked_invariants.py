"""What always holds, whatever people do."""

from hypothesis.stateful import invariant

import workflow
from administration.audit import verify_history
from messages.compose import compose, read_message_templates
from models import Document, Event, Holiday, Message, Pause, Request, User
from moves import clock
from moves.catalogue import current_stage, flow_of
from moves.movement import makers_of
from moves.officials import Roster
from rules.formats import ZONE
from rules.timeline import build_timeline, completed_stages
from tests.moves.walked_office import SOURCE, OfficeAtWork
from tests.portal.test_statistics import check_every_row
from workflow import Reader

STOPPED = ("needs_completion", "waiting_customer", "suspended", "rejected")


class WhatHolds(OfficeAtWork):
    """Looked at after every step; a part of it once, at the end of a walk."""

    def teardown(self):
        """What is looked at once, at the end of a walk."""
        assert verify_history()[1] == []
        self._numbers_have_no_gap()
        self._everything_open_is_in_somebodys_queue()
        told = Message.select().where(Message.recipient.in_([one.id for one in self.invited]))
        assert not told.exists()
        templates = read_message_templates("https://layanan.example")
        for message in Message.select():
            words = compose(message, templates)
            assert "{" not in words.text, message.template
        Holiday.delete().where(Holiday.source == SOURCE).execute()

    @invariant()
    def all_is_well(self):
        for request_id in dict.fromkeys(self.touched):
            request = Request.get_by_id(request_id)
            self._lies_where_it_must(request)
            self._timeline_equals_the_flow(request)
            self._clock_is_right(request)
            self._report_is_closed_until_handed_over(request)
            self._somebody_can_act(request)
            self._whoever_can_act_sees_it(request)
            self._the_invited_do_nothing(request)
        if self.touched:
            check_every_row(self.now.astimezone(ZONE).date())
        self.touched = []

    def _lies_where_it_must(self, request: Request) -> None:
        walk = self.walks[request.id]
        if request.status == "done":
            assert walk.place is None
        else:
            assert (request.stage_code, request.step) == walk.place
        if request.is_open:
            assert request.waiting_role and request.closed_at is None
        else:
            assert request.closed_at is not None
            assert bool(request.waiting_role) == bool(request.pending)

    def _timeline_equals_the_flow(self, request: Request) -> None:
        flow, walk = flow_of(request), self.walks[request.id]
        history = list(Event.select().where(Event.request == request).order_by(Event.seq))
        done = completed_stages(flow, history)
        steps = build_timeline(
            flow, {code: event.at for code, event in done.items()}, status=request.status,
            desk=current_stage(request), holders={},
        )  # fmt: skip
        assert [step.code for step in steps] == list(
            dict.fromkeys(desk["code"] for desk in walk.desks)
        )
        here = len(steps) if request.status == "done" else flow.position(request.stage_code)
        for place, step in enumerate(steps):
            is_survey = flow.stage(step.code).kind == "survey"
            passed = place < here or (is_survey and walk.surveyed)
            assert (step.state == "done") is passed, (step.code, step.state)

    def _clock_is_right(self, request: Request) -> None:
        pauses = list(Pause.select().where(Pause.request == request).order_by(Pause.id))
        for earlier, later in zip(pauses, pauses[1:], strict=False):
            assert earlier.ended_at is not None and earlier.ended_at <= later.began_at
        stands = bool(pauses) and pauses[-1].ended_at is None
        must_stand = request.status in STOPPED or request.pending == "cancellation"
        assert stands is must_stand, (request.status, request.pending)
        if request.is_open:
            assert request.due_at == clock.deadline_of(request).due_at

    def _report_is_closed_until_handed_over(self, request: Request) -> None:
        walk = self.walks[request.id]
        for customer in self.customers:
            readable = list(Document.visible_to(Reader.at(customer, self.now)).where(
                (Document.request == request) & Document.is_result))  # fmt: skip
            if readable:
                assert customer.id == request.customer_id and walk.released
                assert all(row.released_at for row in readable)
        if request.status == "done":
            newest = Document.get(
                (Document.request == request) & Document.is_result & Document.replaced_by.is_null()
            )
            assert newest.released_at

    def _whoever_can_act_sees_it(self, request: Request) -> None:
        seers = {person.id: person for person, _ in self._able(request)}
        for person in seers.values():
            seen = Request.visible_to(Reader.at(person, self.now))
            assert seen.where(Request.id == request.id).exists(), (person, request.stage_code)

    def _the_invited_do_nothing(self, request: Request) -> None:
        for person in self.invited:
            reader = Reader.at(User.get_by_id(person.id), self.now)
            assert workflow.choices(request, reader) == [] and not reader.posts

    def _somebody_can_act(self, request: Request) -> None:
        if not request.waiting_role or any(self._able(request)):
            return
        # Those who made a report may be all who are left; then a Plt. has to be named.
        desk = current_stage(request)
        makers = makers_of(request, desk)
        roster = Roster.at(self.now)
        assert makers, (request.waiting_role, request.stage_code, request.pending)
        _, left = roster.standing_for(desk.role, request.service_code, excluded=makers)
        assert not left

    def _numbers_have_no_gap(self) -> None:
        found: dict[str, list[int]] = {}
        for request in Request.select().where(Request.number.is_null(False)):
            key = f"{request.service_code}{request.number[-2:]}"
            found.setdefault(key, []).append(int(request.number.partition("/")[0]))
        for issued in found.values():
            assert sorted(issued) == list(range(1, len(issued) + 1))

    def _everything_open_is_in_somebodys_queue(self) -> None:
        seen: set[int] = set()
        for person in self.staff:
            if person.is_in_service:
                person = User.get_by_id(person.id)
                seen |= {request.id for request in Request.waiting_for(Reader.at(person, self.now))}
        waiting = Request.select().where(~Request.waiting_role.in_(["", "pelanggan"]))
        assert {request.id for request in waiting} <= seen
