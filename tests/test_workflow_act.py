"""The door: who may complete or reject a stage, and with what."""

from datetime import timedelta

import pytest

import workflow
from models import Assignment, Event, Message, Request
from moves.catalogue import current_stage
from tests.people import REFUSAL, advance, file_request, inputs_for, make_staff
from workflow import Conflict, InvalidInput, Reader, Refused

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
        reader=Reader.at(actor, now),
        inputs=inputs,
        version=request.version if version is None else version,
    )


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
        offered = {choice.code for choice in workflow.choices(request, Reader.at(outsider, at))}
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

    required = {e.name for e in stage.inputs if e.required or e.required_unless}
    # A point of a checklist has a sentence of its own as well.
    assert {name.partition("-")[0] for name in refusal.value.errors} == required
    assert Event.select().count() == events
    assert Request.get_by_id(request.id).version == request.version


def test_person_named_holds_the_later_stage_alone(app, people, runtime, now):
    with app.app_context():
        colleague = make_staff("ketua_tim", email="ketua2@balai.test")
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="TUNJUK_PEMANGKU")

    assert request.assignee_id == people.ketua_tim.id
    assert workflow.choices(request, Reader.at(colleague, now)) == []
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
    assert workflow.choices(refused, Reader.at(holder, now)) == []


def test_rejection_needs_reason_basis_and_alternative(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    with pytest.raises(InvalidInput) as refusal:
        act(request, people.admin_layanan, {"reason": "pendek"}, now, choice="reject")
    assert set(refusal.value.errors) == {"reason", "basis", "alternative"}
