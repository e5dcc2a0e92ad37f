"""At the counter: a customer is found or written down, and the request is filed."""

import re

import pytest

import workflow
from models import (
    NO_EMAIL,
    Document,
    Event,
    Message,
    Request,
    RequestDraft,
    SurveyReceipt,
    SurveyResponse,
    User,
)
from tests.backoffice.requests.counter_pages import FORM_PAGE, NEWCOMER, REQUEST, key_of, write_down
from tests.people import advance, details_for, enter, file_request, good_answers, pdf, post, upload
from tests.web.test_wrong_input import problem_at, rows
from workflow import Reader


def test_known_customer_is_found_and_gets_the_request(app, people):
    client = enter(app, people.admin_layanan)
    found = client.get("/backoffice/loket/?q=Pelanggan Satu").text
    address = re.search(rf'href="({FORM_PAGE}\?pelanggan=[0-9A-Z]+)"', found).group(1)
    done = write_down(client, address, channel="surat")
    filed = Request.get()
    assert done.headers["Location"].endswith(filed.public_id)
    assert (filed.customer, filed.registered_by) == (people.customer, people.admin_layanan)
    assert filed.channel == "surat"
    # The customer sees it as their own, and is told.
    assert REQUEST["subject"] in enter(app, people.customer).get("/dasbor").text
    told = Message.select().where(Message.recipient == people.customer)
    assert {message.template for message in told} == {"permintaan_diterima_sistem"}
    # Who wrote it down stands in the history, and the scan is kept.
    event = Event.get(Event.kind == "submitted")
    assert (event.actor, event.acted_for) == (people.admin_layanan, "admin_layanan")
    assert event.data["on_behalf"] is True
    assert Document.get(Document.kind == "pendukung").filename == "surat.pdf"
    noted = f"Permohonan dicatat dari surat oleh {people.admin_layanan.name}."
    assert noted in client.get(f"/backoffice/permohonan/{filed.public_id}").text


def test_key_of_somebody_elses_draft_opens_another_draft(app, people, now):
    theirs = RequestDraft.create(user=people.customer, answers={"subject": "Milik pelanggan"},
                                 updated_at=now)  # fmt: skip
    page = f"{FORM_PAGE}?pelanggan={people.other_customer.public_id}"
    client = enter(app, people.admin_layanan)
    refused = write_down(client, page, key=theirs.key, description="")
    assert refused.status_code == 422
    assert theirs.key not in refused.text
    kept = RequestDraft.get_by_id(theirs.id)
    assert (kept.user, kept.answers) == (people.customer, {"subject": "Milik pelanggan"})


def test_newcomer_without_account_goes_all_the_way(app, people, runtime, now):
    """No e-mail, no phone: every choice of the customer is written down by the admin."""
    client = enter(app, people.admin_layanan)
    write_down(client, **NEWCOMER)
    filed = Request.get()
    assert filed.customer.name == NEWCOMER["name"]
    assert filed.customer.email.endswith(NO_EMAIL)
    assert filed.customer.password is None
    assert not Message.select().where(Message.recipient == filed.customer).exists()
    filed = advance(filed, people, runtime, now=now, until="SURVEI")

    card = client.get(f"/backoffice/permohonan/{filed.public_id}").text
    paper = f"/backoffice/loket/survei/{filed.public_id}"
    assert paper in card
    half = {**good_answers(runtime.questionnaire), "U3": ""}
    refused = post(client, paper, half)
    assert refused.status_code == 422
    assert not SurveyReceipt.select().exists()
    answered = post(client, paper, good_answers(runtime.questionnaire), follow_redirects=True)
    assert "Survei sudah dicatat" in answered.text
    assert SurveyReceipt.get().request == filed
    assert set(SurveyResponse.get().scores.values()) == {4}
    # Filled once: the page is gone, and a second POST changes nothing.
    assert client.get(paper).status_code == 404
    assert post(client, paper, good_answers(runtime.questionnaire)).status_code == 404
    assert SurveyResponse.select().count() == 1

    filed = advance(Request.get(), people, runtime, now=now)
    assert filed.status == "done"


def test_paper_survey_is_closed_for_those_with_an_account(app, people, runtime, now):
    filed = advance(file_request(runtime, people.customer, now=now), people, runtime, now=now,
                    until="SURVEI")  # fmt: skip
    paper = f"/backoffice/loket/survei/{filed.public_id}"
    # Written down at the counter, before the customer had an account.
    filed.registered_by = people.admin_layanan
    filed.save()
    assert not [
        one
        for one in workflow.choices(filed, Reader.at(people.admin_layanan, now))
        if one.on_behalf
    ]
    for post_code in ("admin_layanan", "kepala_balai"):
        client = enter(app, people.staff[post_code])
        assert client.get(paper).status_code in (403, 404)
        assert post(client, paper, good_answers(runtime.questionnaire)).status_code in (403, 404)
    assert not SurveyReceipt.select().exists()


def test_same_form_sent_twice_files_once(app, people):
    client = enter(app, people.admin_layanan)
    form = {**REQUEST, **NEWCOMER, "key": key_of(client.get(FORM_PAGE).text)}
    first = post(client, FORM_PAGE, {**form, "file": upload()})
    second = post(client, FORM_PAGE, {**form, "file": upload()})
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert Request.select().count() == 1
    assert User.select().where(User.name == NEWCOMER["name"]).count() == 1


@pytest.mark.parametrize("missing", ["name", "channel", "subject", "statement"])
def test_missing_field_keeps_the_rest_and_writes_nothing(app, people, missing):
    client, before = enter(app, people.admin_layanan), rows()
    answer = write_down(client, **{**NEWCOMER, missing: ""})
    assert answer.status_code == 422
    assert problem_at(answer.text, missing)
    # The summary names the field, in the order of the page.
    label = {"name": "Nama", "channel": "Cara permohonan masuk", "subject": "Perihal"}.get(missing)
    if label:
        assert f'<a href="#{missing}">{label}: ' in answer.text
    assert REQUEST["description"] in answer.text
    assert NEWCOMER["institution_name"] in answer.text
    assert "Tersimpan: surat.pdf" in answer.text
    assert rows() == before


def test_other_services_ask_their_own_fields_at_the_counter(app, people, runtime):
    client, flow = enter(app, people.admin_layanan), runtime.catalogue["lab"].flow
    own = {f"lab-{name}": value for name, value in details_for(flow, "").items()}
    papers = {
        f"lab-{entry.name}": upload(pdf(entry.label), f"{entry.name}.pdf")
        for entry in flow.attachments
        if entry.required
    }
    form = {**NEWCOMER, "service": "lab", "subclass": ""}
    answer = write_down(client, **form)
    assert answer.status_code == 422
    assert problem_at(answer.text, "lab-jenis_uji")
    assert write_down(client, **form, **own, **papers).status_code == 302
    filed = Request.get()
    assert filed.details == details_for(flow, "")
    kinds = {row.kind for row in Document.select().where(Document.request == filed)}
    assert {entry.name for entry in flow.attachments if entry.required} < kinds


def test_only_the_admin_stands_at_the_counter(app, people):
    for code, person in people.staff.items():
        client = enter(app, person)
        expected = 200 if code == "admin_layanan" else 403
        assert client.get("/backoffice/loket/").status_code == expected, code
        assert client.get(FORM_PAGE).status_code == expected, code
    stranger = enter(app, people.admin_layanan).get(f"{FORM_PAGE}?pelanggan={'0' * 26}")
    assert stranger.status_code == 404
    staff = people.kepala_balai.public_id
    assert enter(app, people.admin_layanan).get(f"{FORM_PAGE}?pelanggan={staff}").status_code == 404
