"""The door: report, survey and handover, and who is told of each stage."""

from datetime import timedelta

import pytest

import workflow
from models import Document, Event, Message, Request, SurveyReceipt, SurveyResponse
from moves.catalogue import flow_of
from rules.survey import check_answers
from tests.people import advance, complete_desk, file_request, good_answers, unpublished_offer
from workflow import Conflict, Reader, Refused


def test_report_is_hidden_until_released(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    for stage_code in ("SURVEI", "SERAH_PELANGGAN"):
        request = advance(request, people, runtime, now=now, until=stage_code)
        seen = Document.visible_to(Reader.at(people.customer, now)).where(Document.is_result)
        assert list(seen) == []
    request = advance(request, people, runtime, now=now)
    assert request.status == "done"
    seen = Document.visible_to(Reader.at(people.customer, now)).where(Document.is_result)
    assert [document.filename for document in seen] == ["laporan.pdf"]
    assert list(Document.visible_to(Reader.at(people.other_customer, now))) == []


def test_survey_is_filled_once_and_kept_apart(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="SURVEI")
    assert request.status == "waiting_customer"
    answers, errors = check_answers(runtime.questionnaire, good_answers(runtime.questionnaire))
    assert not errors
    given = {
        "reader": Reader.at(people.customer, now + timedelta(hours=6)),
        "answers": answers,
        "questionnaire": runtime.questionnaire,
        "version": request.version,
    }
    workflow.answer_survey(request, **given)
    with pytest.raises(Conflict):
        workflow.answer_survey(request, **given)

    assert SurveyReceipt.select().count() == 1
    response = SurveyResponse.get()
    assert response.scores["U1"] == 4
    # Nothing in the answers leads back to the request or the person.
    columns = set(SurveyResponse._meta.fields)
    assert not columns & {"request", "customer", "user", "answered_at"}


def test_survey_is_refused_to_others_and_before_its_stage(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    answers, _ = check_answers(runtime.questionnaire, good_answers(runtime.questionnaire))

    def fill(actor):
        workflow.answer_survey(
            request,
            reader=Reader.at(actor, now),
            answers=answers,
            questionnaire=runtime.questionnaire,
            version=request.version,
        )

    with pytest.raises(Refused):
        fill(people.customer)
    request = advance(request, people, runtime, now=now, until="SURVEI")
    for outsider in (people.other_customer, people.petugas_layanan):
        with pytest.raises(Refused):
            fill(outsider)
    assert SurveyReceipt.select().count() == 0


def test_every_stage_tells_the_customer_and_the_next_post(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now)

    told = [m.template for m in Message.select().order_by(Message.id)
            if m.recipient_id == people.customer.id]  # fmt: skip
    assert told == [
        "permintaan_diterima_sistem",
        "permintaan_bernomor",
        "tahap_maju",
        "tahap_maju",
        "tahap_maju",
        "tahap_maju",
        "isi_survei",
        "tahap_maju",
        "hasil_siap",
    ]
    tasks = [
        m.recipient_id
        for m in Message.select().where(Message.template == "tugas_baru").order_by(Message.id)
    ]
    posts = ("admin_layanan", "kepala_balai", "kasubag_tu", "ketua_tim", "ketua_tim",
             "pemangku_data", "petugas_layanan")  # fmt: skip
    assert tasks == [people.staff[post].id for post in posts]


def test_timeline_has_one_event_per_stage_and_an_unbroken_chain(people, runtime, now):
    from administration.audit import verify_history

    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now)
    flow = flow_of(request)
    stages = [e.stage_code for e in Event.select().where(Event.request == request)
              .order_by(Event.seq)]  # fmt: skip
    assert stages == [stage.code for stage in flow.stages]
    assert verify_history() == (9, [])

    Event.update(acted_for="auditor").where(Event.seq == 3).execute()
    assert verify_history()[1] == [f"request:{request.public_id}"]


def automatic_data_service(now):
    """The data service, its last desk completing itself."""
    from config.settings import CONTENT

    text = (CONTENT / "services" / "data.toml").read_text()
    return unpublished_offer(text.replace("automatic = false", "automatic = true"), now=now)


def test_automatic_handover_follows_the_survey(people, runtime, now):
    offer = automatic_data_service(now)
    request = file_request(
        type("R", (), {"catalogue": {"data": offer}, "storage": runtime.storage}),
        people.customer,
        now=now,
    )
    request = advance(request, people, runtime, now=now)
    assert request.status == "done"
    last = Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()
    assert (last.stage_code, last.actor_id) == ("SERAH_PELANGGAN", None)


def test_automatic_handover_follows_a_revision_that_asks_no_survey(people, runtime, now):
    offer = automatic_data_service(now)
    request = file_request(
        type("R", (), {"catalogue": {"data": offer}, "storage": runtime.storage}),
        people.customer,
        now=now,
    )
    done = advance(request, people, runtime, now=now)
    asked = workflow.act(
        done,
        "ask_revision",
        reader=Reader.at(people.customer, now),
        version=done.version,
        inputs={"pages": "2", "reason": "Angka pada tabel 2 tertukar."},
    )
    decider = people.staff[flow_of(done).revision_role]
    opened = workflow.act(asked, "revise", reader=Reader.at(decider, now), version=asked.version,
                      inputs={"reason": "Tabel 2 diperbaiki."})  # fmt: skip
    again = advance(opened, people, runtime, now=now)
    assert (again.status, again.revision) == ("done", 1)
    last = Event.select().where(Event.request == again).order_by(Event.seq.desc()).first()
    assert (last.stage_code, last.actor_id) == ("SERAH_PELANGGAN", None)
    newest = Document.get(Document.is_result & Document.replaced_by.is_null())
    assert newest.released_at and newest.version == 2


def test_running_request_stays_on_its_flow(people, runtime, now):
    from config.settings import CONTENT

    request = file_request(runtime, people.customer, now=now)
    text = (CONTENT / "services" / "data.toml").read_text()
    changed = unpublished_offer(text.replace('days = "0.5"', 'days = "0.25"'), now=now)
    assert changed.version_id != request.flow_id
    assert str(flow_of(request).stage("TERIMA_ADMIN").days) == "0.5"


def test_a_survey_that_was_filled_meanwhile_is_not_passed_over(people, runtime, now):
    request = advance(
        file_request(runtime, people.customer, now=now), people, runtime, now=now, until="SURVEI"
    )
    before = Request.get_by_id(request.id)
    complete_desk(request, people, runtime, now=now + timedelta(days=1))
    written = Event.select().count()
    assert not workflow.release_unanswered(before, now=now + timedelta(days=9))
    assert Event.select().count() == written


def test_what_does_not_wait_for_a_survey_is_not_passed_over(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    assert not workflow.release_unanswered(request, now=now)
    at_survey = advance(request, people, runtime, now=now, until="SURVEI")
    assert workflow.release_unanswered(at_survey, now=now + timedelta(days=9))
    assert Request.get_by_id(request.id).stage_code == "SERAH_PELANGGAN"
