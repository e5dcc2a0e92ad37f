"""Forms that were refused, changed elsewhere, left behind or sent twice."""

import re
import threading

import pytest

from models import Request, RequestDraft
from tests.people import advance, checked, csrf_token, enter, file_request, pdf, post, upload
from tests.story_forms import FORM
from tests.test_story import log_in


def sent(client, **changes):
    """What becomes of a draft that is sent without looking at the check page."""
    with client.session_transaction() as session:
        key = session["draft"]
    return post(client, "/ajukan/kirim", {"key": key, **changes}, follow_redirects=True)


@pytest.mark.parametrize(
    "change",
    [
        {"statement": ""},
        {"subject": ""},
        {"subject": "x" * 300},
        {"description": "x" * 4001},
        {"subclass": "tidak_ada"},
        {"service": "tidak_ada"},
    ],
)
def test_draft_that_the_form_refused_cannot_be_filed(app, people, change):
    client = enter(app, people.customer)
    assert post(client, "/ajukan", {**FORM, **change, "file": upload()}).status_code == 422
    assert client.get("/ajukan/periksa").status_code == 302
    assert "belum lengkap" in sent(client).text
    assert Request.select().count() == 0


def test_draft_changed_in_another_tab_is_shown_again(app, people):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload()})
    seen = checked(client)
    post(client, "/ajukan", {**FORM, "subject": "Perihal lain dari tab kedua"})
    again = post(client, "/ajukan/kirim", seen, follow_redirects=True)
    assert "Perihal lain dari tab kedua" in again.text
    assert Request.select().count() == 0
    post(client, "/ajukan/kirim", checked(client))
    assert Request.get().subject == "Perihal lain dari tab kedua"


def test_draft_does_not_wait_for_the_next_person(app, people):
    client = app.test_client()
    post(client, "/ajukan", FORM)
    log_in(client, people.customer.email)
    assert RequestDraft.get().user == people.customer
    post(client, "/keluar")
    assert FORM["description"] not in client.get("/").text
    log_in(client, people.other_customer.email)
    assert FORM["description"] not in client.get("/ajukan").text


def test_kept_file_that_is_gone_must_be_chosen_again(app, people, runtime, now):
    request = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now,
                      until="LAPORAN_KE_PETUGAS")  # fmt: skip
    client = enter(app, people.pemangku_data)
    address = f"/backoffice/permohonan/{request.public_id}/complete"
    form = {"version": str(request.version), "note": "x" * 1001, "report": upload(pdf("sementara"))}
    page = post(client, address, form)
    assert page.status_code == 422
    token = re.search(r'name="report_kept" value="([^"]+)"', page.text).group(1)
    for sha256, _ in list(runtime.storage.digests()):
        runtime.storage.path(sha256).unlink()
    again = post(client, address, {"version": str(request.version), "report_kept": token})
    assert again.status_code == 422
    assert "Unggah berkas PDF" in again.text
    assert Request.get_by_id(request.id).stage_code == "LAPORAN_KE_PETUGAS"


def test_too_large_file_keeps_what_was_typed(app, people):
    client = enter(app, people.customer)
    page = post(client, "/ajukan", {**FORM, "file": upload(b"%PDF-1.4\n" + b"x" * 5_000_000)})
    assert page.status_code == 422
    assert "Ukuran berkas melebihi 2 MB" in page.text
    assert FORM["description"] in page.text


def test_double_click_shows_one_request(app, people):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload()})
    form = {**checked(client), "csrf_token": csrf_token(client)}
    cookie = client.get_cookie("melasti").value
    answers = []

    def click():
        other = app.test_client()
        other.set_cookie("melasti", cookie)
        answers.append(other.post("/ajukan/kirim", data=form).headers["Location"])

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    request = Request.get()
    assert answers == [f"/layanan/{request.public_id}/terkirim"] * 4


def test_seal_is_needed(app, people):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, "file": upload()})
    assert "Periksa sekali lagi" in sent(client, seal="x").text
    assert Request.select().count() == 0


@pytest.mark.parametrize("is_customer", [True, False])
@pytest.mark.parametrize("code", ["data", "lab", "advis"])
def test_standard_of_a_service_leads_to_its_form(app, people, code, is_customer):
    client = enter(app, people.customer if is_customer else None)
    way = re.search(r'href="([^"]+)">Ajukan layanan ini', client.get(f"/sop/{code}").text)[1]
    chosen = re.findall(r"<input checked[^>]*name=\"service\"[^>]*>", client.get(way).text)
    assert len(chosen) == 1 and f'value="{code}"' in chosen[0]
