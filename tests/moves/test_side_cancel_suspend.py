"""A request is cancelled, or suspended and taken up again."""

import pytest

from models import Request, User
from moves.catalogue import current_stage
from tests.moves.side_steps import REASON, clock_stands, offered, take, told, wita
from workflow import InvalidInput, Reader, Refused

# -- cancellation --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "stage"),
    [("data", "TUNJUK_PEMANGKU"), ("advis", "KESEPAKATAN"), ("lab", "KONTRAK")],
)
def test_a_cancelled_request_keeps_its_number_and_nobody_gets_it_again(
    people, runtime, at, service, stage
):
    request = at(stage, service)
    cancelled = take(request, "cancel", people.customer, wita(7, 30, 10), reason=REASON)
    assert (cancelled.status, cancelled.waiting_role) == ("cancelled", "")
    assert told(cancelled, people.customer, "dibatalkan")
    assert not clock_stands(cancelled)
    following = at("DISPOSISI_KABALAI", service, "K2")
    assert cancelled.number.startswith("1/") and following.number.startswith("2/")
    for person in (people.customer, people.staff["admin_layanan"]):
        assert offered(cancelled, person, wita(7, 30, 11)) == set()


@pytest.mark.parametrize("decision", ["grant_cancel", "refuse_cancel"])
def test_after_the_payment_a_cancellation_needs_consent(people, at, decision):
    request = at("PERSIAPAN", "lab")
    asked = take(request, "ask_cancel", people.customer, wita(7, 30, 10), reason=REASON)
    assert (asked.status, asked.waiting_role) == ("in_process", "ketua_tim")
    assert clock_stands(asked)
    assert told(asked, people.ketua_tim, "pembatalan_diminta")
    assert offered(asked, people.penyelia, wita(7, 30, 11)) == set()
    with pytest.raises(Refused):
        take(asked, decision, people.penyelia, wita(7, 30, 11), reason=REASON)
    decided = take(asked, decision, people.ketua_tim, wita(7, 31, 10), reason=REASON)
    if decision == "grant_cancel":
        assert decided.status == "cancelled"
        assert told(decided, people.customer, "dibatalkan")
    else:
        assert (decided.stage_code, decided.assignee_id) == ("PERSIAPAN", people.penyelia.id)
        assert not clock_stands(decided)
        assert told(decided, people.customer, "pembatalan_ditolak")
        assert told(decided, people.penyelia, "tugas_baru")


SUSPENDED_AT = [
    ("data", "VERIFIKASI_DATA", "ketua_tim"),
    ("data", "LAPORAN_KE_PETUGAS", "ketua_tim"),
    ("advis", "PENGUMPULAN_DATA", "tim_advis"),
    ("advis", "PENGUMPULAN_DATA", "ketua_tim"),
    ("lab", "PENGUJIAN", "manajer_teknis"),
    ("lab", "JAMIN_MUTU", "manajer_teknis"),
]


# -- suspension ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("service", "stage", "by"), SUSPENDED_AT)
def test_a_suspended_request_waits_for_who_suspended_it(people, at, service, stage, by):
    request = at(stage, service)
    desk, suspender = current_stage(request), people.staff[by]
    with pytest.raises(InvalidInput) as wrong:
        take(request, "suspend", suspender, wita(7, 30, 10), reason=REASON, resumes_on="2024-07-30")
    assert set(wrong.value.errors) == {"resumes_on"}
    suspended = take(request, "suspend", suspender, wita(7, 30, 10), reason=REASON,
                     resumes_on="2024-08-05")  # fmt: skip
    assert (suspended.status, suspended.waiting_role) == ("suspended", by)
    assert (
        Request.waiting_for(Reader.at(suspender, wita(7, 30, 11)))
        .where(Request.id == suspended.id)
        .exists()
    )
    [message] = told(suspended, people.customer, "ditunda")
    assert message.variables["tanggal"] == "5 Agu 2024"
    assert "complete" not in offered(suspended, people.staff[desk.role], wita(7, 30, 11))
    resumed = take(suspended, "resume", suspender, wita(8, 2, 10))
    assert (resumed.waiting_role, resumed.assignee_id) == (desk.role, request.assignee_id)
    assert resumed.stage_entered_at == request.stage_entered_at
    # Tuesday 10.00 to Friday 10.00 are three working days.
    days = [wita(8, 1, 12, 57), wita(8, 6, 12, 57)] if service == "data" else []
    assert not days or [request.due_at.replace(second=0), resumed.due_at.replace(second=0)] == days
    assert resumed.due_at > request.due_at
    assert told(resumed, people.customer, "dilanjutkan")


def test_a_customer_may_cancel_what_the_office_suspended(people, at):
    suspended = take(at("VERIFIKASI_DATA"), "suspend", people.ketua_tim, wita(7, 30, 10),
                     reason=REASON, resumes_on="2024-08-05")  # fmt: skip
    cancelled = take(suspended, "cancel", people.customer, wita(7, 31, 10), reason=REASON)
    assert (cancelled.status, cancelled.pending) == ("cancelled", "")


def test_the_counter_completes_nothing_of_what_was_cancelled(people, at):
    """For somebody without an account the admin has the customer's choices, and no more."""
    request = at("KONTRAK", "lab")
    User.update(password=None).where(User.id == people.customer.id).execute()
    Request.update(registered_by=people.admin_layanan).where(Request.id == request.id).execute()
    request = Request.get_by_id(request.id)
    assert {"complete", "cancel"} <= offered(request, people.admin_layanan, wita(7, 30, 10))
    cancelled = take(request, "cancel", people.admin_layanan, wita(7, 30, 10), reason=REASON)
    assert cancelled.waiting_role == ""
    assert offered(cancelled, people.admin_layanan, wita(7, 30, 11)) == set()
