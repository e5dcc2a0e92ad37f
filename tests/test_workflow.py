"""Every move: allowed, refused, and what it leaves in the tables."""

from datetime import UTC, datetime, timedelta

import pytest

import workflow
from models import Assignment, Document, Event, Message, Request, SurveyReceipt, SurveyResponse
from moves import clock
from moves.catalogue import current_stage, flow_of
from rules.formats import weekday_day
from rules.services import SURVEY
from rules.survey import check_answers
from tests.people import (
    REFUSAL,
    advance,
    file_request,
    good_answers,
    inputs_for,
    make_staff,
    unpublished_offer,
)
from web.requests.request_card import sentence_of
from workflow import Conflict, InvalidInput, Refused

STAGES = [
    "TERIMA_ADMIN",
    "DISPOSISI_KABALAI",
    "DISPOSISI_KASUBAG",
    "TUNJUK_PEMANGKU",
    "VERIFIKASI_DATA",
    "LAPORAN_KE_PETUGAS",
    "SERAH_PELANGGAN",
]


def act(request, actor, inputs, now, choice="complete", version=None):
    return workflow.act(
        request,
        choice,
        actor=actor,
        inputs=inputs,
        version=request.version if version is None else version,
        now=now,
    )


def test_submit_writes_state_history_and_messages(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)

    assert request.number is None
    assert request.status == "waiting_verification"
    assert request.stage_code == "TERIMA_ADMIN"
    assert request.due_at == datetime(2024, 8, 1, 4, 57, 45, tzinfo=UTC)
    event = Event.get(Event.request == request)
    assert (event.kind, event.stage_code, event.actor_id) == (
        "submitted",
        "PENGAJUAN",
        people.customer.id,
    )
    told = {message.template: message.recipient_id for message in Message.select()}
    assert told == {
        "permintaan_diterima_sistem": people.customer.id,
        "tugas_baru": people.admin_layanan.id,
    }
    kinds = {document.kind for document in Document.select()}
    assert kinds == {"pendukung", "tanda_terima"}


def test_same_key_files_one_request(people, runtime, now):
    first = file_request(runtime, people.customer, now=now, key="SAME")
    again = file_request(runtime, people.customer, now=now + timedelta(seconds=1), key="SAME")

    assert again.id == first.id
    assert Request.select().count() == 1
    assert Event.select().count() == 1


def test_key_of_another_customer_is_refused(people, runtime, now):
    file_request(runtime, people.customer, now=now, key="SAME")
    with pytest.raises(Refused):
        file_request(runtime, people.other_customer, now=now, key="SAME")


def test_unverified_account_cannot_file(people, runtime, now):
    with pytest.raises(Refused, match="belum diverifikasi"):
        file_request(runtime, people.unverified, now=now)
    assert Request.select().count() == 0


def test_staff_cannot_file(people, runtime, now):
    with pytest.raises(Refused):
        file_request(runtime, people.admin_layanan, now=now)


def test_acceptance_issues_the_number_of_the_manual(people, runtime, now):
    for number in range(1, 48):
        request = file_request(runtime, people.customer, now=now, key=f"K{number}")
        advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")
    request = file_request(runtime, people.customer, now=now, key="K48")
    request = advance(request, people, runtime, now=now, until="DISPOSISI_KABALAI")

    assert request.number == "48/L.Data/29/VII/24"
    assert request.status == "in_process"
    told = Message.get((Message.request == request) & (Message.template == "permintaan_bernomor"))
    assert told.variables["nomor"] == "48/L.Data/29/VII/24"


@pytest.mark.parametrize("stage_code", STAGES)
def test_only_the_post_of_the_stage_may_complete_it(people, runtime, now, stage_code):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until=stage_code)
    stage = current_stage(request)
    given = inputs_for(stage, people, runtime, request, now)
    at = now + timedelta(hours=3)
    before = request.version

    outsiders = [user for post, user in people.staff.items() if post != stage.role]
    for outsider in [*outsiders, people.customer, people.other_customer]:
        offered = {choice.code for choice in workflow.choices(request, outsider, at)}
        assert "complete" not in offered
        with pytest.raises(Refused):
            act(request, outsider, given, at)
    assert Request.get_by_id(request.id).version == before

    moved = act(request, people.staff[stage.role], given, at)
    assert moved.version == before + 1
    event = Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()
    assert (event.kind, event.stage_code, event.acted_for) == (
        "stage_completed",
        stage_code,
        stage.role,
    )


@pytest.mark.parametrize("stage_code", STAGES[:-1])
def test_missing_input_writes_nothing(people, runtime, now, stage_code):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until=stage_code)
    stage = current_stage(request)
    events = Event.select().count()

    with pytest.raises(InvalidInput) as refusal:
        act(request, people.staff[stage.role], {}, now)

    required = {entry.name for entry in stage.inputs if entry.required}
    assert set(refusal.value.errors) == required
    assert Event.select().count() == events
    assert Request.get_by_id(request.id).version == request.version


def test_person_named_holds_the_later_stage_alone(app, people, runtime, now):
    with app.app_context():
        colleague = make_staff("ketua_tim", email="ketua2@balai.test")
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="TUNJUK_PEMANGKU")

    assert request.assignee_id == people.ketua_tim.id
    assert workflow.choices(request, colleague, now) == []
    assert Assignment.select().where(Assignment.request == request).count() == 2


def test_person_who_left_the_post_is_refused(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="DISPOSISI_KASUBAG")
    people.ketua_tim.active = False
    people.ketua_tim.save()

    with pytest.raises(InvalidInput) as refusal:
        act(request, people.kasubag_tu, {"ketua_tim": people.ketua_tim.public_id}, now)
    assert "ketua_tim" in refusal.value.errors


def test_stale_version_is_a_conflict_that_names_who_and_when(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    stage = current_stage(request)
    given = inputs_for(stage, people, runtime, request, now)
    act(request, people.admin_layanan, given, now + timedelta(minutes=1))

    with pytest.raises(Conflict) as conflict:
        act(request, people.admin_layanan, given, now + timedelta(minutes=2), version=1)
    assert people.admin_layanan.name in str(conflict.value)
    assert "12:58:45" in str(conflict.value)


@pytest.mark.parametrize(
    ("stage_code", "may"),
    [
        ("TERIMA_ADMIN", True),
        ("DISPOSISI_KABALAI", True),
        ("DISPOSISI_KASUBAG", False),
        ("TUNJUK_PEMANGKU", False),
        ("VERIFIKASI_DATA", True),
        ("LAPORAN_KE_PETUGAS", False),
    ],
)
def test_rejection_only_where_the_flow_allows(people, runtime, now, stage_code, may):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until=stage_code)
    holder = people.staff[current_stage(request).role]
    if not may:
        with pytest.raises(Refused):
            act(request, holder, REFUSAL, now, choice="reject")
        return
    refused = act(request, holder, REFUSAL, now, choice="reject")
    assert (refused.status, refused.waiting_role) == ("rejected", "")
    told = Message.get(Message.template == "ditolak")
    assert told.variables["alasan"] == REFUSAL["reason"].rstrip(".")
    assert workflow.choices(refused, holder, now) == []


def test_rejection_needs_reason_basis_and_alternative(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    with pytest.raises(InvalidInput) as refusal:
        act(request, people.admin_layanan, {"reason": "pendek"}, now, choice="reject")
    assert set(refusal.value.errors) == {"reason", "basis", "alternative"}


def test_report_is_hidden_until_released(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    for stage_code in ("SURVEI", "SERAH_PELANGGAN"):
        request = advance(request, people, runtime, now=now, until=stage_code)
        seen = Document.visible_to(people.customer).where(Document.is_result)
        assert list(seen) == []
    request = advance(request, people, runtime, now=now)
    assert request.status == "done"
    seen = Document.visible_to(people.customer).where(Document.is_result)
    assert [document.filename for document in seen] == ["laporan.pdf"]
    assert list(Document.visible_to(people.other_customer)) == []


def test_survey_is_filled_once_and_kept_apart(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="SURVEI")
    assert request.status == "waiting_customer"
    answers, errors = check_answers(runtime.questionnaire, good_answers(runtime.questionnaire))
    assert not errors
    given = {
        "actor": people.customer,
        "answers": answers,
        "questionnaire": runtime.questionnaire,
        "version": request.version,
        "now": now + timedelta(hours=6),
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
            actor=actor,
            answers=answers,
            questionnaire=runtime.questionnaire,
            version=request.version,
            now=now,
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
    from models import verify_history

    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now)
    flow = flow_of(request)
    stages = [e.stage_code for e in Event.select().where(Event.request == request)
              .order_by(Event.seq)]  # fmt: skip
    assert stages == [stage.code for stage in flow.stages]
    assert verify_history() == (9, [])

    Event.update(acted_for="auditor").where(Event.seq == 3).execute()
    assert verify_history()[1] == [f"request:{request.public_id}"]


def test_office_time_ends_when_the_report_is_ready(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="SURVEI")
    done = request.office_done_at
    assert done is not None
    request = advance(request, people, runtime, now=now + timedelta(days=9))
    assert request.office_done_at == done
    assert request.office_days < 1


def test_a_slow_customer_does_not_make_late_work_punctual(people, runtime, now):
    """Promised by 1 August; the report comes on the 5th, the answers on the 19th."""
    request = file_request(runtime, people.customer, now=now)
    promised, late, answered = request.due_at, now + timedelta(days=7), now + timedelta(days=21)
    request = advance(request, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    request = advance(request, people, runtime, now=late, until="SURVEI")
    assert request.due_at == promised < request.office_done_at
    request = advance(request, people, runtime, now=answered, until="SERAH_PELANGGAN")
    # What is left to do has its own time, and whoever waits for it is told that one.
    assert request.due_at == promised and request.stage_due_at > request.office_done_at
    deadline = clock.deadline_of(request)
    assert "sejak itu batas ini tidak bergeser lagi" in " ".join(deadline.explain())
    assert weekday_day(request.stage_due_at) in sentence_of(request)
    assert weekday_day(promised) not in sentence_of(request)
    request = advance(request, people, runtime, now=answered)
    assert request.due_at == promised


def test_work_taken_up_again_has_the_time_that_the_customer_took(people, runtime, now):
    """A return past the survey undoes that the office was done: all pauses count again."""
    request = file_request(runtime, people.customer, now=now)
    promised = request.due_at
    request = advance(request, people, runtime, now=now, until="SURVEI")
    later = now + timedelta(days=7)
    request = advance(request, people, runtime, now=later, until="SERAH_PELANGGAN")
    assert request.due_at == promised
    inputs = {"to": "Verifikasi", "reason": "Data belum lengkap.", "tell": "Tidak"}
    offered = {c.code: c for c in workflow.choices(request, people.petugas_layanan, later)}[
        "return"
    ]
    options = next(one.options for one in offered.inputs if one.name == "to")
    inputs["to"] = options[-1]
    request = workflow.act(request, "return", actor=people.petugas_layanan, inputs=inputs,
                       version=request.version, now=later)  # fmt: skip
    assert request.office_done_at is None
    assert request.due_at > promised


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
    asked = workflow.act(done, "ask_revision", actor=people.customer, version=done.version, now=now,
                     inputs={"pages": "2", "reason": "Angka pada tabel 2 tertukar."})  # fmt: skip
    decider = people.staff[flow_of(done).revision_role]
    opened = workflow.act(asked, "revise", actor=decider, version=asked.version, now=now,
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


def test_subclass_stretches_the_promise(people, runtime, now):
    flow = runtime.catalogue["data"].flow
    last = flow.stages[-1]
    assert flow.stage_days(last, "data_informasi") == 3
    assert flow.stage_days(last, "bimtek") == 10
    assert [stage.kind for stage in flow.stages].count(SURVEY) == 1
