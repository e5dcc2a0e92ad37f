"""The office that random walks go through: its people, its clock, and one step of anybody."""

from collections import Counter
from datetime import date, timedelta

from hypothesis.stateful import RuleBasedStateMachine

import workflow
from demo.walks import sample_inputs
from models import Event, Holiday, Request, User
from moves.officials import people_for
from rules.formats import ZONE
from rules.survey import check_answers
from storage.database import database
from tests.conftest import MANUAL_MOMENT
from tests.moves.walked_requests import RAW, Walked
from tests.people import POSTS, People, good_answers, make_staff, stored
from tests.snapshots import empty_tables
from workflow import Reader

# Kinds of events that no person's move writes.
BESIDE = ("document_made", "deadline_moved")
# What leaves the form that somebody else has open as good as it was.
SAID_ONLY = ("remind", "explain_delay")
SOURCE = "uji"
REASON = "Alasan yang cukup panjang agar dapat dibaca."


class OfficeAtWork(RuleBasedStateMachine):
    """All posts and two customers on all services at once; what a step needs."""

    app = runtime = None
    moves: Counter = Counter()

    def __init__(self):
        super().__init__()
        empty_tables()
        Holiday.delete().where(Holiday.source == SOURCE).execute()
        with self.app.app_context():
            self.people = People.create()
            colleagues = [make_staff(post, email=f"{post}2@balai.test") for post in POSTS[3:12]]
            # An invitation to each post that is never accepted.
            self.invited = [make_staff(post, email=f"{post}3@balai.test") for post in POSTS[:12]]
        User.update(password=None).where(User.id.in_([one.id for one in self.invited])).execute()
        self.staff = [*self.people.staff.values(), *colleagues]
        self.customers = [self.people.customer, self.people.other_customer]
        self.paper = stored(self.runtime)
        self.now = MANUAL_MOMENT
        self.walks: dict[int, Walked] = {}
        self.touched: list[int] = []

    def _one(self, which: int) -> int:
        return sorted(self.walks)[which % len(self.walks)]

    def _pass(self, *, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def _able(self, request: Request):
        """(person, choice) for all in service and all customers; holders of the post first."""
        everybody = [person for person in self.staff if person.is_in_service] + self.customers
        everybody.sort(key=lambda person: request.waiting_role not in person.role_codes)
        for person in everybody:
            for choice in workflow.choices(request, Reader.at(person, self.now)):
                yield person, choice

    def _take(self, request: Request, person: User, choice, pick: int) -> None:
        walk = self.walks[request.id]
        self._pass(minutes=5 + pick % 90)
        if choice not in workflow.choices(request, Reader.at(person, self.now)):
            return  # A mandate ended in these minutes.
        inputs = self._inputs(request, choice, pick)
        before = self._moves_of(request)
        if choice.code == "survey":
            moved = self._survey(request, person)
        else:
            moved = workflow.act(
                request,
                choice.code,
                reader=Reader.at(person, self.now),
                inputs=inputs,
                version=request.version,
            )
        assert moved.version > request.version or choice.code in SAID_ONLY
        assert self._moves_of(request) == before + 1
        last = Event.select().where((Event.request == request) & Event.kind.not_in(BESIDE))
        last = last.order_by(Event.seq.desc()).first()
        assert (last.actor_id, last.at) == (person.id, self.now)
        self.moves[choice.code] += 1
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
            request,
            reader=Reader.at(person, self.now),
            answers=answers,
            questionnaire=questionnaire,
            version=request.version,
        )

    def _inputs(self, request: Request, choice, pick: int) -> dict:
        if choice.code == "tell_new_date":
            later = max(self.now, request.due_at) + timedelta(days=1 + pick % 40)
            return {"finish_on": later.astimezone(ZONE).date().isoformat(), "reason": REASON}
        if choice.code == "explain_delay":
            causes = choice.inputs[0].options
            return {"cause": causes[pick % len(causes)], "note": REASON}
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
            if entry.type in ("checklist", "yes_no"):
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
