"""What somebody began: kept while they type, on any device, listed, thrown away."""

import re

import pytest

from models import Request, RequestDraft
from portal.drafts import MOST_DRAFTS
from storage.database import new_public_id
from tests.people import enter, post, upload
from tests.story_forms import FORM
from tests.test_story import log_in
from tests.web.requests.test_drafts_by_form import check_page, fills, opened

TYPED = {**FORM, "statement": ""}


def types(client, page: dict, **more):
    """What the script of the page sends while somebody types."""
    return client.post("/ajukan/simpan", data={**TYPED, **page, **more})


def page_of(client, key: str) -> dict[str, str]:
    return opened(client, f"/ajukan?formulir={key}")


def test_begun_on_one_device_and_sent_from_another(app, people):
    telephone, office = enter(app, people.customer), enter(app, people.customer)
    page = opened(telephone)
    kept = types(telephone, page, subject="Gelombang di Pantai Contoh")
    assert kept.json["state"] == "kept" and re.fullmatch(r"\d\d\.\d\d", kept.json["at"])
    dashboard = office.get("/dasbor").text
    assert "Gelombang di Pantai Contoh" in dashboard and "Lanjutkan" in dashboard
    there = page_of(office, page["formulir"])
    _, hidden = check_page(
        office, fills(office, there, "Gelombang di Pantai Contoh", file=upload())
    )
    office.post("/ajukan/kirim", data=hidden)
    assert Request.get().subject == "Gelombang di Pantai Contoh"
    assert RequestDraft.select().count() == 0


def test_several_live_side_by_side_and_through_the_log_out(app, people):
    client = enter(app, people.customer)
    for subject in ("Perihal A", "Perihal B"):
        types(client, opened(client), subject=subject)
    post(client, "/keluar")
    assert "Perihal A" not in client.get("/").text
    log_in(client, people.customer.email)
    page = client.get("/dasbor").text
    assert "Perihal A" in page and "Perihal B" in page


def test_typing_goes_on_where_it_was(app, people):
    client = enter(app, people.customer)
    page = opened(client)
    for subject in ("P", "Perihal", "Perihal A", "Perihal A"):
        page["dilihat"] = types(client, page, subject=subject).json["seen"]
    assert [draft.answers["subject"] for draft in RequestDraft.select()] == ["Perihal A"]


@pytest.mark.parametrize("typed", [{}, {"service": "data"}, {"subject": "  "}])
def test_nothing_typed_is_no_draft(app, people, typed):
    client = enter(app, people.customer)
    page = opened(client)
    assert client.post("/ajukan/simpan", data={**page, **typed}).json == {"state": "empty"}
    assert RequestDraft.select().count() == 0


def test_files_of_the_draft_stay(app, people):
    client = enter(app, people.customer)
    page = opened(client)
    fills(client, page, "Perihal A", file=upload())
    types(client, page_of(client, page["formulir"]), subject="Perihal B")
    draft = RequestDraft.get()
    assert draft.answers["subject"] == "Perihal B" and "pendukung" in draft.files


@pytest.mark.parametrize("by", ["script", "button"])
def test_what_was_written_elsewhere_meanwhile_is_not_overwritten(app, people, by):
    telephone, office = enter(app, people.customer), enter(app, people.customer)
    key = types(telephone, opened(telephone)).json["key"]
    old, new = page_of(telephone, key), page_of(office, key)
    if by == "script":
        types(office, new, subject="Yang baru")
    else:
        fills(office, new, "Yang baru", file=upload())
    refused = types(telephone, old, subject="Yang lama")
    assert refused.status_code == 409 and refused.json["state"] == "changed"
    assert RequestDraft.get().answers["subject"] == "Yang baru"


@pytest.mark.parametrize("end", ["sent", "dropped"])
def test_what_is_gone_does_not_come_back(app, people, end):
    client = enter(app, people.customer)
    page = opened(client)
    page["dilihat"] = types(client, page).json["seen"]
    if end == "sent":
        _, hidden = check_page(client, fills(client, page, "Perihal A", file=upload()))
        client.post("/ajukan/kirim", data=hidden)
    else:
        post(client, f"/ajukan/draf/{page['formulir']}/hapus")
    late = types(client, page, subject="Terlambat")
    assert late.json["state"] == "gone"
    assert RequestDraft.select().count() == 0


def test_strangers_neither_change_nor_drop_it(app, people):
    owner, other = enter(app, people.customer), enter(app, people.other_customer)
    key = types(owner, opened(owner), subject="Perihal rahasia").json["key"]
    theirs = {**opened(other), "formulir": key}
    assert types(other, theirs, subject="Perihal lain").json["state"] == "gone"
    assert post(other, f"/ajukan/draf/{key}/hapus").status_code == 404
    assert "rahasia" not in other.get("/dasbor").text + other.get(f"/ajukan?formulir={key}").text
    assert RequestDraft.get().answers["subject"] == "Perihal rahasia"


def test_visitors_draft_joins_the_account_that_logs_in(app, people):
    client = app.test_client()
    assert types(client, opened(client, "/"), subject="Perihal A").json["state"] == "kept"
    log_in(client, people.customer.email)
    assert "Perihal A" in client.get("/dasbor").text
    assert RequestDraft.get().user == people.customer


def test_page_left_open_after_the_log_in_ended_keeps_nothing(app, people):
    client = enter(app, people.customer)
    page = opened(client)
    client.delete_cookie(app.config["SESSION_COOKIE_NAME"])
    visitor = opened(client, "/")
    mark = page["csrf_token"].partition("~")[2]
    late = types(client, {**page, "csrf_token": f"{visitor['csrf_token']}~{mark}"})
    assert late.status_code == 401 and RequestDraft.select().count() == 0


def test_one_account_has_so_many_and_no_more(app, people, now):
    for number in range(MOST_DRAFTS):
        RequestDraft.create(user=people.customer, answers={"subject": f"{number}"}, updated_at=now)
    client = enter(app, people.customer)
    full = types(client, {**opened(client), "formulir": new_public_id()})
    assert full.json["state"] == "full" and str(MOST_DRAFTS) in full.json["error"]
    assert RequestDraft.select().count() == MOST_DRAFTS
