"""The door: what the office's time and the promise come to."""

from datetime import timedelta

import workflow
from moves import clock
from rules.formats import weekday_day
from rules.services import SURVEY
from tests.people import advance, file_request
from web.requests.request_card import sentence_of
from workflow import Reader


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
    offered = {
        c.code: c for c in workflow.choices(request, Reader.at(people.petugas_layanan, later))
    }["return"]
    options = next(one.options for one in offered.inputs if one.name == "to")
    inputs["to"] = options[-1]
    request = workflow.act(
        request,
        "return",
        reader=Reader.at(people.petugas_layanan, later),
        inputs=inputs,
        version=request.version,
    )
    assert request.office_done_at is None
    assert request.due_at > promised


def test_subclass_stretches_the_promise(people, runtime, now):
    flow = runtime.catalogue["data"].flow
    last = flow.stages[-1]
    assert flow.stage_days(last, "data_informasi") == 3
    assert flow.stage_days(last, "bimtek") == 10
    assert [stage.kind for stage in flow.stages].count(SURVEY) == 1
