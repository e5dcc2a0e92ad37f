"""What is wrong with a form reaches who listens to the page, and who uses no mouse."""

import re
from html.parser import HTMLParser

import pytest

from tests.people import advance, enter, file_request, post

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
CONTROLS = {"input", "select", "textarea", "button"}


class Page(HTMLParser):
    """The elements of a page by id, the controls of each name, and what the summary links to."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: dict[str, tuple[str, dict]] = {}
        self.named: dict[str, list[dict]] = {}
        self.groups: list[dict] = []
        self.repeated: set[str] = set()
        self.feed(text)
        summary = re.search(r"data-error-summary>(.*?)</ul>", text, re.S)
        self.linked = re.findall(r'href="#([^"]+)"', summary[1]) if summary else []
        self.title = re.search(r"<title>(.*?)</title>", text, re.S)[1]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.repeated |= {given["id"]} & self.ids.keys()
            self.ids[given["id"]] = (tag, given)
        if tag in CONTROLS and given.get("name"):
            self.named.setdefault(given["name"], []).append(given)
        if tag == "fieldset":
            self.groups.append(given)


def of_filing(app, people, runtime, now):
    return post(enter(app, people.customer), "/ajukan", {"subject": "Perihal"})


def of_filing_kind(app, people, runtime, now):
    form = {"service": "data", "subject": "Perihal", "description": "Uraian"}
    return post(enter(app, people.customer), "/ajukan", form)


def of_filing_laboratory(app, people, runtime, now):
    return post(enter(app, people.customer), "/ajukan", {"service": "lab", "subject": "Perihal"})


def of_sign_up(app, people, runtime, now):
    return post(app.test_client(), "/daftar", {"name": "Pemohon"})


def of_survey(app, people, runtime, now):
    item = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now,
                   until="SURVEI")  # fmt: skip
    return post(enter(app, people.customer), f"/layanan/{item.public_id}/survei", {})


def of_card(app, people, runtime, now):
    item = file_request(runtime, people.customer, now=now)
    address = f"/backoffice/permohonan/{item.public_id}/complete"
    return post(enter(app, people.admin_layanan), address, {"version": str(item.version)})


def of_counter(app, people, runtime, now):
    return post(
        enter(app, people.admin_layanan), "/backoffice/loket/permohonan", {"service": "lab"}
    )


def of_mandate(app, people, runtime, now):
    return post(enter(app, people.administrator), "/backoffice/mandat/baru", {})


FORMS = (of_filing, of_filing_kind, of_filing_laboratory, of_sign_up, of_survey, of_card,
         of_counter, of_mandate)  # fmt: skip


@pytest.fixture(params=FORMS, ids=lambda form: form.__name__)
def refused(request, app, people, runtime, now) -> Page:
    answer = request.param(app, people, runtime, now)
    # Flask-Security answers a wrong sign-up with 200.
    assert answer.status_code in (200, 422)
    return Page(answer.text)


def test_title_begins_with_the_error(refused):
    assert refused.title.startswith("Kesalahan: ")


def test_summary_leads_to_controls_that_say_why(refused):
    assert refused.linked and not refused.repeated
    groups = {group.get("aria-describedby", "") for group in refused.groups}
    for place in refused.linked:
        tag, given = refused.ids[place]
        assert tag in CONTROLS, place
        told = given.get("aria-describedby", "").split()
        is_grouped = any(place + "-error" in words.split() for words in groups)
        assert f"{place}-error" in told or is_grouped, place
        if given.get("type") == "radio":
            assert all("aria-invalid" in one for one in refused.named[given["name"]]), place


@pytest.mark.parametrize("address", ["/", "/ajukan", "/daftar", "/masuk", "/profil"])
def test_title_of_a_page_without_errors_says_nothing_of_them(app, people, address):
    client = app.test_client() if address in ("/daftar", "/masuk") else enter(app, people.customer)
    assert "Kesalahan" not in Page(client.get(address).text).title


def test_words_that_look_like_the_summary_do_not_count(app, people, runtime, now):
    item = file_request(runtime, people.customer, now=now, subject="x data-error-summary>")
    page = enter(app, people.customer).get(f"/layanan/{item.public_id}")
    assert "Kesalahan" not in Page(page.text).title
