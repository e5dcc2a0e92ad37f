"""Random walks of everybody through all services: what always holds, whatever happens.

A small round runs always, the same one each time. `MELASTI_MOVES=big` walks ten times as far,
on paths of its own.
"""

import os
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import workflow
from administration.closures import move_deadlines
from config.settings import CONTENT
from demo.walks import sample_inputs
from messages.compose import compose, read_message_templates
from models import Document, Event, Holiday, Mandate, Message, Pause, Request, User, verify_history
from moves import assignments, clock, completions
from moves.catalogue import current_stage, flow_of
from moves.movement import makers_of
from moves.officials import Roster, empower, people_for
from moves.sides import SIDES
from rules.formats import ZONE
from rules.survey import check_answers
from rules.timeline import build_timeline, completed_stages
from storage.database import database
from tests.conftest import MANUAL_MOMENT
from tests.people import POSTS, People, file_request, good_answers, make_staff, stored
from tests.portal.test_statistics import check_every_row
from tests.snapshots import empty_tables
from workflow import Conflict, InvalidInput, Refused

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
KINDS = [
    ("data", "data_informasi", False),
    ("data", "magang_kp", False),
    ("data", "bimtek", False),
    ("advis", "advis_lengkap", False),
    ("advis", "konsultasi", False),
    ("lab", "", False),
    ("lab", "", True),
]
RAW = {code: tomllib.loads((CONTENT / "services" / f"{code}.toml").read_text())
       for code in ("data", "advis", "lab")}  # fmt: skip
# Kinds of events that no person's move writes.
BESIDE = ("document_made", "deadline_moved")
STOPPED = ("needs_completion", "waiting_customer", "suspended", "rejected")
SOURCE = "uji"
REASON = "Alasan yang cukup panjang agar dapat dibaca."
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


def would_loop(absent: User | None, acting: User, from_on: date, until_on: date) -> bool:
    """Whether a new mandate would send the work round in a circle on some day.

    A acts for B while B acts for A: then nobody who is there would be asked.
    """
    if absent is None:
        return False
    if absent.id == acting.id:
        return True
    stands_for: dict[int, set[int]] = {}
    overlapping = Mandate.select().where(
        (Mandate.from_on <= until_on)
        & (Mandate.until_on >= from_on)
        & Mandate.revoked_at.is_null()
        & Mandate.absent.is_null(False)
    )
    for mandate in overlapping:
        stands_for.setdefault(mandate.absent_id, set()).add(mandate.acting_id)
    seen, waiting = set(), {acting.id}
    while waiting:
        person = waiting.pop()
        if person == absent.id:
            return True
        seen.add(person)
        waiting |= stands_for.get(person, set()) - seen
    return False


@dataclass
class Walked:
    """What the test knows by itself of one request: where it must lie."""

    service: str
    subclass: str
    is_free: bool
    index: int = 1
    surveyed: bool = False
    released: bool = False
    answers: list[str] = field(default_factory=list)

    @property
    def desks(self) -> list[dict]:
        """The desks of the service's file that this kind passes, as its tables say."""
        raw = RAW[self.service]
        kind = next((k for k in raw.get("subclass", ()) if k["code"] == self.subclass), {})
        kept = [stage for stage in raw["stage"] if stage["code"] not in kind.get("skips", ())
                and not (self.is_free and stage.get("paid_only"))]  # fmt: skip
        return [{**stage, **turn, "turn": number, "number": place}
                for place, stage in enumerate(kept, start=1)
                for number, turn in enumerate(stage.get("step", [{}]))]  # fmt: skip

    @property
    def place(self) -> tuple[str, int] | None:
        """(stage, turn) where it must lie; None at the end."""
        desks = self.desks
        if self.index >= len(desks):
            return None
        return desks[self.index]["code"], desks[self.index]["turn"]

    def effects(self) -> list[str]:
        return self.desks[self.index].get("effects", [])

    def complete(self) -> None:
        desk = self.desks[self.index]
        self.surveyed |= desk["kind"] == "survey"
        self.released |= "release_report" in desk.get("effects", [])
        self.index += 1
        place = self.place
        if place and self.desks[self.index]["kind"] == "survey" and self.surveyed:
            self.index += 1

    def back(self, wanted) -> None:
        """To the nearest earlier desk for which `wanted` holds."""
        self.index = next(i for i in range(self.index - 1, 0, -1) if wanted(self.desks[i]))

    def back_by_label(self, label: str) -> None:
        """To what a button calls `8. Pembayaran, giliran 3: Bendahara Penerimaan`."""
        number, _, rest = label.partition(". ")
        turn = int(rest.partition("giliran ")[2].partition(":")[0] or 1) - 1
        self.back(lambda desk: (desk["number"], desk["turn"]) == (int(number), turn))

    def revise(self) -> None:
        stage = RAW[self.service]["revision_stage"]
        self.index = next(i for i, desk in enumerate(self.desks) if desk["code"] == stage)


class Office(RuleBasedStateMachine):
    """All posts, two customers and the system on all services at once."""

    app = runtime = None
    moves: Counter = Counter()

    def __init__(self):
        super().__init__()
        empty_tables()
        Holiday.delete().where(Holiday.source == SOURCE).execute()
        with self.app.app_context():
            self.people = People.create()
            colleagues = [make_staff(post, email=f"{post}2@balai.test") for post in POSTS[3:12]]
        self.staff = [*self.people.staff.values(), *colleagues]
        self.customers = [self.people.customer, self.people.other_customer]
        self.paper = stored(self.runtime)
        self.now = MANUAL_MOMENT
        self.walks: dict[int, Walked] = {}
        self.touched: list[int] = []

    def teardown(self):
        """What is looked at once, at the end of a walk."""
        assert verify_history()[1] == []
        self._numbers_have_no_gap()
        self._everything_open_is_in_somebodys_queue()
        templates = read_message_templates("https://layanan.example")
        for message in Message.select():
            words = compose(message, templates)
            assert "{" not in words.text, message.template
        Holiday.delete().where(Holiday.source == SOURCE).execute()

    # -- moves -----------------------------------------------------------------------------------

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
        open_to = {choice.code for choice in workflow.choices(request, person, self.now)}
        forbidden = sorted({"complete", "survey", *SIDES} - open_to)
        code = forbidden[pick % len(forbidden)]
        before = self._everything()
        with pytest.raises(Refused):
            workflow.act(request, code, actor=person, inputs=self._words(()),
                         version=request.version, now=self.now)  # fmt: skip
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
            workflow.act(request, choice.code, actor=person, inputs={},
                         version=request.version - 1, now=self.now)  # fmt: skip
        if any(entry.required for entry in choice.inputs):
            with pytest.raises(InvalidInput):
                workflow.act(request, choice.code, actor=person, inputs={},
                             version=request.version, now=self.now)  # fmt: skip
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
                                 actor=self.people.administrator, now=self.now)  # fmt: skip
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

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def all_is_well(self):
        for request_id in dict.fromkeys(self.touched):
            request = Request.get_by_id(request_id)
            self._lies_where_it_must(request)
            self._timeline_equals_the_flow(request)
            self._clock_is_right(request)
            self._report_is_closed_until_handed_over(request)
            self._somebody_can_act(request)
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
            readable = list(Document.visible_to(customer).where(
                (Document.request == request) & Document.is_result))  # fmt: skip
            if readable:
                assert customer.id == request.customer_id and walk.released
                assert all(row.released_at for row in readable)
        if request.status == "done":
            newest = Document.get(
                (Document.request == request) & Document.is_result & Document.replaced_by.is_null()
            )
            assert newest.released_at

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
            if person.active:
                person = User.get_by_id(person.id)
                empower(person, self.now)
                seen |= {request.id for request in Request.waiting_for(person)}
        waiting = Request.select().where(~Request.waiting_role.in_(["", "pelanggan"]))
        assert {request.id for request in waiting} <= seen

    # -- tools -----------------------------------------------------------------------------------

    def _one(self, which: int) -> int:
        return sorted(self.walks)[which % len(self.walks)]

    def _pass(self, *, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def _able(self, request: Request):
        """(person, choice) for all living people and all they may do; holders of the post first."""
        everybody = [person for person in (*self.staff, *self.customers) if person.active]
        everybody.sort(key=lambda person: request.waiting_role not in person.role_codes)
        for person in everybody:
            for choice in workflow.choices(request, person, self.now):
                yield person, choice

    def _take(self, request: Request, person: User, choice, pick: int) -> None:
        walk = self.walks[request.id]
        self._pass(minutes=5 + pick % 90)
        if choice not in workflow.choices(request, person, self.now):
            return  # A mandate ended in these minutes.
        inputs = self._inputs(request, choice, pick)
        before = self._moves_of(request)
        if choice.code == "survey":
            moved = self._survey(request, person)
        else:
            moved = workflow.act(request, choice.code, actor=person, inputs=inputs,
                                 version=request.version, now=self.now)  # fmt: skip
        assert moved.version > request.version
        assert self._moves_of(request) == before + 1
        last = Event.select().where((Event.request == request) & Event.kind.not_in(BESIDE))
        last = last.order_by(Event.seq.desc()).first()
        assert (last.actor_id, last.at) == (person.id, self.now)
        Office.moves[choice.code] += 1
        if choice.code in ("complete", "survey"):
            walk.subclass = moved.subclass_code
            walk.complete()
        elif choice.code == "return":
            walk.back_by_label(inputs["to"])
        elif choice.code == "negotiate":
            walk.back(lambda desk: desk["kind"] == "office")
        elif choice.code == "reissue_billing":
            walk.back(lambda desk: "record_billing" in desk.get("effects", []))
        elif choice.code == "revise":
            walk.revise()
        self.touched.append(request.id)

    def _moves_of(self, request: Request) -> int:
        events = Event.select().where((Event.request == request) & Event.kind.not_in(BESIDE))
        return events.count()

    def _survey(self, request: Request, person: User) -> Request:
        questionnaire = self.runtime.questionnaire
        answers, _ = check_answers(questionnaire, good_answers(questionnaire))
        return workflow.answer_survey(
            request, actor=person, answers=answers, questionnaire=questionnaire,
            version=request.version, now=self.now,
        )  # fmt: skip

    def _inputs(self, request: Request, choice, pick: int) -> dict:
        if choice.code != "complete":
            return self._words(choice.inputs, pick)
        roles = {entry.role for entry in choice.inputs if entry.type == "person"}
        named = {role: people_for(role, self.now, service_code=request.service_code)
                 for role in roles}  # fmt: skip
        chosen = {role: found[pick % len(found)] for role, found in named.items()}
        given = sample_inputs(request, choice.stage, chosen, self.paper, now=self.now)
        kinds = [kind["code"] for kind in RAW[request.service_code].get("subclass", ())]
        for entry in choice.inputs:
            if entry.type == "subclass":
                given[entry.name] = kinds[pick % len(kinds)]
        return given

    def _words(self, wanted, pick: int = 0) -> dict:
        ahead: date = (self.now.astimezone(ZONE) + timedelta(days=7 + pick % 40)).date()
        given: dict = {
            "items": "Surat bertanda tangan",
            "scope": "Lingkup yang baru",
            "pages": "12",
            "basis": "Persyaratan",
            "alternative": "Ajukan kembali",
            "file": self.paper,
            "reason": REASON,
            "resumes_on": ahead.isoformat(),
            "finish_on": ahead.isoformat() if pick % 2 else "",
        }
        for entry in wanted:
            if entry.type == "checklist":
                given[entry.name] = list(entry.options)
            elif entry.options:
                given[entry.name] = entry.options[pick % len(entry.options)]
        return given

    def _everything(self) -> list:
        """Every row that a move could write."""
        tables = ("request", "event", "stage_record", "document", "message", "pause", "billing",
                  "assignment", "number_counter", "survey_receipt", "survey_response")  # fmt: skip
        return [sorted(map(repr, database.execute_sql(f"SELECT * FROM {t}").fetchall()))
                for t in tables]  # fmt: skip


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
