"""Everybody at the pages: each finds a request in the own list, opens it, and presses a button."""

import re
from datetime import timedelta

import workflow
from demo.walks import sample_inputs
from models import Event, RateBucket, Request, User
from moves.catalogue import current_stage
from rules.formats import ZONE
from tests.html_forms import Form, form_at
from tests.people import enter, make_staff, pdf, stored
from workflow import Choice, Reader


class OfficePages:
    """All posts and a customer, each with a browser of their own."""

    def __init__(self, app, people, runtime, clock):
        self.app, self.people, self.runtime, self.clock = app, people, runtime, clock
        with app.app_context():
            superior = make_staff("atasan_balai")
        self.posts: dict[str, User] = {**people.staff, "atasan_balai": superior}
        self.everybody = [*self.posts.values(), people.customer, people.other_customer]
        self._clients: dict[int, object] = {}

    def client(self, person: User):
        if person.id not in self._clients:
            self._clients[person.id] = enter(self.app, person)
        return self._clients[person.id]

    def choices_of(self, request: Request, person: User) -> list[Choice]:
        return workflow.choices(request, Reader.at(person, self.clock.now))

    def offered(self, request: Request) -> list[tuple[User, Choice]]:
        """Who may do what now, by the rules."""
        return [
            (person, choice)
            for person in self.everybody
            for choice in self.choices_of(request, person)
        ]

    # -- what a person sees ----------------------------------------------------------------------

    def finds(self, person: User, request: Request) -> str:
        """The page of a request, by the link in the own list; fails where no list has it."""
        client = self.client(person)
        first, link = ("/backoffice/", f"/backoffice/permohonan/{request.public_id}")
        if not person.is_staff:
            first, link = "/layanan/rekap", f"/layanan/{request.public_id}"
        lists, seen = [first], set()
        while lists:
            address = lists.pop(0)
            seen.add(address)
            page = client.get(address)
            assert page.status_code == 200, (person, address)
            if f'href="{link}"' in page.text:
                opened = client.get(link)
                assert opened.status_code == 200, (person, link)
                return opened.text
            tabs = re.findall(r'href="(/backoffice/\?tab=[^"&]+)"', page.text)
            lists += [tab for tab in dict.fromkeys(tabs) if tab not in seen and tab not in lists]
        raise AssertionError(f"{person} may act on {request.stage_code} but no list shows it")

    def form_of(self, page: str, person: User, request: Request, code: str) -> tuple[str, Form]:
        """(address, form) of a button; fails where the page hasn't one."""
        if person.is_staff:
            address = f"/backoffice/permohonan/{request.public_id}/{code}"
        elif code == "survey":
            address = f"/layanan/{request.public_id}/survei"
            assert f'href="{address}"' in page, (person, code)
            page = self.client(person).get(address).text
        else:
            address = f"/layanan/{request.public_id}/tindakan/{code}"
        form = form_at(page, "" if code == "survey" else address)
        assert form, f"{person} may {code} at {request.stage_code} but the page has no such form"
        return address, form

    def everybody_reaches_their_buttons(self, request: Request) -> set[tuple[str, str]]:
        """(code, post or e-mail) of all that is offered, each seen in the own list and page."""
        found = set()
        for person in self.everybody:
            choices = self.choices_of(request, person)
            page = self.finds(person, request) if choices else ""
            for choice in choices:
                _, form = self.form_of(page, person, request, choice.code)
                asked = {*form.ticks, *form.choices, *form.typed, *form.files}
                for entry in choice.inputs:
                    assert any(name.split("-")[0] == entry.name for name in asked), entry.name
                found |= {(choice.code, post) for post in person.role_codes or {"pelanggan"}}
        return found

    # -- what a person does ----------------------------------------------------------------------

    def presses(self, person: User, request: Request, code: str) -> Request:
        """Go from the list to the page to the form and send it; return the request anew."""
        self.clock.forward(minutes=10)
        RateBucket.delete().execute()
        [choice] = [one for one in self.choices_of(request, person) if one.code == code]
        page = self.finds(person, request)
        address, form = self.form_of(page, person, request, code)
        given = form.filled(self._words(request, choice))
        before = self._events(request)
        answer = self.client(person).post(
            address, data=given, content_type="multipart/form-data", follow_redirects=False
        )
        problems = re.findall(r'class="m-error"[^>]*>(.*?)</span>\s*([^<]*)', answer.text)
        assert answer.status_code == 302, (person, code, request.stage_code, problems)
        assert self._events(request) > before, (person, code)
        return Request.get_by_id(request.id)

    def _events(self, request: Request) -> int:
        return Event.select().where(Event.request == request).count()

    def _words(self, request: Request, choice: Choice) -> dict[str, object]:
        ahead = (self.clock.now.astimezone(ZONE) + timedelta(days=20)).date().isoformat()
        words: dict[str, object] = {"resumes_on": ahead, "finish_on": ahead, "new_on": ahead}
        if choice.code == "complete":
            file = stored(self.runtime, pdf("Laporan"), "laporan.pdf")
            now = self.clock.now
            words |= sample_inputs(request, choice.stage, self.posts, file, now=now)
        return words

    def holder(self, request: Request, post: str) -> User:
        return self.posts.get(post, request.customer)

    def completes(self, request: Request) -> Request:
        """The post that the flow names completes the desk at which a request lies."""
        desk = current_stage(request)
        code = "survey" if desk.kind == "survey" else "complete"
        return self.presses(self.holder(request, desk.role), request, code)
