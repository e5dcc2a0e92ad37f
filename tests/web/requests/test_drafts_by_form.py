"""A draft belongs to its form: tabs side by side, going back, pressing twice."""

import html
import re

import pytest

from models import Request, RequestDraft
from tests.people import enter, upload
from tests.story_forms import FORM
from tests.test_story import log_in


def opened(client, page: str = "/ajukan") -> dict[str, str]:
    """The hidden fields of the filing form, as a tab has them."""
    text = client.get(page).text
    form = re.search(r'<form class="m-form"[^>]*action="/ajukan".*?</form>', text, re.S)[0]
    return dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', form))


def fills(client, tab: dict, subject: str, **more):
    form = {**FORM, **tab, "subject": subject, **more}
    return client.post("/ajukan", data=form, content_type="multipart/form-data")


def check_page(client, answer) -> tuple[str, dict[str, str]]:
    assert answer.status_code == 302, answer.text
    page = client.get(answer.headers["Location"]).text
    form = re.search(r'<form[^>]*action="/ajukan/kirim".*?</form>', page, re.S)[0]
    return page, dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', form))


def subjects() -> list[str]:
    return sorted(request.subject for request in Request.select())


@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
@pytest.mark.parametrize("is_begun_later", [False, True])
def test_two_tabs_file_two_requests(app, people, order, is_begun_later):
    client = enter(app, people.customer)
    tabs = {"A": opened(client), "B": {}}
    if not is_begun_later:
        tabs["B"] = opened(client)
    checked = {"A": check_page(client, fills(client, tabs["A"], "Perihal A", file=upload()))}
    # The second tab may be opened when the first one is nearly done.
    tabs["B"] = tabs["B"] or opened(client)
    checked["B"] = check_page(client, fills(client, tabs["B"], "Perihal B", file=upload()))
    assert "Perihal A" in checked["A"][0] and "Perihal B" in checked["B"][0]
    for tab in order:
        sent = client.post("/ajukan/kirim", data=checked[tab][1])
        assert "terkirim" in sent.headers["Location"]
    assert subjects() == ["Perihal A", "Perihal B"]
    assert "Perihal" not in html.unescape(client.get("/ajukan").text).split("<form")[-1]


def test_three_tabs_of_a_visitor_all_come_through_the_log_in(app, people):
    client = app.test_client()
    ways = [fills(client, opened(client, "/"), f"Perihal {number}") for number in "123"]
    log_in(client, people.customer.email)
    for number, way in zip("123", ways, strict=True):
        page = way.headers["Location"].partition("next=")[2].replace("%2F", "/").replace("%3F", "?")
        assert f"Perihal {number}" in client.get(page.replace("%3D", "=")).text


def test_second_form_begins_empty_and_names_the_first(app, people):
    client = enter(app, people.customer)
    fills(client, opened(client), "Perihal A", file=upload())
    page = client.get("/ajukan").text
    assert "Perihal A" in page.split("<form class")[0]
    assert "surat.pdf" not in page and "Perihal A" not in page.split('id="subject"')[1]
    fills(client, opened(client), "Perihal B")
    assert RequestDraft.select().count() == 2


@pytest.mark.parametrize("times", [2, 3, 5])
def test_form_gone_back_to_and_sent_again_files_once(app, people, times):
    client = enter(app, people.customer)
    tab = opened(client)
    _, hidden = check_page(client, fills(client, tab, "Perihal A", file=upload()))
    answers = {client.post("/ajukan/kirim", data=hidden).headers["Location"] for _ in range(times)}
    assert len(answers) == 1
    # Back by two pages, and pressed there: what it filed is shown.
    again = fills(client, tab, "Perihal A", file=upload())
    assert again.headers["Location"] == answers.pop()
    assert client.get(f"/ajukan/periksa?formulir={tab['formulir']}").status_code == 302
    assert subjects() == ["Perihal A"]


def test_form_gone_back_to_and_changed_is_a_new_request(app, people):
    client = enter(app, people.customer)
    tab = opened(client)
    _, hidden = check_page(client, fills(client, tab, "Perihal A", file=upload()))
    client.post("/ajukan/kirim", data=hidden)
    _, hidden = check_page(client, fills(client, tab, "Perihal lain", file=upload()))
    client.post("/ajukan/kirim", data=hidden)
    assert subjects() == ["Perihal A", "Perihal lain"]


@pytest.mark.parametrize("key", ["", "x", "' OR 1=1 --", "A" * 26, "A" * 5000])
def test_nobody_opens_the_draft_of_another_by_its_key(app, people, key):
    owner, other = enter(app, people.customer), enter(app, people.other_customer)
    tab = opened(owner)
    fills(owner, tab, "Perihal rahasia", file=upload())
    for reader in (other, app.test_client()):
        for known in (key, tab["formulir"]):
            assert "rahasia" not in reader.get("/", query_string={"formulir": known}).text
    assert "rahasia" not in other.get(f"/ajukan/periksa?formulir={tab['formulir']}").text
    stolen = fills(other, {**opened(other), "formulir": tab["formulir"]}, "Perihal lain")
    assert stolen.status_code == 422
    assert RequestDraft.get(RequestDraft.key == tab["formulir"]).answers["subject"] == (
        "Perihal rahasia"
    )
